// publint (strict) and Are the types wrong, for tarballs. worker.mjs of the Prisma bridge runs it, see there.
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'

const require = createRequire(path.join(workerData.built, 'index.js'))
const load = (name) => import(pathToFileURL(require.resolve(name)))

const [{ publint }, { formatMessage }] = await Promise.all([load('publint'), load('publint/utils')])
const [attw, { problemKindInfo }] = await Promise.all([
  load('@arethetypeswrong/core'),
  load('@arethetypeswrong/core/problems'),
])

// Prisma's declarations of a schema, five megabytes for 71 models. Are the types wrong reads them once for each way to
// resolve modules, but asks only what they import and export: both show without the insides of blocks. TypeScript
// reads the whole file.
const LONG = '/dist/prisma/index.d.ts'
const COMMENTS = /\/\*[^]*?\*\/|^[ \t]*\/\/.*$/gm
const INSIDES = /^[ \t].*\n/gm
const IMPORTED = /\b(?:import|require)\(\s*(["'])[^"']+\1\s*\)/g

async function byPublint(bytes) {
  const { messages, pkg } = await publint({ pack: { tarball: bytes.slice().buffer }, strict: true })
  return messages.map((message) => ({
    tool: 'publint',
    file: path.posix.normalize(message.args?.actualFilePath ?? message.args?.filePath ?? 'package.json'),
    message: `${message.code}: ${formatMessage(message, pkg, { color: false }) ?? message.path.join('.')}`,
  }))
}

async function byAttw(bytes) {
  const found = attw.createPackageFromTarballData(bytes)
  const { types, problems = [], entrypoints } = await attw.checkPackage(outlined(found))
  if (!types) return [{ tool: 'attw', file: 'package.json', message: 'the package contains no types' }]
  const prefix = `/node_modules/${found.packageName}/`
  return problems.map((problem) => {
    const { title, shortDescription } = problemKindInfo[problem.kind]
    const detail = problem.moduleSpecifier ?? problem.missing?.join(', ')
    return {
      tool: 'attw',
      file: fileOf(problem, entrypoints).replace(prefix, ''),
      message: `${title}: ${shortDescription}${detail ? ` (${detail})` : ''}`,
    }
  })
}

function fileOf({ fileName, typesFileName, entrypoint, resolutionKind }, entrypoints) {
  const resolved = entrypoints[entrypoint]?.resolutions[resolutionKind]?.resolution?.fileName
  return fileName ?? typesFileName ?? resolved ?? 'package.json'
}

function outlined(found) {
  const read = (file) => (file.endsWith(LONG) ? withoutInsides(found.readFile(file)) : found.readFile(file))
  const files = Object.fromEntries(found.listFiles().map((file) => [file, read(file)]))
  return new attw.Package(files, found.packageName, found.packageVersion)
}

function withoutInsides(text) {
  const code = text.replace(COMMENTS, '')
  const imported = new Set(Array.from(code.matchAll(IMPORTED), ([call]) => call.replace('require', 'import')))
  const outside = code.replace(INSIDES, '')
  return outside + Array.from(imported, (call, index) => `type Imported${index} = ${call}\n`).join('')
}

/** What both say of a tarball, which comes as base64. */
async function check({ tarball }) {
  const bytes = new Uint8Array(Buffer.from(tarball, 'base64'))
  return [...(await byPublint(bytes)), ...(await byAttw(bytes))]
}

parentPort.on('message', async ({ id, tarball }) => {
  try {
    parentPort.postMessage({ id, value: await check({ tarball }) })
  } catch (error) {
    parentPort.postMessage({ id, error: { kind: 'engine', message: String(error?.message ?? error) } })
  }
})
