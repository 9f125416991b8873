import { related } from "./model.mjs";
import * as schemas from "./validators.mjs";

export const models = related(Object.values(schemas), {
  Order: "lines=OrderLine",
  OrderLine: "order=Order",
});
