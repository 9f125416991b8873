"use strict";
const { decode, encode } = require("./convert.cjs");
const { models } = require("./fields.cjs");

function toJson(model, value) {
  return encode(models, model, value);
}

function fromJson(model, value) {
  return decode(models, model, value);
}
exports.toJson = toJson;
exports.fromJson = fromJson;
