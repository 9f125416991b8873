// The conversion of rows to JSON and back: `node json.mjs import|require`. Run it in a time zone far from UTC.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import vm from "node:vm";

const require = createRequire(import.meta.url);
const load = process.argv[2] === "require" ? async (name) => require(name) : (name) => import(name);
const { fromJson, toJson } = await load("@org/schema-types/json");
assert.equal((await load("@org/schema-types")).toJson, toJson);

const row = {
  id: 9223372036854775807n,
  title: "x",
  ratio: null,
  price: "0.1",
  at: new Date("2026-01-31T12:34:56.789Z"),
  day: null,
  data: { at: "2026-01-01", big: "1", list: [1, null] },
  raw: Uint8Array.from({ length: 100_000 }, (_, index) => index % 256),
  amounts: ["1", "-2.50", "NaN"],
  counts: [-1n, 0n],
  moments: [new Date(0)],
  blobs: [new Uint8Array(), Uint8Array.of(255)],
  parent: null,
  children: [{ id: 2n, details: [{ thingId: 2n, name: "n" }] }],
};
const before = structuredClone(row);
const json = toJson("Thing", row);
assert.deepEqual(row, before, "the row is left alone");
assert.deepEqual(
  { ...json, raw: undefined },
  {
    ...row,
    id: "9223372036854775807",
    at: "2026-01-31T12:34:56.789Z",
    raw: undefined,
    counts: ["-1", "0"],
    moments: ["1970-01-01T00:00:00.000Z"],
    blobs: ["", "/w=="],
    children: [{ id: "2", details: [{ thingId: "2", name: "n" }] }],
  },
);
assert.deepEqual(fromJson("Thing", JSON.parse(JSON.stringify(json))), row);

const read = (field, value) => fromJson("Thing", { [field]: value })[field];
// What other languages write: no offset is UTC, microseconds, a date alone, the URL-safe alphabet, no padding.
assert.equal(read("at", "2026-01-31T12:00:00").toISOString(), "2026-01-31T12:00:00.000Z");
assert.equal(read("at", "2026-01-31T12:00:00.123456+02:00").toISOString(), "2026-01-31T10:00:00.123Z");
assert.equal(read("at", "2026-01-31").toISOString(), "2026-01-31T00:00:00.000Z");
assert.deepEqual([...read("raw", "-_8")], [251, 255]);
assert.equal(read("id", 5), 5n);
for (const [field, value] of [
  ["at", "yesterday"],
  ["at", "2026-13-01"],
  ["at", "1"],
  ["at", 5],
  ["at", "2026-02-31"],
  ["at", "+012026-01-31T00:00:00Z"],
  ["data", { a: ["\ud800"] }],
  ["at", "2025-02-29T12:00:00+01:00"],
  ["at", null],
  ["count", "5"],
  ["count", 2 ** 31],
  ["active", 1],
  ["ratio", NaN],
  ["state", "NOPE"],
  ["state", "new state */ globalThis.pwned = 2 /*"],
  ["states", ["NEW", 1]],
  ["tags", null],
  ["tags", "a"],
  ["title", 5],
  ["id", "abc"],
  ["id", "9223372036854775808"],
  ["id", "1.5"],
  ["id", ""],
  ["id", 2 ** 53],
  ["price", 1.5],
  ["price", "1,5"],
  ["raw", "a"],
  ["raw", "*"],
  ["raw", 5],
  ["moments", ["x"]],
  ["children", ["x"]],
]) {
  assert.throws(() => read(field, value), { name: "TypeError", message: /^Thing(\.\w+)? is not / }, `${field} ${value}`);
}

const write = (field, value) => toJson("Thing", { [field]: value })[field];
assert.equal(write("price", { d: [1], e: 0, s: 1, toFixed: () => "1" }), "1");
assert.equal(write("id", 5), "5");
assert.equal(write("raw", Buffer.from("hi")), "aGk=");
assert.equal(write("at", vm.runInNewContext("new Date(0)")), "1970-01-01T00:00:00.000Z");
for (const [field, value] of [
  ["at", new Date(NaN)],
  ["at", new Date("+012026-01-31T00:00:00Z")],
  ["at", "2026-01-31"],
  ["id", 0.5],
  ["price", 1.5],
  ["raw", [1]],
  ["ratio", NaN],
  ["ratio", -Infinity],
  ["state", "NOPE"],
  ["title", null],
  ["settings", { a: NaN }],
  ["data", { a: 1n }],
]) {
  assert.throws(() => write(field, value), { name: "TypeError", message: new RegExp(`^Thing.${field} is not `) });
}

// Microseconds go through a Date, for as long as it says the same time.
const exact = read("micro", "2026-01-31T12:00:00.123456+02:00");
assert.deepEqual([exact.toISOString(), write("micro", exact)], ["2026-01-31T10:00:00.123Z", "2026-01-31T10:00:00.123456Z"]);
exact.setUTCMilliseconds(5);
assert.equal(write("micro", exact), "2026-01-31T10:00:00.005Z");
assert.throws(() => read("micro", "2026-01-31T12:00:00.1234567Z"), TypeError);

// What no field holds is converted by what it is: the type says so, and JSON.stringify takes it.
const decimal = { d: [1], e: 0, s: 1, toFixed: () => "2.5" };
const groups = { state: "NEW", _count: { _all: 2 }, _sum: { counts: 5n, price: decimal, ratio: null }, _max: { at: new Date(0) } };
const aggregated = toJson("Thing", groups);
assert.deepEqual(aggregated, {
  state: "NEW",
  _count: { _all: 2 },
  _sum: { counts: "5", price: "2.5", ratio: null },
  _max: { at: "1970-01-01T00:00:00.000Z" },
});
assert.deepEqual(JSON.parse(JSON.stringify(aggregated)), aggregated);
assert.throws(() => toJson("Thing", { _avg: { ratio: NaN } }), /^TypeError: Thing._avg.ratio is not a value that JSON has: NaN$/);
assert.deepEqual(toJson("Thing", { data: null, settings: null, extra: [1n, undefined] }), { data: null, settings: null, extra: ["1", undefined] });

// What isn't in the schema passes, and nothing reaches a prototype.
assert.equal(read("newer", 5), 5);
const hostile = fromJson("Thing", JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1, "toString": "x"}'));
assert.ok(Object.hasOwn(hostile, "__proto__"));
assert.equal({}.polluted, undefined);
for (const model of ["Nothing", "constructor", "__proto__", "toString"]) {
  assert.throws(() => fromJson(model, {}), { name: "TypeError", message: /there is no model/ });
}
for (const value of [null, undefined, "x", [], 5]) assert.throws(() => fromJson("Thing", value), TypeError);

assert.equal(globalThis.pwned, undefined);
console.log("done");
