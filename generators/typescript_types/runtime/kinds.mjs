// What a field can hold: how it is checked, and how it goes to JSON and back. A line that ends in `only: vx` is left out of
// the packages of schemas without fields of these letters.
import { BOUNDS, DEPTH } from "./wire.mjs";

// Letters by the number that `holds` knows them by.
const CODES = "sihotckbenfrjuyvx";
const FIELD = /(\w+)([:=?*])(\w)(\S*)/g;
// A date that there is, or a date and a time, with or without an offset; what every JavaScript engine reads alike.
export const MOMENT =
  /^(?:\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))|(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)(T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,3}(\d{0,3})0*)?)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?)?$/;
// Years of four digits are all that RFC 3339 has: the first and the last millisecond of 0001 and 9999.
const FIRST = -62_135_596_800_000;
const LAST = 253_402_300_799_999;
const DAY = 86_400_000;
// Digits of a second that Postgres keeps, unless a column keeps fewer.
const FINEST = 6;
// What toISOString writes, of the years that Date.UTC doesn't take for others.
const WRITTEN = /^[1-9]\d{3}-(?:0[1-9]|1[0-2])-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
// As many zeros before its digits as make it no work to read.
export const INTEGER = /^-?0{0,79}\d{1,19}$/;
const DECIMAL = /^(?:\+|(-?))(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/;
const PLAIN_DECIMAL = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;
// By how many of them a column can hold.
const NAN = "[Nn][Aa][Nn]";
export const NOT_FINITE = ["", NAN, , `${NAN}|[+-]?[Ii][Nn][Ff][Ii][Nn][Ii][Tt][Yy]`];
export const UUID = /^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/;
const BITS = /^[01]*$/;
const { getTime, toISOString } = Date.prototype;
// Of what is no typed array it gives undefined.
const { get: arrayName } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag);
const BASE64 = /^[\w+/-]*={0,2}$/;
const BYTES_A_CALL = 8192;
// From here on JSON.stringify writes whole numbers with an exponent, which claims no exact digits.
const EXPONENT = 1e21;

/**
 * The fields of a model's text, by name: "id=n email:s255 note?s tags*s state=eOPEN|SENT" has a name; how the field may
 * be absent (`:` never, `=` where a row is created, `?` it may be null, `*` it is a list); a letter, with arguments.
 */
export function fieldsOf(text) {
  const fields = new Map();
  for (const [, name, mark, letter, rest] of text.matchAll(FIELD)) {
    const [least, most] = BOUNDS[letter] ?? [letter === "x" ? +rest : 0, +rest || Infinity];
    const parts = letter === "e" ? keys(rest.split("|")) : rest.split(",");
    fields.set(name, { name, mark, letter, code: CODES.indexOf(letter), rest, least, most, parts });
  }
  return fields;
}

// The same texts as names of properties, which engines compare by where they are and not letter by letter.
function keys(texts) {
  return Object.keys(Object.fromEntries(texts.map((text) => [text])));
}

/** What a field's value has to be. */
export function expected({ letter, rest, least, most, parts }) {
  const [precision, scale] = parts;
  const kinds = {
    s: rest ? `text of at most ${rest} characters` : "text",
    u: "a UUID", // only: u
    v: `${rest && `at most ${rest} `}bits (0 or 1)`, // only: v
    x: `${rest} bits (0 or 1)`, // only: x
    b: "true or false",
    f: "a number", // only: f
    r: "a number", // only: r
    d: `a decimal number as text${scale < 100 ? ` with at most ${precision - scale} digits before the point and ${scale} after it` : ""}`, // only: d
    t: "a valid date and time",
    c: "a valid date", // only: c
    k: "a valid time", // only: k
    y: "bytes (base64 in JSON)", // only: y
    j: `JSON of at most ${DEPTH} levels, with whole numbers up to 2^53 and text that Postgres can store`, // only: j
    e: `one of ${parts.join(", ")}`,
  };
  return kinds[letter] ?? `a whole number from ${least} to ${most}`;
}

/** A row's value as it is, and of a decimal object its digits; undefined where the field can't hold it. */
export function check(value, field) {
  // Prisma's Decimal: toFixed() without an argument gives every digit and no exponent.
  if (field.letter === "d") return decimal(typeof value?.toFixed === "function" && typeof value === "object" ? value.toFixed() : value, field); // only: d
  return when(holds(value, field), value);
}

/**
 * Whether a row's value, not a decimal, is one of the field's. One function for all kinds: engines run a branch much
 * faster than a call that can go to many functions.
 */
