// Checks values against one form of a model, as https://standardschema.dev says. Nothing is compiled from text, so it
// runs under a content security policy of `script-src 'self'`.
import { check, expected, holds, READ } from "./kinds.mjs";
import { jsonSchema } from "./schema.mjs";

const UNREADABLE = "Must be a value that can be read";
// Of one list: as many as anybody reads.
const MOST_ISSUES = 100;

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
export function validatorsOf(fields, relations, forms, isWire) {
  const of = (form, related) => {
    const plan = () => planOf([...Array.from(fields().values(), (field) => planned(field, form, isWire)), ...related()]);
    return new Validator(once(plan), isWire);
  };
  const nested = () =>
    Object.entries(relations()).map(([name, model]) => related(name, (isWire ? model.json : model).row));
  const none = () => [];
  return {
    row: of("row", nested),
    ...(forms > 1 && { update: of("update", none) }),
    ...(forms > 2 && { create: of("create", none) }),
  };
}

/** Whether it is an object with fields. */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * An object with what `make` makes of each field's name and value. Its fields are defined and not set, so that one called
 * __proto__ in hostile JSON stays plain data.
 */
export function mapped(object, make) {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, make(name, value)]));
}

/** `make`, called once at most. */
export function once(make) {
  let made;
  return () => (made ??= make());
}

/** A list of what `one` makes of each item; undefined where it makes nothing of one. */
export function each(items, one, field) {
  if (!Array.isArray(items)) return undefined;
  let result = items;
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    const found = one(item, field);
    if (found === undefined) return undefined;
    // Not a copy of all: a list can say that it is longer than any memory.
    if (found !== item && result === items) result = items.slice(0, index);
    if (result !== items) result.push(found);
  }
  return result;
}

function planOf(fields) {
  return { fields, places: new Map(fields.map(({ name }, index) => [name, index])) };
}

// A field of one form: whether it may be left out, and whether it may be null; a field of JSON that must be there can
// hold JSON's null. `one` makes the result's value of one value, and where it `isKept` they are the same.
function planned(field, form, isWire) {
  const { mark, letter } = field;
  const isInput = form !== "row";
  const one = (isWire && READ[letter]) || check;
  return {
    ...field,
    isInput,
    one,
    isKept: one === check && letter !== "d" && mark !== "*",
    canMiss: isInput && (form === "update" || mark !== ":"),
    canBeNull: mark === "?" || (!isInput && letter === "j" && mark !== "*"),
    validator: undefined,
  };
}

function related(name, validator) {
  const one = (value) => validate(validator.plan(), value).value;
  return { name, one, isKept: false, canMiss: true, canBeNull: true, validator };
}

function isList({ validator, mark }, value) {
  return validator ? Array.isArray(value) : mark === "*";
}

function faults(field, value) {
  if (!isList(field, value)) return faultsOfOne(field, value);
  if (!Array.isArray(value)) return [issue("Must be a list")];
  const found = [];
  // By index, since a list's own iteration passes over holes.
  for (let index = 0; index < value.length && found.length < MOST_ISSUES; index++) {
    found.push(...under(index, faultsOfOne(field, value[index])));
  }
  return found;
}

function faultsOfOne(field, value) {
  if (field.validator) return validate(field.validator.plan(), value).issues ?? [];
  return field.one(value, field) === undefined ? [issue(`Must be ${expected(field)}`)] : [];
}

function validate(plan, given) {
  let place;
  try {
    if (!isObject(given)) return refusal([issue("Must be an object")]);
    // Of what isn't a plain object, as rows of an ORM's classes: whatever its fields say. Engines read a constructor much
    // faster than a prototype.
    const from = given.constructor === Object ? given : picked(plan, given);
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
      place = key;
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
      if (field.isKept && holds(value, field)) continue;
      const made = isList(field, value) ? each(value, field.one, field) : field.one(value, field);
      if (made === value) continue;
      if (made === undefined) (issues ??= []).push(...refusal(under(key, faults(field, value)), key).issues);
      else (result === from ? (result = copied(plan, from)) : result)[key] = made;
    }
    if (found < fields.length) {
      for (const { name, canMiss } of fields) if (!canMiss && from[name] === undefined) (issues ??= []).push(issue("Required", name));
    }
    if (issues) return refusal(issues);
    // Its own keys come first: where the last one is its own, nothing is another object's.
    return { value: isExact && (place === undefined || Object.hasOwn(from, place)) ? result : picked(plan, result) };
  } catch {
    // A getter's or a proxy's own error: whoever sent such a value is told where, and whoever checks it isn't stopped.
    return refusal([], ...(place === undefined ? [] : [place]));
  }
}

// No issue would be no answer: a value that is another whenever it is read can be wrong and have nothing wrong.
function refusal(issues, ...path) {
  return { issues: issues.length ? issues : [issue(UNREADABLE, ...path)] };
}

function copied(plan, value) {
  return Object.getPrototypeOf(value) === Object.prototype ? { ...value } : picked(plan, value);
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

function under(key, issues) {
  return issues.map(({ message, path }) => ({ message, path: [key, ...path] }));
}
