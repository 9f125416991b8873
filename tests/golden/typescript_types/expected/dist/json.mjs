import { decode, encode } from "./convert.mjs";
import { models } from "./fields.mjs";

export function toJson(model, value) {
  return encode(models, model, value);
}

export function fromJson(model, value) {
  return decode(models, model, value);
}
