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
assert.equal(read("at", "+012026-01-31T00:00:00Z").getUTCFullYear(), 12026);
assert.deepEqual([...read("raw", "-_8")], [251, 255]);
assert.equal(read("id", 5), 5n);
for (const [field, value] of [
  ["at", "yesterday"],
  ["at", "2026-13-01"],
  ["at", "1"],
  ["at", 5],
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
  ["at", "2026-01-31"],
  ["id", 0.5],
  ["price", 1.5],
  ["raw", [1]],
]) {
  assert.throws(() => write(field, value), { name: "TypeError", message: new RegExp(`^Thing.${field} is not `) });
}

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
