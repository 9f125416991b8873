export * from "./inputs.cjs";
