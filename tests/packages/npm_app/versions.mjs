// On which databases the client works: `node versions.mjs database_versions.json`, and what it does on the server of
// DATABASE_URL, where the migrations' runner has recorded version 1.0.0.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createClient as imported, PrismaClient, PrismaPg } from "@org/schema-client";

const require = createRequire(import.meta.url);
const rules = require("./node_modules/@org/schema-client/dist/database_version.cjs");
const { createClient: required } = require("@org/schema-client");
const { Client, Pool } = require("pg");

const { database, cases, answers, asked, places, options, names } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const named = (of) => ({
  schemaName: of.schema_name,
  package: of.package,
  version: of.version,
  oldest: of.oldest,
  until: of.until,
  migrations: of.migrations,
  hasLines: of.has_lines,
  hasSchemas: of.has_schemas ?? false,
});
for (const { why, database: changes, row, refused } of cases) {
  const found = rules.refusal(named({ ...database, ...changes }), row);
  assert.deepEqual(found, refused && { ...refused, databaseVersion: row.version }, why);
}
for (const { facts, row } of answers) assert.deepEqual(rules.recorded(facts) ?? null, row);
for (const { schema, values } of asked) assert.deepEqual(rules.asked(named(database), schema ?? undefined), values);
for (const { facts, schema, has_schemas, message, fix } of places) {
  const found = rules.misplaced(named({ ...database, has_schemas }), facts, schema ?? undefined);
  assert.deepEqual([found?.message, found?.fix], [message, fix]);
}
for (const { options: given, name } of options) assert.equal(rules.namedInOptions(given) ?? null, name);
for (const { own, package: packaged, name } of names) assert.equal(rules.applicationName(own, packaged), name);

const url = process.env.DATABASE_URL;
const own = new Client({ connectionString: url });
await own.connect();
const record = (version, compatibleFrom) =>
  own.query("UPDATE schema_service.versions SET version = $1, target = $1, compatible_from = $2", [version, compatibleFrom]);
const tooOld = (error) => {
  assert.deepEqual(
    [error.name, error.code, error.clientVersion, error.databaseVersion, error.message],
    [
      "DatabaseVersionError",
      "database-too-old",
      "2.0.0",
      "1.0.0",
      "the database has version 1.0.0 of shop, and @org/schema-client 2.0.0 needs 2.0.0 or later; migrate it first " +
        "(schema-migrations 2.0.0: schema-migrations upgrade), or install @org/schema-client 1.0.0; " +
        "checkDatabase: false connects without this check",
    ],
  );
  return true;
};
const pool = new Pool({ connectionString: url });
const name = (client) => client.$queryRaw`SELECT current_setting('application_name') AS name`;
for (const createClient of [imported, required]) {
  for (const client of [
    createClient(url),
    createClient({ connectionString: url, pool }),
    new PrismaClient({ adapter: new PrismaPg(url) }),
  ]) {
    await assert.rejects(client.$connect(), tooOld);
    await assert.rejects(client.thing.count(), ({ code, message }) => {
      return code === "database-too-old" && /has version 1\.0\.0 of shop, .* 2\.0\.0 needs 2\.0\.0 or later/.test(message);
    });
    await client.$disconnect();
  }
}
await sessions(0);
for (const client of [
  imported({ connectionString: url, checkDatabase: false }),
  imported({ connectionString: `${url}&application_name=checkout`, checkDatabase: false }),
  imported({ connectionString: `${url}&options=-c%20application_name%3Dcheckout`, checkDatabase: false }),
  new PrismaClient({ adapter: new PrismaPg(url, { checkDatabase: false }) }),
]) {
  assert.match((await name(client))[0].name, /^(checkout )?@org\/schema-client\/2\.0\.0$/);
  await client.$disconnect();
}
await record("2.3.0", "2.0.0");
const client = imported(url);
assert.deepEqual(await name(client), [{ name: "@org/schema-client/2.0.0" }]);
await record("3.0.0", null);
assert.equal((await name(client)).length, 1); // it was asked for once, when the client connected
await client.$disconnect();
await assert.rejects(imported(url).thing.count(), { code: "database-too-new" });