export function holds(value, field) {
  switch (field.code) {
    case 0: // s
      return isText(value, field.most);
    case 1: // i
    case 2: // h
    case 3: // o
      return Number.isInteger(value) && value >= field.least && value <= field.most;
    case 4: // t
    case 5: // c
    case 6: // k
      return isKept(value, field);
    case 7: // b
      return typeof value === "boolean";
    case 8: // e
      return isOneOf(value, field.parts);
    case 9: // n
      return typeof value === "bigint" && BigInt.asIntN(64, value) === value; // only: n
    case 10: // f
    case 11: // r
      return typeof value === "number" && value >= field.least && value <= field.most; // only: fr
    case 12: // j
      // A row is not refused for digits of its JSON that only whoever wrote it could have kept.
      return field.isInput ? value !== null && isJson(value, isExact, 0) : isJson(value, Number.isFinite, 0); // only: j
    case 13: // u
      return matches(UUID, value); // only: u
    case 14: // y
      return isBytes(value); // only: y
    default: // v, x
      return matches(BITS, value) && value.length >= field.least && value.length <= field.most; // only: vx
  }
}

/** The row's value that a JSON value stands for, by the field's letter; `check` where it is the value itself. */
export const READ = {
  t: keptMoment,
  c: keptMoment, // only: c
  k: keptMoment, // only: k
  n: bigint, // only: n
  d: decimal, // only: d
  y: bytes, // only: y
};

/** The JSON form of a row's value, likewise; undefined where the field can't hold it. */
export const WRITE = {
  t: keptIso,
  c: keptIso, // only: c
  k: keptIso, // only: k
  n: (value, field) => (Number.isSafeInteger(value) ? value : check(value, field))?.toString(), // only: n
  y: base64, // only: y
  d: (value, field) => plainDecimal(check(value, field)), // only: d
};

/** The JSON form of a value by what it is; other values as they are, and undefined for what JSON has no form for. */
export function loose(value) {
  const write = LOOSE[tag(value)];
  if (write) return write(value);
  return typeof value?.toFixed === "function" ? value.toFixed() : value;
}

const LOOSE = { __proto__: null, BigInt: String, Number: finite, Date: iso, Uint8Array: base64 };

function finite(value) {
  return when(Number.isFinite(value), value);
}

function when(condition, value) {
  return condition ? value : undefined;
}

function matches(pattern, value) {
  return typeof value === "string" && pattern.test(value);
}

// Several times as fast as `includes` of an array that engines don't know beforehand.
function isOneOf(value, texts) {
  for (let index = 0; index < texts.length; index++) if (texts[index] === value) return true;
  return false;
}

// What a built-in object is, also where it was made in another realm (an iframe, a test runner).
function tag(value) {
  return Object.prototype.toString.call(value).slice(8, -1);
}

function isText(value, most) {
  return typeof value === "string" && (value.length <= most || isShort(value, most)) && hasOnlyCharacters(value);
}

// Postgres counts characters, JavaScript halves of some.
function isShort(text, most) {
  return text.length <= 2 * most && [...text].length <= most;
}

// Whether Postgres can store a text: neither U+0000 nor half of a surrogate pair is in it.
function hasOnlyCharacters(text) {
  return text.indexOf("\0") < 0 && text.isWellFormed();
}

function bigint(value, field) {
  if (Number.isSafeInteger(value)) return BigInt(value);
  return matches(INTEGER, value) ? check(BigInt(value), field) : undefined;
}

function decimal(text, { parts: [precision, scale, others = 1] }) {
  return when(typeof text === "string" && isDecimal(text, precision, scale, NOT_FINITE[others]), text);
}

function isDecimal(text, precision, scale, notFinite) {
  const match = DECIMAL.exec(text);
  if (match === null) return new RegExp(`^(?:${notFinite})$`).test(text);
  const [, , whole, fraction = "", exponent = 0] = match;
  const digits = whole + fraction;
  const point = whole.length + +exponent;
  const first = digits.search(/[1-9]/);
  if (first < 0) return digits !== "";
  let end = digits.length;
  while (digits[end - 1] === "0") end--;
  return point - first <= precision - scale && end - point <= scale;
}

// A checked decimal's digits alone, without an exponent, a plus or zeros before them; NaN and Infinity by their names.
function plainDecimal(text) {
  if (text === undefined || PLAIN_DECIMAL.test(text)) return text;
  const match = DECIMAL.exec(text);
  if (match === null) return /^n/i.test(text) ? "NaN" : `${text[0] === "-" ? "-" : ""}Infinity`;
  const [, sign = "", whole, fraction = "", exponent = 0] = match;
  const digits = whole + fraction;
  const point = whole.length + (/[1-9]/.test(digits) ? +exponent : 0);
  const all = point > 0 ? digits.padEnd(point, "0") : digits.padStart(digits.length - point + 1, "0");
  const at = Math.max(point, 1);
  return sign + all.slice(0, at).replace(/^0+(?=\d)/, "") + (all.length > at ? `.${all.slice(at)}` : "");
}

