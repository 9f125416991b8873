// The validators' types as the libraries read them.
import { sValidator } from "@hono/standard-validator";
import { standardSchemaResolver } from "@hookform/resolvers/standard-schema";
import type { Thing, ThingCreate, ThingJson, ThingUpdate } from "@org/schema-types";
import { jsonSchema } from "@org/schema-types/json-schema";
import { MemberMeta, ThingMeta, type ModelDescription } from "@org/schema-types/meta";
import { ApiKeySchema, DetailSchema, LabelSchema, ThingSchema, type Result } from "@org/schema-types/validators";
import { toZod } from "@org/schema-types/zod";
import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import { FormApi } from "@tanstack/form-core";
import { initTRPC } from "@trpc/server";
import { Hono } from "hono";
import { createFormControl } from "react-hook-form";

type In<S extends StandardSchemaV1> = StandardSchemaV1.InferInput<S>;
type Out<S extends StandardSchemaV1> = StandardSchemaV1.InferOutput<S>;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

export const standard: StandardSchemaV1<ThingJson, Thing> & StandardJSONSchemaV1<ThingJson, Thing> = ThingSchema.json.row;
export const row: Same<Out<typeof ThingSchema.row>, Thing> = true;
export const create: Same<Out<typeof ThingSchema.json.create>, ThingCreate<null>> = true;
export const price: string = ({} as In<typeof ThingSchema.json.create>).price;
export const at: string | undefined = ({} as In<typeof ThingSchema.json.update>).at;
export const parsed: Thing = ThingSchema.json.row.parse({});
export const picked: { title?: string } = ThingSchema.create.pick("title").parse({});
export const result: Result<ThingUpdate<null>> = ThingSchema.json.update["~standard"].validate({});

const withRelations = ThingSchema.with({ details: DetailSchema, parent: ThingSchema });
export const names: string[] | undefined = withRelations.json.row.parse({}).details?.map(({ name }) => name);
export const parent: Thing | null | undefined = withRelations.row.parse({}).parent;
export const wire: string = ThingSchema.toJson(parsed).at;
export const back: Date = ThingSchema.fromJson({ at: wire }).at;

export const clear: ThingUpdate<null> = { data: null };
export const replaced: { data?: "none" | string | number | boolean | object } = ThingSchema.replaceJsonNulls(clear, "none" as const);
// @ts-expect-error unless asked for, an update does not clear JSON
export const wrong: ThingUpdate = { data: null };

export const label: "NEW" | "OLD" | "default" | undefined = ThingMeta.fields.state.values[0]?.value;
export const digits: number = ThingMeta.fields.price.precision + ThingMeta.fields.at.digits;
export const described: ModelDescription[] = [ThingMeta, MemberMeta];
export const schema: Record<string, unknown> = jsonSchema(ThingSchema.json.create, ThingMeta);
// @ts-expect-error no such field
ThingMeta.fields.nope;
// @ts-expect-error no such relation
ThingSchema.with({ title: DetailSchema });
// @ts-expect-error no such field
ThingSchema.create.pick("nope");

const zod = toZod(ThingSchema.create).extend({ label: toZod(LabelSchema.create) });
export const zodPrice: string = zod.parse({}).price;
export const zodTitle: string | undefined = zod.parse({}).title;

export const form = createFormControl({
  defaultValues: { token: "", apiId: 0 },
  resolver: standardSchemaResolver(ApiKeySchema.create),
});
export const tanstack = new FormApi({ defaultValues: { token: "", apiId: 0 }, validators: { onChange: ApiKeySchema.create } });
const t = initTRPC.create();
export const router = t.router({
  add: t.procedure.input(ThingSchema.json.create).mutation(({ input }): Date | undefined => input.at),
});
export const app = new Hono().post("/", sValidator("json", ThingSchema.json.create), (context) => {
  const { price }: ThingCreate<null> = context.req.valid("json");
  return context.json({ price });
});
