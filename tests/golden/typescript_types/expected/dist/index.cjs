"use strict";
exports.OrderState = require("./enums.cjs").OrderState;
exports.fromJson = require("./json.cjs").fromJson;
exports.toJson = require("./json.cjs").toJson;
exports.SCHEMA_DIGEST = require("./version.cjs").SCHEMA_DIGEST;
exports.SCHEMA_VERSION = require("./version.cjs").SCHEMA_VERSION;
