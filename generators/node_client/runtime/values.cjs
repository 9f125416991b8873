"use strict";
// Values that Prisma's adapter reads as others, or as none: what it can't hold is refused, and never changed.
// https://www.postgresql.org/docs/current/datatype-datetime.html

const { types } = require("./prisma/runtime/client.js").pg;
const { KEY_COLUMNS } = require("./key_columns.cjs");

const { builtins } = types;
const TEXT_ARRAY = 1009;
const TIME_ARRAY = 1183;
const TIMETZ_ARRAY = 1270;
// Types that users make have numbers from here on (FirstNormalObjectId).
const FIRST_OWN_TYPE = 16384;
const WHICH_ARE_LISTS = "SELECT oid::int8 FROM pg_type WHERE oid = ANY($1::oid[]) AND typcategory = 'A'";
// Beyond these years a Date is invalid.
const MOST_YEARS = 270_000;

class Unreadable extends Error {}

/** A date of any year, as ISO 8601 has it: with a sign and six digits if it is not one of four. */
function dated(text, rest) {
  const [, year, month, era] = /^(\d+)(-\d\d-\d\d)(?:.*?)( BC)?$/.exec(text) ?? [];
  if (year === undefined || Number(year) > MOST_YEARS) throw new Unreadable();
  if (era === undefined && year.length === 4) return year + month + rest;
  const astronomical = era === undefined ? Number(year) : 1 - Number(year);
  return (astronomical < 0 ? "-" : "+") + String(Math.abs(astronomical)).padStart(6, "0") + month + rest;
}

const date = (text) => dated(text, "");

// In a session in UTC, so that an offset is always that.
const moment = (text) => dated(text, `T${/ ([\d:.]+)/.exec(text)?.[1]}+00:00`);

function time(text) {
  if (text.startsWith("24:")) throw new Unreadable();
  return text;
}

/** A time with an offset, as the same time in UTC. */
function offsetTime(text) {
  const [, hours, minutes, rest, sign, ...offset] =
    /^(\d\d):(\d\d)([:\d.]*)([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?$/.exec(text) ?? [];
  const [offsetHours = 0, offsetMinutes = 0, offsetSeconds = 0] = offset.map((part) => Number(part ?? 0));
  if (hours === undefined || hours === "24" || offsetSeconds !== 0) throw new Unreadable();
  const ahead = (sign === "-" ? -1 : 1) * (60 * offsetHours + offsetMinutes);
  const inDay = (((60 * Number(hours) + Number(minutes) - ahead) % 1440) + 1440) % 1440;
  return [Math.floor(inDay / 60), inDay % 60].map((part) => String(part).padStart(2, "0")).join(":") + rest;
}

// How money is written depends on the server's locale: what could be read in two ways is refused.
function money(text) {
  const [, sign, digits] = /^(-?)(?:\$|[^\x00-\x7f])?([\d,]+\.\d\d)$/.exec(text) ?? [];
  if (digits === undefined) throw new Unreadable();
  return sign + digits.replaceAll(",", "");
}

const TOKEN = /"(?:[^"\\]|\\.)*"|-?(\d+)(\.\d+)?([eE][+-]?\d+)?/g;
// What JavaScript reads right without a look at it.
const MAY_LOSE = /\d{16}|[eE]\+?\d{3}/;

/** JSON whose whole numbers keep their digits as JavaScript numbers: 2^53 + 1 would become 2^53, and 1e400 Infinity. */
function json(text) {
  if (!MAY_LOSE.test(text)) return text;
  for (const [token, digits, fraction, exponent] of text.matchAll(TOKEN)) {
    if (digits === undefined) continue;
    const number = Number(token);
    const isWhole = fraction === undefined && exponent === undefined;
    if (!Number.isFinite(number) || (isWhole && significant(digits) !== kept(number))) throw new Unreadable();
  }
  return text;
}

const significant = (digits) => digits.replace(/0+$/, "");

const kept = (number) => Math.abs(number).toExponential().replace(/e.*/, "").replace(".", "").replace(/^0$/, "");

const textList = (text) => types.arrayParser.create(text, (item) => item).parse();

const list = (read) => (text) =>
  types.arrayParser.create(text, (item) => (item === null ? null : read(item))).parse();

