// Values that JavaScript has no form for, or another one than Postgres: `node values.mjs`.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { createClient, exactDate, exactText, Prisma, State } from "@org/schema-client";

const { withValues } = createRequire(import.meta.url)("./node_modules/@org/schema-client/dist/values.cjs");
const prisma = createClient(process.env.DATABASE_URL);
let bytes = 0;
const make = (data) => prisma.thing.create({ data: { price: 1, raw: Uint8Array.of(bytes++), ...data } });
const set = (row, column, value) =>
  prisma.$executeRawUnsafe(`UPDATE "things'; --" SET "${column}" = ${value} WHERE id = $1`, row.id);
const first = async (sql) => Object.values((await prisma.$queryRawUnsafe(sql))[0])[0];
const good = await make({});
const row = await make({ title: "bad" });

// What a Date holds is read, whatever the year.
for (const [column, value, expected] of [
  ["at", "'0044-03-15 12:00:00.5 BC'", "-000043-03-15T12:00:00.500Z"],
  ["at", "'0001-01-01 BC'", "+000000-01-01T00:00:00.000Z".replace("+000000", "0000")],
  ["micro", "'12026-01-02 03:04:05.678Z'", "+012026-01-02T03:04:05.678Z"],
  ["day", "'12026-01-02'", "+012026-01-02T00:00:00.000Z"],
  ["day", "'0044-03-15 BC'", "-000043-03-15T00:00:00.000Z"],
  ["offset", "'20:30:00.25+09'", "1970-01-01T11:30:00.250Z"],
  ["offset", "'20:30-05:30'", "1970-01-01T02:00:00.000Z"],
  ["clock", "'23:59:59.999'", "1970-01-01T23:59:59.999Z"],
]) {
  await set(row, column, value);
  const read = await prisma.thing.findUniqueOrThrow({ where: { id: row.id } });
  assert.equal(read[column].toISOString(), expected, value);
  const [raw] = await prisma.$queryRawUnsafe(`SELECT "${column}" AS v FROM "things'; --" WHERE id = $1`, row.id);
  if (["at", "micro", "day"].includes(column)) assert.equal(raw.v.toISOString(), expected, value);
  await set(row, column, column === "at" ? "now()" : "NULL");
}
await set(row, "moments", "'{0044-03-15 BC,12026-01-02,2026-01-02 03:04}'");
const { moments } = await prisma.thing.findUniqueOrThrow({ where: { id: row.id } });
assert.deepEqual(
  moments.map((each) => each.toISOString()),
  ["-000043-03-15T00:00:00.000Z", "+012026-01-02T00:00:00.000Z", "2026-01-02T03:04:00.000Z"],
);
await set(row, "moments", "'{}'");

// What it doesn't hold is refused, with column and row, by every kind of read, and the rest can be read.
for (const [column, value] of [
  ["at", "'infinity'"],
  ["micro", "'-infinity'"],
  ["micro", "'290000-01-01'"],
  ["day", "'infinity'"],
  ["clock", "'24:00'"],
  ["offset", "'24:00+02'"],
  ["moments", "'{2026-01-01,infinity}'"],
]) {
  await set(row, column, value);
  for (const read of [
    () => prisma.thing.findMany({ orderBy: { id: "asc" } }),
    () => prisma.$transaction((inside) => inside.thing.findMany({ orderBy: { id: "asc" } })),
    () => prisma.$queryRaw`SELECT * FROM "things'; --" ORDER BY id`,
  ]) {
    await assert.rejects(read, (error) => {
      assert.match(error.message, new RegExp(`column "${column}" of row 2 \\(id: ${row.id}\\) .*omit.*${column}"::text`));
      return true;
    });
  }
  const rest = await prisma.thing.findMany({ orderBy: { id: "asc" }, omit: { [column]: true } });
  assert.deepEqual(rest.map(({ id }) => id), [good.id, row.id]);
  assert.equal(typeof (await first(`SELECT "${column}"::text FROM "things'; --" WHERE id = ${row.id}`)), "string");
  await set(row, column, column === "at" ? "now()" : "DEFAULT");
}
assert.equal((await prisma.thing.findMany()).length, 2);

