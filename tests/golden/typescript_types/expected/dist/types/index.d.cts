export * from "./enums.cjs";
export * from "./models.cjs";
export * from "./inputs.cjs";
export { fromJson, toJson } from "./json.cjs";
export type { DecimalLike, Encodable, FromJson, JsonForm } from "./json.cjs";
export type { Base64String, BigIntString, Bytes, DateTimeString, DecimalString, JsonArray, JsonInput, JsonObject, JsonValue } from "./scalars.cjs";
export { SCHEMA_DIGEST, SCHEMA_VERSION } from "./version.cjs";