function keptMoment(value, field) {
  const date = moment(value);
  return when(isKept(date, field), date);
}

function keptIso(value, field) {
  return isKept(value, field) ? iso(value) : undefined;
}

// What a column rounds to the end of all years, or of the day, since it keeps few digits of the seconds, nobody could read.
function isKept(date, { letter, rest }) {
  const time = timeOf(date);
  if (time === undefined || letter === "c") return time !== undefined;
  const left = letter === "k" ? DAY - (((time % DAY) + DAY) % DAY) : LAST + 1 - time;
  if (left >= 1000) return true;
  const half = rest && rest >= FINEST ? 0 : 10 ** (FINEST - (rest || 3)) / 2;
  return 1000 * left - microseconds(date, time) > half;
}

// The milliseconds of a date, also of another realm's; undefined for anything else, whatever it says that it is.
function timeOf(value) {
  try {
    // Engines have a short way for a method of the value's own class.
    const time = value.getTime === getTime ? value.getTime() : getTime.call(value);
    return time >= FIRST && time <= LAST ? time : undefined;
  } catch {
    return undefined;
  }
}

function isBytes(value) {
  return arrayName.call(value) === "Uint8Array";
}

function iso(value) {
  const time = timeOf(value);
  return time === undefined ? time : toISOString.call(value).replace("Z", `${microseconds(value, time)}Z`);
}

// The three digits that a Date can't hold, for as long as it says the same time. The Node client, and other copies of
// this package, know Dates by the same map.
function keptDigits() {
  return (globalThis[Symbol.for("schema-service.microseconds")] ??= new WeakMap());
}

function microseconds(date, time) {
  const kept = keptDigits().get(date);
  return kept?.time === time ? kept.rest : "";
}

function moment(value) {
  if (typeof value !== "string") return undefined;
  if (WRITTEN.test(value)) return writtenMoment(value);
  const match = MOMENT.exec(value);
  if (match === null) return undefined;
  // Without an offset it is UTC, which is what the database stores; JavaScript alone would read local time.
  const [, clock, microseconds, offset] = match;
  const date = new Date(clock && !offset ? `${value}Z` : value);
  const rest = microseconds?.padEnd(3, "0");
  if (rest > 0) keptDigits().set(date, { time: date.getTime(), rest });
  return date;
}

// The same, many times as fast as the engine's own reader of dates.
function writtenMoment(text) {
  const two = (at) => text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - 528;
  const day = two(8);
  // Years and months from March on: a leap day is then a year's last.
  const month = (two(5) + 9) % 12;
  const year = two(0) * 100 + two(2) - (month > 9);
  const days = 365 * year + (year >> 2) - Math.floor(year / 100) + Math.floor(year / 400) + Math.floor((153 * month + 2) / 5) + day - 719469;
  const minutes = (days * 24 + two(11)) * 60 + two(14);
  const date = new Date(minutes * 60_000 + two(17) * 1000 + two(20) * 10 + text.charCodeAt(22) - 48);
  return when((day > 0 && day < 29) || date.getUTCDate() === day, date);
}

function bytes(value) {
  // Both alphabets of RFC 4648: Python's encoders often write the URL-safe one.
  if (!matches(BASE64, value)) return undefined;
  const digits = value.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
  const left = value.length % 4;
  if (left === 1 || (left && digits.length < value.length)) return undefined;
  return Uint8Array.from(atob(digits), (character) => character.charCodeAt(0));
}

function base64(value) {
  if (!isBytes(value)) return undefined;
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

function isJson(value, isNumber, level) {
  if (typeof value === "number") return isNumber(value);
  if (typeof value === "string") return hasOnlyCharacters(value);
  if (value === null || typeof value === "boolean") return true;
  // A circle is deeper than anything.
  if (typeof value !== "object" || level === DEPTH) return false;
  const isItem = (item) => isJson(item, isNumber, level + 1);
  if (Array.isArray(value)) return isEach(value, isItem);
  const parent = Object.getPrototypeOf(value);
  return (
    (parent === null || Object.getPrototypeOf(parent) === null) &&
    Object.entries(value).every(([key, item]) => item === undefined || (hasOnlyCharacters(key) && isItem(item)))
  );
}

// As `every` of arrays, which passes over holes.
function isEach(items, is) {
  for (let index = 0; index < items.length; index++) if (!is(items[index])) return false;
  return true;
}