// Text is the form without a loss, in both directions.
const exact = "2026-07-01 12:00:00.123456+00";
await prisma.$executeRaw`UPDATE "things'; --" SET micro = ${exact}::timestamptz WHERE id = ${row.id}`;
// So is a Date that was read, or made for it: wherever one is read, copied by Prisma, compared or written.
const iso = "2026-07-01T12:00:00.123456Z";
const where = { id: row.id };
const readMicro = async () => (await prisma.thing.findUniqueOrThrow({ where })).micro;
const micro = await readMicro();
assert.deepEqual([micro, exactText(micro)], [new Date("2026-07-01T12:00:00.123Z"), iso]);
const extended = prisma.$extends({ query: { $allOperations: ({ args, query }) => query(args) } });
for (const client of [prisma, extended]) {
  assert.equal((await client.thing.findFirstOrThrow({ where: { micro } })).id, row.id);
  assert.equal(await client.thing.count({ where: { micro: new Date(micro) } }), 0);
  assert.equal((await client.thing.findMany({ where: { micro: { in: [micro, new Date(0)] } } })).length, 1);
  assert.equal((await client.thing.findMany({ where: { micro: { gte: exactDate(iso), lt: exactDate("2026-07-01T12:00:00.123457Z") } } })).length, 1);
  const value = exactDate("2027-07-01T12:00:00.000001Z");
  await client.thing.update({ where, data: { micro: value, micros: { set: [value, micro] } } });
  const { micros } = await client.thing.findUniqueOrThrow({ where });
  assert.deepEqual([await readMicro(), ...micros].map(exactText), ["2027-07-01T12:00:00.000001Z", "2027-07-01T12:00:00.000001Z", iso]);
  await client.$transaction([client.thing.updateMany({ where: { micro: value }, data: { micro, micros: [] } })]);
  assert.equal(exactText(await readMicro()), iso);
}
const [raw] = await prisma.$queryRaw`SELECT ${micro}::timestamptz::text AS text, ${micro}::timestamptz AS at`;
assert.deepEqual([raw.text, exactText(raw.at)], [exact, iso]);
await prisma.thing.update({ where, data: { clock: exactDate("1970-01-01T23:59:59.999999Z") } });
const [{ clock: clockText }] = await prisma.$queryRaw`SELECT clock::text FROM "things'; --" WHERE id = ${row.id}`;
assert.equal(clockText, "23:59:59.999999");
assert.equal(exactText((await prisma.thing.findUniqueOrThrow({ where })).clock), "1970-01-01T23:59:59.999999Z");
await prisma.thing.update({ where, data: { clock: null } });
const extremes = ["0001-01-01T00:00:00.000001Z", "9999-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"];
for (const text of extremes) {
  await prisma.thing.update({ where, data: { micro: exactDate(text) } });
  assert.equal(exactText(await readMicro()), text);
}
await set(row, "micro", "'12026-01-02 03:04:05.678901Z'");
assert.equal(exactText(await readMicro()), "+012026-01-02T03:04:05.678901Z");
const { _max } = await prisma.thing.aggregate({ _max: { micro: true } });
assert.equal(exactText(_max.micro), "+012026-01-02T03:04:05.678901Z");
await prisma.thing.update({ where, data: { micro } });
const asText = prisma.$extends({
  result: { thing: { micro: { needs: { micro: true }, compute: (thing) => thing.micro && exactText(thing.micro) } } },
});
assert.equal((await asText.thing.findUniqueOrThrow({ where })).micro, iso);
// A Date that is changed is what it was changed to.
micro.setUTCMilliseconds(7);
assert.equal(exactText(micro), "2026-07-01T12:00:00.007Z");
assert.equal(exactText(exactDate("2026-07-01T12:00:00.1Z")), "2026-07-01T12:00:00.100Z");
for (const wrong of ["2026-07-01", "2026-07-01T12:00:00", "2026-07-01T12:00:00.1234567Z", "2026-13-01T12:00:00Z", 5, null]) {
  assert.throws(() => exactDate(wrong), RangeError);
}
const [{ text }] = await prisma.$queryRaw`SELECT micro::text AS text FROM "things'; --" WHERE id = ${row.id}`;
assert.equal(text, exact);

// A text instead of a Date is no other moment, wherever it is given; what no column holds is refused.
const later = "2026-07-01T14:00:00.654321+02:00";
const utc = "2026-07-01T12:00:00.654321Z";
for (const micros of [[later, iso], { set: [later, iso] }]) {
  const changed = await prisma.thing.update({ where, data: { micro: later, micros } });
  assert.deepEqual([changed.micro, ...changed.micros].map(exactText), [utc, utc, iso]);
}
assert.equal(await prisma.thing.count({ where: { micro: utc, micros: { has: iso } } }), 1);
assert.equal(await prisma.thing.count({ where: { OR: [{ micro: { in: [iso] } }, { micro: { gt: utc } }] } }), 0);
await prisma.thing.update({ where, data: { micro: iso, micros: [] } });
const clocks = await make({ clock: "1970-01-01T12:00:00.000001Z", offset: exactDate("1970-01-01T12:00:00.000001Z") });
assert.deepEqual([clocks.clock, clocks.offset].map(exactText), Array(2).fill("1970-01-01T12:00:00.000001Z"));
await assert.rejects(prisma.thing.update({ where, data: { micro: "2026-07-01T12:00:00.1234567Z" } }), /"data.micro": Postgres keeps six digits/);

