export * from "./version.cjs";
