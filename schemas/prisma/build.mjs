// Turns a fresh `npm ci` of this folder's lock into what the bridge runs on. Run once per install, in the
// install folder: `node build.mjs`. Everything lands in ./built; nothing in there depends on where ./ is.
//
//   built/engine/    the engines as WebAssembly with their glue, and the client generator as one file
//   built/stand-ins/ empty files that the generator insists on copying; the real ones are in built/runtime
//   built/runtime/   what a generated Node client needs beside it (see bridge.py: node_runtime)
import fs from 'node:fs'
import { builtinModules, createRequire } from 'node:module'
import path from 'node:path'
import zlib from 'node:zlib'

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

// What Prisma's runtime does another way in our packages: patch() puts calls of these where it had code of its own, and
// esbuild gives them to every file that names them.
const SUBSTITUTES = `
// A Date has milliseconds and Postgres microseconds: the three digits that a Date can't hold, for as long as it says the
// same time. The types package, and other copies of this one, know Dates by the same map.
const digits = (globalThis[Symbol.for('schema-service.microseconds')] ??= new WeakMap())

function rest(date) {
  const kept = digits.get(date)
  return kept !== undefined && kept.time === date.getTime() ? kept.rest : ''
}

/** A Date of a text, or the copy of a Date. */
export function exactDate(value) {
  const date = new Date(value)
  const found = typeof value === 'string' ? /\\.\\d{3}(\\d{1,3})/.exec(value)?.[1].padEnd(3, '0') : rest(value)
  if (found && found !== '000') digits.set(date, { time: date.getTime(), rest: found })
  return date
}

/** The date in ISO 8601, with microseconds if it has them. */
export function exactText(date) {
  return date.toISOString().replace('Z', rest(date) + 'Z')
}

/** What follows the seconds: nothing, or a point and digits. */
export function exactFraction(date) {
  const all = String(date.getUTCMilliseconds()).padStart(3, '0') + rest(date)
  return all === '000' ? '' : '.' + all
}

class InexactValueError extends Error {
  constructor(reason, path = []) {
    super('Invalid value for argument "' + path.join('.') + '": ' + reason)
    Object.assign(this, { name: 'InexactValueError', reason, path })
  }
}

/** The error of a value, with the name of the argument that it is in. */
export function placed(error, name) {
  return error instanceof InexactValueError ? new InexactValueError(error.reason, [name, ...error.path]) : error
}

/** A text that Postgres can store: half of a surrogate pair would be stored as another character. */
export function storable(text, context) {
  if (text.isWellFormed() && !text.includes('\\0')) return text
  const underlyingError = 'Postgres has no text with U+0000, or with half of a surrogate pair'
  if (!context) throw new InexactValueError(underlyingError)
  context.throwValidationError({
    kind: 'InvalidArgumentValue',
    selectionPath: context.getSelectionPath(),
    argumentPath: context.getArgumentPath(),
    argument: { name: context.getArgumentPath().join('.'), typeNames: ['text without them'] },
    underlyingError,
  })
}

// Prisma goes into arguments by recursion: one that is deeper finds no room on the stack.
const MOST_LEVELS = 1000
const SHOWN_LEVELS = 8

/** Refuses an argument where it is nested too deep. */
export function shallow(context) {
  const { argumentPath } = context.params
  if (argumentPath.length <= MOST_LEVELS) return
  throw new InexactValueError('is nested more than 1,000 levels deep', [...argumentPath.slice(0, SHOWN_LEVELS), '…'])
}

/** JSON without the numbers that it has no form for: they would become null. */
export function finite(value, path = []) {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new InexactValueError('JSON has no ' + value, path)
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  for (const [key, item] of Object.entries(value)) finite(item, [...path, key])
  return value
}

/** Sets a key of JSON, which may be __proto__. */
export function put(target, key, value) {
  if (key === '__proto__') Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
  else target[key] = value
}

// Prisma's numbers for what an argument can be.
const INT = 2
const FLOAT = 8
const DECIMAL = 16
const DATE_TIME = 64
const JSON_VALUE = 128
const MOMENT = /^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(?:Z|[+-]\\d\\d:\\d\\d)$/

function isMoment(value) {
  const found = typeof value === 'string' && MOMENT.exec(value)
  if (!found || Number.isNaN(Date.parse(value))) return false
  if (/^\\.\\d{6}0*[1-9]/.test(found[1])) throw new InexactValueError('Postgres keeps six digits after the seconds')
  return true
}

const NUMERIC = /^[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:e[+-]?\\d{1,5})?$|^NaN$|^[+-]?Infinity$/i

/**
 * The type of a parameter that Prisma's engine would round or refuse: it keeps 16 digits of a number, and milliseconds, and
 * knows no text for what numeric has besides numbers. Of an Int it cuts the fraction off: that is an error.
 */
export function exactType(value, mask) {
  if (typeof value === 'number') {
    if (mask & FLOAT) return { type: 'Float' }
    if (mask & JSON_VALUE) finite(value)
    else if (mask & INT && !(mask & DECIMAL) && !Number.isInteger(value)) throw new InexactValueError('Int has no ' + value)
  } else if (mask & DATE_TIME && isMoment(value)) return { type: 'DateTime' }
  else if (mask & DECIMAL && NUMERIC.test(value)) return { type: 'Float' }
}

/** The type of all items of a list, as far as exactType tells it. */
export function exactItemType(items, mask) {
  const [first, ...others] = items.map((item) => exactType(item, mask))
  return others.every((type) => type?.type === first?.type) ? first : undefined
}

/** Which arguments of which queries are parameters; nodes are decoded when a query first comes to them, and not all at the start. */
export function lazyGraph({ strings, graph }) {
  const bytes = Buffer.from(graph, 'base64url')
  let at = 0
  const number = () => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]
      value |= (byte & 127) << shift
      if (byte < 128) return value
    }
  }
  const optional = (target, name) => {
    const value = number()
    if (value !== 0) target[name] = value - 1
  }
  const inputEdge = () => {
    const edge = {}
    const scalarMask = bytes.readUInt16LE(at)
    if (scalarMask !== 0) edge.scalarMask = scalarMask
    at += 2
    optional(edge, 'childNodeId')
    optional(edge, 'enumNameIndex')
    edge.flags = bytes[at++]
    return edge
  }
  const outputEdge = () => {
    const edge = {}
    optional(edge, 'argsNodeId')
    optional(edge, 'outputNodeId')
    return edge
  }
  const skip = () => {
    while (bytes[at++] >= 128);
  }
  const skipInputEdge = () => {
    at += 2
    skip()
    skip()
    at++
  }
  const skipOutputEdge = () => {
    skip()
    skip()
  }
  const nodes = (count, skipEdge, readEdge) => {
    const edgesFrom = (start) => {
      at = start
      const edges = {}
      for (let left = number(); left > 0; left--) {
        const key = number()
        edges[key] = readEdge()
      }
      return edges
    }
    const skipped = () => {
      const start = at
      let edges
      for (let left = number(); left > 0; left--) {
        skip()
        skipEdge()
      }
      return { get edges() { return (edges ??= edgesFrom(start)) } }
    }
    return Array.from({ length: count }, skipped)
  }
  const [inputs, outputs, roots] = [number(), number(), number()]
  const inputNodes = nodes(inputs, skipInputEdge, inputEdge)
  const outputNodes = nodes(outputs, skipOutputEdge, outputEdge)
  const named = Array.from({ length: roots }, () => [strings[number()], outputEdge()])
  return { strings, inputNodes, outputNodes, roots: Object.fromEntries(named) }
}
`

