// What importing and requiring the two packages gives, without a database.
import assert from "node:assert/strict";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const client = { imported: await import("@org/schema-client"), required: require("@org/schema-client") };
const types = { imported: await import("@org/schema-types"), required: require("@org/schema-types") };

assert.deepEqual(Object.keys(client.imported).sort(), Object.keys(client.required).sort());
for (const name of Object.keys(client.required)) {
  assert.equal(client.imported[name], client.required[name], `${name} is one and the same in both formats`);
}
assert.deepEqual(Object.keys(types.imported).sort(), Object.keys(types.required).sort());

// The values of enums are the schema's names in both packages, whatever the database calls them.
for (const { State } of [types.imported, types.required, require("@org/schema-types/enums")]) {
  assert.deepEqual(State, { ...client.required.State });
  assert.deepEqual(Object.values(State), ["NEW", "OLD", "default"]);
  assert.throws(() => "use strict" && Object.defineProperty(State, "NEW", { value: "x" }), TypeError);
}

for (const from of [client, types]) {
  for (const module of Object.values(from)) {
    assert.equal(module.SCHEMA_VERSION, process.argv[2]);
    assert.equal(module.SCHEMA_DIGEST, process.argv[3]);
  }
}
for (const name of ["models", "inputs", "json", "version", "package.json"]) require(`@org/schema-types/${name}`);
for (const name of ["models", "inputs", "json", "version"]) await import(`@org/schema-types/${name}`);
await assert.rejects(import("@org/schema-types/dist/fields.mjs"), { code: "ERR_PACKAGE_PATH_NOT_EXPORTED" });

delete process.env.DATABASE_URL;
for (const name of Object.keys(process.env).filter((name) => name.startsWith("PG"))) delete process.env[name];
const { createClient, PrismaPg } = client.required;
assert.throws(() => createClient(), /No database is configured.*DATABASE_URL/);
assert.throws(() => createClient({ pool: {} }), /not a pool of node-postgres/);
createClient({ host: "localhost" });
// node-postgres hides the password among a pool's options.
const { options } = new (require("pg").Pool)({ host: "localhost", password: "secret" });
assert.equal(new PrismaPg(options).config.password, "secret");
for (const [wrong, said] of [
  [null, "null"],
  [5, "a number"],
  [[], "an object of Array"],
  [new URL("postgresql://h/d"), "an object of URL"],
  [{ conectionString: "x" }, 'no option "conectionString"'],
  [{ log: ["query"] }, "{ prisma: { log } }"],
]) {
  assert.throws(() => createClient(wrong), ({ name, message }) => name === "TypeError" && message.includes(said));
}
assert.deepEqual(Object.keys(new PrismaPg(options).config), [...new Set(["min", "allowExitOnIdle", ...Object.keys(options), "application_name", "Client"])]);
process.env.PGHOST = "localhost";
createClient();

assert.equal(globalThis.pwned, undefined);
console.log("done");
