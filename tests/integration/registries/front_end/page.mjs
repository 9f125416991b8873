// Runs in a browser under `script-src 'self'`; what it finds is in the page's title.
import { fromJson, toJson } from "@org/schema-types/json";
import { ThingMeta } from "@org/schema-types/meta";
import { ThingSchema } from "@org/schema-types/validators";

function compiles() {
  try {
    return new Function("return true")();
  } catch {
    return false;
  }
}

const { issues } = ThingSchema.json.create["~standard"].validate({ price: "x", raw: "aGk=", at: "2026-02-31" });
const { value } = ThingSchema.json.create["~standard"].validate({ price: "1", raw: "aGk=", at: "2026-01-31" });
const there = fromJson("Thing", toJson("Thing", value));
document.title = JSON.stringify({
  compiles: compiles(),
  issues: issues.map(({ path }) => path.join(".")),
  same: there.at.getTime() === value.at.getTime() && there.raw.join() === value.raw.join(),
  label: ThingMeta.fields.updatedAt.label,
});