// What the engine would round or turn into something else.
for (const ratio of [1.7976931348623157e308, 12345678901234567e20, 0.30000000000000004, NaN]) {
  assert.deepEqual((await prisma.thing.update({ where, data: { ratio } })).ratio, ratio);
}
const blobs = [Uint8Array.of(0, 255), new Uint8Array()];
for (const given of [blobs, { set: blobs }]) {
  assert.deepEqual((await prisma.thing.update({ where, data: { blobs: given } })).blobs, blobs);
}
await prisma.thing.update({ where, data: { blobs: [], ratio: null } });
for (const data of [{ count: 1.5 }, { count: { set: NaN } }, { count: { increment: 0.5 } }]) {
  await assert.rejects(prisma.thing.update({ where, data }), /data.count.*Int has no (1.5|NaN|0.5)/);
}
await assert.rejects(prisma.thing.findMany({ where: { OR: [{ count: { in: [1, 2.5] } }] } }), /where.OR.count.in.*Int has no 2.5/);
assert.equal((await prisma.thing.update({ where, data: { count: -0 } })).count, 0);
const hidden = JSON.parse('{"__proto__": {"a": [1.5]}, "b": "\u2028"}');
assert.deepEqual((await prisma.thing.update({ where, data: { data: hidden } })).data, hidden);
const levels = (most) => JSON.parse("[".repeat(most) + "]".repeat(most));
assert.deepEqual((await prisma.thing.update({ where, data: { data: levels(990) } })).data, levels(990));
for (const [data, place] of [
  [{ data: levels(3000) }, /"data.data.0.0.0.0.0.0.…": is nested more than 1,000 levels deep/],
  [{ data: { a: levels(1001) } }, /"data.data.a.0.0.0.0.0.…": is nested/],
  [{ data: { a: [NaN] } }, /data.data.a.0.*JSON has no NaN/],
  [{ data: Infinity }, /data.data.*JSON has no Infinity/],
  [{ data: { a: "\ud800" } }, /data.data.a.*surrogate/],
  [{ title: "\ud800x" }, /data.title.*surrogate/],
  [{ title: "a\0b" }, /data.title.*U\+0000/],
  [{ tags: ["a", "\udc00"] }, /data.tags.1.*surrogate/],
]) {
  await assert.rejects(prisma.thing.update({ where, data }), place);
}
await assert.rejects(prisma.$queryRaw`SELECT ${"\ud800"}::text`, /surrogate/);
for (const [json, isRead] of [['{"a": 9007199254740993}', false], ["[1e400]", false], ['{"9007199254740993": "9007199254740993"}', true], ["[9007199254740992, 1e300]", true]]) {
  await prisma.$executeRaw`UPDATE "things'; --" SET data = ${json}::text::jsonb WHERE id = ${row.id}`;
  const read = prisma.thing.findUniqueOrThrow({ where });
  if (isRead) assert.deepEqual((await read).data, JSON.parse(json));
  else await assert.rejects(read, new RegExp(`column "data" of row 1 .id: ${row.id}. has a value that JavaScript can't hold`));
}

// Lists of enums, times with an offset, and money.
await prisma.thing.update({ where: { id: row.id }, data: { states: ["NEW", State.OLD], cash: "-1234567.5" } });
const states = ["new state */ globalThis.pwned = 2 /*", 'old"state'];
for (let time = 0; time < 2; time++) {
  assert.deepEqual(await first(`SELECT states FROM "things'; --" WHERE id = ${row.id}`), states);
  assert.deepEqual(await first(`SELECT states FROM "things'; --" WHERE id = ${good.id}`), null);
}
assert.equal(await first(`SELECT state FROM "things'; --" WHERE id = ${row.id}`), states[0]);
assert.deepEqual((await prisma.thing.findUniqueOrThrow({ where: { id: row.id } })).states, ["NEW", "OLD"]);
assert.equal((await prisma.thing.findUniqueOrThrow({ where: { id: row.id } })).cash.toString(), "-1234567.5");
assert.ok((await first("SELECT '1234.5'::money")).equals(new Prisma.Decimal("1234.5")));
assert.deepEqual(String(await first("SELECT '{1,-2000}'::money[]")), "1,-2000");
// As servers of other locales write it: euros and yen with a comma or none are not guessed.
for (const [text, expected] of [["-£1,234.50", "-1234.50"], ["1.234,50 €", null], ["￥1,235", null], ["($5.00)", null]]) {
  const fields = [{ name: "cash", dataTypeID: 790 }];
  const session = { query: async ({ types }) => ({ fields, rows: [[types.getTypeParser(790, "text")(text)]] }) };
  const read = withValues(session, new Map()).query({ types: { getTypeParser: () => String } });
  if (expected === null) await assert.rejects(read, /column "cash" of row 1 has a value/, text);
  else assert.equal((await read).rows[0][0], expected);
}
const clock = (value) => (value instanceof Date ? value.toISOString().slice(11, 19) : String(value).slice(0, 8));
assert.equal(clock(await first("SELECT '20:30+09'::timetz")), "11:30:00");
assert.deepEqual((await first("SELECT '{20:30+09,NULL}'::timetz[]")).map((each) => each && clock(each)), ["11:30:00", null]);

await prisma.$disconnect();
console.log("done");
