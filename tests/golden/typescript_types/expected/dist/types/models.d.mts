export * from "./models.cjs";
