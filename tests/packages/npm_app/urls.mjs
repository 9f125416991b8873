// What database URLs mean: `node urls.mjs database_urls.json`, and what they do on the server of DATABASE_URL.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer, connect } from "node:net";
import { createClient, PrismaClient, PrismaPg } from "@org/schema-client";

const require = createRequire(import.meta.url);
const { readDatabaseUrl } = require("./node_modules/@org/schema-client/dist/database_url.cjs");
const { Client, Pool } = require("pg");

const NUMBERS = {
  connection_limit: "connectionLimit",
  connect_timeout: "connectTimeout",
  pool_timeout: "poolTimeout",
  socket_timeout: "socketTimeout",
  statement_cache_size: "statementCacheSize",
};
for (const { url, parameters, environment = {}, refused, node = refused, ...means } of JSON.parse(
  readFileSync(process.argv[2], "utf8"),
)) {
  if (node !== undefined) {
    assert.throws(() => readDatabaseUrl(url, {}), ({ message }) => message.includes(node) && !/SEC|RET/.test(message), url);
    continue;
  }
  const read = readDatabaseUrl(url, environment);
  assert.deepEqual({ ...read.parameters }, parameters, url);
  assert.deepEqual([read.schema, read.isPooled], [means.schema, means.is_pooled ?? false], url);
  for (const [name, own] of Object.entries(NUMBERS)) assert.equal(read[own], means[name], `${name} of ${url}`);
}

// Which variables are read: nothing else changes what a session begins with.
const begun = () => {
  try {
    const { Client: Session, ...config } = new PrismaPg("postgresql:///").config;
    const session = new Session(config);
    const { connect_timeout, ...parameters } = session.connectionParameters; // that of the native driver
    return JSON.stringify([parameters, session.password, session.ssl, config]);
  } catch (error) {
    return error.message;
  }
};
for (const name of Object.keys(process.env).filter((each) => each.startsWith("PG"))) delete process.env[name];
const before = begun();
for (const [name, isRead] of Object.entries(JSON.parse(process.env.VARIABLES))) {
  process.env[name] = { PGPORT: "5999", PGSSLMODE: "disable", PGSSLROOTCERT: "system" }[name] ?? "/other";
  assert.equal(begun() !== before, isRead, name);
  delete process.env[name];
}

// A schema is the search path of every query.
const given = process.env.DATABASE_URL;
const own = new Client({ connectionString: given });
await own.connect();
await own.query(`
  CREATE SCHEMA "my app"; CREATE TABLE "my app".place (name text); CREATE TABLE public.place (name text);
  INSERT INTO "my app".place VALUES ('app'); INSERT INTO public.place VALUES ('public')`);
const place = (client) => client.$queryRaw`SELECT name, current_schema() AS schema FROM place`;
const app = [{ name: "app", schema: "my app" }];
const inPublic = [{ name: "public", schema: "public" }];
const url = `${given}&schema=my%20app`;
await closing(createClient(url), async (client) => {
  assert.deepEqual(await place(client), app);
  assert.deepEqual(await client.$transaction((transaction) => place(transaction)), app);
  await assert.rejects(client.thing.count(), { code: "P2021" });
});
for (const [client, expected] of [
  [createClient({ connectionString: given, schema: "my app" }), app],
  [createClient({ connectionString: url, schema: "public" }), inPublic],
  [createClient(given), inPublic],
  [createClient(`${given}&pgbouncer=true&schema=public`), inPublic],
  [new PrismaClient({ adapter: new PrismaPg(url) }), app],
  [new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) }), app],
]) {
  await closing(client, async () => assert.deepEqual(await place(client), expected));
}

// Limits of the pool and of statements.
const limits = `${given}&connection_limit=1&pool_timeout=1&socket_timeout=7&application_name=a+b&options=-c+work_mem%3D9MB`;
await closing(createClient(limits), async (client) => {
  const [row] = await client.$queryRaw`
    SELECT current_setting('statement_timeout') AS timeout, current_setting('application_name') AS name,
      current_setting('work_mem') AS memory`;
  assert.deepEqual(row, { timeout: "7s", name: "a+b @org/schema-client/2.0.0", memory: "9MB" });
  await client.$transaction(async () => {
    await assert.rejects(client.$queryRaw`SELECT 1`, /timeout exceeded/);
  });
});
for (const [option, checkDatabase] of [["schema=app", false], ["socket_timeout=7", true]]) {
  const connectionString = `${given}&pgbouncer=true&${option}`;
  assert.throws(() => createClient({ connectionString, checkDatabase }), /does not keep .*ALTER ROLE/);
}
const { options } = new Pool({ ...new PrismaPg({ connectionString: limits, max: 3, password: undefined }).config });
assert.deepEqual([options.max, options.connectionTimeoutMillis], [3, 1000]);
const secret = new PrismaPg({ connectionString: "postgresql://u:in-the-url@h/d", password: () => "later" });
assert.equal(secret.config.password(), "later");
assert.throws(() => createClient("postgresql://u:SEC@RET@h/d"), ({ message }) => !/SEC|RET/.test(message));

// A server without TLS on TCP is what the default and sslmode=prefer can do with, and nothing else.
const behind = new URLSearchParams(given.split("?")[1]);
const relay = createServer((socket) => {
  const server = connect(`${behind.get("host")}/.s.PGSQL.${behind.get("port")}`);
  socket.pipe(server).pipe(socket);
  for (const end of [socket, server]) end.on("error", () => {});
});
await new Promise((resolve) => relay.listen(0, "127.0.0.1", resolve));
const tcp = `postgresql://${own.user}@127.0.0.1:${relay.address().port}/${own.database}?`;
for (const option of ["", "sslmode=prefer", "sslmode=disable", "sslaccept=accept_invalid_certs"]) {
  await closing(createClient(tcp + option), async (client) => {
    assert.deepEqual(await client.$queryRaw`SELECT 1 AS one`, [{ one: 1 }], option);
  });
}
for (const option of ["sslmode=require", "sslaccept=strict", "channel_binding=require"]) {
  await closing(createClient(tcp + option), async (client) => {
    await assert.rejects(client.$queryRaw`SELECT 1`, /SSL|SCRAM-SHA-256-PLUS/, option);
  });
}
for (const option of ["sslmode=verify-ca", "sslmode=verify-full&sslrootcert=nowhere", "channel_binding=require&sslmode=disable"]) {
  assert.throws(() => createClient(tcp + option), /sslrootcert|needs TLS/, option);
}
relay.close();
await own.end();
console.log("done");

async function closing(client, use) {
  try {
    await use(client);
  } finally {
    await client.$disconnect();
  }
}
