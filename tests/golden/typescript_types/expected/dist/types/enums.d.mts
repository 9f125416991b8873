export * from "./enums.cjs";
