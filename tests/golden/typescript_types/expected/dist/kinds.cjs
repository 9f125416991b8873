"use strict";
const { BOUNDS, DEPTH } = require("./wire.cjs");

const CODES = "sihotckbenfrjuyvx";
const FIELD = /(\w+)([:=?*])(\w)(\S*)/g;
const MOMENT = exports.MOMENT =
  /^(?:\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))|(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)(T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,3}(\d{0,3})0*)?)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?)?$/;
const FIRST = -62_135_596_800_000;
const LAST = 253_402_300_799_999;
const DAY = 86_400_000;
const FINEST = 6;
const WRITTEN = /^[1-9]\d{3}-(?:0[1-9]|1[0-2])-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
const INTEGER = exports.INTEGER = /^-?0{0,79}\d{1,19}$/;
const DECIMAL = /^(?:\+|(-?))(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/;
const PLAIN_DECIMAL = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;
const NAN = "[Nn][Aa][Nn]";
const NOT_FINITE = exports.NOT_FINITE = ["", NAN, , `${NAN}|[+-]?[Ii][Nn][Ff][Ii][Nn][Ii][Tt][Yy]`];
const UUID = exports.UUID = /^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/;
const BITS = /^[01]*$/;
const { getTime, toISOString } = Date.prototype;
const { get: arrayName } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag);
const BASE64 = /^[\w+/-]*={0,2}$/;
const BYTES_A_CALL = 8192;
const EXPONENT = 1e21;

function fieldsOf(text) {
  const fields = new Map();
  for (const [, name, mark, letter, rest] of text.matchAll(FIELD)) {
    const [least, most] = BOUNDS[letter] ?? [letter === "x" ? +rest : 0, +rest || Infinity];
    const parts = letter === "e" ? keys(rest.split("|")) : rest.split(",");
    fields.set(name, { name, mark, letter, code: CODES.indexOf(letter), rest, least, most, parts });
  }
  return fields;
}

function keys(texts) {
  return Object.keys(Object.fromEntries(texts.map((text) => [text])));
}

function expected({ letter, rest, least, most, parts }) {
  const [precision, scale] = parts;
  const kinds = {
    s: rest ? `text of at most ${rest} characters` : "text",
    b: "true or false",
    d: `a decimal number as text${scale < 100 ? ` with at most ${precision - scale} digits before the point and ${scale} after it` : ""}`,
    t: "a valid date and time",
    y: "bytes (base64 in JSON)",
    j: `JSON of at most ${DEPTH} levels, with whole numbers up to 2^53 and text that Postgres can store`,
    e: `one of ${parts.join(", ")}`,
  };
  return kinds[letter] ?? `a whole number from ${least} to ${most}`;
}

function check(value, field) {
  if (field.letter === "d") return decimal(typeof value?.toFixed === "function" && typeof value === "object" ? value.toFixed() : value, field);
  return when(holds(value, field), value);
}

function holds(value, field) {
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
      return typeof value === "bigint" && BigInt.asIntN(64, value) === value;
    case 10: // f
    case 11: // r
    case 12: // j
      return field.isInput ? value !== null && isJson(value, isExact, 0) : isJson(value, Number.isFinite, 0);
    case 13: // u
    case 14: // y
      return isBytes(value);
    default: // v, x
  }
}

const READ = exports.READ = {
  t: keptMoment,
  n: bigint,
  d: decimal,
  y: bytes,
};

const WRITE = exports.WRITE = {
  t: keptIso,
  n: (value, field) => (Number.isSafeInteger(value) ? value : check(value, field))?.toString(),
  y: base64,
  d: (value, field) => plainDecimal(check(value, field)),
};

function loose(value) {
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

function isOneOf(value, texts) {
  for (let index = 0; index < texts.length; index++) if (texts[index] === value) return true;
  return false;
}

function tag(value) {
  return Object.prototype.toString.call(value).slice(8, -1);
}

function isText(value, most) {
  return typeof value === "string" && (value.length <= most || isShort(value, most)) && hasOnlyCharacters(value);
}

function isShort(text, most) {
  return text.length <= 2 * most && [...text].length <= most;
}

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

function isKept(date, { letter, rest }) {
  const time = timeOf(date);
  if (time === undefined || letter === "c") return time !== undefined;
  const left = letter === "k" ? DAY - (((time % DAY) + DAY) % DAY) : LAST + 1 - time;
  if (left >= 1000) return true;
  const half = rest && rest >= FINEST ? 0 : 10 ** (FINEST - (rest || 3)) / 2;
  return 1000 * left - microseconds(date, time) > half;
}

function timeOf(value) {
  try {
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
  const [, clock, microseconds, offset] = match;
  const date = new Date(clock && !offset ? `${value}Z` : value);
  const rest = microseconds?.padEnd(3, "0");
  if (rest > 0) keptDigits().set(date, { time: date.getTime(), rest });
  return date;
}

function writtenMoment(text) {
  const two = (at) => text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - 528;
  const day = two(8);
  const month = (two(5) + 9) % 12;
  const year = two(0) * 100 + two(2) - (month > 9);
  const days = 365 * year + (year >> 2) - Math.floor(year / 100) + Math.floor(year / 400) + Math.floor((153 * month + 2) / 5) + day - 719469;
  const minutes = (days * 24 + two(11)) * 60 + two(14);
  const date = new Date(minutes * 60_000 + two(17) * 1000 + two(20) * 10 + text.charCodeAt(22) - 48);
  return when((day > 0 && day < 29) || date.getUTCDate() === day, date);
}

function bytes(value) {
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

function isExact(value) {
  return Number.isSafeInteger(value) || (Number.isFinite(value) && (value % 1 !== 0 || Math.abs(value) >= EXPONENT));
}

function isJson(value, isNumber, level) {
  if (typeof value === "number") return isNumber(value);
  if (typeof value === "string") return hasOnlyCharacters(value);
  if (value === null || typeof value === "boolean") return true;
  if (typeof value !== "object" || level === DEPTH) return false;
  const isItem = (item) => isJson(item, isNumber, level + 1);
  if (Array.isArray(value)) return isEach(value, isItem);
  const parent = Object.getPrototypeOf(value);
  return (
    (parent === null || Object.getPrototypeOf(parent) === null) &&
    Object.entries(value).every(([key, item]) => item === undefined || (hasOnlyCharacters(key) && isItem(item)))
  );
}

function isEach(items, is) {
  for (let index = 0; index < items.length; index++) if (!is(items[index])) return false;
  return true;
}
exports.fieldsOf = fieldsOf;
exports.expected = expected;
exports.check = check;
exports.holds = holds;
exports.loose = loose;