const READERS = new Map([
  [builtins.DATE, date],
  [builtins.TIMESTAMP, moment],
  [builtins.TIMESTAMPTZ, moment],
  [builtins.TIME, time],
  [builtins.TIMETZ, offsetTime],
  [builtins.MONEY, money],
  [builtins.JSON, json],
  [builtins.JSONB, json],
  [199, list(json)],
  [3807, list(json)],
  [1182, list(date)],
  [1115, list(moment)],
  [1185, list(moment)],
  [TIME_ARRAY, list(time)],
  [TIMETZ_ARRAY, list(offsetTime)],
  [791, list(money)],
]);

// Nearly all dates are, and the adapter reads them right: 2026-07-01…, after the year 0 and before 10000.
const isUsualDate = (text) => text.charCodeAt(4) === 45 && text.charCodeAt(text.length - 1) !== 67;
const DATES = new Set([builtins.DATE, builtins.TIMESTAMP, builtins.TIMESTAMPTZ]);

/** A query of the adapter's with our readers; `finish` says what its result is. */
function reading(query) {
  let isUnreadable = false;
  const marked = (read, usual) => (text) => {
    if (usual !== undefined && isUsualDate(text)) return usual(text);
    try {
      return read(text);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      isUnreadable = true;
      return error;
    }
  };
  const getTypeParser = (oid, format) => {
    const usual = query.types.getTypeParser(oid, format);
    const read = format === "text" ? READERS.get(oid) : undefined;
    return read === undefined ? usual : marked(read, DATES.has(oid) ? usual : undefined);
  };
  const finish = (result) => {
    if (isUnreadable) throw unreadable(result);
    // The adapter knows no list of times with an offset.
    for (const field of result.fields) if (field.dataTypeID === TIMETZ_ARRAY) field.dataTypeID = TIME_ARRAY;
    return result;
  };
  return { query: { ...query, types: { getTypeParser } }, finish };
}

function unreadable({ fields, rows }) {
  const isIt = (value) => value instanceof Unreadable;
  const row = rows.findIndex((values) => values.some(isIt));
  const column = fields[rows[row].findIndex(isIt)].name;
  const key = fields
    .map(({ name }, index) => [name, rows[row][index]])
    .filter(([name, value]) => KEY_COLUMNS.has(name) && !isIt(value));
  const shown = key.map(([name, value]) => `${name}: ${String(value).slice(0, 40)}`).join(", ");
  const error = new Error(
    `column "${column}" of row ${row + 1}${shown && ` (${shown})`} has a value that JavaScript can't hold; leave the ` +
      `field out (omit), and read it as text: $queryRaw with "${column}"::text`,
  );
  return Object.assign(error, { name: "UnreadableValueError", column, row: row + 1, key: Object.fromEntries(key) });
}

/** The values of lists of a type that users made as lists of text: the adapter takes them for text. */
function withLists(result, client, known) {
  return result.fields.some(({ dataTypeID }) => dataTypeID >= FIRST_OWN_TYPE) ? listed(result, client, known) : result;
}

async function listed(result, client, known) {
  const { fields, rows } = result;
  const own = fields.map(({ dataTypeID }) => dataTypeID).filter((oid) => oid >= FIRST_OWN_TYPE);
  const unknown = own.filter((oid) => !known.has(oid));
  if (rows.length > 0 && unknown.length > 0) {
    const asked = await client.query({ text: WHICH_ARE_LISTS, values: [unknown], rowMode: "array" });
    const found = new Set(asked.rows.map(([oid]) => Number(oid)));
    for (const oid of unknown) known.set(oid, found.has(oid));
  }
  fields.forEach((field, index) => {
    if (known.get(field.dataTypeID) !== true) return;
    field.dataTypeID = TEXT_ARRAY;
    for (const row of rows) if (row[index] !== null) row[index] = textList(row[index]);
  });
  return result;
}

/** A session of the pool as the adapter needs it; `known` says which of the users' types are lists. */
function withValues(client, known) {
  const query = (given, ...rest) => {
    if (typeof given?.types?.getTypeParser !== "function") return client.query(given, ...rest);
    const callback = typeof rest.at(-1) === "function" ? rest.pop() : undefined;
    const ours = reading(given);
    const answer = client.query(ours.query, ...rest).then((result) => withLists(ours.finish(result), client, known));
    if (callback === undefined) return answer;
    answer.then((result) => callback(undefined, result), callback);
  };
  return new Proxy(client, { get: (target, name) => (name === "query" ? query : Reflect.get(target, name)) });
}

exports.withValues = withValues;
