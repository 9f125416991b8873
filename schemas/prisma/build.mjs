// Turns a fresh `npm ci` of this folder's lock into what the bridge runs on. Run once per install, in the
// install folder: `node build.mjs`. Everything lands in ./built; nothing in there depends on where ./ is.
//
//   built/engine/    the engines as WebAssembly with their glue, and the client generator as one file
//   built/stand-ins/ empty files that the generator insists on copying; the real ones are in built/runtime
//   built/runtime/   what a generated Node client needs beside it (see bridge.py: node_runtime)
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

const root = fs.realpathSync(process.cwd())
const require = createRequire(path.join(root, 'package.json'))
const esbuild = require('esbuild')
const modules = path.join(root, 'node_modules')
const COMPILER = 'query_compiler_small_bg'

const clientRuntime = path.join(modules, '@prisma/client/runtime')
const schemaEngine = path.join(modules, '@prisma/schema-engine-wasm')
const schemaWasm = path.join(modules, '@prisma/prisma-schema-wasm/src')

function write(relative, content) {
  const file = path.join(root, 'built', relative)
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, content)
}

function copy(relative, from) {
  write(relative, fs.readFileSync(from))
}

// The generator takes ten small functions from @prisma/internals, which brings the CLI's whole world along
// (configuration loaders, engine downloads, prompts: 50 MB in 40 packages). package.json overrides it, and
// others that are loaded but never used, with a package that is there anyway; these are the ten.
const INTERNALS = `
const { getDMMF, getInternalDMMF, externalToInternalDmmf } = require('@prisma/get-dmmf')
const unused = () => { throw new Error('the client is generated without looking for an installation') }
module.exports = {
  BuiltInProvider: { PrismaClientJs: 'prisma-client-js', PrismaClientTs: 'prisma-client' },
  assertNever: (_value, message) => { throw new Error(message) },
  externalToInternalDmmf,
  getDMMF,
  getInternalDMMF,
  hasOwnProperty: Object.hasOwn,
  isValidJsIdentifier: (name) => /^[\\p{ID_Start}$_][\\p{ID_Continue}$\\u200c\\u200d]*$/u.test(name),
  parseEnvValue: ({ value }) => value,
  pathToPosix: (path) => path.split(require('node:path').sep).join('/'),
  resolvePkg: unused,
  setClassName: (target, value) => Object.defineProperty(target, 'name', { value, configurable: true }),
}
`

// Paths in esbuild's output are relative to absWorkingDir, so the bytes don't tell where they were built.
function bundle(relative, source, { external = [], alias = {} }) {
  const built = esbuild.buildSync({
    stdin: { contents: source, resolveDir: root, sourcefile: 'entry.js' },
    absWorkingDir: root,
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external,
    alias,
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none', // said once, by licenses()
    metafile: true,
    logLevel: 'error',
  })
  write(relative, built.outputFiles[0].contents)
  return Object.keys(built.metafile.inputs)
}

// The licence texts of the packages that a bundle's input files come from: MIT and its like ask for them
// wherever the code goes.
function licenses(inputs) {
  const folders = inputs.map((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0])
  return [...new Set(folders.filter(Boolean))].sort().map(license).join('\n\n')
}

function license(folder) {
  const about = JSON.parse(fs.readFileSync(path.join(root, folder, 'package.json'), 'utf8'))
  const file = fs.readdirSync(path.join(root, folder)).find((name) => /^licen[sc]e/i.test(name))
  const text = file ? fs.readFileSync(path.join(root, folder, file), 'utf8').trim() : 'No licence text comes with it.'
  return `${about.name} ${about.version} (${about.license})\n\n${text}\n`
}

function buildEngine() {
  copy('engine/prisma_schema_build.cjs', path.join(schemaWasm, 'prisma_schema_build.js'))
  copy('engine/prisma_schema_build_bg.wasm', path.join(schemaWasm, 'prisma_schema_build_bg.wasm'))
  copy('engine/schema_engine_bg.mjs', path.join(schemaEngine, 'schema_engine_bg.js'))
  copy('engine/schema_engine_bg.wasm', path.join(schemaEngine, 'schema_engine_bg.wasm'))
  fs.writeFileSync(path.join(root, 'internals.js'), INTERNALS)
  bundle('engine/generator.cjs', "module.exports = require('@prisma/client-generator-js')", {
    alias: { '@prisma/internals': './internals.js' },
  })
}

function buildStandIns() {
  const copied = ['client.js', 'client.d.ts', 'index-browser.js', 'index-browser.d.ts', 'wasm-compiler-edge.js']
  for (const name of [...copied, `${COMPILER}.postgresql.js`]) write(`stand-ins/${name}`, '')
  write(`stand-ins/${COMPILER}.postgresql.wasm-base64.js`, "exports.wasm = ''\n")
}

function buildRuntime() {
  const inputs = bundle(
    'runtime/runtime/client.js',
    `module.exports = {
      ...require('./node_modules/@prisma/client/runtime/client.js'),
      PrismaPg: require('@prisma/adapter-pg').PrismaPg,
    }`,
    { external: ['pg'] },
  )
  const types = fs.readFileSync(path.join(clientRuntime, 'client.d.ts'), 'utf8')
  write('runtime/runtime/client.d.ts', types.replaceAll("'@prisma/client-runtime-utils'", "'./client-runtime-utils.js'"))
  copy('runtime/runtime/client-runtime-utils.d.ts', path.join(modules, '@prisma/client-runtime-utils/dist/index.d.ts'))
  copy(`runtime/${COMPILER}.js`, path.join(clientRuntime, `${COMPILER}.postgresql.js`))
  const encoded = require(path.join(clientRuntime, `${COMPILER}.postgresql.wasm-base64.js`)).wasm
  write(`runtime/${COMPILER}.wasm`, Buffer.from(encoded, 'base64'))
  // The generated index.js does Buffer.from(wasm, 'base64'), which copies a Buffer as it is: so the module can
  // hand over the file's bytes, and the package carries 1.7 MB instead of 2.3 MB of base64.
  write(
    `runtime/${COMPILER}.wasm-base64.js`,
    `'use strict'\nexports.wasm = require('node:fs').readFileSync(require('node:path').join(__dirname, '${COMPILER}.wasm'))\n`,
  )
  write('runtime/LICENSES.runtime', licenses(inputs))
}

fs.rmSync(path.join(root, 'built'), { recursive: true, force: true })
buildEngine()
buildStandIns()
buildRuntime()

// Nothing below ./built is needed again, and it is more than seven times its size.
for (const spent of [modules, path.join(root, 'internals.js')]) fs.rmSync(spent, { recursive: true, force: true })
