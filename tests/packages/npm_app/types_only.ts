// A front end has the types package and neither the client nor a DOM nor Node's types.
import { fromJson, State, type Thing, type ThingJson } from "@org/schema-types";

export const label: Record<State, string> = { NEW: "new", OLD: "old", default: "?" };
export const read = (json: ThingJson): Thing => fromJson("Thing", json);
