// What a field can hold: how it is checked, and how it goes to JSON and back.
import { FLOATS, INTEGERS } from "./wire.mjs";

const FIELD = /(\w+)([:=?*])(\w)(\S*)/g;
// A date, or a date and a time, with or without an offset; what every JavaScript engine reads alike.
const MOMENT =
  /^\d{4}-\d\d-(\d\d)(T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6}0*)?)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?)?$/;
// The digits after milliseconds.
const MICROSECONDS = /\.\d{3}(\d{1,3})/;
// Years of four digits are all that RFC 3339 has.
const FIRST = Date.parse("0001-01-01T00:00:00Z");
const LAST = Date.parse("9999-12-31T23:59:59.999Z");
const DAY = 864e5;
// Digits of a second that Postgres keeps, unless a column keeps fewer.
const FINEST = 6;
// What toISOString writes, of the years that Date.UTC doesn't take for others.
const WRITTEN = /^[1-9]\d{3}-(?:0[1-9]|1[0-2])-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
const INTEGER = /^-?\d+$/;
const INTEGER_LENGTH = 99;
const DECIMAL = /^[+-]?(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/;
// By how many of them a column can hold.
const NOT_FINITE = [/^$/, /^NaN$/i, , /^(NaN|[+-]?Infinity)$/i];
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
const BASE64 = /^[\w+/-]*={0,2}$/;
const BYTES_A_CALL = 8192;
// From here on JSON.stringify writes whole numbers with an exponent, which claims no exact digits.
const EXPONENT = 1e21;

/**
 * The fields of a model's text, by name: "id=n email:s255 note?s tags*s state=eOPEN|SENT" has a name; how the field may
 * be absent (`:` never, `=` where a row is created, `?` it may be null, `*` it is a list); a letter, with arguments.
 *
 * `expected` and `schema` (of JSON Schema) tell what a value has to be. `read` makes a row's value of a JSON value,
 * `write` the reverse, and `check` keeps a row's value: undefined where it isn't one.
 */
export function fieldsOf(text) {
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
    // Prisma's Decimal: toFixed() without an argument gives every digit and no exponent.
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
    // A row is not refused for digits of its JSON that only whoever wrote it could have kept.
    const row = (value) => when(isJson(value, Number.isFinite), value);
    const check = (value) => when(value !== null && isJson(value, isExact), value);
    return ["JSON with whole numbers up to 2^53 and text that Postgres can store", {}, row, check, row];
  },
  e(names) {
    const values = names.split("|");
    return [`one of ${values.join(", ")}`, { enum: values }, (value) => when(values.includes(value), value)];
  },
};

/** The JSON form of a value by what it is; other values as they are, and undefined for what JSON has no form for. */
export function loose(value) {
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

// What a built-in object is, also where it was made in another realm (an iframe, a test runner).
function tag(value) {
  return Object.prototype.toString.call(value).slice(8, -1);
}

// Postgres counts characters.
function isText(value, most) {
  const isShort = () => value.length <= most || (value.length <= 2 * most && [...value].length <= most);
  return typeof value === "string" && isShort() && hasOnlyCharacters(value);
}

/** Whether Postgres can store a text: neither U+0000 nor half of a surrogate pair is in it. */
export function hasOnlyCharacters(text) {
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

// `left` are the milliseconds to the end of all that there is: of the years, or of the day. What a column rounds to that
// end, since it keeps some digits of the seconds only, nobody could read.
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

// The three digits that a Date can't hold, for as long as it says the same time. The Node client, and other copies of
// this package, know Dates by the same map.
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
  // Without an offset it is UTC, which is what the database stores; JavaScript alone would read local time.
  const date = new Date(match[2] && !match[3] ? `${value}Z` : value);
  // Some engines take 31 February for 3 March, others refuse it.
  const isDay = match[1] < 29 || new Date(value.split("T")[0]).getUTCDate() === +match[1];
  const rest = MICROSECONDS.exec(value)?.[1].padEnd(3, "0");
  if (rest > 0) keptDigits().set(date, { time: date.getTime(), rest });
  return when(isDay && isDate(date), date);
}

// The same, several times as fast as the engine's own reader of dates.
function writtenMoment(text) {
  const two = (at) => text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - 528;
  const day = two(8);
  const milliseconds = two(20) * 10 + text.charCodeAt(22) - 48;
  const date = new Date(Date.UTC(two(0) * 100 + two(2), two(5) - 1, day, two(11), two(14), two(17), milliseconds));
  return when(date.getUTCDate() === day, date);
}

function bytes(value) {
  // Both alphabets of RFC 4648: Python's encoders often write the URL-safe one.
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

// Whether JSON has the digits that were meant: of a whole number a JavaScript number keeps those up to 2^53.
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
