// The bridge's process: one JSON request per line on stdin, one JSON reply per line on stdout.
//
//   node worker.mjs BUILT_FOLDER PARENT_PID
//   {"id": 1, "operation": "parse", "text": "..."}  ->  {"id": 1, "value": ...}
//                                                   or  {"id": 1, "error": {"kind": "panic", "message": "..."}}
//
// The engines run in a thread of their own, so that this one notices when stdin is closed, however busy they
// are, and can replace them after a panic.
import process from 'node:process'
import readline from 'node:readline'
import { Worker } from 'node:worker_threads'

const [built, parent] = process.argv.slice(2)
const PARENT_POLL_MS = 1000
const MAX_RESIDENT_BYTES = 1_000_000_000

let engine
let pending // the id of the engine's current request; the bridge sends one at a time

function reply(message) {
  pending = undefined
  process.stdout.write(JSON.stringify(message) + '\n')
}

function startEngine() {
  const thread = new Worker(new URL('./engine.mjs', import.meta.url), {
    workerData: { built },
    stdout: true, // the generator prints hints, but stdout is for the protocol
    execArgv: [],
  })
  thread.stdout.resume()
  thread.on('message', (message) => {
    // A panicked engine has undefined state, and generation leaves a lot of garbage: restart when needed.
    const spent = message.error?.kind === 'panic' || process.memoryUsage.rss() > MAX_RESIDENT_BYTES
    if (spent) discard(thread)
    reply(message)
  })
  thread.on('error', (error) => fail(thread, String(error?.message ?? error)))
  thread.on('exit', () => fail(thread, 'the engine ended'))
  return thread
}

// The engine ended or is unusable: report that to whoever waits for it.
function fail(thread, message) {
  if (engine !== thread) return
  discard(thread)
  if (pending !== undefined) reply({ id: pending, error: { kind: 'panic', message } })
}

function discard(thread) {
  if (engine === thread) engine = undefined
  void thread.terminate()
}

function receive(line) {
  let request
  try {
    request = JSON.parse(line)
  } catch {
    reply({ id: null, error: { kind: 'protocol', message: 'the request is not JSON' } })
    return
  }
  pending = request.id
  engine ??= startEngine()
  engine.postMessage(request)
}

engine = startEngine() // it loads while the first request is on its way

// Ctrl-C goes to the whole process group; the parent decides what to do, and closes stdin to stop us.
process.on('SIGINT', () => {})
process.stdout.on('error', () => process.exit(0))
readline.createInterface({ input: process.stdin, crlfDelay: Infinity }).on('line', receive).on('close', () => process.exit(0))
// A fork of the parent may hold our stdin open after the parent died, so the parent's id is checked too.
setInterval(() => {
  if (String(process.ppid) !== parent) process.exit(0)
}, PARENT_POLL_MS)
