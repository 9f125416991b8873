"use strict";
// What a database URL means: the rules of the Python packages' database_url.py, for Node.

// Options of Prisma's that say how to use a database.
const PRISMA = new Set([
  "connection_limit", "pgbouncer", "pool_timeout", "schema", "socket_timeout", "sslaccept", "statement_cache_size",
]); // prettier-ignore
const LEAVE_OUT = "leave it out";
const REFUSED = new Map([
  ["max_connection_lifetime", LEAVE_OUT],
  ["max_idle_connection_lifetime", LEAVE_OUT],
  ["single_use_connections", LEAVE_OUT],
  [
    "sslidentity",
    "PKCS 12 files are not supported: convert it to PEM files with openssl pkcs12, and name them as sslcert and sslkey",
  ],
]);
// Parameters of libpq's that node-postgres has too, and those that only libpq has.
const SHARED = new Set([
  "application_name", "channel_binding", "client_encoding", "connect_timeout", "dbname", "fallback_application_name",
  "host", "keepalives", "keepalives_idle", "options", "password", "port", "sslcert", "sslkey", "sslmode",
  "sslpassword", "sslrootcert", "user",
]); // prettier-ignore
const ONLY_LIBPQ = new Set([
  "gssdelegation", "gssencmode", "gsslib", "hostaddr", "keepalives_count", "keepalives_interval", "krbsrvname",
  "load_balance_hosts", "max_protocol_version", "min_protocol_version", "oauth_client_id", "oauth_client_secret",
  "oauth_issuer", "oauth_scope", "passfile", "replication", "require_auth", "requirepeer", "scram_client_key",
  "scram_server_key", "service", "servicefile", "ssl_max_protocol_version", "ssl_min_protocol_version",
  "sslcertmode", "sslcompression", "sslcrl", "sslcrldir", "sslkeylogfile", "sslnegotiation", "sslsni",
  "target_session_attrs", "tcp_user_timeout",
]); // prettier-ignore
const CHOICES = {
  channel_binding: ["disable", "prefer", "require"],
  pgbouncer: ["true", "false"],
  ssl: ["true"],
  sslaccept: ["strict", "accept_invalid_certs"],
  sslmode: ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"],
};
const ENCODE = "in a URL's user and password, write @ / : ? # % and spaces percent-encoded, as %40 for @";
const MALFORMED = "the connection string is malformed";

/** Why a URL can't be used, and the fix. Neither repeats a part of it but the names of known options. */
class InvalidDatabaseUrlError extends Error {
  constructor(message, fix) {
    super(`${message}; ${fix}`);
    this.name = "InvalidDatabaseUrlError";
    this.fix = fix;
  }
}

/** What a URL means: `parameters` are libpq's, times are in seconds, what isn't said is undefined. */
function readDatabaseUrl(text, environment = process.env) {
  const [, scheme, rest] = /^[ \t\n\r\f\v]*([^=\s']*?):\/\/(.*?)[ \t\n\r\f\v]*$/s.exec(text) ?? [];
  if (!["postgres", "postgresql"].includes(scheme?.split("+")[0])) {
    throw new InvalidDatabaseUrlError(
      "the URL is not that of a Postgres database",
      "write postgresql://role:password@host:port/database",
    );
  }
  const given = new Map([...new Map(pairsOf(rest))].filter(([, value]) => value !== ""));
  for (const name of given.keys()) checkKnown(name);
  for (const [name, choices] of Object.entries(CHOICES)) {
    if (!choices.includes(given.get(name) ?? choices[0])) {
      throw new InvalidDatabaseUrlError(
        `${name} has a value that it can't have`,
        `write one of ${choices.join(", ")}, or leave it out`,
      );
    }
  }
  if (given.delete("ssl")) given.set("sslmode", "require");
  const parameters = Object.fromEntries([...given].filter(([name]) => !PRISMA.has(name)));
  takeOverTls(parameters, given.get("sslaccept"), environment);
  checkShared(parameters);
  return {
    parameters,
    schema: given.get("schema"),
    isPooled: given.get("pgbouncer") === "true",
    connectionLimit: whole(given, "connection_limit", 1),
    connectTimeout: whole(given, "connect_timeout"),
    poolTimeout: whole(given, "pool_timeout"),
    socketTimeout: whole(given, "socket_timeout") || undefined,
    statementCacheSize: whole(given, "statement_cache_size"),
  };
}

function* pairsOf(rest) {
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u0020\u007f]/.test(rest)) throw unencoded();
  const [base, query] = parted(rest, "?");
  const [authority, path, hasPath] = parted(base, "/");
  const at = authority.lastIndexOf("@");
  const [login, place] = [authority.slice(0, Math.max(at, 0)), authority.slice(at + 1)];
  // A password ends at its first bare @ or /: the rest of it would be taken for a server, and be shown.
  const isCut = place !== "" && login === "" && (hasPath ? path : query).includes("@");
  if (login.includes("@") || isCut) throw unencoded();
  const [user, password] = parted(login, ":");
  const hosts = place.split(",").map(hostAndPort);
  yield ["user", decoded(user)];
  yield ["password", decoded(password)];
  if (hosts.some(([host]) => host)) yield ["host", hosts.map(([host]) => decoded(host)).join(",")];
  if (hosts.some(([, port]) => port)) yield ["port", hosts.map(([, port]) => port).join(",")];
  yield ["dbname", decoded(path)];
  for (const part of query.split("&").filter(Boolean)) {
    const [name, value, hasValue] = parted(part, "=");
    if (!hasValue) {
      throw new InvalidDatabaseUrlError(MALFORMED, `write options as ?name=value&name=value; ${ENCODE}`);
    }
    // A + stands for itself, as libpq has it, except between the server's options.
    yield [decoded(name), decoded(name === "options" ? value.replaceAll("+", " ") : value)];
  }
}

