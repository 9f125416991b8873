"use strict";
function jsonSchema(validator, meta) {
  const schema = validator["~standard"].jsonSchema.input({ target: "draft-2020-12" });
  if (meta === undefined) return schema;
  const described = ({ label, description }) => ({ title: label, ...(description && { description }) });
  const properties = Object.entries(schema.properties).map(([name, property]) => {
    const field = meta.fields[name];
    return [name, field ? { ...described(field), ...property } : property];
  });
  const { $schema, ...rest } = schema;
  return { $schema, ...described(meta), ...rest, properties: Object.fromEntries(properties) };
}
exports.jsonSchema = jsonSchema;