// Each is there as often as it is said: what an update of Prisma moves must be looked at.
const PATCHES = {
  '@prisma/client/runtime/client.js': [
    [/case"DateTime":return new Date\((\w+)\)/g, 'case"DateTime":return exactDate($1)', 1],
    [/case"datetime":case"date":return new Date\((\w+)\);case"time":return new Date\(/g, 'case"datetime":case"date":return exactDate($1);case"time":return exactDate(', 1],
    [/"DateTime"&&typeof (\w+)=="string"\?(\w+)=new Date\(\1\)/g, '"DateTime"&&typeof $1=="string"?$2=exactDate($1)', 1],
    [/new Date\(\+(\w+)\)/g, 'exactDate($1)', 2],
    [/\{\$type:"DateTime",value:(\w+)\.toISOString\(\)\}/g, '{$type:"DateTime",value:exactText($1)}', 1],
    [/\{prisma__type:"date",prisma__value:(\w+)\.toJSON\(\)\}/g, '{prisma__type:"date",prisma__value:exactText($1)}', 1],
    [/if\(typeof e=="string"\|\|(typeof e=="number"\|\|typeof e=="boolean"\)return e;if\(typeof e=="bigint"\)return\{\$type:"BigInt")/g, 'if(typeof e=="object")shallow(t);else if(typeof e=="string")return storable(e,t);if($1', 1],
    [/\br\[n\]=(\w+\(i,o\)):t\.isPreviewFeatureOn/g, 'put(r,n,$1):t.isPreviewFeatureOn', 1],
    [/(function \w+\(e,t\)\{let r=\{\};for\(let n of Object\.keys\(e\)\))r\[n\]=t\(e\[n\],n\)/g, '$1put(r,n,t(e[n],n))', 2],
    [/s\?(n\[i\]=this\.#\w\(o,s\)):n\[i\]=o\}/g, 'if(s)try{$1}catch(x){throw placed(x,i)}else n[i]=o}', 1],
    [/let i=(\w+\(t\));return (\w+\(i,n\))\?/g, 'let x=exactType(t,n),i=x??$1;return x||$2?', 1],
    [/\{let i=(\w+)\((\w+\(t\))\),o=\{type:"Json"\}/g, '{let i=$1(finite($2)),o={type:"Json"}', 2],
    [/\.every\(o=>(\w+\(o,n\))\)&&t\.length>0\)/g, '.every(o=>exactType(o,n.scalarMask)||$1)&&t.length>0)', 1],
    [/\{type:"List",inner:(\w+\(t\))\}/g, '{type:"List",inner:exactItemType(t,n.scalarMask)??$1}', 1],
    [/(if\((\w+\(n,\w+\.))ListObject(\)\)\{let i=this\.#e\.inputNode\(n\.childNodeId\);if\(i\)return t\.map\(o=>\w+\(o\)\?this\.(#\w)\(o,i\):o\)\})return r\}/g, '$1ListObject$3let x=$2Object)&&this.#e.inputNode(n.childNodeId);return x&&t.length&&this.#e.inputEdge(x,"set")?this.$4({set:r},x):r}', 1],
    [/(function \w+\((\w+)\)\{)return new \w+\(\2\)\.deserialize\(\)\}/g, '$1return lazyGraph($2)}', 1],
  ],
  '@prisma/adapter-pg/dist/index.js': [
    [/arg = new Date\(arg\)/g, 'arg = exactDate(arg)', 1],
    // Of a list that is a parameter the type says that it is none.
    [/if \(Array\.isArray\(arg\) && argType\.arity === "list"\)/g, "if (typeof arg === 'string') storable(arg);\n  if (Array.isArray(arg))", 1],
    [/\(ms \? "\." \+ String\(ms\)\.padStart\(3, "0"\) : ""\)/g, 'exactFraction(date)', 2],
  ],
}

function patch() {
  for (const [name, changes] of Object.entries(PATCHES)) {
    const file = path.join(modules, name)
    let text = fs.readFileSync(file, 'utf8')
    for (const [pattern, replacement, times] of changes) {
      const found = text.match(pattern)?.length ?? 0
      if (found !== times) throw new Error(`${name} has ${pattern} ${found} times, and not ${times}`)
      text = text.replace(pattern, replacement)
    }
    fs.writeFileSync(file, text)
  }
}

// Paths in esbuild's output are relative to absWorkingDir, so the bytes don't tell where they were built.
function bundle(relative, source, { alias = {}, define = {}, inject = [] }) {
  const built = esbuild.buildSync({
    stdin: { contents: source, resolveDir: root, sourcefile: 'entry.js' },
    absWorkingDir: root,
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    alias,
    define,
    inject,
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none', // said once, by licenses()
    metafile: true,
    logLevel: 'error',
  })
  write(relative, built.outputFiles[0].contents)
  return Object.keys(built.metafile.inputs)
}

// A bundler that makes ES modules can't turn a call of require() into an import (esbuild's fails when it runs), and one
// for browsers looks for a polyfill. Node's own modules are to be had without either.
function withoutRequire(relative) {
  const file = path.join(root, 'built', relative)
  const text = fs.readFileSync(file, 'utf8').replace(/\brequire\((["'])(?:node:)?([\w/]+)\1\)/g, (call, _, name) =>
    builtinModules.includes(name) ? `process.getBuiltinModule("node:${name}")` : call,
  )
  const left = /\brequire\((?!["']\.\/)[^)]*\)/.exec(text)
  if (left) throw new Error(`${relative} still has ${left[0]}`)
  fs.writeFileSync(file, text)
}

// The licence texts of the packages that a bundle's input files come from: MIT and its like ask for them
// wherever the code goes.
function licenses(inputs) {
  const folders = inputs.map((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0])
  return [...new Set(folders.filter(Boolean))].sort().map(license).join('\n\n')
}

function license(folder) {
  const about = JSON.parse(fs.readFileSync(path.join(root, folder, 'package.json'), 'utf8'))
  return `${about.name} ${about.version} (${about.license})\n\n${licenseText(folder)}\n`
}

// Some packages have it at the end of their README alone.
function licenseText(folder) {
  const read = (pattern) => {
    const file = fs.readdirSync(path.join(root, folder)).find((name) => pattern.test(name))
    return file && fs.readFileSync(path.join(root, folder, file), 'utf8')
  }
  const text = read(/^licen[sc]e/i) ?? /^#+ *licen[sc]e *\n(.*)/ims.exec(read(/^readme/i) ?? '')?.[1]
  if (!text) throw new Error(`${folder} comes without the text of its licence`)
  return text.trim()
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
  fs.writeFileSync(path.join(root, 'absent.js'), "throw new Error('it is not part of this package')\n")
  fs.writeFileSync(path.join(root, 'substitutes.js'), SUBSTITUTES)
  patch()
  const inputs = bundle(
    'runtime/runtime/client.js',
    `module.exports = {
      ...require('./node_modules/@prisma/client/runtime/client.js'),
      PrismaPg: require('@prisma/adapter-pg').PrismaPg,
      pg: require('pg'),
      exactDate,
      exactText,
    }`,
    {
      inject: ['./substitutes.js'],
      // What node-postgres loads in other run-times, and a driver in C that a variable of the environment asks for.
      alias: { 'pg-cloudflare': './absent.js', 'pg-native': './absent.js' },
      define: { 'process.env.NODE_PG_FORCE_NATIVE': 'undefined' },
    },
  )
  withoutRequire('runtime/runtime/client.js')
  const types = fs.readFileSync(path.join(clientRuntime, 'client.d.ts'), 'utf8')
  write('runtime/runtime/client.d.ts', types.replaceAll("'@prisma/client-runtime-utils'", "'./client-runtime-utils.js'"))
  copy('runtime/runtime/client-runtime-utils.d.ts', path.join(modules, '@prisma/client-runtime-utils/dist/index.d.ts'))
  copy(`runtime/${COMPILER}.js`, path.join(clientRuntime, `${COMPILER}.postgresql.js`))
  withoutRequire(`runtime/${COMPILER}.js`)
  write(`runtime/${COMPILER}.wasm-base64.js`, compilerModule())
  write('runtime/LICENSES.runtime', licenses(inputs))
}

// The generated index.js does Buffer.from(wasm, 'base64'), which copies a Buffer as it is. Inside a module, since
// bundlers leave files behind that are read by their path; compressed, since base64 alone is a third larger.
function compilerModule() {
  const encoded = require(path.join(clientRuntime, `${COMPILER}.postgresql.wasm-base64.js`)).wasm
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_MAX_QUALITY, BROTLI_MAX_WINDOW_BITS } = zlib.constants
  const compressed = zlib.brotliCompressSync(Buffer.from(encoded, 'base64'), {
    params: { [BROTLI_PARAM_QUALITY]: BROTLI_MAX_QUALITY, [BROTLI_PARAM_LGWIN]: BROTLI_MAX_WINDOW_BITS },
  })
  return `'use strict'
const { brotliDecompressSync } = process.getBuiltinModule('node:zlib')
const COMPRESSED =
  '${compressed.toString('base64')}'
Object.defineProperty(exports, 'wasm', { enumerable: true, get: () => brotliDecompressSync(Buffer.from(COMPRESSED, 'base64')) })
`
}

fs.rmSync(path.join(root, 'built'), { recursive: true, force: true })
buildEngine()
buildStandIns()
buildRuntime()

// Nothing below ./built is needed again, and it is more than seven times its size.
for (const spent of ['node_modules', 'internals.js', 'absent.js', 'substitutes.js']) {
  fs.rmSync(path.join(root, spent), { recursive: true, force: true })
}
