export * from "./zod.cjs";
