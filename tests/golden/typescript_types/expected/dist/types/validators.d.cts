import type * as $inputs from "./inputs.cjs";
import type { CreateSchema, RowSchema, UpdateSchema } from "./validator.cjs";

/**
 * What a customer asked for.
 * \{\@link Nothing\} and *\/ stay text.
 */
export declare const OrderSchema: CreateSchema<"Order", $inputs.OrderCreate<null>, $inputs.OrderUpdate<null>>;

export declare const OrderLineSchema: CreateSchema<"OrderLine", $inputs.OrderLineCreate, $inputs.OrderLineUpdate>;

/** Not a number of ours: types made from Order step aside. */
export declare const OrderKeySchema: UpdateSchema<"OrderKey", $inputs.OrderKeyUpdate>;

export type { Issue, JsonSchema, Result, Validator } from "./validator.cjs";
// So that a library's declarations can name them; `CreateSchema` itself would be the validators of a model `Create`.
export type {
  CreateInJson as $CreateInJson,
  CreateSchema as $CreateSchema,
  RowInJson as $RowInJson,
  RowSchema as $RowSchema,
  UpdateInJson as $UpdateInJson,
  UpdateSchema as $UpdateSchema,
} from "./validator.cjs";
