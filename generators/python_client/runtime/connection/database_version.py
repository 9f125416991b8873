"""Whether a client works on the database that it has connected to, by the version that the migrations' runner
recorded there.

The Node client has the same rules in ``database_version.cjs``; ``tests/database_versions.json`` holds both to
one meaning, in the same words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ..database_range import DatabaseRange
from ..semver import precedence

#: One query that never fails. ``ts_stat`` runs a query that is a text, so that what may not be there is only
#: named where it is: for an error, the server would write to its log at each connect of those who don't use
#: the runner. It gives the words of a ``tsvector``: here facts, as "version 2.0.0".
QUERY = """
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
"""
#: What servers say that are no Postgres, or let nobody read their catalogs: there is nothing to check.
NOT_ASKED = frozenset({"42501", "42883", "42P01", "42704", "3F000", "0A000"})

_LONGEST_NAME = 63  # bytes: NAMEDATALEN - 1; the server cuts longer ones
_NUMBERED = re.compile(r"\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?")


class Refusal(NamedTuple):
    """Why a client doesn't work on a database: ``database-too-old``, ``database-too-new`` or
    ``database-other-line``."""

    code: str
    message: str
    fix: str
    database_version: str | None


def asked(database: DatabaseRange, schema: str | None) -> tuple[str, bool]:
    """The values of the query, for a URL's ``schema``; without one the role may have one of its own."""
    if schema in (None, "", "public"):
        return database.schema_name, True
    return f"{database.schema_name}@{schema}", False


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


def application_name(own: str | None, default: str) -> str:
    """What sessions are called: what the user calls them, if anything, and the package with its version."""
    default = _cut(default[::-1])[::-1]  # the version is at its end
    if not own:
        return default
    if default in own.split():
        return own
    return f"{_cut(own, _LONGEST_NAME - len(default) - 1)} {default}".strip()


def _cut(text: str, most: int = _LONGEST_NAME) -> str:
    return text.encode()[: max(most, 0)].decode(errors="ignore")


def _too_old(database: DatabaseRange, row: Mapping[str, Any]) -> Refusal:
    version, target = row["version"], row["target"]
    at = "no version" if version is None else f"version {version}"
    run = f" (a run to {target} is under way, or has stopped)" if target and not row["settled"] else ""
    other = "" if version is None else f", or install {database.package} {version}"
    return Refusal(
        "database-too-old",
        f"the database has {at} of {database.schema_name}{run}, and {_named(database)} needs "
        f"{database.oldest} or later",
        f"migrate it first ({database.migrations} {database.version}: {database.migrations} upgrade){other}",
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
