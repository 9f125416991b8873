// A worker's process: one JSON request per line on stdin, one JSON reply per line on stdout.
//
//   node worker.mjs ENGINE BUILT_FOLDER PARENT_PID [SOCKET]
//   {"id": 1, "operation": "parse", "text": "..."}  ->  {"id": 1, "value": ...}
//                                                   or  {"id": 1, "error": {"kind": "panic", "message": "..."}}
//
// On SOCKET, if it is given, other processes of the user may ask as well: each on a connection of its own, and one
// after the other.
//
// ENGINE (engine.mjs has Prisma's) runs in a thread of its own, so that this
// one notices when stdin is closed, however busy that is, and can replace it after a panic.
import net from 'node:net'
import process from 'node:process'
import readline from 'node:readline'
import { Worker } from 'node:worker_threads'

const [program, built, parent, address] = process.argv.slice(2)
const PARENT_POLL_MS = 1000
const MAX_RESIDENT_BYTES = 1_000_000_000

let engine
let current // the engine's request, and the stream to answer it on
let queue = []

function reply(message) {
  const { stream } = current
  current = undefined
  stream.write(JSON.stringify(message) + '\n')
  next()
}

function next() {
  if (current || queue.length === 0) return
  current = queue.shift()
  engine ??= startEngine()
  engine.postMessage(current.request)
}

function startEngine() {
  const thread = new Worker(program, {
    workerData: { built },
    stdout: true, // the generator prints hints, but stdout is for the protocol
    execArgv: [],
  })
  thread.stdout.resume()
  thread.on('message', (message) => {
    if (engine !== thread) return // it was given up
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
  if (current) reply({ id: current.request.id, error: { kind: 'panic', message } })
}

function discard(thread) {
  if (engine === thread) engine = undefined
  void thread.terminate()
}

function receive(line, stream) {
  let request
  try {
    request = JSON.parse(line)
  } catch {
    stream.write(JSON.stringify({ id: null, error: { kind: 'protocol', message: 'the request is not JSON' } }) + '\n')
    return
  }
  queue.push({ request, stream })
  next()
}

function lines(input, stream) {
  return readline.createInterface({ input, crlfDelay: Infinity }).on('line', (line) => receive(line, stream))
}

function serve(socket) {
  socket.on('error', () => {}) // who hung up is not waiting for an answer
  lines(socket, socket).on('close', () => {
    queue = queue.filter(({ stream }) => stream !== socket)
  })
}

engine = startEngine() // it loads while the first request is on its way

// Ctrl-C goes to the whole process group; the parent decides what to do, and closes stdin to stop us.
process.on('SIGINT', () => {})
process.stdout.on('error', () => process.exit(0))
lines(process.stdin, process.stdout).on('close', () => process.exit(0))
if (address) net.createServer(serve).on('error', () => {}).listen(address)
// A fork of the parent may hold our stdin open after the parent died, so the parent's id is checked too.
setInterval(() => {
  if (String(process.ppid) !== parent) process.exit(0)
}, PARENT_POLL_MS)
