"use strict";
// What a database URL means, as settings of node-postgres. Those that libpq has too mean here what they mean there:
// https://www.postgresql.org/docs/current/libpq-connect.html

const { existsSync, readFileSync } = process.getBuiltinModule("node:fs");
const { homedir } = process.getBuiltinModule("node:os");
const { join } = process.getBuiltinModule("node:path");
const { InvalidDatabaseUrlError } = require("./database_url.cjs");

const RENAMED = {
  host: "host",
  user: "user",
  password: "password",
  dbname: "database",
  application_name: "application_name",
  fallback_application_name: "fallback_application_name",
  options: "options",
};

/** `isChecked`: who connects looks where the session leads, so that a pooler's path may be that of the role. */
function urlConfig(url, { isChecked = false } = {}) {
  refuseUnkept(url, isChecked);
  const { parameters } = url;
  const config = {};
  for (const [name, own] of Object.entries(RENAMED)) {
    if (parameters[name] !== undefined) config[own] = parameters[name];
  }
  if (parameters.port !== undefined) config.port = Number(parameters.port);
  if (parameters.keepalives !== undefined) config.keepAlive = parameters.keepalives !== "0";
  if (parameters.keepalives_idle !== undefined) {
    config.keepAliveInitialDelayMillis = 1000 * Number(parameters.keepalives_idle);
  }
  if (url.connectionLimit !== undefined) config.max = url.connectionLimit;
  if (url.poolTimeout !== undefined) config.connectionTimeoutMillis = 1000 * url.poolTimeout;
  if (url.socketTimeout !== undefined) config.statement_timeout = 1000 * url.socketTimeout;
  if (parameters.channel_binding !== undefined) config.enableChannelBinding = parameters.channel_binding !== "disable";
  const ssl = tls(parameters, process.env);
  if (parameters.channel_binding === "require" && !ssl) {
    throw new InvalidDatabaseUrlError("channel_binding=require needs TLS", "write sslmode=require beside it");
  }
  return { ...config, ssl };
}

// A pooler refuses them or, worse, takes them from one client's transaction to another's.
function refuseUnkept({ isPooled, schema, socketTimeout }, isChecked) {
  if (!isPooled) return;
  const wanted = [];
  if (!isChecked && schema !== undefined && schema !== "public") wanted.push(["schema", "search_path"]);
  if (socketTimeout !== undefined) wanted.push(["socket_timeout", "statement_timeout"]);
  if (wanted.length === 0) return;
  throw new InvalidDatabaseUrlError(
    `a transaction pooler (pgbouncer=true) does not keep ${wanted.map(([name]) => name).join(" and ")} for each client`,
    `leave it out, and set it on the role: ${wanted.map(([, name]) => `ALTER ROLE ... SET ${name} = ...`).join(" and ")}`,
  );
}

/** The setting `ssl`: false, or the options of `tls.connect`. */
function tls(parameters, environment) {
  const mode = parameters.sslmode ?? environment.PGSSLMODE ?? "prefer";
  const host = parameters.host ?? environment.PGHOST;
  if (mode === "disable" || host?.startsWith("/")) return false;
  const authority = rootCertificate(parameters, environment);
  if (authority === "system" && mode !== "verify-full") {
    throw new InvalidDatabaseUrlError(`sslrootcert=system needs sslmode=verify-full`, "write sslmode=verify-full");
  }
  const verifies = mode.startsWith("verify-") || (mode === "require" && authority !== undefined);
  if (verifies && authority === undefined) {
    throw new InvalidDatabaseUrlError(
      `sslmode=${mode} needs the certificate of an authority`,
      "name its file as sslrootcert, or write sslrootcert=system for those that the system trusts",
    );
  }
  return {
    rejectUnauthorized: verifies,
    ...(verifies && authority !== "system" && { ca: file("sslrootcert", authority) }),
    ...(verifies && mode !== "verify-full" && { checkServerIdentity: () => undefined }),
    ...(parameters.sslcert && { cert: file("sslcert", parameters.sslcert) }),
    ...(parameters.sslkey && { key: file("sslkey", parameters.sslkey) }),
    ...(parameters.sslpassword && { passphrase: parameters.sslpassword }),
  };
}

function rootCertificate(parameters, environment) {
  const named = parameters.sslrootcert ?? (environment.PGSSLROOTCERT || undefined);
  const usual = join(homedir(), ".postgresql", "root.crt");
  return named ?? (existsSync(usual) ? usual : undefined);
}

function file(name, path) {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new InvalidDatabaseUrlError(`the file of ${name} can't be read (${error.code})`, "correct its path");
  }
}

/** Whether a server without TLS is good enough. */
const acceptsPlain = ({ parameters }) => (parameters.sslmode ?? process.env.PGSSLMODE ?? "prefer") === "prefer";

exports.urlConfig = urlConfig;
exports.acceptsPlain = acceptsPlain;
