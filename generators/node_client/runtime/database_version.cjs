"use strict";
// Whether a client works on the database that it has connected to, by the version that the migrations' runner recorded
// there: the rules of the Python client's database_version.py, in the same words.

// One query that never fails. `ts_stat` runs a query that is a text, so that what may not be there is only named where
// it is: for an error, the server would write to its log at each connect of those who don't use the runner. It gives
// the words of a `tsvector`: here facts, as "version 2.0.0".
const QUERY = `
SELECT word FROM ts_stat((
  SELECT format(
    'SELECT array_to_tsvector(array_remove(ARRAY[''found'', ''version '' || version, ''target '' || target,
        CASE WHEN digest IS NOT NULL THEN ''settled'' END, ''compatible_from '' || compatible_from], NULL)
      || ARRAY(SELECT ''contains '' || each
               FROM jsonb_array_elements_text(to_jsonb(v) -> ''contains'' -> ''contains'') each
               WHERE to_jsonb(v) -> ''contains'' ->> ''version'' = version))
    FROM schema_service.versions v WHERE schema_name IN (%1$L, %2$L) ORDER BY schema_name = %1$L LIMIT 1',
    $1::text, CASE WHEN $2::boolean THEN $1::text || '@' || current_schema() END)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'schema_service' AND c.relname = 'versions'
    AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')))
`;
const LONGEST_NAME = 63; // bytes: NAMEDATALEN - 1; the server cuts longer ones
const NUMBERED = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/;

/** The values of the query. Without a schema the role's may be the first of its path. */
function asked(database, schema) {
  if (schema === undefined || schema === null || schema === "" || schema === "public") {
    return [database.schemaName, true];
  }
  return [`${database.schemaName}@${schema}`, false];
}

/** What the database has recorded of the schema; undefined for nothing. */
function recorded(facts) {
  const named = (name) => facts.filter((fact) => fact.startsWith(`${name} `)).map((fact) => fact.slice(name.length + 1));
  if (!facts.includes("found")) return undefined;
  const [version = null] = named("version");
  const [target = null] = named("target");
  const [compatible_from = null] = named("compatible_from");
  return { version, target, compatible_from, settled: facts.includes("settled"), contains: named("contains") };
}

/** Why a client doesn't work on the database; undefined if it does, or if nothing is recorded there. */
function refusal(database, row) {
  if (row === undefined || row === null) return undefined;
  const { version, settled, compatible_from: oldest } = row;
  if (version === null) return tooOld(database, row);
  if (!NUMBERED.test(version)) return undefined;
  const now = compare(version, database.version);
  if (now < 0) return compare(version, database.oldest) >= 0 ? undefined : tooOld(database, row);
  if (now === 0) return undefined;
  if (!settled) {
    // What is recorded of compatibility is that of the version the run goes to.
    if (compare(version, database.until) < 0) return undefined;
    return tooNew(database, version, `and ${named(database)} works with versions before ${database.until}`);
  }
  const isOwn = (each) => compare(each, database.oldest) >= 0 && compare(each, database.version) <= 0;
  if (database.hasLines && !row.contains.some(isOwn)) {
    const what = `which doesn't contain ${database.version}, and this is ${named(database)}`;
    return tooNew(database, version, what, "database-other-line");
  }
  if (oldest !== null && compare(oldest, database.version) <= 0) return undefined;
  const which = oldest === null ? "of that version only" : `from ${oldest} on`;
  return tooNew(database, version, `which works with clients ${which}, and this is ${named(database)}`);
}

function tooOld(database, { version, target, settled }) {
  const at = version === null ? "no version" : `version ${version}`;
  const run = target && !settled ? ` (a run to ${target} is under way, or has stopped)` : "";
  const other = version === null ? "" : `, or install ${database.package} ${version}`;
  const { migrations } = database;
  return {
    code: "database-too-old",
    message: `the database has ${at} of ${database.schemaName}${run}, and ${named(database)} needs ${database.oldest} or later`,
    fix: `migrate it first (${migrations} ${database.version}: ${migrations} upgrade)${other}`,
    databaseVersion: version,
  };
}

function tooNew(database, version, what, code = "database-too-new") {
  return {
    code,
    message: `the database has version ${version} of ${database.schemaName}, ${what}`,
    fix: `install ${database.package} ${version}`,
    databaseVersion: version,
  };
}

const named = (database) => `${database.package} ${database.version}`;

/** The order of versions: https://semver.org, section 11. */
function compare(one, other) {
  const [a, b] = [parts(one), parts(other)];
  for (let index = 0; index < 3; index += 1) {
    if (a.numbers[index] !== b.numbers[index]) return a.numbers[index] - b.numbers[index];
  }
  // A release is later than its pre-releases.
  if (a.pre.length === 0 || b.pre.length === 0) return Math.sign(b.pre.length - a.pre.length);
  for (let index = 0; index < Math.min(a.pre.length, b.pre.length); index += 1) {
    const order = compareIdentifiers(a.pre[index], b.pre[index]);
    if (order !== 0) return order;
  }
  return a.pre.length - b.pre.length;
}

function parts(version) {
  const [core, ...rest] = version.split("-");
  return { numbers: core.split(".").map(Number), pre: rest.length === 0 ? [] : rest.join("-").split(".") };
}

function compareIdentifiers(one, other) {
  const [a, b] = [one, other].map((text) => (/^\d+$/.test(text) ? Number(text) : text));
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** What sessions are called: what the user calls them, if anything, and the package with its version. */
function applicationName(own, packaged) {
  const bytes = Buffer.from(packaged);
  const last = whole(bytes.subarray(Math.max(0, bytes.length - LONGEST_NAME))); // the version is at its end
  if (!own) return last;
  if (own.split(/\s+/).includes(last)) return own;
  const most = Math.max(0, LONGEST_NAME - Buffer.byteLength(last) - 1);
  return `${whole(Buffer.from(own).subarray(0, most))} ${last}`.trim();
}

/** Without the rest of a character that was cut. */
const whole = (bytes) => bytes.toString().replace(/^\ufffd+|\ufffd+$/g, "");

exports.QUERY = QUERY;
exports.applicationName = applicationName;
exports.asked = asked;
exports.recorded = recorded;
exports.refusal = refusal;
