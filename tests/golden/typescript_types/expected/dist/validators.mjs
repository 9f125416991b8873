import { model } from "./model.mjs";

export const OrderSchema = /*#__PURE__*/ model("Order", "id=n state=eOPEN|SENT total:d12,2 note?s extra?j placed=t receipt?y tags*s");
export const OrderLineSchema = /*#__PURE__*/ model("OrderLine", "orderId:n position:i sku:s name=s");
export const OrderKeySchema = /*#__PURE__*/ model("OrderKey", "id:i", 2);
