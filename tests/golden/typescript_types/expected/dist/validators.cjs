"use strict";
const { model } = require("./model.cjs");

const OrderSchema = /*#__PURE__*/ model("Order", "id=n state=eOPEN|SENT total:d12,2 note?s extra?j placed=t3 receipt?y tags*s");
const OrderLineSchema = /*#__PURE__*/ model("OrderLine", "orderId:n position:i sku:s name=s");
const OrderKeySchema = /*#__PURE__*/ model("OrderKey", "id:i");
exports.OrderSchema = OrderSchema;
exports.OrderLineSchema = OrderLineSchema;
exports.OrderKeySchema = OrderKeySchema;
