"use strict";
// All models, each with the models behind its relations.
const { related } = require("./model.cjs");
const schemas = require("./validators.cjs");

const models = related(Object.values(schemas), {
  Order: "lines=OrderLine",
  OrderLine: "order=Order",
});
exports.models = models;
