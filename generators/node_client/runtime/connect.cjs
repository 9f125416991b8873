"use strict";
// Connects the generated client to a Postgres server. Independent of the schema.

const { PrismaClient } = require("./prisma/index.js");
const { PrismaPg: Adapter } = require("./prisma/runtime/client.js");
const { InvalidDatabaseUrlError, readDatabaseUrl } = require("./database_url.cjs");
const { checkDatabase } = require("./database_check.cjs");
const { DATABASE } = require("./database_range.cjs");
const { applicationName, movedBy, namedInOptions } = require("./database_version.cjs");
const { urlConfig } = require("./url_config.cjs");
const { sessionClass, withSettings } = require("./sessions.cjs");

// What makes node-postgres connect without a connection string: https://node-postgres.com/features/connecting
const SERVER_OPTIONS = ["host", "port", "database", "user", "password"];
const SERVER_VARIABLES = ["PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD"];

// While a client lives it is connected, idle or not: that is how the migrations' `users` sees who needs which version.
// A process ends where nothing but that is left.
const KEPT = { min: 1, allowExitOnIdle: true };

const OPTIONS = new Set([
  "adapter", "checkDatabase", "connectionString", "pool", "prisma", "schema",
  // Those of node-postgres and its pool, in any version 8.
  "Client", "Promise", "allowExitOnIdle", "application_name", "binary", "client_encoding", "connection",
  "connectionTimeoutMillis", "database", "enableChannelBinding", "fallback_application_name", "host",
  "idleTimeoutMillis", "idle_in_transaction_session_timeout", "keepAlive", "keepAliveInitialDelayMillis",
  "lock_timeout", "log", "max", "maxLifetimeSeconds", "maxUses", "min", "onConnect", "options", "password", "pipeline",
  "poolSize", "port", "query_timeout", "replication", "scramMaxIterations", "ssl", "sslnegotiation",
  "statement_timeout", "stream", "types", "user", "verify",
]); // prettier-ignore
const PRISMA_OPTIONS = new Set(["comments", "errorFormat", "log", "omit", "transactionOptions"]);

class PrismaPg extends Adapter {
  constructor(poolOrConfig, options) {
    if (isPool(poolOrConfig)) {
      refuseSchema(options?.schema);
      super(poolOrConfig.options, options);
      this.checkDatabase = checkOf(options, true);
      // The adapter knows pools of its own copy of node-postgres only.
      this.externalPool = poolOrConfig;
      return;
    }
    const { connectionString, ...rest } = described(
      typeof poolOrConfig === "string" ? { connectionString: poolOrConfig } : poolOrConfig,
    );
    const url = connectionString && readDatabaseUrl(connectionString.value);
    const schema = options?.schema ?? url?.schema;
    refuseSchema(schema);
    const isChecked = options?.checkDatabase !== false;
    // What is given beside a URL says it for this client alone, and wins.
    const config = Object.defineProperties({ ...KEPT }, { ...(url && described(urlConfig(url, { isChecked }))), ...given(rest) });
    nameSessions(config);
    const Client = sessionClass(config.Client, { searchPath: url?.isPooled ? undefined : schema, url });
    super(Object.defineProperty(config, "Client", { value: Client, enumerable: true }), {
      ...options,
      ...(schema !== undefined && { schema }),
    });
    this.checkDatabase = checkOf({ ...options, schema });
  }

  async connect() {
    const connected = await super.connect();
    connected.client = withSettings(connected.client);
    try {
      await this.checkDatabase(connected);
    } catch (error) {
      await connected.dispose();
      throw error;
    }
    return connected;
  }
}

const checkOf = (options, isOwnPool) =>
  options?.checkDatabase === false
    ? () => undefined
    : (connected) => checkDatabase(connected, DATABASE, options?.schema, isOwnPool);

function refuseSchema(schema) {
  if (DATABASE.hasSchemas && schema && schema !== "public") throw new InvalidDatabaseUrlError(...movedBy(schema));
}

/** In pg_stat_activity they say which package is connected. */
function nameSessions(config) {
  const own =
    config.application_name ||
    process.env.PGAPPNAME ||
    namedInOptions(config.options || process.env.PGOPTIONS || "") ||
    config.fallback_application_name;
  config.application_name = applicationName(own, `${DATABASE.package}/${DATABASE.version}`);
}

// By descriptors, since a pool's options hide their password from a plain copy.
const described = (config) => Object.getOwnPropertyDescriptors(config ?? {});

const given = (descriptors) =>
  Object.fromEntries(Object.entries(descriptors).filter(([, { get, value }]) => get || value !== undefined));

function createClient(options = {}) {
  const { connectionString, schema, pool, prisma, adapter, checkDatabase: checks, ...config } = settingsOf(options);
  const server = pool === undefined ? serverConfig(connectionString ?? databaseUrl(config), config) : ownPool(pool);
  const adapterOptions = {
    ...adapter,
    ...(schema !== undefined && { schema }),
    ...(checks !== undefined && { checkDatabase: checks }),
  };
  return new PrismaClient({ ...prisma, adapter: new PrismaPg(server, adapterOptions) });
}

/** The options, if they are any. What nobody reads would be dropped, and the client would connect elsewhere. */
function settingsOf(options) {
  if (typeof options === "string") return { connectionString: options };
  const isObject = typeof options === "object" && options !== null && !Array.isArray(options);
  if (!isObject || options instanceof URL || isPool(options)) {
    const fix = isPool(options) ? "createClient({ pool })" : "a string, or an object such as { connectionString }";
    throw new TypeError(`createClient can't use ${kindOf(options)} as its options: pass ${fix}.`);
  }
  for (const name of Object.keys(options)) {
    if (OPTIONS.has(name) && !(name === "log" && typeof options.log !== "function")) continue;
    const fix = PRISMA_OPTIONS.has(name) ? `pass it to Prisma Client: { prisma: { ${name} } }` : "correct its name, or leave it out";
    throw new TypeError(`createClient has no option ${JSON.stringify(name)}: ${fix}.`);
  }
  return options;
}

function kindOf(value) {
  if (value === null) return "null";
  return typeof value === "object" ? `an object of ${value.constructor?.name ?? "no class"}` : `a ${typeof value}`;
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
  if (isPool(pool)) return pool;
  throw new TypeError("`pool` is not a pool of node-postgres: pass what `new Pool()` of the package pg returns.");
}

/** Whether it is a pool of node-postgres, of whichever copy: this package has one of its own. */
const isPool = (value) =>
  ["connect", "query", "end", "on"].every((name) => typeof value?.[name] === "function") &&
  typeof value.totalCount === "number";

exports.createClient = createClient;
exports.PrismaPg = PrismaPg;
