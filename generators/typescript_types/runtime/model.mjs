// A model: its validators, and the conversion of its rows to JSON and back.
import { check, expected, fieldsOf, loose, READ, WRITE } from "./kinds.mjs";
import { each, isObject, mapped, once, validatorsOf } from "./validate.mjs";

class Model {
  constructor(name, text, forms, relations) {
    this.name = name;
    this.text = text;
    this.forms = forms;
    this.relations = relations;
    this.fields = once(() => fieldsOf(text));
    Object.assign(this, validatorsOf(this.fields, relations, forms, false));
    this.json = validatorsOf(this.fields, relations, forms, true);
  }

  with(relations) {
    return new Model(this.name, this.text, this.forms, () => ({ ...this.relations(), ...relations }));
  }

  toJson(row) {
    return convert(this, row, true);
  }

  fromJson(value) {
    return convert(this, value, false);
  }

  replaceJsonNulls(data, replacement) {
    return mapped(data, (name, value) => (value === null && this.fields().get(name)?.letter === "j" ? replacement : value));
  }
}

/** The model `name`, whose fields `text` tells, see kinds.mjs. Rows of two `forms` are changed, of one form only read. */
export function model(name, text, forms = 3) {
  return new Model(name, text, forms, () => ({}));
}

/** `models` by their names, with the models behind their relations: `relations` has "posts=Post author=User" a model. */
export function related(models, relations) {
  const all = {};
  for (const { name, text, forms } of models) {
    const pairs = relations[name]?.split(" ").map((pair) => pair.split("=")) ?? [];
    const targets = () => Object.fromEntries(pairs.map(([field, target]) => [field, all[target]]));
    all[name] = new Model(name, text, forms, once(targets));
  }
  return all;
}

function convert(model, given, isWriting) {
  if (!isObject(given)) throw mismatch(model.name, "an object", given);
  return mapped(given, (name, value) => (value === undefined ? value : member(model, name, value, isWriting)));
}

function member(model, name, value, isWriting) {
  const place = `${model.name}.${name}`;
  const field = model.fields().get(name);
  if (field) return column(field, value, place, isWriting);
  const relations = model.relations();
  if (!Object.hasOwn(relations, name)) return isWriting ? written(value, place) : value;
  if (value === null) return null;
  const one = (item) => convert(relations[name], item, isWriting);
  // Not by `map`, which passes over holes.
  return Array.isArray(value) ? Array.from(value, one) : one(value);
}

function column(field, value, place, isWriting) {
  const { letter, mark } = field;
  const isList = mark === "*";
  if (value === null && (mark === "?" || (letter === "j" && !isList))) return null;
  const one = (isWriting ? WRITE : READ)[letter] ?? check;
  const found = isList ? each(value, one, field) : one(value, field);
  if (found === undefined) throw mismatch(place, `${isList ? "a list of " : ""}${expected(field)}`, value);
  return found;
}

// The JSON form of what is in no field, e.g. of an aggregate: by what the value itself is.
function written(value, place) {
  if (value === undefined) return value;
  if (Array.isArray(value)) return value.map((item) => written(item, place));
  const one = loose(value);
  if (one === undefined) throw mismatch(place, "a value that JSON has", value);
  if (typeof one !== "object" || one === null || typeof one.toJSON === "function") return one;
  return mapped(one, (name, item) => written(item, `${place}.${name}`));
}

function mismatch(place, expected, value) {
  return new TypeError(`${place} is not ${expected}: ${preview(value)}`);
}

function preview(value) {
  if (typeof value === "number" || value === null) return String(value);
  if (typeof value !== "string") return Array.isArray(value) ? "array" : typeof value;
  return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
}
