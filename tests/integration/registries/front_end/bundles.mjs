// Bundles pages with each bundler, as its documentation says, and prints the sizes: minified and gzipped, in bytes.
import { writeFile, readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import nodeResolve from "@rollup/plugin-node-resolve";
import { build, transform } from "esbuild";
import { rollup } from "rollup";
import webpack from "webpack";

const PAGES = {
  one: 'import { LabelSchema } from "@org/schema-types/validators"; globalThis.page = LabelSchema;',
  two: 'import { DetailSchema, LabelSchema } from "@org/schema-types/validators"; globalThis.page = [DetailSchema, LabelSchema];',
  meta: 'import { LabelMeta } from "@org/schema-types/meta"; globalThis.page = LabelMeta;',
  enums: 'import { State } from "@org/schema-types"; globalThis.page = State;',
  all: 'import * as all from "@org/schema-types/validators"; globalThis.page = all;',
};

const BUNDLERS = {
  async esbuild(entry) {
    const { outputFiles } = await build({ entryPoints: [entry], bundle: true, minify: true, format: "esm", write: false });
    return outputFiles[0].text;
  },
  async rollup(entry) {
    const bundle = await rollup({ input: entry, plugins: [nodeResolve()] });
    const { output } = await bundle.generate({ format: "esm" });
    return (await transform(output[0].code, { minify: true, format: "esm" })).code;
  },
  async webpack(entry) {
    const output = { path: resolve("webpack"), filename: `${entry}.js` };
    const stats = await new Promise((done, failed) =>
      webpack({ mode: "production", entry: `./${entry}`, output }, (error, result) => (error ? failed(error) : done(result))),
    );
    if (stats.hasErrors()) throw new Error(stats.toString());
    return readFile(resolve("webpack", `${entry}.js`), "utf8");
  },
};

const found = {};
for (const [page, source] of Object.entries(PAGES)) {
  await writeFile(`page_${page}.mjs`, source);
  // All bundlers shake the same trees; one shows what is beyond them.
  const bundlers = ["one", "two", "meta"].includes(page) ? Object.entries(BUNDLERS) : [["esbuild", BUNDLERS.esbuild]];
  for (const [name, bundled] of bundlers) {
    const text = await bundled(`page_${page}.mjs`);
    (found[name] ??= {})[page] = { bytes: gzipSync(text, { level: 9 }).length, models: [...new Set(text.match(/\b(Thing|Detail|Label|Member|Badge|ApiKey)\b/g))].sort() };
  }
}
if (process.argv[2]) await build({ entryPoints: [process.argv[2]], bundle: true, minify: true, outfile: "app.js" });
console.log(JSON.stringify(found));
