// The entries of the types package besides the main one, as a page takes them: one model, and all of them.
import type { IndexedUpdate, Thing, ThingJson } from "@org/schema-types";
import { jsonSchema } from "@org/schema-types/json-schema";
import * as meta from "@org/schema-types/meta";
import * as validators from "@org/schema-types/validators";

const { ThingSchema } = validators;
export const all = { ...meta, ...validators };
export const { json: forms } = ThingSchema;
export const nested = ThingSchema.with({ parent: ThingSchema });
export const cleared = ThingSchema.replaceJsonNulls({ data: null }, "none");
export const row: Thing = ThingSchema.json.row.parse({});
export const json: ThingJson = ThingSchema.toJson(row);
export const some: { title?: string } = ThingSchema.create.pick("title").parse({});
export const described: Record<string, unknown> = jsonSchema(ThingSchema.json.create, meta.ThingMeta);
export const digits: number = meta.ThingMeta.fields.price.precision;
export const changes: IndexedUpdate<null> = validators.IndexedSchema.json.update.parse({});
export const toNone: { maybe?: string | object | number | true | false } = validators.IndexedSchema.replaceJsonNulls(changes, "none");
// @ts-expect-error its validator refuses it, too
export const refused: IndexedUpdate<null> = { data: null };
// @ts-expect-error no value and JSON's null are not the same
export const unclear: IndexedUpdate = { maybe: null };
// @ts-expect-error nobody but the database creates one
validators.IndexedSchema.create;
// @ts-expect-error no such field
ThingSchema.create.pick("nope");
