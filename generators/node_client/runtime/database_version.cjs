"use strict";
// Whether a client works on the database that it has connected to, by the version that the migrations' runner recorded
// there: the rules of the Python client's database_version.py, in the same words.

const { createHash } = process.getBuiltinModule("node:crypto");

// One query that fails only where somebody has locked the table. `ts_stat` runs a query that is a text, so that what
// may not be there is only named where it is: for an error, the server would write to its log at each connect of those
// who don't use the runner. It gives the words of a `tsvector`: here facts, as "version 2.0.0". The limit of the wait
// for the table ends with the query, through poolers too; a migration's run holds that lock for milliseconds.
const QUERY = `
SELECT word FROM ts_stat((
  SELECT format(
    'SELECT array_to_tsvector(array_remove(ARRAY[''found'', ''version '' || version, ''target '' || target,
        CASE WHEN digest IS NOT NULL THEN ''settled'' END, ''compatible_from '' || compatible_from], NULL)
      || ARRAY(SELECT ''contains '' || each
               FROM jsonb_array_elements_text(to_jsonb(v) -> ''contains'' -> ''contains'') each
               WHERE to_jsonb(v) -> ''contains'' ->> ''version'' = version))
    FROM schema_service.versions v WHERE schema_name = %1$L%2$s',
    $1::text, left(set_config('lock_timeout', '1000', true), 0))
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'schema_service' AND c.relname = 'versions'
    AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')))
UNION ALL SELECT 'search_path ' || current_schema() WHERE current_schema() IS NOT NULL
`;
const LONGEST_NAME = 63; // bytes: NAMEDATALEN - 1; the server cuts longer ones
const NUMBERED = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/;

const DEFAULT_SCHEMA = "public";

/** The value of the query, for the schema of the URL or the options. */
function asked(database, schema) {
  return [(schema || DEFAULT_SCHEMA) === DEFAULT_SCHEMA ? database.schemaName : `${database.schemaName}@${schema}`];
}

/** Why the session finds other tables than those of the URL's schema, or of public without one. */
function misplaced(database, facts, schema) {
  const here = facts.find((fact) => fact.startsWith("search_path "))?.slice("search_path ".length);
  if (database.hasSchemas || here === undefined || here === (schema || DEFAULT_SCHEMA)) return undefined;
  const leads = `the session's search_path leads to the schema "${here}"`;
  const encoded = encodeURIComponent(here);
  const [message, fix] = schema
    ? [
        `${leads}, and the URL names "${schema}"`,
        "a pooler doesn't set it for each client: set it on the role (ALTER ROLE ... SET search_path = " +
          `${identifier(schema)}), or name the other one (schema=${encoded})`,
      ]
    : [
        `${leads}, and the URL names none, which means "${DEFAULT_SCHEMA}"`,
        `name the one that is meant in the URL: schema=${encoded} or schema=${DEFAULT_SCHEMA}`,
      ];
  return { code: "database-other-schema", message, fix, databaseVersion: null };
}

/** What is said of a table that could not be read in time: whether the client works isn't known. */
function locked(database) {
  return {
    code: "database-locked",
    message:
      `the database's version of ${database.schemaName} can't be read: somebody holds a lock on the table ` +
      "schema_service.versions, for longer than a second",
    fix: "end the session that holds it (pg_locks names it), or connect again when it has ended",
    databaseVersion: null,
  };
}

/** Why a URL's schema is refused where the models name their schemas themselves, and the fix. */
const movedBy = (schema) => [
  `schema=${encodeURIComponent(schema)} moves nothing: each model names its Postgres schema itself (@@schema)`,
  "leave schema out of the URL",
];

const identifier = (name) => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`);

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
  const allow = database.version.includes("-dev.") ? " --allow-draft" : "";
  return {
    code: "database-too-old",
    message: `the database has ${at} of ${database.schemaName}${run}, and ${named(database)} needs ${database.oldest} or later`,
    fix: `migrate it first (${migrations} ${database.version}: ${migrations} upgrade${allow})${other}`,
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
  const last = sessionName(packaged);
  const words = (own ?? "").split(/\s+/).filter(Boolean);
  if (words.length === 0) return last;
  if (words.at(-1) === last && Buffer.byteLength(own) <= LONGEST_NAME) return own;
  return `${cut(own, LONGEST_NAME - Buffer.byteLength(last) - 1)} ${last}`.trim();
}

/** `package/version`; where that is too long, the package's beginning and a hash of its whole name. */
function sessionName(packaged) {
  if (Buffer.byteLength(packaged) <= LONGEST_NAME) return packaged;
  const at = packaged.lastIndexOf("/");
  const name = packaged.slice(0, at);
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 8);
  const ending = `~${hash}${packaged.slice(at)}`;
  return cut(name, LONGEST_NAME - ending.length) + ending;
}

/** The beginning of a text, in whole characters. */
const cut = (text, most) =>
  Buffer.from(text)
    .subarray(0, Math.max(0, most))
    .toString()
    .replace(/\ufffd+$/, "");

/** The `application_name` among libpq's options, if there is one; the last one counts. */
function namedInOptions(options) {
  const words = (options.match(/(?:\\.|[^\s\\])+/gs) ?? []).map((word) => word.replace(/\\(.)/gs, "$1"));
  let found;
  words.forEach((word, index) => {
    const setting = words[index - 1] === "-c" ? word : /^(-c|--)/.test(word) ? word.slice(2) : "";
    const at = setting.indexOf("=");
    const name = setting.slice(0, Math.max(at, 0)).replaceAll("-", "_").toLowerCase();
    if (name === "application_name") found = setting.slice(at + 1);
  });
  return found;
}

exports.QUERY = QUERY;
exports.applicationName = applicationName;
exports.asked = asked;
exports.locked = locked;
exports.misplaced = misplaced;
exports.movedBy = movedBy;
exports.namedInOptions = namedInOptions;
exports.recorded = recorded;
exports.refusal = refusal;
