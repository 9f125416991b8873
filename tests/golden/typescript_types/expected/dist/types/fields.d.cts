export type {
  ModelName,
  Models,
  ModelsJson,
  ModelsWithRelations,
  ModelsWithRelationsJson,
} from "./models.cjs";

/** The names of each model's fields that hold decimals. */
export interface DecimalFields {
  Order: "total";
  OrderLine: never;
  OrderKey: never;
}
