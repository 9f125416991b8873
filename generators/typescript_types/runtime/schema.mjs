// JSON Schema of what validators accept.
import { INTEGER, MOMENT, NOT_FINITE, UUID } from "./kinds.mjs";

const DRAFTS = {
  "draft-2020-12": "https://json-schema.org/draft/2020-12/schema",
  "draft-07": "http://json-schema.org/draft-07/schema#",
};
// Letters of the values of rows that JSON has no type for.
const NOT_JSON = "ntcky";
const MOST_EXACT = Number.MAX_SAFE_INTEGER;
const MOST_COUNTED = 1000;

/** The JSON Schema of an object with the fields of a plan, in their JSON form or in the form that rows have. */
export function jsonSchema(plan, isWire, { target }) {
  if (!Object.hasOwn(DRAFTS, target)) throw new TypeError(`no JSON Schema for ${target}: ask for ${Object.keys(DRAFTS).join(" or ")}`);
  return { $schema: DRAFTS[target], ...objectSchema(plan, isWire) };
}

function objectSchema({ fields }, isWire) {
  const required = fields.filter(({ canMiss }) => !canMiss).map(({ name }) => name);
  const properties = fields.map((field) => [field.name, fieldSchema(field, isWire)]);
  return { type: "object", properties: Object.fromEntries(properties), ...(required.length && { required }) };
}

/**
 * The schema of a field's value in its JSON form; of a list, of an item. It takes all that validators take, and refuses
 * what a JSON Schema can tell.
 */
export function valueSchema({ letter, rest, least, most, isInput, canBeNull, parts: [precision, scale, others = 1], parts }) {
  // Not every language's \d is ASCII.
  const text = (pattern) => ({ type: "string", pattern: pattern.replaceAll("\\d", "[0-9]") });
  const moment = text(MOMENT.source);
  const float = { type: "number", minimum: least, maximum: most };
  const kinds = {
    s: { type: "string", ...(rest && { maxLength: most }) },
    u: { ...text(UUID.source), format: "uuid" }, // only: u
    v: text(`^[01]{0,${rest}}$`), // only: v
    x: text(`^[01]{${rest}}$`), // only: x
    b: { type: "boolean" },
    n: { ...text(INTEGER.source), type: ["string", "integer"], minimum: -MOST_EXACT, maximum: MOST_EXACT }, // only: n
    f: float, // only: f
    r: float, // only: r
    d: text(`^(?:${decimal(precision - scale, +scale)}${NOT_FINITE[others] && "|"}${NOT_FINITE[others]})$`), // only: d
    t: moment,
    c: moment, // only: c
    k: moment, // only: k
    y: { ...text("^[A-Za-z0-9+/_-]*={0,2}$"), contentEncoding: "base64" }, // only: y
    j: isInput && !canBeNull ? { type: ["string", "number", "boolean", "object", "array"] } : {}, // only: j
    e: { enum: parts },
  };
  return kinds[letter] ?? { ...float, type: "integer" };
}

// The digits before and after the point; where there is an exponent, or no limit that regular expressions can count to,
// any number of them. A regular expression that tries a digit in two places would take its time with many.
function decimal(whole, scale) {
  const before = whole < 1 ? "0+" : whole > MOST_COUNTED ? "\\d+" : `(?:0+|0*[1-9]\\d{0,${whole - 1}})`;
  const after = (least) => (scale < 1 ? `0{${least},}` : scale > MOST_COUNTED ? `\\d{${least},}` : `\\d{${least},${scale}}0*`);
  return `[+-]?(?:${before}(?:\\.${after(0)})?|0*\\.${after(1)}|(?:\\d+(?:\\.\\d*)?|\\.\\d+)[eE][+-]?\\d{1,6})`;
}

function fieldSchema(field, isWire) {
  const { name, letter, mark, canBeNull, validator } = field;
  if (validator) {
    const row = objectSchema(validator.plan(), isWire);
    return { anyOf: [row, { type: "array", items: row }, { type: "null" }] };
  }
  if (!isWire && NOT_JSON.includes(letter)) {
    throw new TypeError(`${name} of a row has no JSON type: take the schema of its JSON form (json)`);
  }
  const schema = valueSchema(field);
  const all = mark === "*" ? { type: "array", items: schema } : schema;
  return canBeNull && letter !== "j" ? { anyOf: [all, { type: "null" }] } : all;
}
