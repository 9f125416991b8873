import type { ModelDescription } from "./description.cjs";
import type { JsonSchema, Validator } from "./validator.cjs";

/**
 * The JSON Schema (draft 2020-12) of what a validator accepts, e.g. of `UserSchema.json.create`.
 *
 * @param validator - one of the JSON forms; the others throw TypeError if they have values that JSON has no type for
 * @param meta - the same model's `UserMeta`: adds its titles and descriptions
 */
export declare function jsonSchema<Input, Output>(
  validator: Validator<Input, Output>,
  meta?: ModelDescription,
): JsonSchema;
