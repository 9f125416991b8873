export * from "./validators.cjs";
