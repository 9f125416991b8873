"use strict";
const { INTEGER, MOMENT, NOT_FINITE, UUID } = require("./kinds.cjs");

const DRAFTS = {
  "draft-2020-12": "https://json-schema.org/draft/2020-12/schema",
  "draft-07": "http://json-schema.org/draft-07/schema#",
};
const NOT_JSON = "ntcky";
const MOST_EXACT = Number.MAX_SAFE_INTEGER;
const MOST_COUNTED = 1000;

function jsonSchema(plan, isWire, { target }) {
  if (!Object.hasOwn(DRAFTS, target)) throw new TypeError(`no JSON Schema for ${target}: ask for ${Object.keys(DRAFTS).join(" or ")}`);
  return { $schema: DRAFTS[target], ...objectSchema(plan, isWire) };
}

function objectSchema({ fields }, isWire) {
  const required = fields.filter(({ canMiss }) => !canMiss).map(({ name }) => name);
  const properties = fields.map((field) => [field.name, fieldSchema(field, isWire)]);
  return { type: "object", properties: Object.fromEntries(properties), ...(required.length && { required }) };
}

function valueSchema({ letter, rest, least, most, isInput, canBeNull, parts: [precision, scale, others = 1], parts }) {
  const text = (pattern) => ({ type: "string", pattern: pattern.replaceAll("\\d", "[0-9]") });
  const moment = text(MOMENT.source);
  const float = { type: "number", minimum: least, maximum: most };
  const kinds = {
    s: { type: "string", ...(rest && { maxLength: most }) },
    b: { type: "boolean" },
    n: { ...text(INTEGER.source), type: ["string", "integer"], minimum: -MOST_EXACT, maximum: MOST_EXACT },
    d: text(`^(?:${decimal(precision - scale, +scale)}${NOT_FINITE[others] && "|"}${NOT_FINITE[others]})$`),
    t: moment,
    y: { ...text("^[A-Za-z0-9+/_-]*={0,2}$"), contentEncoding: "base64" },
    j: isInput && !canBeNull ? { type: ["string", "number", "boolean", "object", "array"] } : {},
    e: { enum: parts },
  };
  return kinds[letter] ?? { ...float, type: "integer" };
}

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
exports.jsonSchema = jsonSchema;
exports.valueSchema = valueSchema;
