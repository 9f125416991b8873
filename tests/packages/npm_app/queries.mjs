// Everyday work on a real database through the installed client: `node queries.mjs import|require`.
import assert from "node:assert/strict";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const load = process.argv[2] === "require" ? async (name) => require(name) : (name) => import(name);
const { createClient, Prisma, PrismaClient, PrismaPg, State } = await load("@org/schema-client");
const { fromJson, toJson } = await load("@org/schema-types/json");

const prisma = createClient(process.env.DATABASE_URL);

const written = {
  price: new Prisma.Decimal("12345678901234567890.0123456789"),
  data: { nested: [1, null, "x", { y: true }] },
  raw: Uint8Array.of(0, 1, 254, 255),
  state: State.OLD,
  states: ["NEW", "default"],
  tags: ["a", "it's", "{b}", ""],
  amounts: ["1.5", "2.25"],
  counts: [9007199254740993n],
  moments: [new Date(0)],
  blobs: [Uint8Array.of(7)],
  day: new Date("2026-02-28"),
  details: { create: [{ name: "size", lang: "en", text: "big" }] },
  labels: { create: [{ name: "red" }] },
};
const thing = await prisma.thing.create({ data: written, include: { details: true, labels: true } });
assert.equal(typeof thing.id, "bigint");
assert.equal(thing.title, "it's \"quoted\" \\ ${x} `y` */ {{ z }}");
assert.equal(thing.price.toFixed(), "12345678901234567890.0123456789");
assert.deepEqual([thing.state, thing.states], ["OLD", ["NEW", "default"]]);
assert.deepEqual([...thing.raw], [0, 1, 254, 255]);
assert.deepEqual(thing.data, written.data);
assert.deepEqual([thing.tags, thing.counts, thing.moments], [written.tags, written.counts, written.moments]);

const row = await prisma.thing.findUniqueOrThrow({ where: { raw: written.raw }, include: { details: true } });
assert.deepEqual(fromJson("Thing", JSON.parse(JSON.stringify(toJson("Thing", row)))), {
  ...row,
  price: row.price.toFixed(),
  amounts: row.amounts.map(String),
});

const where = { in_language: { name: "size", lang: "en" } };
assert.equal((await prisma.detail.findUniqueOrThrow({ where })).text, "big");
const key = { thingId_name: { thingId: thing.id, name: "size" } };
await prisma.detail.update({ where: key, data: { text: null } });
assert.equal((await prisma.detail.findFirstOrThrow()).text, null);

const child = await prisma.thing.create({
  data: { price: 1, raw: Uint8Array.of(9), parent: { connect: { id: thing.id } } },
});
assert.equal(await prisma.thing.count({ where: { parent: { is: { state: State.OLD } } } }), 1);
await prisma.$transaction([
  prisma.thing.update({ where: { id: child.id }, data: { count: { increment: 2 }, state: State.NEW } }),
  prisma.$executeRaw`UPDATE "Detail" SET "text" = ${"small"}`,
]);
assert.equal((await prisma.thing.findUniqueOrThrow({ where: { id: child.id } })).count, 2);
await assert.rejects(prisma.thing.create({ data: { price: 1, raw: Uint8Array.of(9) } }), (error) => {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2002";
});

// What is unique among some rows only is no key.
for (let time = 0; time < 3; time++) await prisma.member.create({ data: { email: "a", nick: "n", gone: true, seat: time } });
for (const unique of [{ email: "a" }, { nick: "n" }, { place: { seat: 0, email: "a" } }]) {
  for (const use of [
    () => prisma.member.findUnique({ where: unique }),
    () => prisma.member.update({ where: unique, data: { seat: 9 } }),
    () => prisma.member.delete({ where: unique }),
    () => prisma.member.upsert({ where: unique, create: { email: "a" }, update: { seat: 9 } }),
    () => prisma.badge.create({ data: { code: "x", member: { connect: unique } } }),
  ]) {
    await assert.rejects(use, Prisma.PrismaClientValidationError);
  }
}
assert.equal(await prisma.member.count({ where: { seat: { lt: 9 } } }), 3);
const { id } = await prisma.member.findFirstOrThrow({ where: { seat: 2 } });
assert.equal((await prisma.member.update({ where: { seat_id: { seat: 2, id } }, data: { nick: "other" } })).nick, "other");
await prisma.badge.deleteMany();
await prisma.member.deleteMany();

assert.equal((await prisma.thing.deleteMany({ where: { parentId: thing.id } })).count, 1);
await prisma.thing.delete({ where: { id: thing.id } });
assert.equal(await prisma.detail.count(), 0);
await prisma.label.deleteMany();
await prisma.$disconnect();

const explicit = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL }) });
assert.deepEqual(await explicit.thing.findMany(), []);
await explicit.$disconnect();

const { Pool } = require("pg");
const pool = new Pool({ connectionString: process.env.DATABASE_URL });
const queries = [];
const logged = createClient({ pool, prisma: { log: [{ emit: "event", level: "query" }] } });
logged.$on("query", (event) => queries.push(event.query));
assert.equal(await logged.thing.count(), 0);
assert.equal(queries.length, 1);
await logged.$disconnect();
assert.equal((await pool.query("SELECT 1 AS one")).rows[0].one, 1);
await pool.end();

await explicit.$executeRaw`CREATE SCHEMA elsewhere`;
await explicit.$executeRaw`CREATE TABLE elsewhere."Label" (id uuid PRIMARY KEY, name text NOT NULL UNIQUE)`;
await explicit.label.create({ data: { name: "in public" } });
for (const options of [
  `${process.env.DATABASE_URL}&schema=elsewhere`,
  { connectionString: process.env.DATABASE_URL, schema: "elsewhere" },
]) {
  const other = createClient(options);
  assert.equal(await other.label.count(), 0);
  await other.$disconnect();
}
await explicit.$executeRaw`DROP SCHEMA elsewhere CASCADE`;
await explicit.label.deleteMany();
await explicit.$disconnect();

assert.equal(globalThis.pwned, undefined);
console.log("done");
