// Moments, whatever the time zone of the database's sessions: `node times.mjs`, by each way to open a client.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { createClient, PrismaClient, PrismaPg } from "@org/schema-client";

const { Client, Pool } = createRequire(import.meta.url)("pg");
const runtime = "./node_modules/@org/schema-client/dist/prisma/runtime/client.js";
const { pg: ownPg } = createRequire(import.meta.url)(runtime);
const connectionString = process.env.DATABASE_URL;
const moment = new Date("2026-07-01T12:00:00.123Z");
const winter = new Date("2026-01-01T23:30:00Z");
let bytes = 0;
const thing = (data) => ({ data: { price: 1, raw: Uint8Array.of(bytes >> 8, bytes++ & 255), ...data } });

const usedPool = new Pool({ connectionString, idleTimeoutMillis: 0 });
await Promise.all([usedPool.query("SELECT 1"), usedPool.query("SELECT 1")]);
const ownZonePool = new Pool({ connectionString, max: 2, idleTimeoutMillis: 0 });
ownZonePool.on("connect", (session) => session.query("SET TimeZone TO 'Asia/Kolkata'"));

const statements = [];
// Those of the pools here, and those that the package opens with its own copy of node-postgres.
for (const { prototype } of [Client, ownPg.Client]) {
  const { query } = prototype;
  prototype.query = function (...args) {
    statements.push(args[0]);
    return query.apply(this, args);
  };
}

const clients = {
  "a connection string": createClient(connectionString),
  settings: createClient({ connectionString, max: 20 }),
  "a pool with open sessions": createClient({ pool: usedPool }),
  "a pool of another time zone": createClient({ pool: ownZonePool }),
  "an adapter": new PrismaClient({ adapter: new PrismaPg({ connectionString }) }),
  "an adapter of a connection string": new PrismaClient({ adapter: new PrismaPg(connectionString) }),
  "an adapter of a pool": new PrismaClient({ adapter: new PrismaPg(usedPool) }),
};

for (const [name, client] of Object.entries(clients)) {
  await writesAndReads(client, name);
  await client.$transaction((transaction) => writesAndReads(transaction, `${name}, in a transaction`));
  const [created, shown] = await client.$transaction([
    client.thing.create(thing({ at: moment })),
    client.$queryRaw`SELECT current_setting('TimeZone') AS zone, ${moment}::timestamptz AS at`,
  ]);
  assert.deepEqual([created.at, shown], [moment, [{ zone: "UTC", at: moment }]], name);
}

// As many at once as there are sessions, and more than a pooler has.
await Promise.all(Array.from({ length: 60 }, () => clients.settings.thing.create(thing({ at: moment }))));

// A session is told once, and those that we open with their start: not by a statement.
const told = () => statements.filter((statement) => String(statement).startsWith("SET TimeZone TO 'UTC'")).length;
const before = told();
for (let time = 0; time < 5; time++) await clients["a pool with open sessions"].thing.count();
assert.equal(told(), before);
assert.ok(before > 0 && before <= usedPool.totalCount + ownZonePool.totalCount, `${before} times`);

// Somebody's SET stays in the session that it was sent to; the next to use that session must not notice.
const single = createClient({ connectionString, max: 1 });
await single.$executeRaw`SET TimeZone TO 'Asia/Kolkata'`;
await writesAndReads(single, "after a SET");
await single.$executeRaw`SET DateStyle TO 'German'`;
await writesAndReads(single, "after another SET");

for (const client of [...Object.values(clients), single]) await client.$disconnect();
assert.equal((await usedPool.query("SELECT 1 AS one")).rows[0].one, 1);
await Promise.all([usedPool.end(), ownZonePool.end()]);
console.log("done");

async function writesAndReads(client, name) {
  const row = await client.thing.create(thing({ at: moment, moments: [winter], day: new Date("2026-07-01") }));
  assert.deepEqual([row.at, row.moments], [moment, [winter]], name);
  const where = { id: row.id, at: moment };
  assert.deepEqual(await client.thing.findFirst({ where }), row, name);
  const [raw] = await client.$queryRaw`
    SELECT at, day, at::text AS text, extract(epoch FROM at)::float8 AS seconds
    FROM "things'; --" WHERE id = ${row.id} AND at = ${moment}`;
  const text = "2026-07-01 12:00:00.123+00";
  assert.deepEqual(raw, { at: moment, day: row.day, text, seconds: moment.getTime() / 1000 }, name);
  await client.$executeRaw`UPDATE "things'; --" SET at = ${winter} WHERE id = ${row.id}`;
  assert.deepEqual((await client.thing.findUniqueOrThrow({ where: { id: row.id } })).at, winter, name);
  await client.thing.update({ where: { id: row.id }, data: { at: moment } });

  const { id } = await client.thing.create(thing({ title: "by default" }));
  const [age] = await client.$queryRaw`
    SELECT abs(extract(epoch FROM now() - at)) < 3600 AS "isNow" FROM "things'; --" WHERE id = ${id}`;
  assert.deepEqual(age, { isNow: true }, name);
}
