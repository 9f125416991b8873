// node lint.mjs CHECKERS_FOLDER TARBALL: what publint (strict) and Are the types wrong say of a package, as JSON.
import { readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

const [folder, tarball] = process.argv.slice(2);
const parent = pathToFileURL(path.join(folder, "package.json"));
const load = (name) => import(import.meta.resolve(name, parent));
const data = readFileSync(tarball);

const { publint } = await load("publint");
const { messages } = await publint({ pack: { tarball: new Uint8Array(data).buffer }, strict: true });
const { checkPackage, createPackageFromTarballData } = await load("@arethetypeswrong/core");
const { types, problems } = await checkPackage(createPackageFromTarballData(new Uint8Array(data)));
console.log(JSON.stringify({ types: types.kind, found: [...messages, ...problems] }));
