"""The differences between a live database and what the rehearsal recorded, without false alarms."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

#: Tables in which other tools track migrations: they don't belong to any schema.
TOOLS_TABLES: Final = frozenset(
    {
        "_prisma_migrations",
        "alembic_version",
        "schema_migrations",
        "flyway_schema_history",
        "goose_db_version",
    }
    | {"django_migrations", "knex_migrations", "knex_migrations_lock", "ar_internal_metadata"}
    | {"_sqlx_migrations", "databasechangelog", "databasechangeloglock", "pgmigrations"}
)
# Definitions that Postgres prints from a parsed query: since version 16 it leaves out the table's name where
# there is only one, so that the same view reads differently on an older server.
_QUERIES = ("view ", "materialized view ", "rule ", "function ", "procedure ")
_KIND = re.compile(r"(?:materialized view|foreign table|text search configuration|\w+) ")
_NAME = r'(?:"(?:[^"]|"")*"|[\w$]+)'
_ON_TABLE = re.compile(rf" ON (?:ONLY )?({_NAME}\.{_NAME})")
_PARTITION_OF = re.compile(rf"(?:^| )of ({_NAME}\.{_NAME})")
_STRING_OR_QUALIFIER = re.compile(r"('(?:[^']|'')*')|(?:\"(?:[^\"]|\"\")*\"|\b[a-z_][\w$]*)\.")


@dataclass(frozen=True, slots=True)
class Difference:
    """``object`` is kind and name; ``expected`` and ``found`` are definitions, None where it is missing."""

    kind: Literal["missing", "unexpected", "changed"]
    object: str
    expected: str | None
    found: str | None

    def __str__(self) -> str:
        if self.kind == "changed":
            return f"{self.object} is {_short(self.found)!r}, not {_short(self.expected)!r}"
        return f"{self.object} {'is missing' if self.kind == 'missing' else 'is not in this version'}"

    def as_json(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def differences(
    expected: Mapping[str, str], found: Mapping[str, str], *, others: Collection[str] = ()
) -> list[Difference]:
    """What is missing, unexpected or different in ``found``; ``others`` belong to other schemas' packages.

    Comments are ignored: people write their own in the database.
    """
    expected = _without_comments(expected)
    found = _without_comments(found)
    result = [Difference("missing", name, text, None) for name, text in expected.items() if name not in found]
    result += [
        Difference("changed", name, text, found[name])
        for name, text in expected.items()
        if name in found and not _same(name, text, found[name])
    ]
    schemas = {_schema(name) for name in expected} | {"public"}
    foreign = frozenset(identity_of(name) for name in others if name not in expected)
    foreign |= _new_partitions(expected, found)
    result += [
        Difference("unexpected", name, None, text)
        for name, text in found.items()
        if name not in expected and name not in others and _counts(name, text, schemas, foreign)
    ]
    return sorted(_without_parts(result), key=lambda each: identity_of(each.object))


def identity_of(name: str) -> str:
    """An object's name without its kind."""
    return _KIND.sub("", name, count=1)


def _without_comments(objects: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in objects.items() if not name.startswith("comment ")}


def _counts(name: str, definition: str, schemas: set[str], foreign: frozenset[str]) -> bool:
    """Whether an unexpected object counts as drift.

    It does if it is in a Postgres schema that the version uses, and is not the server's, a tool's, a part of
    a later partition, or only there for the query planner's statistics.
    """
    identity = identity_of(name)
    kind = name.removesuffix(identity).rstrip()
    if kind in ("extension", "schema", "statistics") or _schema(name) not in schemas:
        return False
    table = _table(kind, identity, definition)
    return table is None or not (table.rpartition(".")[2] in TOOLS_TABLES or table in foreign)


def _new_partitions(expected: Mapping[str, str], found: Mapping[str, str]) -> frozenset[str]:
    """Partitions of the version's own tables, at any depth, that the version doesn't have."""
    parents = {
        identity_of(name): match[1]
        for name, definition in found.items()
        if name.startswith("partition ") and (match := _PARTITION_OF.search(definition))
    }

    def root(table: str) -> str:
        return root(parents[table]) if table in parents else table

    return frozenset(
        partition
        for partition in parents
        if f"partition {partition}" not in expected and f"table {root(partition)}" in expected
    )


def _schema(name: str) -> str:
    return _parts(identity_of(name))[0]


def _table(kind: str, identity: str, definition: str) -> str | None:
    """The table that an object is or belongs to."""
    if kind in ("column", "constraint", "trigger", "policy", "rule"):
        return ".".join(_parts(identity)[:2])
    if kind == "index":
        found = _ON_TABLE.search(definition)
        return found[1] if found else None
    if kind == "sequence" and "owned by" in definition:
        return ".".join(_parts(definition.rpartition("owned by ")[2])[:2])
    return identity


def _parts(identity: str) -> list[str]:
    return re.findall(r'(?:"(?:[^"]|"")*"|[^."(]+)', identity)


def _without_parts(found: list[Difference]) -> list[Difference]:
    """Leave out columns and other parts of a table that is itself missing or unexpected."""
    whole = {
        (each.kind, identity_of(each.object))
        for each in found
        if each.object.startswith(("table ", "view ", "materialized view "))
    }

    def is_part(each: Difference) -> bool:
        identity = identity_of(each.object)
        kind = each.object.removesuffix(identity).rstrip()
        table = _table(kind, identity, each.expected or each.found or "")
        return each.kind != "changed" and table != identity and (each.kind, table) in whole

    return [each for each in found if not is_part(each)]


def _same(name: str, expected: str, found: str) -> bool:
    if expected == found:
        return True
    if not name.startswith(_QUERIES):
        return False
    (one, dropped), (other, kept) = _unqualified(expected), _unqualified(found)
    # Equal except that one leaves out tables' names: printed by another version of Postgres.
    return one == other and dropped != kept


def _unqualified(definition: str) -> tuple[str, int]:
    count = 0

    def strip(match: re.Match[str]) -> str:
        nonlocal count
        if match[1]:
            return match[1]
        count += 1
        return ""

    return _STRING_OR_QUALIFIER.sub(strip, definition), count


def _short(definition: str | None) -> str:
    text = " ".join((definition or "").split())
    return text if len(text) <= 200 else f"{text[:199]}…"
