export { OrderState } from "./enums.mjs";
export { fromJson, toJson } from "./json.mjs";
export { SCHEMA_DIGEST, SCHEMA_VERSION } from "./version.mjs";
