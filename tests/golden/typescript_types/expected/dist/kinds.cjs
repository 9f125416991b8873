"use strict";
const { FLOATS, INTEGERS } = require("./wire.cjs");

const FIELD = /(\w+)([:=?*])(\w)(\S*)/g;
const MOMENT =
  /^\d{4}-\d\d-(\d\d)(T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6}0*)?)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?)?$/;
const MICROSECONDS = /\.\d{3}(\d{1,3})/;
const FIRST = Date.parse("0001-01-01T00:00:00Z");
const LAST = Date.parse("9999-12-31T23:59:59.999Z");
const DAY = 864e5;
const FINEST = 6;
const WRITTEN = /^[1-9]\d{3}-(?:0[1-9]|1[0-2])-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
const INTEGER = /^-?\d+$/;
const INTEGER_LENGTH = 99;
const DECIMAL = /^[+-]?(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/;
const NOT_FINITE = [/^$/, /^NaN$/i, , /^(NaN|[+-]?Infinity)$/i];
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
const BASE64 = /^[\w+/-]*={0,2}$/;
const BYTES_A_CALL = 8192;
const EXPONENT = 1e21;

function fieldsOf(text) {
  const fields = new Map();
  for (const [, name, mark, letter, rest] of text.matchAll(FIELD)) {
    const [expected, schema, read, check = read, write = check] = KINDS[letter](rest, letter);
    fields.set(name, { name, mark, letter, rest, expected, schema, read, check, write });
  }
  return fields;
}

const KINDS = {
  s: (length) => {
    const most = +length || Infinity;
    const expected = length ? `text of at most ${length} characters` : "text";
    return [expected, { type: "string", ...(length && { maxLength: most }) }, (value) => when(isText(value, most), value)];
  },
  u: () => ["a UUID", { type: "string", format: "uuid" }, (value) => when(matches(UUID, value), value)],
  v: (most) => bits(most ? `at most ${most} bits (0 or 1)` : "bits (0 or 1)", `^[01]{0,${most}}$`),
  x: (length) => bits(`${length} bits (0 or 1)`, `^[01]{${length}}$`),
  b: () => ["true or false", { type: "boolean" }, (value) => when(typeof value === "boolean", value)],
  i: integer,
  h: integer,
  o: integer,
  n(_, letter) {
    const [least, most] = INTEGERS[letter];
    const check = (value) => when(typeof value === "bigint" && BigInt.asIntN(64, value) === value, value);
    const read = (value) => {
      if (Number.isSafeInteger(value)) return BigInt(value);
      return when(matches(INTEGER, value) && value.length < INTEGER_LENGTH, value) && check(BigInt(value));
    };
    const write = (value) => (Number.isSafeInteger(value) ? value : check(value))?.toString();
    return [`a whole number from ${least} to ${most}`, { type: "string", pattern: INTEGER.source }, read, check, write];
  },
  f: float,
  r: float,
  d(digits) {
    const [precision, scale, others = 1] = digits.split(",").map(Number);
    const places = scale < 100 ? ` with at most ${precision - scale} digits before the point and ${scale} after it` : "";
    const notFinite = NOT_FINITE[others];
    const read = (value) => when(typeof value === "string" && isDecimal(value, precision, scale, notFinite), value);
    const check = (value) => read(typeof value === "object" ? value?.toFixed?.() : value);
    return [`a decimal number as text${places}`, { type: "string", pattern: `${DECIMAL.source}|${notFinite.source}` }, read, check];
  },
  t: (digits) => moments("a valid date and time", digits, (date) => LAST + 1 - date),
  c: () => moments("a valid date", FINEST),
  k: (digits) => moments("a valid time", digits, (date) => DAY - ((date % DAY) + DAY) % DAY),
  y() {
    const check = (value) => when(tag(value) === "Uint8Array", value);
    const write = (value) => when(check(value), value) && base64(value);
    return ["bytes (base64 in JSON)", { type: "string", contentEncoding: "base64" }, bytes, check, write];
  },
  j() {
    const row = (value) => when(isJson(value, Number.isFinite), value);
    const check = (value) => when(value !== null && isJson(value, isExact), value);
    return ["JSON with whole numbers up to 2^53 and text that Postgres can store", {}, row, check, row];
  },
  e(names) {
    const values = names.split("|");
    return [`one of ${values.join(", ")}`, { enum: values }, (value) => when(values.includes(value), value)];
  },
};

function loose(value) {
  switch (tag(value)) {
    case "BigInt":
      return value.toString();
    case "Number":
      return when(Number.isFinite(value), value);
    case "Date":
      return iso(value);
    case "Uint8Array":
      return base64(value);
    default:
      return typeof value?.toFixed === "function" ? value.toFixed() : value;
  }
}

function when(condition, value) {
  return condition ? value : undefined;
}

function matches(pattern, value) {
  return typeof value === "string" && pattern.test(value);
}

function tag(value) {
  return Object.prototype.toString.call(value).slice(8, -1);
}

function isText(value, most) {
  const isShort = () => value.length <= most || (value.length <= 2 * most && [...value].length <= most);
  return typeof value === "string" && isShort() && hasOnlyCharacters(value);
}

function hasOnlyCharacters(text) {
  return text.indexOf("\0") < 0 && text.isWellFormed();
}

function bits(expected, pattern) {
  const digits = new RegExp(pattern);
  return [expected, { type: "string", pattern }, (value) => when(matches(digits, value), value)];
}

function integer(_, letter) {
  const [minimum, maximum] = INTEGERS[letter];
  const check = (value) => when(Number.isInteger(value) && value >= minimum && value <= maximum, value);
  return [`a whole number from ${minimum} to ${maximum}`, { type: "integer", minimum, maximum }, check];
}

function float(_, letter) {
  const maximum = FLOATS[letter];
  const check = (value) => when(typeof value === "number" && Math.abs(value) <= maximum, value);
  return ["a number", { type: "number", minimum: -maximum, maximum }, check];
}

function isDecimal(text, precision, scale, notFinite) {
  const match = DECIMAL.exec(text);
  if (match === null) return notFinite.test(text);
  const [, whole, fraction = "", exponent = 0] = match;
  const digits = whole + fraction;
  const point = whole.length + +exponent;
  const first = digits.search(/[1-9]/);
  if (first < 0) return digits !== "";
  let end = digits.length;
  while (digits[end - 1] === "0") end--;
  return point - first <= precision - scale && end - point <= scale;
}

function moments(expected, digits, left) {
  const half = digits < FINEST || digits === "" ? 10 ** (6 - (digits || 3)) / 2 : 0;
  const isKept = (date) => !half || 1000 * left(date) - microseconds(date) > half;
  const check = (value) => when(isDate(value) && isKept(value), value);
  return [expected, { type: "string", format: "date-time" }, (value) => check(moment(value)), check, (value) => iso(check(value))];
}

function isDate(value) {
  if (!(value instanceof Date || tag(value) === "Date")) return false;
  const time = value.getTime();
  return time >= FIRST && time <= LAST;
}

function iso(value) {
  return isDate(value) ? value.toISOString().replace("Z", `${microseconds(value)}Z`) : undefined;
}

function keptDigits() {
  return (globalThis[Symbol.for("schema-service.microseconds")] ??= new WeakMap());
}

function microseconds(date) {
  const kept = keptDigits().get(date);
  return kept?.time === date.getTime() ? kept.rest : "";
}

function moment(value) {
  if (typeof value !== "string") return undefined;
  if (WRITTEN.test(value)) return writtenMoment(value);
  const match = MOMENT.exec(value);
  if (match === null) return undefined;
  const date = new Date(match[2] && !match[3] ? `${value}Z` : value);
  const isDay = match[1] < 29 || new Date(value.split("T")[0]).getUTCDate() === +match[1];
  const rest = MICROSECONDS.exec(value)?.[1].padEnd(3, "0");
  if (rest > 0) keptDigits().set(date, { time: date.getTime(), rest });
  return when(isDay && isDate(date), date);
}

function writtenMoment(text) {
  const two = (at) => text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - 528;
  const day = two(8);
  const milliseconds = two(20) * 10 + text.charCodeAt(22) - 48;
  const date = new Date(Date.UTC(two(0) * 100 + two(2), two(5) - 1, day, two(11), two(14), two(17), milliseconds));
  return when(date.getUTCDate() === day, date);
}

function bytes(value) {
  if (!matches(BASE64, value)) return undefined;
  const digits = value.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
  if (digits.length % 4 === 1) return undefined;
  return Uint8Array.from(atob(digits), (character) => character.charCodeAt(0));
}

function base64(value) {
  let binary = "";
  for (let start = 0; start < value.length; start += BYTES_A_CALL) {
    binary += String.fromCharCode(...value.subarray(start, start + BYTES_A_CALL));
  }
  return btoa(binary);
}

function isExact(value) {
  return Number.isSafeInteger(value) || (Number.isFinite(value) && (value % 1 !== 0 || Math.abs(value) >= EXPONENT));
}

function isJson(value, isNumber) {
  try {
    return isPlain(value, isNumber);
  } catch {
    return false; // a circle, or deeper than the engine's stack
  }
}

function isPlain(value, isNumber) {
  if (typeof value === "number") return isNumber(value);
  if (typeof value === "string") return hasOnlyCharacters(value);
  if (value === null || typeof value === "boolean") return true;
  if (typeof value !== "object") return false;
  if (Array.isArray(value)) return value.every((item) => isPlain(item, isNumber));
  const parent = Object.getPrototypeOf(value);
  return (
    (parent === null || Object.getPrototypeOf(parent) === null) &&
    Object.entries(value).every(([key, item]) => item === undefined || (hasOnlyCharacters(key) && isPlain(item, isNumber)))
  );
}
exports.fieldsOf = fieldsOf;
exports.loose = loose;
exports.hasOnlyCharacters = hasOnlyCharacters;
