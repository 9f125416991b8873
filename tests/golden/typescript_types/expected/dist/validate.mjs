// Checks values against one form of a model, as https://standardschema.dev says. Nothing is compiled from text, so it
// runs under a content security policy of `script-src 'self'`.
import { jsonSchema } from "./schema.mjs";

// Which fields may be left out, and which may be null; a field of JSON that must be there can hold JSON's null.
const FORMS = {
  row: ({ mark, letter }) => [false, mark === "?" || (letter === "j" && mark !== "*")],
  create: ({ mark }) => [mark !== ":", mark === "?"],
  update: ({ mark }) => [true, mark === "?"],
};

/** Checks one form of a model, or some of its fields. `plan` makes the list of fields when it is first asked for it. */
class Validator {
  constructor(plan, isWire) {
    this.plan = plan;
    this.isWire = isWire;
    this["~standard"] = {
      version: 1,
      vendor: "schema-service",
      validate: (value) => validate(plan(), value),
      jsonSchema: {
        input: (options) => jsonSchema(plan(), isWire, options),
        output: (options) => jsonSchema(plan(), false, options),
      },
    };
  }

  parse(value) {
    const { issues, value: found } = validate(this.plan(), value);
    if (!issues) return found;
    const lines = issues.map(({ message, path }) => (path.length ? `${path.join(".")}: ${message}` : message));
    throw Object.assign(new TypeError(lines.join("\n")), { issues });
  }

  pick(...names) {
    return new Validator(once(() => this.plan().filter(({ name }) => names.includes(name))), this.isWire);
  }

  omit(...names) {
    return new Validator(once(() => this.plan().filter(({ name }) => !names.includes(name))), this.isWire);
  }
}

/** The validators of a model: `fields` gives its fields, `relations` the models behind its relations, by name. */
export function validatorsOf(fields, relations, isWire) {
  const of = (form, related) => {
    const plan = () => [...Array.from(fields().values(), (field) => planned(field, form, isWire)), ...related()];
    return new Validator(once(plan), isWire);
  };
  const nested = () =>
    Object.entries(relations()).map(([name, model]) => related(name, (isWire ? model.json : model).row));
  const none = () => [];
  return { row: of("row", nested), create: of("create", none), update: of("update", none) };
}

/** `make`, called once at most. */
export function once(make) {
  let made;
  return () => (made ??= make());
}

/** A list of what `one` makes of each item; undefined where it makes nothing of one. */
export function each(one) {
  return (items) => {
    if (!Array.isArray(items)) return undefined;
    let result = items;
    for (let index = 0; index < items.length; index++) {
      const found = one(items[index]);
      if (found === undefined) return undefined;
      if (found === items[index]) continue;
      if (result === items) result = [...items];
      result[index] = found;
    }
    return result;
  };
}

function planned(field, form, isWire) {
  const [canMiss, canBeNull] = FORMS[form](field);
  // A row is not refused for digits of its JSON that only whoever wrote it could have kept.
  const one = field.letter === "j" ? (form === "row" ? field.write : field.check) : isWire ? field.read : field.check;
  const complain = (value) => (one(value) === undefined ? [issue(`Must be ${field.expected}`)] : []);
  return { ...field, canMiss, canBeNull, one, ...(field.mark === "*" ? listed(one, complain) : { convert: one, complain }) };
}

function listed(one, complain) {
  return {
    convert: each(one),
    complain: (items) => (Array.isArray(items) ? items.flatMap((item, index) => complain(item).map(under(index))) : [issue("Must be a list")]),
  };
}

function related(name, validator) {
  const check = (value) => validate(validator.plan(), value);
  const one = { convert: (value) => check(value).value, complain: (value) => check(value).issues ?? [] };
  const many = listed(one.convert, one.complain);
  const of = (value) => (Array.isArray(value) ? many : one);
  return {
    name,
    validator,
    canMiss: true,
    canBeNull: true,
    convert: (value) => of(value).convert(value),
    complain: (value) => of(value).complain(value),
  };
}

function validate(plan, given) {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return { issues: [issue("Must be an object")] };
  let issues;
  let result = given;
  let known = 0;
  for (let index = 0; index < plan.length; index++) {
    const field = plan[index];
    const { name } = field;
    const value = given[name];
    if (value === undefined) {
      if (!field.canMiss) (issues ??= []).push(issue("Required", name));
      continue;
    }
    known++;
    if (value === null) {
      if (!field.canBeNull) (issues ??= []).push(issue("Required", name));
      continue;
    }
    const found = field.convert(value);
    if (found === value) continue;
    if (found === undefined) {
      (issues ??= []).push(...field.complain(value).map(under(name)));
      continue;
    }
    if (result === given) result = { ...given };
    result[name] = found;
  }
  if (issues) return { issues };
  for (const _ in given) known--;
  return { value: known === 0 ? result : picked(plan, result, given) };
}

// Only the fields that the model has; `given` can have more, or have them from its class.
function picked(plan, result, given) {
  const copy = {};
  for (const { name } of plan) {
    const value = Object.hasOwn(result, name) ? result[name] : given[name];
    if (value !== undefined) copy[name] = value;
  }
  return copy;
}

function issue(message, ...path) {
  return { message, path };
}

function under(key) {
  return ({ message, path }) => ({ message, path: [key, ...path] });
}
