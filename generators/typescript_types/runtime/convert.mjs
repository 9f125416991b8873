// Converts between rows and their JSON form. Independent of the schema: what each field is comes in as `models`,
// a table { Model: { scalars: { field: kind }, relations: { field: Model } } } of the fields that need care.

// A date, or a date and a time, with or without an offset (the group); what every JavaScript engine reads alike.
const ISO_DATE = /^(?:[+-]\d{6}|\d{4})-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/;
const INTEGER = /^-?\d+$/;
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$|^NaN$|^[+-]?Infinity$/i;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const BYTES_A_CALL = 8192;

/** A copy of `value`, a row of `model` or a part of one, in its JSON form. Throws TypeError with the field's place. */
export function encode(models, model, value) {
  return convert(models, model, value, ENCODERS);
}

/** The reverse of `encode`. */
export function decode(models, model, value) {
  return convert(models, model, value, DECODERS);
}

const ENCODERS = {
  DateTime(value, place) {
    if (tag(value) !== "Date" || Number.isNaN(value.getTime())) throw mismatch(place, "a valid Date", value);
    return value.toISOString();
  },
  BigInt(value, place) {
    if (typeof value !== "bigint" && !Number.isSafeInteger(value)) throw mismatch(place, "a bigint", value);
    return value.toString();
  },
  Decimal(value, place) {
    if (typeof value === "string") return value;
    // Prisma's Decimal: toFixed() without an argument gives every digit and no exponent.
    if (typeof value === "object" && typeof value.toFixed === "function") return value.toFixed();
    throw mismatch(place, "a decimal string or a Decimal", value);
  },
  Bytes(value, place) {
    if (tag(value) !== "Uint8Array") throw mismatch(place, "a Uint8Array", value);
    let binary = "";
    for (let start = 0; start < value.length; start += BYTES_A_CALL) {
      binary += String.fromCharCode(...value.subarray(start, start + BYTES_A_CALL));
    }
    return btoa(binary);
  },
};

const DECODERS = {
  DateTime(value, place) {
    const match = typeof value === "string" ? ISO_DATE.exec(value) : null;
    if (match === null) throw mismatch(place, "an ISO 8601 date", value);
    // Without an offset it is UTC, which is what the database stores; JavaScript alone would read local time.
    const date = new Date(value.includes("T") && match[1] === undefined ? `${value}Z` : value);
    if (Number.isNaN(date.getTime())) throw mismatch(place, "an ISO 8601 date", value);
    return date;
  },
  BigInt(value, place) {
    const isInteger = typeof value === "string" ? INTEGER.test(value) : Number.isSafeInteger(value);
    if (!isInteger) throw mismatch(place, "an integer as a string", value);
    return BigInt(value);
  },
  Decimal(value, place) {
    if (typeof value !== "string" || !DECIMAL.test(value)) throw mismatch(place, "a decimal as a string", value);
    return value;
  },
  Bytes(value, place) {
    // Both alphabets of RFC 4648: Python's encoders often write the URL-safe one.
    const text = typeof value === "string" ? value.replaceAll("-", "+").replaceAll("_", "/") : "?";
    const digits = text.replace(/=+$/, "");
    if (!BASE64.test(text) || digits.length % 4 === 1) throw mismatch(place, "base64", value);
    return Uint8Array.from(atob(digits), (character) => character.charCodeAt(0));
  },
};

function convert(models, model, value, converters) {
  if (!Object.hasOwn(models, model)) throw new TypeError(`there is no model ${JSON.stringify(model)}`);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw mismatch(model, "an object", value);
  }
  const { scalars, relations } = models[model];
  // fromEntries defines own properties, so that a field called __proto__ in hostile JSON stays plain data.
  return Object.fromEntries(
    Object.entries(value).map(([name, content]) => {
      const place = `${model}.${name}`;
      if (Object.hasOwn(scalars, name)) {
        return [name, each(content, (item) => converters[scalars[name]](item, place))];
      }
      if (Object.hasOwn(relations, name)) {
        return [name, each(content, (item) => convert(models, relations[name], item, converters))];
      }
      return [name, content];
    }),
  );
}

function each(content, convertOne) {
  if (content === null || content === undefined) return content;
  return Array.isArray(content) ? content.map(convertOne) : convertOne(content);
}

/** What a built-in object is, also where it was made in another realm (an iframe, a test runner). */
function tag(value) {
  return Object.prototype.toString.call(value).slice(8, -1);
}

function mismatch(place, expected, value) {
  return new TypeError(`${place} is not ${expected}: ${preview(value)}`);
}

function preview(value) {
  if (typeof value !== "string") return value === null ? "null" : typeof value;
  return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
}
