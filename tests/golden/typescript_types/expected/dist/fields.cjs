"use strict";
// The fields that JSON has no type for, and the relations: what convert.mjs converts by.
const models = {
  Order: {
    scalars: { id: "BigInt", total: "Decimal", placed: "DateTime", receipt: "Bytes" },
    relations: { lines: "OrderLine" },
  },
  OrderLine: {
    scalars: { orderId: "BigInt" },
    relations: { order: "Order" },
  },
  OrderKey: {
    scalars: { },
    relations: { },
  },
};
exports.models = models;
