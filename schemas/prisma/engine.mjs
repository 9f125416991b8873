// Prisma's engines and its client generator, called in-process: no CLI, no binary, no network, no database.
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'

const folder = path.join(workerData.built, 'engine')
const require = createRequire(path.join(folder, 'index.js'))
const FILE = 'schema.prisma'
const { stringify, parse } = JSON

let panicMessage
globalThis.PRISMA_WASM_PANIC_REGISTRY = {
  set_message(message) {
    panicMessage = message
  },
}

const schemaWasm = require('./prisma_schema_build.cjs')
const sources = (text) => [[FILE, text]]
const parameters = (text) => stringify({ prismaSchema: sources(text), noColor: true })

/** The schema is invalid: its diagnostics, with offsets in UTF-16 code units. */
class InvalidSchema extends Error {
  constructor(diagnostics, which) {
    super('invalid schema')
    this.diagnostics = diagnostics
    this.which = which
  }
}

function config(text) {
  const read = parse(
    schemaWasm.get_config(stringify({ prismaSchema: sources(text), datasourceOverrides: {}, ignoreEnvVarErrors: true, env: {} })),
  )
  return read.config
}

function validate({ text }) {
  const diagnostics = parse(schemaWasm.lint(stringify(sources(text))))
  if (diagnostics.some((diagnostic) => !diagnostic.is_warning)) throw new InvalidSchema(diagnostics)
  schemaWasm.validate(parameters(text))
  const { datasources, generators } = config(text)
  return { datasources, generators, warnings: diagnostics }
}

function format({ text }) {
  const options = { textDocument: { uri: `file:/${FILE}` }, options: { tabSize: 2, insertSpaces: true } }
  return parse(schemaWasm.format(stringify(sources(text)), stringify(options)))[0][1]
}

function parseSchema({ text }) {
  const settings = validate({ text })
  return { ...settings, text: format({ text }), datamodel: parse(schemaWasm.get_datamodel(parameters(text))) }
}

let schemaEngine

async function startSchemaEngine() {
  const glue = await import(pathToFileURL(path.join(folder, 'schema_engine_bg.mjs')).href)
  const bytes = fs.readFileSync(path.join(folder, 'schema_engine_bg.wasm'))
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': glue })
  glue.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
  return glue.SchemaEngine.new({ datamodels: undefined }, () => {}, offlineAdapter())
}

/** A driver adapter without a database: to compare two schemas the engine only asks for the version. */
function offlineAdapter() {
  const ok = (value) => ({ ok: true, value })
  const unreachable = async () => {
    throw new Error('the schema engine asked for a database')
  }
  const common = { provider: 'postgres', adapterName: 'offline', errorRegistry: { consumeError() {} } }
  const version = {
    columnNames: ['exists', 'version', 'numeric_version'],
    columnTypes: [5, 7, 0], // boolean, text, int32 in the driver adapters' numbering
    rows: [[true, 'PostgreSQL 15.0', 150000]],
  }
  const connection = {
    ...common,
    queryRaw: async () => ok(version),
    executeRaw: async () => ok(0),
    executeScript: async () => ok(undefined),
    getConnectionInfo: () => ok({ schemaName: 'public', supportsRelationJoins: true, maxBindValues: 32767 }),
    startTransaction: unreachable,
    dispose: async () => ok(undefined),
  }
  return { ...common, connect: async () => ok(connection), connectToShadowDb: async () => ok(connection) }
}

async function diff({ before, after }) {
  for (const [which, text] of Object.entries({ before, after })) if (text !== null) validateSide(which, text)
  const side = (text) =>
    text === null ? { tag: 'empty' } : { tag: 'schemaDatamodel', files: [{ path: FILE, content: text }] }
  schemaEngine ??= await startSchemaEngine()
  const result = await schemaEngine.diff({
    from: side(before),
    to: side(after),
    script: true,
    shadowDatabaseUrl: null,
    exitCode: null,
    filters: { externalTables: [], externalEnums: [] },
  })
  return result.stdout ?? ''
}

function validateSide(which, text) {
  try {
    validate({ text })
  } catch (error) {
    if (error instanceof InvalidSchema) error.which = which
    throw error
  }
}

/**
 * Write Prisma's generated client into a new folder in `folder`; returns its name. `embedded` is the schema text
 * inside the client. A folder of its own, since the generator reads what it finds in the one it writes to: that
 * of a call that was cut off, and is asked again, may have half a file.
 */
async function generate({ text, embedded, folder }) {
  const name = path.basename(fs.mkdtempSync(path.join(folder, 'client-')))
  const { datasources, generators } = validate({ text })
  const { PrismaClientJsGenerator } = require('./generator.cjs')
  const previewFeatures = generators.find((block) => block.provider.value.startsWith('prisma-client'))?.previewFeatures ?? []
  const generator = {
    name: 'client',
    provider: { fromEnvVar: null, value: 'prisma-client-js' },
    output: { fromEnvVar: null, value: path.join(folder, name) },
    config: { compilerBuild: 'small' },
    binaryTargets: [],
    previewFeatures,
    sourceFilePath: `/${FILE}`,
    isCustomOutput: true,
  }
  const client = new PrismaClientJsGenerator({
    cliCommand: 'prisma',
    shouldResolvePrismaClient: false,
    runtimePath: path.join(workerData.built, 'stand-ins'),
  })
  await client.generate({
    generator,
    otherGenerators: [],
    schemaPath: `/${FILE}`,
    dmmf: parse(schemaWasm.get_dmmf(parameters(text))),
    datasources: datasources.map((datasource) => ({ ...datasource, sourceFilePath: `/${FILE}` })),
    datamodel: embedded,
    version: '0'.repeat(40),
    binaryPaths: {},
    noHints: true,
  })
  return name
}

/** Makes an engine panic, with its own debug function; for tests. */
async function panic({ engine }) {
  if (engine === 'schema') schemaWasm.debug_panic()
  schemaEngine ??= await startSchemaEngine()
  await schemaEngine.debugPanic()
}

const operations = { validate, format, parse: parseSchema, diff, generate, panic }

function describe(error) {
  if (error instanceof InvalidSchema) {
    return { kind: 'schema', message: error.message, diagnostics: error.diagnostics, which: error.which }
  }
  if (error instanceof WebAssembly.RuntimeError) return { kind: 'panic', message: panicMessage ?? error.message }
  return { kind: 'engine', message: String(error?.message ?? error) }
}

parentPort.on('message', async ({ id, operation, ...given }) => {
  try {
    if (!Object.hasOwn(operations, operation)) throw new Error(`there is no operation ${stringify(operation)}`)
    const value = await operations[operation](given)
    parentPort.postMessage({ id, value: value ?? null })
  } catch (error) {
    parentPort.postMessage({ id, error: describe(error) })
  }
})
