// Compiles row.ts with typia's transformer, as its documentation says for programs.
import ts from "typescript";
import transform from "typia/lib/transform.js";

const options = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  strict: true,
  outDir: "typia",
};
const program = ts.createProgram(["row.ts"], options);
const problems = [];
const extras = { addDiagnostic: (problem) => problems.push(problem) };
program.emit(undefined, undefined, undefined, false, { before: [(transform.default ?? transform)(program, {}, extras)] });
if (problems.length) throw new Error(problems.map(({ messageText }) => messageText).join("\n"));
