import { describe } from "./describe.mjs";
import * as $schemas from "./validators.mjs";

export const OrderMeta = /*#__PURE__*/ describe($schemas.OrderSchema, { label: "What a customer asked for", description: "{@link Nothing} and */ stay text.", key: ["id"], fields: { id: { generated: "autoincrement" }, state: { default: "OPEN", values: { SENT: { label: "Handed to the carrier" } } }, total: { label: "In the customer's currency" }, placed: { generated: "now" } }, relations: "lines*OrderLine" });
export const OrderLineMeta = /*#__PURE__*/ describe($schemas.OrderLineSchema, { key: ["orderId", "position"], uniques: [["orderId", "sku"]], fields: { name: { isDeprecated: true, default: "" } }, relations: "order:Order(orderId=id)" });
export const OrderKeyMeta = /*#__PURE__*/ describe($schemas.OrderKeySchema, { label: "Not a number of ours: types made from Order step aside", key: ["id"] });
