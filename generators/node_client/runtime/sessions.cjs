"use strict";
// Keeps the sessions of a server in the form that Prisma's adapter expects. It sends moments without an offset and
// drops the offset of those it reads, so in a session that is not in UTC it stores and returns other moments.

const { pg } = require("./prisma/runtime/client.js");
const { acceptsPlain } = require("./url_config.cjs");
const { withValues } = require("./values.cjs");

const SETTINGS = { TimeZone: "UTC", DateStyle: "ISO" };
// Floats come as text, with as many digits as this says. Poolers refuse it at the start, and no server reports it.
// So does money, in the form of a locale, and it is read as such: where a comma is the point, 0.5 would become 5. Amounts are
// the same in all locales that have two digits after it.
const ALL_DIGITS =
  "SET extra_float_digits TO 1; SELECT set_config('lc_monetary', 'C', false) WHERE 0.011::numeric::money::numeric = 0.01";
const STATEMENT = [...Object.entries(SETTINGS).map(([name, value]) => `SET ${name} TO '${value}'`), ALL_DIGITS].join("; ");

// Each session's settings as they are: the server reports these two at the start and whenever they change.
const reports = new WeakMap();
// The sessions that were told to send all digits.
const exact = new WeakSet();

/**
 * A class of node-postgres clients whose sessions begin with the settings: that takes no round trip. `searchPath` is
 * the schema of names without one, `url` what a database URL means.
 */
function sessionClass(Client = pg.Client, { searchPath, url } = {}) {
  return class extends Client {
    constructor(...args) {
      super(...args);
      follow(this);
      if (url !== undefined) connectAs(this, url);
      this.connection?.prependListener("errorMessage", explainPooler);
    }

    // As parameters of the start-up packet and not in `options`, which transaction poolers refuse.
    getStartupConf() {
      const path = searchPath === undefined ? {} : { search_path: `"${searchPath.replaceAll('"', '""')}"` };
      return { ...super.getStartupConf(), ...SETTINGS, ...path };
    }
  };
}

/** What node-postgres has no setting for. */
function connectAs(client, url) {
  // The pool's own limit counts the wait for a place too.
  if (url.connectTimeout !== undefined) client._connectionTimeoutMillis = 1000 * url.connectTimeout;
  if (acceptsPlain(url) && client.ssl && client.connection) goOnInPlain(client.connection);
  if (url.parameters.channel_binding === "require") requireChannelBinding(client);
}

/** sslmode=prefer: a server that says N to TLS is told everything as it is. */
function goOnInPlain(connection) {
  const { connect } = connection;
  connection.connect = function (...place) {
    connect.apply(this, place);
    const [encrypt] = this.stream.listeners("data");
    this.stream.removeListener("data", encrypt);
    this.stream.once("data", (answer) => {
      if (answer.toString("latin1") !== "N") return encrypt(answer);
      this.ssl = false;
      this.attachListeners(this.stream);
      this.emit("sslconnect");
    });
  };
}

/** The server must prove that nobody stands between: no other way to log in is answered. */
function requireChannelBinding(client) {
  const { connection } = client;
  let isBound = false;
  // What is answered to a destroyed stream is never sent.
  const refuse = () =>
    connection.stream.destroy(new Error("channel_binding=require: the server does not offer SCRAM-SHA-256-PLUS"));
  connection.prependListener("authenticationSASL", ({ mechanisms }) => {
    isBound = mechanisms.includes("SCRAM-SHA-256-PLUS");
    if (!isBound) refuse();
  });
  for (const name of ["authenticationMD5Password", "authenticationCleartextPassword"]) {
    connection.prependListener(name, refuse);
  }
  connection.prependListener("authenticationOk", () => {
    if (!isBound) refuse();
  });
}

function explainPooler(error) {
  if (!/^unsupported startup parameter/.test(error.message)) return;
  error.message += "; a transaction pooler needs pgbouncer=true in the URL, and no schema or options in it";
}

/**
 * The pool, giving out only sessions with the settings, whoever opened them and whatever was SET there since, which read
 * values as Prisma's adapter needs them.
 */
function withSettings(pool) {
  const knownTypes = new Map();
  const sessions = new WeakMap();
  const read = (client) => {
    if (!sessions.has(client)) sessions.set(client, withValues(client, knownTypes));
    return sessions.get(client);
  };
  const connect = (callback) => {
    if (callback === undefined) {
      return new Promise((resolve, reject) => {
        connect((error, client) => (error ? reject(error) : resolve(client)));
      });
    }
    return pool.connect((error, client, release) => {
      const done = (failure) => callback(failure, failure ? undefined : read(client), release);
      if (error) return done(error);
      const isReported = isRight(reports.get(client) ?? follow(client));
      if (isReported && exact.has(client)) done();
      else send(isReported ? ALL_DIGITS : STATEMENT, client, done);
    });
  };
  // The pool's own `query` asks for its session through `connect`, and so gets this one.
  return new Proxy(pool, { get: (target, name) => (name === "connect" ? connect : Reflect.get(target, name)) });
}

function follow(client) {
  const settings = {};
  client.connection?.on("parameterStatus", ({ parameterName, parameterValue }) => {
    settings[parameterName] = parameterValue;
  });
  reports.set(client, settings);
  return settings;
}

// The server says "ISO, MDY": the order is only that of dates which are read in other styles.
function isRight(settings) {
  return Object.entries(SETTINGS).every(([name, value]) => settings[name]?.split(",")[0] === value);
}

function send(statement, client, callback) {
  // The pool has stopped listening and the adapter has not begun: an error that nobody hears ends the process.
  const ignore = () => {};
  client.on("error", ignore);
  client.query(statement, (error) => {
    client.removeListener("error", ignore);
    if (error) return client.release(error), callback(error);
    exact.add(client);
    // What was right before is not reported. A client without a `connection`, as the native one is, can't be
    // followed and is sent the settings each time.
    if (client.connection) Object.assign(reports.get(client), SETTINGS);
    callback();
  });
}

exports.sessionClass = sessionClass;
exports.withSettings = withSettings;
