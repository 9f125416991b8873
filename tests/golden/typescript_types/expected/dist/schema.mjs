// JSON Schema of what validators accept.
const DRAFTS = {
  "draft-2020-12": "https://json-schema.org/draft/2020-12/schema",
  "draft-07": "http://json-schema.org/draft-07/schema#",
};
// Letters of the values of rows that JSON has no type for.
const NOT_JSON = "ntcky";

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

function fieldSchema({ name, letter, mark, schema, canBeNull, validator }, isWire) {
  if (validator) {
    const row = objectSchema(validator.plan(), isWire);
    return { anyOf: [row, { type: "array", items: row }, { type: "null" }] };
  }
  if (!isWire && NOT_JSON.includes(letter)) {
    throw new TypeError(`${name} of a row has no JSON type: take the schema of its JSON form (json)`);
  }
  const all = mark === "*" ? { type: "array", items: schema } : schema;
  return canBeNull && letter !== "j" ? { anyOf: [all, { type: "null" }] } : all;
}
