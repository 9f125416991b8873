"use strict";
// Asks a database for its version, once, when a client connects.

const { QUERY, asked, locked, misplaced, recorded, refusal } = require("./database_version.cjs");

// Somebody has locked the table for longer than the query waits.
const LOCKED = "55P03";
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
 * versions, `schema` the one of the URL or the options. `isOwnPool`: the search path is whoever's opened the pool, and
 * only raw queries follow it.
 */
async function checkDatabase(connected, database, schema, isOwnPool = false) {
  const check = () => checkOf(connected.client, database, schema, isOwnPool);
  try {
    await check();
  } catch (error) {
    if (error instanceof DatabaseVersionError) throw error;
    checkBeforeUse(connected, check, error);
  }
}

async function checkOf(pool, database, schema, isOwnPool) {
  const found = await refusalOf(pool, database, schema, isOwnPool);
  if (found !== undefined) throw new DatabaseVersionError(database, found);
}

async function refusalOf(pool, database, schema, isOwnPool) {
  let answer;
  try {
    answer = await pool.query({ text: QUERY, values: asked(database, schema), rowMode: "array" });
  } catch (error) {
    if (error?.code === LOCKED) return locked(database);
    if (NOT_ASKED.has(error?.code)) return undefined;
    throw error;
  }
  const facts = answer.rows.map(([fact]) => fact);
  const isMeant = isOwnPool && schema !== undefined;
  return (isMeant ? undefined : misplaced(database, facts, schema)) ?? refusal(database, recorded(facts));
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
