// The wire format's corpus in JavaScript: `node wire_format.mjs corpus.json`. Prints what it found as JSON.
import { readFileSync } from "node:fs";
import { createClient, Prisma } from "@org/schema-client";
import { jsonSchema } from "@org/schema-types/json-schema";
import { MadeSchema, SampleSchema } from "@org/schema-types/validators";
import { toZod } from "@org/schema-types/zod";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const cases = JSON.parse(readFileSync(process.argv[2], "utf8"));
const numbers = { NaN, Infinity, "-Infinity": -Infinity };
const valueOf = (given) => {
  if (typeof given !== "object" || given === null) return given;
  if (Array.isArray(given)) return given.map(valueOf);
  if (Object.hasOwn(given, "$number")) return numbers[given.$number];
  if (Object.hasOwn(given, "$levels")) return JSON.parse("[".repeat(given.$levels) + "]".repeat(given.$levels));
  return Object.fromEntries(Object.entries(given).map(([key, item]) => [key, valueOf(item)]));
};
const thrown = (call) => {
  try {
    return { value: call() };
  } catch (error) {
    return { error: String(error.message) };
  }
};
const again = (value) => JSON.parse(JSON.stringify(value));

const schema = jsonSchema(SampleSchema.json.update);
const isOf = (wanted) => addFormats(new Ajv({ strict: true, allowUnionTypes: true })).compile(wanted);
const judges = [schema, JSON.parse(process.env.PYDANTIC_SCHEMA)].map(isOf);
const zod = toZod(SampleSchema.json.update);
const byZod = (given) => {
  const { data, success } = zod.safeParse(given);
  return success ? again(SampleSchema.toJson(data)) : undefined;
};
const schemas = (given) => ({ zod: byZod(given), ajv: judges.map((isRight) => isRight(given)) });

// Each value through the validators and through fromJson; what they make of it goes back to JSON.
const read = (name, value) => {
  const { issues, value: row } = SampleSchema.json.update["~standard"].validate({ [name]: value });
  const plain = thrown(() => again(SampleSchema.toJson(SampleSchema.fromJson({ [name]: value })))[name]);
  return { issues, json: issues ? undefined : again(SampleSchema.toJson(row))[name], plain, ...schemas({ [name]: value }) };
};
const values = cases.map(({ kept, read: pairs = [], refused }, at) => ({
  read: [...kept.map((value) => [value, value]), ...pairs].map(([given, json]) => ({ given, json, ...read(`f${at}`, given) })),
  refused: refused.map(valueOf).map((value) => ({ ...read(`f${at}`, value), list: read(`l${at}`, [value]) })),
}));

// The rows that Python has written, as they are in JSON, and copies of them out of that JSON.
const servers = [];
for (const [number, url] of JSON.parse(process.env.URLS).entries()) {
  const prisma = createClient(url);
  const rows = await prisma.sample.findMany({ orderBy: { id: "asc" } });
  const sent = rows.map((row) => JSON.stringify(SampleSchema.toJson(row)));
  for (const text of sent) {
    const { id, ...data } = SampleSchema.json.create.parse(JSON.parse(text));
    await prisma.sample.create({ data: { ...SampleSchema.replaceJsonNulls(data, Prisma.DbNull), id: id + 1000 } });
  }
  const parsed = sent.map((text) => JSON.stringify(SampleSchema.toJson(SampleSchema.json.row.parse(JSON.parse(text)))));
  const created = async (json) => (await prisma.sample.create({ data: SampleSchema.json.create.parse(json) })).note;
  const notes = [await created({ id: 3000 }), await created({ id: 3001, note: null })];
  // What columns don't keep as it was given, and what conditions with the same values find of it.
  const given = JSON.parse(readFileSync(process.argv[3], "utf8"))[number] ?? [];
  const data = given.map((row, at) => SampleSchema.json.create.parse({ ...row, id: 8000 + at }));
  for (const row of data.slice(0, 20)) await prisma.sample.create({ data: row });
  await prisma.sample.createMany({ data: data.slice(20) });
  const stored = await prisma.sample.findMany({ where: { id: { gte: 8000 } }, orderBy: { id: "asc" } });
  const found = [];
  for (const [name, operator, value] of JSON.parse(readFileSync(process.argv[4], "utf8"))) {
    const { [name]: bound } = SampleSchema.json.update.parse({ [name]: value });
    const where = { id: { gte: 8000 }, [name]: { [operator]: operator === "in" ? [bound] : bound } };
    found.push(await prisma.sample.count({ where }));
  }
  // Lists that SQL has left NULL are empty, and a NULL in one has no form.
  await prisma.$executeRaw`INSERT INTO "Sample" (id) VALUES (9000)`;
  const one = async (id) => SampleSchema.toJson(await prisma.sample.findUniqueOrThrow({ where: { id } }));
  const unset = await one(9000);
  const holes = [];
  for (const [at, { type }] of cases.entries()) {
    if (type === "String @db.Xml" || type.startsWith("Json")) continue;
    await prisma.$executeRawUnsafe(`UPDATE "Sample" SET l${at} = ARRAY[NULL, f${at}] WHERE id = 9000`);
    holes.push(await one(9000).then(() => "taken", () => "refused"));
    await prisma.$executeRawUnsafe(`UPDATE "Sample" SET l${at} = NULL WHERE id = 9000`);
  }
  // New rows with nothing but their key, and what is counted of them.
  await prisma.made.create({ data: { id: 1 } });
  await prisma.made.createMany({ data: [{ id: 2 }, { id: 3 }] });
  const made = (await prisma.made.findMany({ orderBy: { id: "asc" } })).map((row) => MadeSchema.toJson(row));
  const all = (...names) => Object.fromEntries(names.map((name) => [name, true]));
  const numbers = all("big", "float", "real", "digits", "cents");
  const extremes = all("micro", "clock", "day", "cash", "char");
  const counted = await prisma.made.aggregate({
    where: { id: { lte: 3 } }, _sum: { ...numbers, cash: true }, _avg: numbers, _min: { ...numbers, ...extremes }, _max: extremes,
  });
  const [raw] = await prisma.$queryRaw`
    SELECT sum(big) AS sum, avg(digits) AS avg, max(micro) AS micro, sum(cash)::numeric AS cash, array_agg(kind) AS names,
      'NaN'::numeric AS nan, '{1.50,NaN}'::numeric[] AS numbers, max(big) AS big
    FROM "Made" WHERE id <= 3`;
  servers.push({ unset, holes, raw: MadeSchema.toJson(raw), made, counted: MadeSchema.toJson(counted), sent, parsed, notes, stored: stored.map((row) => SampleSchema.toJson(row)), found });
  await prisma.$disconnect();
}
console.log(JSON.stringify({ schema, values, servers }));
