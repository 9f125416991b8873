// node bundle.mjs BUNDLER FORMAT BUNDLERS_FOLDER OUTPUT: bundles main.mjs for Node, as each bundler's documentation says.
import { createRequire } from "node:module";
import path from "node:path";
import process from "node:process";

const [bundler, format, folder, output] = process.argv.slice(2);
const require = createRequire(path.join(folder, "package.json"));
const load = async (name) => import(require.resolve(name));
const entry = path.resolve("main.mjs");
const file = format === "esm" ? "main.mjs" : "main.cjs";

const bundlers = {
  async esbuild() {
    const { build } = await load("esbuild");
    await build({ entryPoints: [entry], outfile: path.join(output, file), bundle: true, platform: "node", format, minify: true, logLevel: "warning" });
  },

  async rollup() {
    const { rollup } = await load("rollup");
    const { nodeResolve } = await load("@rollup/plugin-node-resolve");
    const { default: commonjs } = await load("@rollup/plugin-commonjs");
    const plugins = [(commonjs.default ?? commonjs)(), nodeResolve({ preferBuiltins: true })];
    const bundle = await rollup({ input: entry, plugins, onwarn: fail });
    await bundle.write({ dir: output, format, entryFileNames: file });
    await bundle.close();
  },

  async vite() {
    const { build } = await load("vite");
    await build({
      configFile: false,
      logLevel: "warn",
      // Without this vite leaves packages out of what is rendered on a server.
      ssr: { noExternal: true },
      build: { ssr: entry, outDir: output, emptyOutDir: true, rollupOptions: { output: { format, entryFileNames: file } } },
    });
  },

  async webpack() {
    const { default: webpack } = await load("webpack");
    const isModule = format === "esm";
    const stats = await new Promise((resolve, reject) => {
      webpack(
        {
          mode: "production",
          target: "node",
          entry,
          output: { path: output, filename: file, module: isModule, chunkFormat: isModule ? "module" : "commonjs" },
          experiments: { outputModule: isModule },
          performance: false,
        },
        (error, stats) => (error ? reject(error) : resolve(stats)),
      );
    });
    if (stats.hasErrors() || stats.hasWarnings()) fail(stats.toString());
  },
};

function fail(message) {
  throw new Error(typeof message === "string" ? message : message.message);
}

await bundlers[bundler]();
