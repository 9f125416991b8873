"use strict";
// Asks a database for its version, once, when a client connects.

const { QUERY, asked, recorded, refusal } = require("./database_version.cjs");

// What servers say that are no Postgres, or let nobody read their catalogs: there is nothing to check.
const NOT_ASKED = new Set(["42501", "42883", "42P01", "42704", "3F000", "0A000"]);

/** A database that the client doesn't work on; `fix` says what to do. */
class DatabaseVersionError extends Error {
  constructor(database, { code, message, fix, databaseVersion }) {
    super(`${message}; ${fix}; checkDatabase: false connects without this check`);
    this.name = "DatabaseVersionError";
    this.code = code;
    this.fix = fix;
    this.clientVersion = database.version;
    this.databaseVersion = databaseVersion;
  }
}

/**
 * Throws a DatabaseVersionError where the client doesn't work. `connected` is Prisma's adapter, `database` the range of
 * versions, `schema` the one of the URL or the options.
 */
async function checkDatabase(connected, database, schema) {
  const check = () => checkOf(connected.client, database, schema);
  try {
    await check();
  } catch (error) {
    if (error instanceof DatabaseVersionError) throw error;
    checkBeforeUse(connected, check, error);
  }
}

async function checkOf(pool, database, schema) {
  let answer;
  try {
    answer = await pool.query({ text: QUERY, values: asked(database, schema), rowMode: "array" });
  } catch (error) {
    if (NOT_ASKED.has(error?.code)) return;
    throw error;
  }
  const found = refusal(database, recorded(answer.rows.map(([fact]) => fact)));
  if (found !== undefined) throw new DatabaseVersionError(database, found);
}

/** A server that can't be reached is reported by queries, in Prisma's words; it is asked again before the next one. */
function checkBeforeUse(connected, check, failure) {
  const names = ["performIO", "startTransaction"];
  const ask = async () => {
    const found = failure;
    failure = undefined;
    if (found !== undefined) throw found;
    await check();
    for (const name of names) delete connected[name];
  };
  for (const name of names) {
    const use = connected[name];
    connected[name] = async (...args) => {
      try {
        await ask();
      } catch (error) {
        if (error instanceof DatabaseVersionError) throw error;
        connected.onError(error);
      }
      return use.apply(connected, args);
    };
  }
}

exports.checkDatabase = checkDatabase;