// Models are in the URL's schema, or in public: where the session leads elsewhere, raw queries would read other tables.
await record("2.0.0", "2.0.0");
await own.query("CREATE SCHEMA acme");
const elsewhere = `${url}&options=-c%20search_path%3Dacme`;
const acmePool = new Pool({ connectionString: elsewhere });
for (const options of [elsewhere, { connectionString: url, pool: acmePool }, `${url}&schema=acme&pgbouncer=true`]) {
  await assert.rejects(imported(options).$connect(), { code: "database-other-schema" });
}
for (const options of [
  `${elsewhere}&schema=acme`,
  `${elsewhere}&schema=public`,
  `${elsewhere}&schema=acme&pgbouncer=true`,
  { connectionString: url, pool: acmePool, schema: "public" },
  { connectionString: elsewhere, checkDatabase: false },
]) {
  await closing(imported(options));
}
await acmePool.end();

// Where each model names its schema, the URL's moves nothing; and the search path doesn't matter.
const { DATABASE } = require("./node_modules/@org/schema-client/dist/database_range.cjs");
DATABASE.hasSchemas = true;
for (const options of [`${url}&schema=acme`, { connectionString: url, schema: "acme" }, { pool, schema: "acme" }]) {
  assert.throws(() => required(options), /schema=acme moves nothing.*leave schema out of the URL/);
}
await closing(required(elsewhere));
DATABASE.hasSchemas = false;

// An idle client is seen, and one that nobody disconnects keeps no process alive.
const idle = imported({ connectionString: url, idleTimeoutMillis: 20 });
await Promise.all([1, 2, 3].map(() => idle.$queryRaw`SELECT pg_sleep(0.02)::text`));
await sessions(1);
await own.query("SELECT pg_sleep(0.2)");
await sessions(1);
await idle.$disconnect();
await sessions(0);
const script = `const { createClient } = require("@org/schema-client");
  createClient().$queryRaw\`SELECT 1 AS one\`.then(([{ one }]) => process.stdout.write(String(one)))`;
assert.equal(execFileSync(process.execPath, ["-e", script], { timeout: 60_000 }).toString(), "1");

// Somebody keeps the table locked: nobody waits for that.
await own.query("BEGIN; LOCK TABLE schema_service.versions IN ACCESS EXCLUSIVE MODE");
await assert.rejects(imported(url).$connect(), { code: "database-locked", databaseVersion: null });
await own.query("ROLLBACK");
await closing(imported(url));

// A server that can't be reached is reported by queries, as without the check, and checked when it is there.
const [, name_] = /\/([^/?]+)\?/.exec(url);
const waiting = imported({ connectionString: url.replace(name_, "later"), max: 1 });
for (const use of [() => waiting.thing.count(), () => waiting.$transaction(async () => {})]) {
  await waiting.$connect();
  await assert.rejects(use, { code: "P1003" });
}
await own.query("CREATE DATABASE later");
const later = new Client({ connectionString: url.replace(name_, "later") });
await later.connect();
await later.query(`CREATE SCHEMA schema_service; CREATE TABLE schema_service.versions AS
  SELECT 'shop' AS schema_name, '3.0.0' AS version, '3.0.0' AS target, 'x' AS digest, NULL AS compatible_from`);
await later.end();
await assert.rejects(() => waiting.thing.count(), { code: "database-too-new" });
await waiting.$disconnect();
await own.query("DROP DATABASE later");
await pool.end();
await own.end();
console.log("done");

async function closing(client) {
  await client.$connect();
  await client.$disconnect();
}

/** A session ends after its client. */
async function sessions(expected) {
  const query = "SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name LIKE '@org/schema-client%'";
  while ((await own.query(query)).rows[0].count !== expected);
}
