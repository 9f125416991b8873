// Checks values against one form of a model, as https://standardschema.dev says. Nothing is compiled from text, so it
// runs under a content security policy of `script-src 'self'`.
import { hasOnlyCharacters } from "./kinds.mjs";
import { jsonSchema } from "./schema.mjs";

// Which fields may be left out, and which may be null; a field of JSON that must be there can hold JSON's null.
const FORMS = {
  row: ({ mark, letter }) => [false, mark === "?" || (letter === "j" && mark !== "*")],
  create: ({ mark }) => [mark !== ":", mark === "?"],
  update: ({ mark }) => [true, mark === "?"],
};

/** Checks one form of a model, or some of its fields. `plan` gives its fields, and makes them when it is first asked. */
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
    return this.filtered(({ name }) => names.includes(name));
  }

  omit(...names) {
    return this.filtered(({ name }) => !names.includes(name));
  }

  filtered(isWanted) {
    return new Validator(once(() => planOf(this.plan().fields.filter(isWanted))), this.isWire);
  }
}

/** The validators of a model: `fields` gives its fields, `relations` the models behind its relations, by name. */
export function validatorsOf(fields, relations, isWire) {
  const of = (form, related) => {
    const plan = () => planOf([...Array.from(fields().values(), (field) => planned(field, form, isWire)), ...related()]);
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

function planOf(fields) {
  return { fields, places: new Map(fields.map(({ name }, index) => [name, index])) };
}

function planned(field, form, isWire) {
  const [canMiss, canBeNull] = FORMS[form](field);
  const one = field.letter === "j" ? (form === "row" ? field.write : field.check) : isWire ? field.read : field.check;
  const complain = (value) => (one(value) === undefined ? [issue(`Must be ${field.expected}`)] : []);
  const isList = field.mark === "*";
  const most = field.letter === "s" && !isList ? +field.rest || Infinity : -1;
  return { ...field, most, canMiss, canBeNull, one, ...(isList ? listed(one, complain) : { convert: one, complain }) };
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
    most: -1,
    canMiss: true,
    canBeNull: true,
    convert: (value) => of(value).convert(value),
    complain: (value) => of(value).complain(value),
  };
}

function validate(plan, given) {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return { issues: [issue("Must be an object")] };
  // Of what isn't a plain object, as rows of an ORM's classes: whatever its fields say.
  const from = isPlain(given) ? given : picked(plan, given);
  const { fields, places } = plan;
  let issues;
  let result = from;
  let next = 0;
  let found = 0;
  let isExact = true;
  // Engines go through an object's own keys much faster than they look up one after the other, and rows mostly have
  // theirs in the schema's order.
  for (const key in from) {
    if (next >= fields.length || fields[next].name !== key) {
      next = places.get(key) ?? fields.length;
      if (next === fields.length) {
        isExact = false;
        continue;
      }
    }
    const field = fields[next++];
    const value = from[key];
    if (value === undefined) {
      isExact = false;
      continue;
    }
    found++;
    if (value === null) {
      if (!field.canBeNull) (issues ??= []).push(issue("Required", key));
      continue;
    }
    // Most fields hold text: it is checked here, without a call that engines can't inline.
    if (typeof value === "string" && value.length <= field.most && hasOnlyCharacters(value)) continue;
    const made = field.convert(value);
    if (made === value) continue;
    if (made === undefined) (issues ??= []).push(...field.complain(value).map(under(key)));
    else (result === from ? (result = { ...from }) : result)[key] = made;
  }
  if (found < fields.length) {
    for (const { name, canMiss } of fields) if (!canMiss && from[name] === undefined) (issues ??= []).push(issue("Required", name));
  }
  if (issues) return { issues };
  return { value: isExact ? result : picked(plan, result) };
}

function isPlain(value) {
  const parent = Object.getPrototypeOf(value);
  return parent === Object.prototype || parent === null;
}

// The fields that the model has, and that have a value.
function picked({ fields }, value) {
  const copy = {};
  for (const { name } of fields) if (value[name] !== undefined) copy[name] = value[name];
  return copy;
}

function issue(message, ...path) {
  return { message, path };
}

function under(key) {
  return ({ message, path }) => ({ message, path: [key, ...path] });
}