function hostAndPort(address) {
  const [, inBrackets, plain, port] = /^(?:\[([^\]]*)\]|([^[\]:]*))(?::(.*))?$/s.exec(address) ?? [];
  const host = inBrackets ?? plain;
  if (host === undefined) throw unencoded();
  if (port && !(isNumber(port) && Number(port) > 0 && Number(port) < 65536)) {
    throw new InvalidDatabaseUrlError(`${MALFORMED}: its port is not a number from 1 to 65535`, ENCODE);
  }
  return [host, port ?? ""];
}

function decoded(text) {
  if (/%(?![0-9a-f]{2})|%00/i.test(text)) throw unencoded();
  try {
    return decodeURIComponent(text);
  } catch {
    throw new InvalidDatabaseUrlError(
      `${MALFORMED}: something that is percent-encoded is not UTF-8`,
      `encode it as UTF-8; ${ENCODE}`,
    );
  }
}

function checkKnown(name) {
  if (REFUSED.has(name)) throw new InvalidDatabaseUrlError(`${name} is not supported`, REFUSED.get(name));
  if (SHARED.has(name) || ONLY_LIBPQ.has(name) || PRISMA.has(name) || name === "ssl") return;
  const isName = name.length <= 40 && /^_*[a-z0-9][a-z0-9_]*$/i.test(name);
  throw new InvalidDatabaseUrlError(
    `${isName ? name : "an option"} is not an option of database URLs`,
    `leave it out, or correct its name${isName ? "" : `; ${ENCODE}`}`,
  );
}

// A requested check must never be dropped.
function takeOverTls(parameters, accept, environment) {
  if (accept === undefined) return;
  // Next to sslaccept and without a key, it is Prisma's sslcert: the authority's, not the client's.
  let authority;
  if (parameters.sslkey === undefined) {
    authority = parameters.sslcert;
    delete parameters.sslcert;
  }
  if (accept === "strict" && parameters.sslmode !== "disable") {
    parameters.sslmode = "verify-full";
    if (authority !== undefined || !environment.PGSSLROOTCERT) parameters.sslrootcert ??= authority ?? "system";
  }
}

// What node-postgres has not is refused, and never dropped.
function checkShared(parameters) {
  const refuse = (what, fix) => {
    throw new InvalidDatabaseUrlError(`${what} is not supported by the Node client`, fix);
  };
  for (const name of Object.keys(parameters)) {
    if (ONLY_LIBPQ.has(name)) refuse(name, LEAVE_OUT);
  }
  if (parameters.host?.includes(",") || parameters.port?.includes(",")) refuse("a list of hosts", "name one host");
  if (parameters.sslmode === "allow") refuse("sslmode=allow", "write sslmode=prefer");
  if (!/^utf-?8$/i.test(parameters.client_encoding ?? "utf8")) refuse("another client_encoding than UTF8", LEAVE_OUT);
  if (parameters.sslcert !== undefined && parameters.sslkey === undefined) {
    refuse("sslcert without sslkey", "name the file with its key as sslkey");
  }
}

function whole(given, name, least = 0) {
  const text = given.get(name);
  if (text === undefined) return undefined;
  if (!isNumber(text) || Number(text) < least) {
    throw new InvalidDatabaseUrlError(
      `${name} is not a whole number of ${least} or more`,
      `write a number, or leave ${name} out`,
    );
  }
  return Number(text);
}

const isNumber = (text) => /^[0-9]{1,9}$/.test(text);

const unencoded = () => new InvalidDatabaseUrlError(MALFORMED, ENCODE);

/** The text before the first separator, what follows it, and whether it is there. */
function parted(text, separator) {
  const at = text.indexOf(separator);
  return at < 0 ? [text, "", false] : [text.slice(0, at), text.slice(at + separator.length), true];
}

exports.readDatabaseUrl = readDatabaseUrl;
exports.InvalidDatabaseUrlError = InvalidDatabaseUrlError;
