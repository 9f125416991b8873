"use strict";
const { fieldsOf } = require("./kinds.cjs");

const KINDS = { s: "text", u: "uuid", v: "bits", x: "bits", b: "boolean", i: "integer", h: "integer", o: "integer", n: "bigint", f: "float", r: "float", d: "decimal", t: "datetime", c: "datetime", k: "datetime", y: "bytes", j: "json", e: "enum" };
const PARTS = { t: "datetime", c: "date", k: "time" };
const RELATION = /(\w+)([:?*])(\w+)(?:\((\S+)\))?/g;
const WORD = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g;

function describe({ name, text }, { fields = {}, relations = "", uniques = [], ...extra }) {
  const key = extra.key ?? [];
  const related = Array.from(relations.matchAll(RELATION), ([, field, ...parts]) => [field, relation(field, parts, fields[field])]);
  const columns = Array.from(fieldsOf(text).values(), (field) => [
    field.name,
    column(field, { key, uniques, related, extra: fields[field.name] }),
  ]);
  return {
    name,
    label: inWords(name),
    ...extra,
    uniques,
    fields: Object.fromEntries(columns),
    relations: Object.fromEntries(related),
  };
}

function column(field, { key, uniques, related, extra }) {
  const { name, mark, letter } = field;
  const isAlone = (fields) => fields.length === 1 && fields[0] === name;
  const found = related.map(([, relation]) => relation).find(({ fields }) => fields?.includes(name));
  return {
    kind: KINDS[letter],
    label: inWords(name),
    isRequired: mark === ":",
    isNullable: mark === "?",
    isList: mark === "*",
    ...(isAlone(key) && { isId: true }),
    ...(uniques.some(isAlone) && { isUnique: true }),
    ...(found && { references: { model: found.model, field: found.references[found.fields.indexOf(name)] } }),
    ...limits(field),
    ...extra,
    ...(letter === "e" && { values: values(field, extra?.values) }),
  };
}

function relation(field, [mark, model, keys], extra) {
  const pairs = keys?.split(",").map((pair) => pair.split("="));
  return {
    label: inWords(field),
    model,
    isList: mark === "*",
    isRequired: mark === ":",
    ...(pairs && { fields: pairs.map(([own]) => own), references: pairs.map(([, other]) => other) }),
    ...extra,
  };
}

function limits({ letter, rest, least, most }) {
  switch (KINDS[letter]) {
    case "text":
    case "bits":
      return { ...(rest && { maxLength: +rest }), ...(letter === "x" && { isExact: true }) };
    case "integer":
    case "bigint":
      return { minimum: least, maximum: most };
    case "float":
      return { maximum: most };
    case "decimal": {
      const [precision, scale] = rest.split(",").map(Number);
      return { precision, scale };
    }
    case "datetime":
      return { part: PARTS[letter], digits: +(rest || 3) };
    default:
      return {};
  }
}

function values({ rest }, extra = {}) {
  return rest.split("|").map((value) => ({ value, label: inWords(value), ...extra[value] }));
}

function inWords(name) {
  const isShouted = name === name.toUpperCase();
  const words = name.match(WORD) ?? [name];
  const text = words.map((word) => (isShouted || word.length < 2 || word !== word.toUpperCase() ? word.toLowerCase() : word)).join(" ");
  return text[0].toUpperCase() + text.slice(1);
}
exports.describe = describe;
