"use strict";
const { related } = require("./model.cjs");
const schemas = require("./validators.cjs");

const models = exports.models = related(Object.values(schemas), {
  Order: "lines=OrderLine",
  OrderLine: "order=Order",
});
