// The wire format's corpus in JavaScript: `node wire_format.mjs corpus.json`. Prints what it found as JSON.
import { readFileSync } from "node:fs";
import { createClient, Prisma } from "@org/schema-client";
import { SampleSchema } from "@org/schema-types/validators";

const cases = JSON.parse(readFileSync(process.argv[2], "utf8"));
const numbers = { NaN, Infinity, "-Infinity": -Infinity };
const valueOf = (given) => {
  if (typeof given !== "object" || given === null) return given;
  if (Array.isArray(given)) return given.map(valueOf);
  if (Object.hasOwn(given, "$number")) return numbers[given.$number];
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

// Each value through the validators and through fromJson; what they make of it goes back to JSON.
const read = (name, value) => {
  const { issues, value: row } = SampleSchema.json.update["~standard"].validate({ [name]: value });
  const plain = thrown(() => again(SampleSchema.toJson(SampleSchema.fromJson({ [name]: value })))[name]);
  return { issues, json: issues ? undefined : again(SampleSchema.toJson(row))[name], plain };
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
  for (const [at, row] of given.entries()) {
    await prisma.sample.create({ data: SampleSchema.json.create.parse({ ...row, id: 8000 + at }) });
  }
  const stored = await prisma.sample.findMany({ where: { id: { gte: 8000 } }, orderBy: { id: "asc" } });
  const found = [];
  for (const [name, operator, value] of JSON.parse(readFileSync(process.argv[4], "utf8"))) {
    const { [name]: bound } = SampleSchema.json.update.parse({ [name]: value });
    const where = { id: { gte: 8000 }, [name]: { [operator]: operator === "in" ? [bound] : bound } };
    found.push(await prisma.sample.count({ where }));
  }
  servers.push({ sent, parsed, notes, stored: stored.map((row) => SampleSchema.toJson(row)), found });
  await prisma.$disconnect();
}
console.log(JSON.stringify({ values, servers }));
