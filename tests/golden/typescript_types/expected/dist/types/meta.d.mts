export * from "./meta.cjs";
