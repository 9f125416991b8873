"use strict";
// Dates with the microseconds of Postgres. Prisma's runtime reads and writes them with the same two functions.

const { exactDate: dateOf, exactText } = require("./prisma/runtime/client.js");

const ISO = /^[+-]?\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)$/;

function exactDate(text) {
  const date = ISO.test(text) ? dateOf(text) : new Date(Number.NaN);
  if (Number.isNaN(date.getTime())) {
    throw new RangeError("exactDate takes a text in ISO 8601, of at most six digits after the seconds, with Z or an offset");
  }
  return date;
}

exports.exactDate = exactDate;
exports.exactText = exactText;
