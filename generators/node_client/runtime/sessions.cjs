"use strict";
// Keeps the sessions of a server in the form that Prisma's adapter expects. It sends moments without an offset and
// drops the offset of those it reads, so in a session that is not in UTC it stores and returns other moments.

const pg = require("pg");

const SETTINGS = { TimeZone: "UTC", DateStyle: "ISO" };
const STATEMENT = Object.entries(SETTINGS)
  .map(([name, value]) => `SET ${name} TO '${value}'`)
  .join("; ");

// Each session's settings as they are: the server reports these two at the start and whenever they change.
const reports = new WeakMap();

/** A class of node-postgres clients whose sessions begin with the settings: that takes no round trip. */
function sessionClass(Client = pg.Client) {
  return class extends Client {
    constructor(...args) {
      super(...args);
      follow(this);
    }

    // As parameters of the start-up packet and not in `options`, which transaction poolers refuse.
    getStartupConf() {
      return { ...super.getStartupConf(), ...SETTINGS };
    }
  };
}

/** The pool, giving out only sessions with the settings, whoever opened them and whatever was SET there since. */
function withSettings(pool) {
  const connect = (callback) => {
    if (callback === undefined) {
      return new Promise((resolve, reject) => {
        connect((error, client) => (error ? reject(error) : resolve(client)));
      });
    }
    return pool.connect((error, client, release) => {
      if (error || isRight(reports.get(client) ?? follow(client))) callback(error, client, release);
      else send(client, (failure) => callback(failure, failure ? undefined : client, release));
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

function send(client, callback) {
  // The pool has stopped listening and the adapter has not begun: an error that nobody hears ends the process.
  const ignore = () => {};
  client.on("error", ignore);
  client.query(STATEMENT, (error) => {
    client.removeListener("error", ignore);
    if (error) client.release(error);
    // What was right before is not reported. A client without a `connection`, as the native one is, can't be
    // followed and is sent the settings each time.
    else if (client.connection) Object.assign(reports.get(client), SETTINGS);
    callback(error);
  });
}

exports.sessionClass = sessionClass;
exports.withSettings = withSettings;
