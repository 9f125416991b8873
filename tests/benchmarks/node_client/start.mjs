// From the start of a process to the answer of its first query: node start.mjs ours|prisma|node import|require.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";

const [peer, format] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const load = format === "require" ? require : (name) => import(name);
const url = process.env.DATABASE_URL;
let client;
if (peer === "node") {
  client = { model0: { findMany() {} }, $disconnect() {} };
} else if (peer === "ours") {
  const { createClient } = await load("@org/schema-client");
  client = createClient(url);
} else {
  const { PrismaClient } = await load(`./prisma-${format}/client.js`);
  const { PrismaPg } = await load("@prisma/adapter-pg");
  client = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) });
}
await client.model0.findMany({ take: 1 });
const wall = performance.now();
const { user, system } = process.cpuUsage();
// Not process.resourceUsage(): that begins with what the process had that started this one.
const largest = Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))[1]);
console.log(JSON.stringify({ wall, cpu: (user + system) / 1000, rss: largest / 1024 }));
await client.$disconnect();
