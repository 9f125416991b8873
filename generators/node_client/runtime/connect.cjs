"use strict";
// Connects the generated client to a Postgres server. Independent of the schema.

const { Pool } = require("pg");
const { PrismaClient } = require("./prisma/index.js");
const { PrismaPg: Adapter } = require("./prisma/runtime/client.js");
const { sessionClass, withSettings } = require("./sessions.cjs");

// What makes node-postgres connect without a connection string: https://node-postgres.com/features/connecting
const SERVER_OPTIONS = ["host", "port", "database", "user", "password"];
const SERVER_VARIABLES = ["PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD"];

class PrismaPg extends Adapter {
  constructor(poolOrConfig, options) {
    super(poolOrConfig, options);
    if (!this.externalPool) this.config = withSessionClass(this.config ?? {});
  }

  async connect() {
    const connected = await super.connect();
    connected.client = withSettings(connected.client);
    return connected;
  }
}

// By descriptors, since a pool's options hide their password from a plain copy.
function withSessionClass(config) {
  const Client = { value: sessionClass(config.Client), enumerable: true };
  return Object.defineProperties({}, { ...Object.getOwnPropertyDescriptors(config), Client });
}

function createClient(options = {}) {
  const { connectionString, schema, pool, prisma, adapter, ...config } =
    typeof options === "string" ? { connectionString: options } : options;
  const url = connectionString ?? databaseUrl(config);
  const server = pool === undefined ? serverConfig(url, config) : ownPool(pool);
  const name = schema ?? (pool === undefined ? schemaInUrl(url) : undefined);
  const adapterOptions = name === undefined ? adapter : { ...adapter, schema: name };
  return new PrismaClient({ ...prisma, adapter: new PrismaPg(server, adapterOptions) });
}

function databaseUrl(config) {
  const isGiven = SERVER_OPTIONS.some((name) => config[name] !== undefined);
  return isGiven ? undefined : process.env.DATABASE_URL || undefined;
}

function serverConfig(url, config) {
  const isKnown =
    Boolean(url) ||
    SERVER_OPTIONS.some((name) => config[name] !== undefined) ||
    SERVER_VARIABLES.some((name) => process.env[name]);
  if (!isKnown) {
    throw new Error("No database is configured: pass a connection string to createClient, or set DATABASE_URL.");
  }
  return url ? { ...config, connectionString: url } : config;
}

// The adapter would take any other object for settings and silently connect elsewhere.
function ownPool(pool) {
  if (pool instanceof Pool) return pool;
  throw new TypeError("The pool was not made by the copy of `pg` that this package uses: install one version of pg.");
}

// Prisma's connection strings name the Postgres schema as `?schema=`, which node-postgres does not know.
function schemaInUrl(url) {
  const query = url?.split("?", 2)[1];
  return new URLSearchParams(query).get("schema") ?? undefined;
}

exports.createClient = createClient;
exports.PrismaPg = PrismaPg;
