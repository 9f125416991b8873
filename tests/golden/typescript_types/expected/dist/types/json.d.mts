export * from "./json.cjs";
