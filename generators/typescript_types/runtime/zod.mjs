// Validators as schemas of zod 4, for what only zod has: refinements, extensions, its integrations.
import { z } from "zod";
import { expected } from "./kinds.mjs";
import { valueSchema } from "./schema.mjs";

/** The zod schema of `validator`: an object with the same fields, checks and conversions. */
export function toZod(validator) {
  return z.object(Object.fromEntries(validator.plan().fields.map((field) => [field.name, wrapped(field, validator.isWire)])));
}

function wrapped(field, isWire) {
  let schema = field.validator ? relation(field) : column(field, isWire);
  if (field.canBeNull) schema = schema.nullable();
  return field.canMiss ? schema.optional() : schema;
}

function relation({ validator }) {
  const row = toZod(validator);
  return z.union([row, z.array(row)]);
}

function column(field, isWire) {
  const type = plain(field, isWire) ?? converted(field);
  return field.mark === "*" ? z.array(type) : type;
}

// What zod has a type of its own for, with the same limits; the check of the field is made too.
function plain(field, isWire) {
  const { letter } = field;
  const schema = valueSchema(field);
  const type =
    schema.type === "integer" ? z.int().min(schema.minimum).max(schema.maximum)
    : schema.type === "number" ? z.number()
    : schema.type === "boolean" ? z.boolean()
    : schema.enum ? z.enum(schema.enum)
    : "sudvx".includes(letter) ? (schema.maxLength ? z.string().max(schema.maxLength) : z.string())
    : isWire ? undefined
    : letter === "n" ? z.bigint()
    : letter === "y" ? z.instanceof(Uint8Array)
    : "tck".includes(letter) ? z.date()
    : undefined;
  return type?.refine((value) => field.one(value, field) !== undefined, { error: `Must be ${expected(field)}`, abort: true });
}

// What only its field's own check knows.
function converted(field) {
  const source = field.letter === "j" ? z.unknown() : field.letter === "n" ? z.union([z.string(), z.int()]) : z.string();
  return source.transform((value, context) => {
    const found = field.one(value, field);
    if (found !== undefined) return found;
    context.addIssue({ code: "custom", message: `Must be ${expected(field)}`, input: value });
    return z.NEVER;
  });
}
