// Compiled as ESM (consumer.mts) and as CommonJS (consumer.cts): right code is accepted, wrong code is refused.
import {
  createClient,
  exactDate,
  exactText,
  Prisma,
  PrismaClient,
  PrismaPg,
  SCHEMA_VERSION as CLIENT_VERSION,
  State as ClientState,
  type Thing as ClientThing,
} from "@org/schema-client";
import {
  fromJson,
  SCHEMA_VERSION,
  State,
  toJson,
  type ApiKey,
  type IndexedUpdate,
  type JsonForm,
  type JsonValue,
  type ModelName,
  type ModelsKey,
  type Thing,
  type ThingJson,
  type ThingUpdate,
  type ThingWithRelations,
} from "@org/schema-types";
import { State as OnlyState } from "@org/schema-types/enums";
import type { Api, JsonValue as JsonValueModel } from "@org/schema-types/models";
import type { ApiKey_, DetailKey, MemberKey, ThingCreate, ThingKey } from "@org/schema-types/inputs";
import { IndexedSchema } from "@org/schema-types/validators";
import { SCHEMA_DIGEST } from "@org/schema-types/version";

const version: "2.0.0" = SCHEMA_VERSION;
const sameVersion: typeof CLIENT_VERSION = version;
const digest: string = SCHEMA_DIGEST;
const state: State = State.NEW;
const sameState: ClientState = OnlyState.default;
const union: "NEW" | "OLD" | "default" = state;
// @ts-expect-error the database's spelling is not a value
const wrongState: State = "old\"state";
// @ts-expect-error enums are read-only
State.NEW = "OLD";

export async function nodeClient(types: ThingCreate, key: ThingKey, detail: DetailKey): Promise<void> {
  const client: PrismaClient = createClient(process_env());
  const created: ClientThing = await client.thing.create({ data: types });
  await client.thing.update({ where: key, data: { count: { increment: 1 }, state } });
  await client.detail.findUnique({ where: detail });
  const changes: IndexedUpdate = { data: [1] };
  await client.indexed.update({ where: { id: 1 }, data: changes });
  const parsed = IndexedSchema.json.update.parse({ maybe: null });
  await client.indexed.update({ where: { id: 1 }, data: IndexedSchema.replaceJsonNulls(parsed, Prisma.DbNull) });
  const full = new PrismaClient({ adapter: new PrismaPg({ connectionString: "x" }, { schema: "other" }) });
  const logged = createClient({ host: "h", prisma: { log: [{ emit: "event", level: "query" }] } });
  logged.$on("query", (event) => event.query.toUpperCase());
  const omitting = createClient({ host: "h", prisma: { omit: { thing: { raw: true } } } });
  // @ts-expect-error omitted for this client
  (await omitting.thing.findFirstOrThrow()).raw;
  // @ts-expect-error no such model
  await client.nothing.findMany();
  // @ts-expect-error no such field
  await full.thing.findMany({ where: { nope: 1 } });
  // @ts-expect-error unique among some rows only
  await client.member.findUnique({ where: { email: "a" } });
  // @ts-expect-error unique among some rows only
  await client.member.delete({ where: { place: { seat: 1, email: "a" } } });
  await client.member.findUnique({ where: { seat_id: { seat: 1, id: 1 } } });
  // @ts-expect-error createClient brings the adapter itself
  createClient({ prisma: { adapter: new PrismaPg("x") } });

  const asText = client.$extends({
    result: { thing: { at: { needs: { at: true }, compute: (thing) => exactText(thing.at) } } },
  });
  const text: string = (await asText.thing.findFirstOrThrow()).at;
  await asText.thing.updateMany({ where: { at: exactDate(text) }, data: { at: text } });

  // Rows go straight from the client into JSON, with Decimal objects, included relations or a selection.
  const json: ThingJson = toJson("Thing", created);
  const included = await client.thing.findFirstOrThrow({ include: { parent: true, details: true } });
  const parent = toJson("Thing", included).parent;
  const price: string | undefined = parent?.price;
  const selected = await client.thing.findFirstOrThrow({ select: { id: true, price: true } });
  const id: string = toJson("Thing", selected).id;
  const decimal: Prisma.Decimal = created.price;
  void [json, price, id, decimal];
}

export function rows(thing: Thing, json: ThingJson, deep: ThingWithRelations): void {
  const back: Thing = fromJson("Thing", json);
  const forth: ThingJson = toJson("Thing", thing);
  const at: Date = back.at;
  const iso: string = forth.at;
  const id: bigint = fromJson("Thing", { id: "1" }).id;
  const names: string[] | undefined = toJson("Thing", deep).children?.map((child) => child.id);
  const parsed: ThingWithRelations = fromJson("Thing", JSON.parse("{}"));
  const raw: Uint8Array = thing.raw;
  const maybe: number | null = thing.ratio;
  // @ts-expect-error it is a bigint
  const wrongId: number = thing.id;
  // @ts-expect-error it may be null
  const wrongRatio: number = thing.ratio;
  // @ts-expect-error no such model
  fromJson("Nothing", json);
  // @ts-expect-error a date is a string in JSON
  fromJson("Thing", { at: new Date() });
  // @ts-expect-error a date is a Date in a row
  toJson("Thing", { at: "2026-01-01" });
  // @ts-expect-error columns of types that clients can't read are not there
  thing.search;
  void [at, iso, id, names, parsed, raw, maybe, wrongId, wrongRatio];
}

export function inputs(): void {
  const create: ThingCreate = { price: "1.50", raw: new Uint8Array(1), updatedAt: new Date() };
  const wire: JsonForm<ThingCreate> = toJson("Thing", create);
  const update: ThingUpdate = { ratio: null };
  const keys: ThingKey[] = [{ id: 1n }, { raw: new Uint8Array(1) }];
  const compound: DetailKey[] = [
    { thingId_name: { thingId: 1n, name: "x" } },
    { in_language: { name: "x", lang: "en" } },
  ];
  const key: ModelsKey["Api"] = { id: 1 } satisfies ApiKey_;
  const token: ApiKey = { token: "t", apiId: 1 };
  const model: ModelName = "JsonValue";
  const own: JsonValueModel = { id: 1, class: "c", delete: { a: [null] } };
  const alsoOwn: JsonValue = own;
  const api: Api = { id: 1 };
  const member: MemberKey[] = [{ id: 1 }, { seat_id: { seat: 1, id: 1 } }];
  // @ts-expect-error unique among some rows only
  const wrongMember: MemberKey = { email: "a" };
  // @ts-expect-error price is required
  const wrongCreate: ThingCreate = { raw: new Uint8Array(1) };
  // @ts-expect-error a JSON null is said in Prisma's own way
  const wrongJson: ThingCreate = { ...create, data: null };
  // @ts-expect-error undefined is not a value
  const wrongUpdate: ThingUpdate = { title: undefined };
  // @ts-expect-error compound keys are nested under their name
  const wrongKey: DetailKey = { thingId: 1n, name: "x" };
  void [member, wrongMember, wire, update, keys, compound, key, token, model, alsoOwn, api, wrongCreate, wrongJson, wrongUpdate, wrongKey];
}

declare function process_env(): string;
void [sameVersion, digest, sameState, union, wrongState];
