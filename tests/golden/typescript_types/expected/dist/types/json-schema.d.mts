export * from "./json-schema.cjs";
