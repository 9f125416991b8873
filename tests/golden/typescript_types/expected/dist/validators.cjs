"use strict";
const { model } = require("./model.cjs");

const OrderSchema = exports.OrderSchema = /*#__PURE__*/ model("Order", "id=n state=eOPEN|SENT total:d12,2 note?s extra?j placed=t receipt?y tags*s");
const OrderLineSchema = exports.OrderLineSchema = /*#__PURE__*/ model("OrderLine", "orderId:n position:i sku:s name=s");
const OrderKeySchema = exports.OrderKeySchema = /*#__PURE__*/ model("OrderKey", "id:i", 2);
