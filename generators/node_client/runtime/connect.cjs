"use strict";
// Connects the generated client to a Postgres server. Independent of the schema.

const { PrismaClient } = require("./prisma/index.js");
const { PrismaPg: Adapter } = require("./prisma/runtime/client.js");
const { readDatabaseUrl } = require("./database_url.cjs");
const { checkDatabase } = require("./database_check.cjs");
const { DATABASE } = require("./database_range.cjs");
const { applicationName } = require("./database_version.cjs");
const { urlConfig } = require("./url_config.cjs");
const { sessionClass, withSettings } = require("./sessions.cjs");

// What makes node-postgres connect without a connection string: https://node-postgres.com/features/connecting
const SERVER_OPTIONS = ["host", "port", "database", "user", "password"];
const SERVER_VARIABLES = ["PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD"];

class PrismaPg extends Adapter {
  constructor(poolOrConfig, options) {
    if (isPool(poolOrConfig)) {
      super(poolOrConfig.options, options);
      this.checkDatabase = checkOf(options);
      // The adapter knows pools of its own copy of node-postgres only.
      this.externalPool = poolOrConfig;
      return;
    }
    const { connectionString, ...rest } = described(
      typeof poolOrConfig === "string" ? { connectionString: poolOrConfig } : poolOrConfig,
    );
    const url = connectionString && readDatabaseUrl(connectionString.value);
    const schema = options?.schema ?? url?.schema;
    // What is given beside a URL says it for this client alone, and wins.
    const config = Object.defineProperties({}, { ...(url && described(urlConfig(url))), ...given(rest) });
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

const checkOf = (options) =>
  options?.checkDatabase === false
    ? () => undefined
    : (connected) => checkDatabase(connected, DATABASE, options?.schema);

/** In pg_stat_activity they say which package is connected. */
function nameSessions(config) {
  const own = config.application_name || process.env.PGAPPNAME || config.fallback_application_name;
  config.application_name = applicationName(own, `${DATABASE.package}/${DATABASE.version}`);
}

// By descriptors, since a pool's options hide their password from a plain copy.
const described = (config) => Object.getOwnPropertyDescriptors(config ?? {});

const given = (descriptors) =>
  Object.fromEntries(Object.entries(descriptors).filter(([, { get, value }]) => get || value !== undefined));

function createClient(options = {}) {
  const { connectionString, schema, pool, prisma, adapter, checkDatabase: checks, ...config } =
    typeof options === "string" ? { connectionString: options } : options;
  const server = pool === undefined ? serverConfig(connectionString ?? databaseUrl(config), config) : ownPool(pool);
  const adapterOptions = {
    ...adapter,
    ...(schema !== undefined && { schema }),
    ...(checks !== undefined && { checkDatabase: checks }),
  };
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
  if (isPool(pool)) return pool;
  throw new TypeError("`pool` is not a pool of node-postgres: pass what `new Pool()` of the package pg returns.");
}

/** Whether it is a pool of node-postgres, of whichever copy: this package has one of its own. */
const isPool = (value) =>
  ["connect", "query", "end", "on"].every((name) => typeof value?.[name] === "function") &&
  typeof value.totalCount === "number";

exports.createClient = createClient;
exports.PrismaPg = PrismaPg;
