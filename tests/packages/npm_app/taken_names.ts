// A schema whose models and enums have the names that the packages use themselves.
import { createClient, toJson as ClientEnum, type PgConfig } from "@org/schema-client";
import { fromJson, toJson, type From, type FromJson, type Models, type Object, type ToJson } from "@org/schema-types";
import { toJson as convert } from "@org/schema-types/json";

const wire = { id: 1, d: "", j: 1, b: "", n: "", e: "a", class: "", default: null, new: ["1"] } as const;
export const model: Object = fromJson("Object", { ...wire, new: ["1"] });
export const other: From & FromJson & Models = model;
export const member: toJson = toJson.a;
export const same: ClientEnum = member;

export async function read(): Promise<[PgConfig, string]> {
  const client = createClient("postgresql://localhost/x");
  const row = await client.partial.findFirstOrThrow();
  const json: string = convert("Partial", row).d;
  const named: ToJson = convert("To", await client.to.findFirstOrThrow());
  return [await client.pgConfig.findFirstOrThrow(), json + named.d];
}
