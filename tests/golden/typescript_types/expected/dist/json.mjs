import { models } from "./related.mjs";

export function toJson(model, value) {
  return named(model).toJson(value);
}

export function fromJson(model, value) {
  return named(model).fromJson(value);
}

function named(model) {
  if (!Object.hasOwn(models, model)) throw new TypeError(`there is no model ${JSON.stringify(model)}`);
  return models[model];
}
