"""Whether a client works on the database that it has connected to, by the version that the migrations' runner
recorded there.

The Node client has the same rules in ``database_version.cjs``; ``tests/database_versions.json`` holds both to
one meaning, in the same words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from .database_range import DatabaseRange
from .semver import precedence
from .session_name import LONGEST_NAME, cut, session_name

#: One query, which fails only where somebody has locked the table. ``ts_stat`` runs a query that is a text,
#: so that what may not be there is only named where it is: for an error, the server would write to its log
#: at each connect of those who don't use the runner. It gives the words of a ``tsvector``: here facts, as
#: "version 2.0.0". The limit of the wait for the table ends with the query, through poolers too; a run of
#: migrations holds that lock for milliseconds.
QUERY = """
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
"""
#: What servers say that are no Postgres, or let nobody read their catalogs: there is nothing to check.
NOT_ASKED = frozenset({"42501", "42883", "42P01", "42704", "3F000", "0A000"})
#: Somebody has locked the table for longer than the query waits.
LOCKED: Final = "55P03"

_DEFAULT_SCHEMA = "public"
_DRAFT = "-dev."
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBERED = re.compile(r"\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?")


class Refusal(NamedTuple):
    """Why a client doesn't work on a database: ``database-too-old``, ``database-too-new``,
    ``database-other-line``, ``database-other-schema`` or ``database-locked``."""

    code: str
    message: str
    fix: str
    database_version: str | None


def asked(database: DatabaseRange, schema: str | None) -> tuple[str]:
    """The value of the query, for a URL's ``schema``."""
    if schema in (None, "", _DEFAULT_SCHEMA):
        return (database.schema_name,)
    return (f"{database.schema_name}@{schema}",)


def misplaced(database: DatabaseRange, facts: Iterable[str], schema: str | None) -> Refusal | None:
    """Why the session finds other tables than those of the URL's ``schema``, or of public without one."""
    here = next((fact.partition(" ")[2] for fact in facts if fact.startswith("search_path ")), None)
    if database.has_schemas or here is None or here == (schema or _DEFAULT_SCHEMA):
        return None
    leads = f'the session\'s search_path leads to the schema "{here}"'
    if schema:
        return Refusal(
            "database-other-schema",
            f'{leads}, and the URL names "{schema}"',
            f"a pooler doesn't set it for each client: set it on the role (ALTER ROLE ... SET search_path = "
            f"{_identifier(schema)}), or name the other one (schema={_encoded(here)})",
            None,
        )
    return Refusal(
        "database-other-schema",
        f'{leads}, and the URL names none, which means "{_DEFAULT_SCHEMA}"',
        f"name the one that is meant in the URL: schema={_encoded(here)} or schema={_DEFAULT_SCHEMA}",
        None,
    )


def locked(database: DatabaseRange) -> Refusal:
    """What is said of a table that could not be read in time: whether the client works isn't known."""
    return Refusal(
        "database-locked",
        f"the database's version of {database.schema_name} can't be read: somebody holds a lock on the table "
        "schema_service.versions, for longer than a second",
        "end the session that holds it (pg_locks names it), or connect again when it has ended",
        None,
    )


def moved_by(schema: str) -> tuple[str, str]:
    """Why a URL's ``schema`` is refused where the models name their schemas themselves, and the fix."""
    return (
        f"schema={_encoded(schema)} moves nothing: each model names its Postgres schema itself (@@schema)",
        "leave schema out of the URL",
    )


def recorded(facts: Iterable[str]) -> dict[str, Any] | None:
    """What the database has recorded of the schema; None for nothing."""
    named: dict[str, list[str]] = {}
    for fact in facts:
        name, _, value = fact.partition(" ")
        named.setdefault(name, []).append(value)
    if "found" not in named:
        return None
    single = {name: named.get(name, [None])[0] for name in ("version", "target", "compatible_from")}
    return {**single, "settled": "settled" in named, "contains": named.get("contains", [])}


def refusal(database: DatabaseRange, row: Mapping[str, Any] | None) -> Refusal | None:
    """Why a client doesn't work on the database; None if it does, or if nothing is recorded there."""
    if row is None:
        return None
    version: str | None = row["version"]
    if version is None:
        return _too_old(database, row)
    if _NUMBERED.fullmatch(version) is None:
        return None
    own, now = precedence(database.version), precedence(version)
    if now < own:
        return None if now >= precedence(database.oldest) else _too_old(database, row)
    return None if now == own else _refused_by_later(database, version, row)


def _refused_by_later(database: DatabaseRange, version: str, row: Mapping[str, Any]) -> Refusal | None:
    own = precedence(database.version)
    if not row["settled"]:  # what is recorded of compatibility is that of the version the run goes to
        if precedence(version) < precedence(database.until):
            return None
        return _too_new(
            database, version, f"and {_named(database)} works with versions before {database.until}"
        )
    this = f"and this is {_named(database)}"
    if database.has_lines and not any(
        precedence(database.oldest) <= precedence(each) <= own for each in row["contains"]
    ):
        what = f"which doesn't contain {database.version}, {this}"
        return _too_new(database, version, what, "database-other-line")
    oldest: str | None = row["compatible_from"]
    if oldest is not None and precedence(oldest) <= own:
        return None
    which = "of that version only" if oldest is None else f"from {oldest} on"
    return _too_new(database, version, f"which works with clients {which}, {this}")


def application_name(own: str | None, packaged: str) -> str:
    """What sessions are called: what the user calls them, if anything, and the package with its version."""
    default = session_name(packaged)
    words = (own or "").split()
    if not own or not words:
        return default
    if words[-1] == default and len(own.encode()) <= LONGEST_NAME:
        return own
    return f"{cut(own, LONGEST_NAME - len(default) - 1)} {default}".strip()


def named_in_options(options: str) -> str | None:
    """The ``application_name`` among libpq's ``options``, if there is one; the last one counts."""
    found = None
    words = [re.sub(r"\\(.)", r"\1", word) for word in re.findall(r"(?:\\.|[^\s\\])+", options)]
    for before, word in zip(["", *words], words, strict=False):
        setting = word if before == "-c" else word[2:] if word.startswith(("-c", "--")) else ""
        name, equals, value = setting.partition("=")
        if equals and name.replace("-", "_").lower() == "application_name":
            found = value
    return found


def _identifier(name: str) -> str:
    return name if _PLAIN.fullmatch(name) and name == name.lower() else '"' + name.replace('"', '""') + '"'


def _encoded(schema: str) -> str:
    from urllib.parse import quote  # noqa: PLC0415 - for a message

    return quote(schema, safe="!'()*~")


def _too_old(database: DatabaseRange, row: Mapping[str, Any]) -> Refusal:
    version, target = row["version"], row["target"]
    at = "no version" if version is None else f"version {version}"
    run = f" (a run to {target} is under way, or has stopped)" if target and not row["settled"] else ""
    other = "" if version is None else f", or install {database.package} {version}"
    allow = " --allow-draft" if _DRAFT in database.version else ""
    return Refusal(
        "database-too-old",
        f"the database has {at} of {database.schema_name}{run}, and {_named(database)} needs "
        f"{database.oldest} or later",
        f"migrate it first ({database.migrations} {database.version}: "
        f"{database.migrations} upgrade{allow}){other}",
        version,
    )


def _too_new(database: DatabaseRange, version: str, what: str, code: str = "database-too-new") -> Refusal:
    return Refusal(
        code,
        f"the database has version {version} of {database.schema_name}, {what}",
        f"install {database.package} {version}",
        version,
    )


def _named(database: DatabaseRange) -> str:
    return f"{database.package} {database.version}"
