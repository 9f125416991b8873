// Nanoseconds a valid row of ten fields, of each library, in turn: `node speed.mjs row|json`.
import { RowSchema } from "@org/schema-types/validators";
import Ajv from "ajv";
import addFormats from "ajv-formats";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";

const BATCH = 500;
const ROUNDS = 1500;

const row = {
  id: 5n,
  name: "Ann Example",
  email: "ann@example.org",
  age: 33,
  active: true,
  made: new Date("2026-01-31T12:34:56.789Z"),
  changed: new Date("2026-02-28T01:02:03.004Z"),
  kind: "NEW",
  note: null,
  score: 1.5,
};
const json = RowSchema.toJson(row);

const zodShape = (id, moment) =>
  z.object({
    id,
    name: z.string().max(255),
    email: z.string().max(255),
    age: z.int32(),
    active: z.boolean(),
    made: moment,
    changed: moment,
    kind: z.enum(["OLD", "NEW"]),
    note: z.string().nullable(),
    score: z.number(),
  });
const valibotShape = (id, moment) =>
  v.object({
    id,
    name: v.pipe(v.string(), v.maxLength(255)),
    email: v.pipe(v.string(), v.maxLength(255)),
    age: v.pipe(v.number(), v.integer(), v.minValue(-2147483648), v.maxValue(2147483647)),
    active: v.boolean(),
    made: moment,
    changed: moment,
    kind: v.picklist(["OLD", "NEW"]),
    note: v.nullable(v.string()),
    score: v.number(),
  });
const arktypeShape = (id, moment) =>
  type({
    id,
    name: "string <= 255",
    email: "string <= 255",
    age: "-2147483648 <= number.integer <= 2147483647",
    active: "boolean",
    made: moment,
    changed: moment,
    kind: "'OLD' | 'NEW'",
    note: "string | null",
    score: "number",
  });
const ajv = addFormats(new Ajv({ strict: false }));
const integer = { type: "integer", minimum: -2147483648, maximum: 2147483647 };
const text = { type: "string", maxLength: 255 };
const moment = { type: "string", format: "date-time" };
const properties = {
  id: { type: "string", pattern: "^-?\\d+$" },
  name: text,
  email: text,
  age: integer,
  active: { type: "boolean" },
  made: moment,
  changed: moment,
  kind: { enum: ["OLD", "NEW"] },
  note: { type: ["string", "null"] },
  score: { type: "number" },
};
const byAjv = ajv.compile({ type: "object", properties, required: Object.keys(properties) });

const toBigInt = (text) => BigInt(text);
const toDate = (text) => new Date(text);
const zodMoment = z.iso.datetime();
const zodDigits = z.string().regex(/^-?\d+$/);
const valibotMoment = v.pipe(v.string(), v.isoTimestamp());
const valibotDigits = v.pipe(v.string(), v.digits());
const standard = (schema, value) => () => schema["~standard"].validate(value);

async function peers(form) {
  if (form === "row") {
    const { validate } = await import("./typia/row.js");
    z.config({ jitless: true });
    const withoutEval = zodShape(z.bigint(), z.date());
    withoutEval.parse(row);
    z.config({ jitless: false });
    return {
      ours: standard(RowSchema.row, row),
      "zod 4": standard(zodShape(z.bigint(), z.date()), row),
      "zod 4, no eval": standard(withoutEval, row),
      valibot: standard(valibotShape(v.bigint(), v.date()), row),
      arktype: standard(arktypeShape("bigint", "Date"), row),
      typia: () => validate(row),
    };
  }
  return {
    "ours, to a row": standard(RowSchema.json.row, json),
    "zod 4, to a row": standard(zodShape(zodDigits.transform(toBigInt), zodMoment.transform(toDate)), json),
    "zod 4": standard(zodShape(zodDigits, zodMoment), json),
    "valibot, to a row": standard(valibotShape(v.pipe(valibotDigits, v.transform(toBigInt)), v.pipe(valibotMoment, v.transform(toDate))), json),
    "arktype, to a row": standard(arktypeShape(["string.digits", "=>", toBigInt], "string.date.iso.parse"), json),
    ajv: () => (byAjv(json) ? { value: json } : { issues: byAjv.errors }),
  };
}

const programs = await peers(process.argv[2]);
for (const [name, program] of Object.entries(programs)) {
  const answer = program();
  if (answer.issues || answer.success === false) throw new Error(`${name} refuses a valid row: ${JSON.stringify(answer)}`);
  for (let turn = 0; turn < 50 * BATCH; turn++) program();
}
const times = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, program] of Object.entries(programs)) {
    const begun = process.hrtime.bigint();
    for (let turn = 0; turn < BATCH; turn++) program();
    times[name].push(Number(process.hrtime.bigint() - begun) / BATCH);
  }
}
console.log(JSON.stringify(times));
