// What form and router libraries make of the validators.
import assert from "node:assert/strict";
import { sValidator } from "@hono/standard-validator";
import { standardSchemaResolver } from "@hookform/resolvers/standard-schema";
import { DetailSchema, ThingSchema } from "@org/schema-types/validators";
import { toZod } from "@org/schema-types/zod";
import { FormApi } from "@tanstack/form-core";
import { initTRPC } from "@trpc/server";
import { Hono } from "hono";
import { createFormControl } from "react-hook-form";
import { z } from "zod";

const right = { thingId: "5", name: "n", lang: "en" };
const row = { thingId: 5n, name: "n", lang: "en" };
const schema = DetailSchema.json.create;

// React Hook Form.
const submitted = [];
const form = createFormControl({ defaultValues: right, resolver: standardSchemaResolver(schema) });
await form.handleSubmit((values) => submitted.push(values))();
form.setValue("thingId", "x");
await form.handleSubmit((values) => submitted.push(values))();
assert.deepEqual(submitted, [row]);
const { errors } = form.formControl?._formState ?? form.control._formState;
assert.equal(errors.thingId.message, "Must be a whole number from -9223372036854775808 to 9223372036854775807");

const holes = { price: "1", raw: "", tags: [, "second"] };
const sparse = createFormControl({ defaultValues: holes, resolver: standardSchemaResolver(ThingSchema.json.create) });
await sparse.handleSubmit((values) => submitted.push(values))();
assert.deepEqual(submitted, [row], "a list with holes is not submitted");

// TanStack Form.
const kept = [];
const tanstack = (defaultValues) => {
  const made = new FormApi({ defaultValues, validators: { onSubmit: schema }, onSubmit: ({ value }) => kept.push(value) });
  made.mount();
  return made;
};
const refused = tanstack({ ...right, name: 5 });
await refused.handleSubmit();
assert.deepEqual(refused.state.errors[0].name.map(({ message }) => message), ["Must be text"]);
await tanstack(right).handleSubmit();
assert.deepEqual(kept, [right]);

// tRPC.
const t = initTRPC.create();
const router = t.router({ add: t.procedure.input(schema).mutation(({ input }) => input) });
const caller = router.createCaller({});
assert.deepEqual(await caller.add(right), row);
await assert.rejects(caller.add({ ...right, lang: null }), (error) => error.code === "BAD_REQUEST" && error.cause.issues[0].path[0] === "lang");

// Hono.
const app = new Hono().post("/", sValidator("json", ThingSchema.json.create), (context) => {
  const thing = context.req.valid("json");
  return context.json(ThingSchema.toJson(thing));
});
const post = (body) => app.request("/", { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } });
const answer = await post({ price: "1.50", raw: "aGk=", at: "2026-01-31" });
assert.deepEqual(await answer.json(), { price: "1.50", raw: "aGk=", at: "2026-01-31T00:00:00.000Z" });
const refusal = await post({ price: "1.50", raw: "aGk=", at: "2026-02-31" });
assert.equal(refusal.status, 400);
assert.deepEqual((await refusal.json()).error, [{ message: "Must be a valid date and time", path: ["at"] }]);

// zod: the same answers, also to what only it can do.
const wire = ThingSchema.json.create;
const zod = toZod(wire);
const things = [
  { price: "1.50", raw: "aGk=", at: "2026-01-31", id: "5", data: null, states: ["NEW"], moments: ["2026-01-31"], settings: [1] },
  { price: "1.50", raw: "*", at: "2026-02-31", id: "x", ratio: "1", states: ["NOPE"], tags: [1], count: 2 ** 31, settings: 2 ** 53 },
  { price: 1, raw: null },
  {},
];
for (const thing of things) {
  const ours = wire["~standard"].validate(thing);
  const theirs = zod.safeParse(thing);
  assert.deepEqual(theirs.data, ours.value);
  const places = (issues) => [...new Set((issues ?? []).map(({ path }) => path.join(".")))].sort();
  assert.deepEqual(places(theirs.error?.issues), places(ours.issues));
}
const rows = toZod(DetailSchema.row);
assert.deepEqual(rows.safeParse({ ...row, text: null }).data, { ...row, text: null });
assert.equal(rows.extend({ extra: z.string() }).safeParse({ ...row, text: null }).error.issues[0].path[0], "extra");
assert.deepEqual(Object.keys(rows.pick({ name: true }).shape), ["name"]);
const nested = toZod(ThingSchema.with({ details: DetailSchema }).json.row.pick("id", "details"));
assert.deepEqual(nested.parse({ id: "1", details: [{ ...right, text: null }] }), { id: 1n, details: [{ ...row, text: null }] });
assert.equal(nested.safeParse({ id: "1", details: [{ ...right, lang: 5, text: null }] }).success, false);
assert.equal(z.toJSONSchema(toZod(DetailSchema.create.omit("thingId"))).properties.name.type, "string");

console.log("done");
