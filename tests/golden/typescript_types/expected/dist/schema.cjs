"use strict";
const { DECIMAL, INTEGER, NOT_FINITE } = require("./kinds.cjs");

const DRAFTS = {
  "draft-2020-12": "https://json-schema.org/draft/2020-12/schema",
  "draft-07": "http://json-schema.org/draft-07/schema#",
};
const NOT_JSON = "ntcky";

function jsonSchema(plan, isWire, { target }) {
  if (!Object.hasOwn(DRAFTS, target)) throw new TypeError(`no JSON Schema for ${target}: ask for ${Object.keys(DRAFTS).join(" or ")}`);
  return { $schema: DRAFTS[target], ...objectSchema(plan, isWire) };
}

function objectSchema({ fields }, isWire) {
  const required = fields.filter(({ canMiss }) => !canMiss).map(({ name }) => name);
  const properties = fields.map((field) => [field.name, fieldSchema(field, isWire)]);
  return { type: "object", properties: Object.fromEntries(properties), ...(required.length && { required }) };
}

function valueSchema({ letter, rest, least, most, parts: [, , others = 1], parts }) {
  const text = (more) => ({ type: "string", ...more });
  const moment = text({ format: "date-time" });
  const float = { type: "number", minimum: least, maximum: most };
  const kinds = {
    s: text(rest && { maxLength: most }),
    u: text({ format: "uuid" }),
    v: text({ pattern: `^[01]{0,${rest}}$` }),
    x: text({ pattern: `^[01]{${rest}}$` }),
    b: { type: "boolean" },
    n: text({ pattern: INTEGER.source }),
    f: float,
    r: float,
    d: text({ pattern: `${DECIMAL.source}|${NOT_FINITE[others]?.source}` }),
    t: moment,
    c: moment,
    k: moment,
    y: text({ contentEncoding: "base64" }),
    j: {},
    e: { enum: parts },
  };
  return kinds[letter] ?? { ...float, type: "integer" };
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
