// Validators: `node validators.mjs import|require`. Run it in a time zone far from UTC.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { inspect } from "node:util";
import vm from "node:vm";

const require = createRequire(import.meta.url);
const load = process.argv[2] === "require" ? async (name) => require(name) : (name) => import(name);
const { DetailSchema, IndexedSchema, LabelSchema, ThingSchema } = await load("@org/schema-types/validators");
const { jsonSchema } = await load("@org/schema-types/json-schema");
const { ThingMeta, DetailMeta } = await load("@org/schema-types/meta");

const row = {
  id: 9223372036854775807n,
  title: "x",
  count: 0,
  ratio: null,
  active: true,
  price: "0.1",
  at: new Date("2026-01-31T12:34:56.789Z"),
  day: null,
  micro: null,
  clock: null,
  offset: null,
  cash: null,
  data: null,
  settings: { big: "1" },
  raw: Uint8Array.of(0, 255),
  state: "default",
  states: ["NEW", "OLD"],
  tags: ["a", "🙂".repeat(3)],
  amounts: ["1.50"],
  counts: [-1n],
  moments: [new Date(0)],
  micros: [new Date(1)],
  blobs: [new Uint8Array()],
  parentId: null,
  updatedAt: new Date(0),
};
const check = (validator, value) => validator["~standard"].validate(value);
const wire = JSON.parse(JSON.stringify(ThingSchema.toJson(row)));

// What is right comes back: as it is, or out of JSON.
assert.equal(check(ThingSchema.row, row).value, row, "nothing to convert: no copy");
assert.deepEqual(check(ThingSchema.json.row, wire), { value: row });
assert.deepEqual(ThingSchema.json.row.parse(wire), row);
assert.deepEqual(wire.at, "2026-01-31T12:34:56.789Z", "the value is left alone");
assert.deepEqual(check(ThingSchema.json.create, { price: "1", raw: "-_8", updatedAt: "2026-01-31" }).value, {
  price: "1",
  raw: Uint8Array.of(251, 255),
  updatedAt: new Date("2026-01-31T00:00:00Z"),
});
assert.deepEqual(check(ThingSchema.json.update, { data: null, ratio: null, id: "5" }).value, { data: null, ratio: null, id: 5n });
assert.deepEqual(check(ThingSchema.update, { title: undefined }).value, {});
assert.deepEqual(check(ThingSchema.update, { ratio: 1, role: "admin" }).value, { ratio: 1 }, "only what the model has");
assert.deepEqual(check(ThingSchema.update, JSON.parse('{"__proto__": {"a": 1}, "toString": "x"}')).value, {});
assert.equal({}.a, undefined);
class FromDatabase {
  get id() { return "00000000-0000-4000-8000-000000000000"; }
  get name() { return "n"; }
}
assert.deepEqual(check(LabelSchema.create, new FromDatabase()).value, { id: new FromDatabase().id, name: "n" });
assert.deepEqual(check(ThingSchema.update, { at: vm.runInNewContext("new Date(0)") }).issues, undefined);

// Whatever an object is made by: without a prototype, out of another one, with a field of a prototype's name.
const given = { price: "1", raw: "aGk=", at: "2026-01-31T00:00:00.000Z" };
const made = { price: "1", raw: Uint8Array.of(104, 105), at: new Date("2026-01-31T00:00:00Z") };
const others = [Object.assign(Object.create(null), given), Object.create(given), { ...given, constructor: "x" }, vm.runInNewContext(`(${JSON.stringify(given)})`)];
for (const other of others) assert.deepEqual(check(ThingSchema.json.create, other), { value: made });

// Days as toISOString writes them, which have a reader of their own.
const readDay = (day) => check(ThingSchema.json.update, { at: `${day}T23:59:58.007Z` }).value?.at.toISOString();
for (let day = Date.UTC(1000, 0, 1); day < Date.UTC(10000, 0, 1); day += 86_400_000 * 13) {
  const text = new Date(day).toISOString().split("T")[0];
  assert.equal(readDay(text), `${text}T23:59:58.007Z`);
}
for (const text of ["2000-02-29", "2024-02-29", "9999-12-31"]) assert.equal(readDay(text)?.split("T")[0], text);
for (const text of ["1900-02-29", "2023-02-29", "2026-02-31", "2026-04-31", "2026-01-00", "2026-12-32"]) assert.equal(readDay(text), undefined, text);

