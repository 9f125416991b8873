// The fields that JSON has no type for, and the relations: what convert.mjs converts by.
export const models = {
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
