import type { z } from "zod";
import type { Validator } from "./validator.cjs";

type Shape<Input, Output> = {
  [F in keyof Output & keyof Input]-?: {} extends Pick<Output, F>
    ? z.ZodOptional<z.ZodType<Exclude<Output[F], undefined>, Exclude<Input[F], undefined>>>
    : z.ZodType<Output[F], Input[F]>;
};

/**
 * The zod schema of a validator, with the same checks and conversions: to refine, extend or hand to what takes only zod.
 *
 * `toZod(UserSchema.json.create).extend({ password: z.string().min(12) })`
 */
export declare function toZod<Input, Output>(
  validator: Validator<Input, Output>,
): z.ZodObject<Shape<Input, Output>>;