// What is wrong is said with its place, all of it, in words for whoever filled in a form.
const said = (validator, value) =>
  Object.fromEntries((check(validator, value).issues ?? []).map(({ path, message }) => [path.join("."), message]));
assert.deepEqual(said(ThingSchema.json.create, { raw: 5, state: "NOPE", tags: ["a", 1, null], counts: "x" }), {
  price: "Required",
  raw: "Must be bytes (base64 in JSON)",
  state: "Must be one of NEW, OLD, default",
  "tags.1": "Must be text",
  "tags.2": "Must be text",
  counts: "Must be a list",
});
assert.deepEqual(check(ThingSchema.row, null).issues, [{ message: "Must be an object", path: [] }]);
for (const value of [undefined, [], "x", 5]) assert.equal(check(ThingSchema.json.row, value).issues.length, 1);
assert.equal(Object.keys(said(ThingSchema.row, {})).length, 25, "a row has all fields");
const refused = (validator, field, ...values) => {
  for (const value of values) {
    const issues = check(validator, { [field]: value }).issues ?? [];
    assert.deepEqual(issues[0]?.path?.slice(0, 1), [field], `${field} ${inspect(value)}`);
  }
};
const accepted = (validator, field, ...values) => {
  for (const value of values) assert.equal(check(validator, { [field]: value }).issues, undefined, `${field} ${inspect(value)}`);
};
const { update } = ThingSchema;
const json = ThingSchema.json.update;
refused(json, "at", "2026-02-31", "2026-02-31T00:00:00Z", "2026-02-30T23:00:00-02:00", "2025-02-29", "2026-04-31", "24:00", 5, null);
refused(json, "at", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "", "now", "2026-1-1");
accepted(json, "at", "2024-02-29", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999499Z", "2026-03-01T00:30:00+01:00");
refused(json, "id", "abc", "9223372036854775808", "1.0", "", 2 ** 53, "9".repeat(100_000));
accepted(json, "id", "-9223372036854775808", 5);
refused(update, "id", "5", 9223372036854775808n, 5);
refused(json, "count", 2147483648, -2147483649, 1.5, "1", NaN);
accepted(json, "count", 2147483647, -2147483648);
refused(json, "ratio", "1", NaN, Infinity);
accepted(json, "ratio", 1.7976931348623157e308, -0.1);
refused(json, "price", 1.5, "1,5", "", ".", "1e", "0.12345678901", "123456789012345678901", "1e21");
accepted(json, "price", "12345678901234567890.1234567890", "-.5", "1e19", "NaN", "0000000000000000000000001", "1.00000000000000");
refused(update, "price", 1.5, {});
assert.equal(check(update, { price: { toFixed: () => "1" } }).value.price, "1", "Prisma's Decimal");
refused(json, "title", "a\0b", "\ud800", 5, null);
accepted(json, "title", "", "🙂", "x".repeat(1_000_000));
refused(json, "raw", "a", "*", "a=b");
refused(update, "raw", [1], "aGk=", new ArrayBuffer(1));
refused(json, "settings", null, 2 ** 53, { a: [-(2 ** 53)] });
accepted(json, "settings", 2 ** 53 - 1, 1e300, 0.1, [null], {});
const circle = {};
circle.self = circle;
refused(update, "settings", circle, { a: 1n }, [NaN], new Date(), new Map(), () => {}, [undefined]);
refused(update, "data", circle);
const levelsOf = (levels) => JSON.parse("[".repeat(levels) + "]".repeat(levels));
accepted(update, "settings", levelsOf(128), { a: undefined });
for (const form of [update, json]) refused(form, "settings", levelsOf(129), levelsOf(3000));
assert.throws(() => ThingSchema.toJson({ settings: levelsOf(129) }), /^TypeError: Thing.settings is not JSON of at most 128 levels/);
refused(json, "states", ["NEW", "new"], null, "NEW");
refused(ThingSchema.json.row.pick("settings"), "settings", circle);
accepted(ThingSchema.json.row.pick("settings"), "settings", null, 2 ** 53);
assert.throws(() => ThingSchema.create.parse({ price: 1 }), (error) => {
  assert.equal(error.name, "TypeError");
  assert.match(error.message, /^price: Must be a decimal number.*\nraw: Required$/);
  return error.issues.length === 2;
});

// A list with holes, which no iteration of an array's own sees, is one of values that aren't there.
const places = (validator, value) => check(validator, value).issues?.map(({ path }) => path.join("."));
const sparse = [];
sparse[1e9] = "x";
const halfRead = ["5"];
halfRead.length = 2 ** 32 - 1;
for (const form of [ThingSchema.update, json]) {
  assert.deepEqual(places(form, { tags: [, "second"] }), ["tags.0"]);
  assert.deepEqual(places(form, { tags: ["first", , "third"] }), ["tags.1"]);
  assert.deepEqual(places(form, { tags: new Array(2), states: [, 5] }), ["tags.0", "tags.1", "states.0", "states.1"]);
  assert.deepEqual(places(form, { settings: [, 1] }), ["settings"]);
  assert.deepEqual(places(form, { settings: { a: sparse } }), ["settings"]);
  assert.equal(places(form, { tags: sparse }).length, 100, "as many as anybody reads");
  assert.equal(places(form, { tags: new Array(1e6).fill(5) }).length, 100);
}
assert.equal(places(json, { counts: halfRead })[0], "counts.1");
assert.throws(() => ThingSchema.json.create.parse({ price: "1", raw: "", tags: [,] }), /^TypeError: tags.0: Must be text$/);
assert.throws(() => ThingSchema.fromJson({ tags: [, "x"] }), /Thing.tags is not a list of text/);
const Whole = ThingSchema.with({ details: DetailSchema });
assert.deepEqual(places(Whole.json.row.pick("details"), { details: [, null] }), ["details.0", "details.1"]);
for (const convert of ["toJson", "fromJson"]) assert.throws(() => Whole[convert]({ details: [,] }), /^TypeError: Detail is not an object/);

// Whatever it is given, a validator says what is wrong, and never throws.
const revoked = (of) => {
  const { proxy, revoke } = Proxy.revocable(of, {});
  revoke();
  return proxy;
};
const thrower = { get: () => { throw new Error("no"); }, ownKeys: () => { throw new Error("no"); } };
const fakes = [
  { __proto__: Date.prototype },
  { __proto__: Uint8Array.prototype },
  { [Symbol.toStringTag]: "Date", getTime: () => 0, toISOString: () => "x" },
  { [Symbol.toStringTag]: "Uint8Array", length: 1 },
  { toFixed: 5 },
  { toFixed: () => 5 },
  { toFixed: () => { throw new Error("no"); } },
  ...[new Date(0), new Uint8Array(1), [], {}].flatMap((of) => [revoked(of), new Proxy(of, thrower)]),
];
refused(update, "settings", ...fakes.slice(6));
for (const field of ["at", "clock", "raw", "price", "tags", "moments", "state", "id", "title"]) {
  refused(update, field, ...fakes);
  refused(json, field, ...fakes);
  for (const fake of fakes) {
    assert.ok(places(update, Object.defineProperty({}, field, { enumerable: true, get: () => fake.toFixed() })).length > 0);
  }
}
for (const fake of fakes.slice(7)) for (const form of [json, ThingSchema.row, Whole.json.row]) assert.ok(places(form, fake).length > 0);
for (const field of ["at", "raw", "price"]) {
  for (const fake of fakes.slice(0, 6)) assert.throws(() => ThingSchema.toJson({ [field]: fake }), new RegExp(`Thing.${field} is not`));
}
let times = 0;
const unsteady = Object.defineProperty([], 0, { get: () => (times++ ? "x" : 5) });
assert.deepEqual(places(update, { tags: unsteady, title: "x" }), ["tags"], "no issue is no answer");
const inherited = check(update, Object.create({ title: "x" }));
assert.deepEqual([Object.keys(inherited.value), inherited.value.title], [["title"], "x"]);
assert.deepEqual(check(update, { title: "x", constructor: Object }).value, { title: "x" });

// Parts of a model, and its relations.
assert.deepEqual(said(ThingSchema.create.pick("price", "title"), {}), { price: "Required" });
assert.deepEqual(said(ThingSchema.create.omit("price"), {}), { raw: "Required" });
const Deep = ThingSchema.with({ parent: ThingSchema.with({ details: DetailSchema }), details: DetailSchema });
const detail = { thingId: "1", name: "n", lang: "en", text: null };
const family = { ...wire, details: [detail], parent: { ...wire, details: [detail] }, labels: [] };
const found = Deep.json.row.parse(family);
assert.deepEqual([found.details[0].thingId, found.parent.details[0].thingId, found.labels], [1n, 1n, undefined]);
assert.equal(Deep.toJson(found).parent.details[0].thingId, "1");
family.parent.details[0] = { ...detail, thingId: "x" };
assert.deepEqual(Object.keys(said(Deep.json.row, family)), ["parent.details.0.thingId"]);
assert.equal(Deep.json.row.parse({ ...wire, parent: null }).parent, null);
const cleared = ThingSchema.replaceJsonNulls({ data: null, ratio: null }, "DbNull");
assert.deepEqual(cleared, { data: "DbNull", ratio: null });

// Of rows that only a database can make there is nothing to create.
const only = IndexedSchema.with({});
for (const { json, ...forms } of [IndexedSchema, only]) {
  assert.deepEqual([Object.keys(json), "create" in forms, "update" in forms], [["row", "update"], false, true]);
}
assert.deepEqual(places(IndexedSchema.json.update, { data: null, maybe: null }), ["data"]);

// JSON Schema, and what labels it.
const schema = jsonSchema(ThingSchema.json.create, ThingMeta);
assert.equal(schema.$schema, "https://json-schema.org/draft/2020-12/schema");
assert.deepEqual(schema.required, ["price", "raw"]);
assert.deepEqual(schema.properties.count, { title: "Count", type: "integer", minimum: -2147483648, maximum: 2147483647 });
assert.deepEqual(schema.properties.states.items, { enum: ["NEW", "OLD", "default"] });
assert.ok(new RegExp(schema.properties.price.pattern).test("1.5"));
const standard = ThingSchema.json.update["~standard"].jsonSchema;
assert.equal(standard.input({ target: "draft-07" }).$schema, "http://json-schema.org/draft-07/schema#");
assert.throws(() => standard.input({ target: "openapi-3.0" }), /ask for draft-2020-12/);
assert.throws(() => standard.output({ target: "draft-07" }), /has no JSON type/);
assert.equal(DetailSchema.create.omit("thingId")["~standard"].jsonSchema.output({ target: "draft-07" }).type, "object");

// Metadata.
const { fields, relations } = ThingMeta;
assert.equal(ThingMeta.name, "Thing");
assert.deepEqual([ThingMeta.key, ThingMeta.uniques, DetailMeta.uniques], [["id"], [["raw"]], [["name", "lang"]]]);
assert.equal(DetailMeta.label, "Detail", "the comment is too long for a label");
assert.ok(DetailMeta.description.startsWith("Compound\\u2028 keys \\u202e\\u2066 */ globalThis.pwned = 5 /* \\u0007"));
assert.equal(fields.updatedAt.label, "Updated at");
assert.deepEqual(fields.price, { kind: "decimal", label: "Price", isRequired: true, isNullable: false, isList: false, precision: 30, scale: 10 });
assert.deepEqual([fields.id.isId, fields.id.generated, fields.raw.isUnique], [true, "autoincrement", true]);
assert.deepEqual(fields.parentId.references, { model: "Thing", field: "id" });
assert.deepEqual([fields.day.part, fields.clock.part, fields.micro.digits], ["date", "time", 6]);
assert.deepEqual([fields.settings.default, fields.title.default, fields.state.default], [{}, 'it\'s "quoted" \\ ${x} `y` */ {{ z }}', "NEW"]);
assert.deepEqual(fields.state.values.map(({ value, label }) => [value, label]), [
  ["NEW", 'Not yet seen. */ globalThis.pwned = "value"; /*'],
  ["OLD", "Old"],
  ["default", "Default"],
]);
assert.equal(fields.state.values[1].isDeprecated, true);
assert.deepEqual(relations.children, { label: "Children", isList: true, isRequired: false, model: "Thing" });
assert.deepEqual([relations.parent.fields, relations.parent.references], [["parentId"], ["id"]]);

assert.equal(globalThis.pwned, undefined);
console.log("done");
