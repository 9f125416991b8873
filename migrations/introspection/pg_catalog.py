"""The tables and enums of a database, as far as schema.prisma can describe them, as values to compare.

The names of indexes and constraints are kept apart from their definitions: hand-written migrations may choose
other names. Everything is read with an empty search path, so that Postgres writes fully qualified names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import psycopg

from ..runner.tracking.tracking_tables import TRACKING_SCHEMA
from ..runner.verification.pg_catalog_query import SPELLING

Name: TypeAlias = tuple[str, str]
"""A Postgres schema and a name in it."""
Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Column:
    """``type`` and ``default`` (or None) as Postgres writes them. Identity columns look like serial ones."""

    type: str
    is_required: bool
    default: str | None

    @property
    def is_list(self) -> bool:
        return self.type.endswith("[]")


@dataclass(frozen=True, slots=True)
class Index:
    """``keys`` are columns or expressions, with DESC and an operator class where they aren't the default.

    ``is_plain`` is False for what Prisma can't express: a predicate, an expression.
    """

    is_unique: bool
    method: str
    keys: tuple[str, ...]
    is_plain: bool


@dataclass(frozen=True, slots=True)
class Table:
    """``indexes`` and ``foreign_keys`` map definitions to names."""

    columns: Mapping[str, Column] = field(default_factory=dict)
    primary_key: tuple[str, ...] | None = None
    indexes: Mapping[Index, str] = field(default_factory=dict)
    foreign_keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DatabaseSchema:
    """``enums`` maps names to sorted labels: Prisma ignores their order."""

    tables: Mapping[Name, Table]
    enums: Mapping[Name, tuple[str, ...]]


_HIDDEN = ["pg_catalog", "information_schema", "pg_toast", TRACKING_SCHEMA]
_COLUMNS = """
SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       CASE WHEN a.attidentity <> '' THEN 'nextval(''''::regclass)' ELSE pg_get_expr(d.adbin, d.adrelid) END
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname <> ALL (%(hidden)s)
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = c.oid AND e.deptype = 'e')
"""
_INDEXES = """
SELECT n.nspname, c.relname, ic.relname, i.indisprimary, i.indisunique, am.amname,
       ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, true)
                    || CASE WHEN i.indoption[k - 1] & 1 = 1 THEN ' DESC' ELSE '' END
                    || CASE WHEN o.opcdefault THEN '' ELSE ' ' || o.opcname END
             FROM generate_series(1, i.indnkeyatts) k
             JOIN pg_opclass o ON o.oid = i.indclass[k - 1] ORDER BY k),
       i.indexprs IS NULL AND i.indpred IS NULL
FROM pg_index i
JOIN pg_class ic ON ic.oid = i.indexrelid
JOIN pg_am am ON am.oid = ic.relam
JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND NOT i.indisexclusion
  AND n.nspname <> ALL (%(hidden)s)
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = c.oid AND e.deptype = 'e')
"""
_FOREIGN_KEYS = """
SELECT n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid)
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0 AND NOT c.relispartition AND n.nspname <> ALL (%(hidden)s)
"""
_ENUMS = """
SELECT n.nspname, c.typname, array_agg(v.enumlabel::text)
FROM pg_enum v
JOIN pg_type c ON c.oid = v.enumtypid
JOIN pg_namespace n ON n.oid = c.typnamespace
WHERE n.nspname <> ALL (%(hidden)s)
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = c.oid AND e.deptype = 'e')
GROUP BY 1, 2
"""


def read_database_schema(connection: Connection) -> DatabaseSchema:
    """Read every Postgres schema except the system's and the runner's own."""
    hidden = {"hidden": _HIDDEN}
    with connection.transaction():
        connection.execute(SPELLING.encode())
        columns: dict[Name, dict[str, Column]] = {}
        for schema, table, column, kind, required, default in connection.execute(_COLUMNS, hidden):
            known = columns.setdefault((schema, table), {})
            if column is not None:
                known[column] = Column(kind, required, default)
        keys, indexes = _read_indexes(connection)
        foreign_keys: dict[Name, dict[str, str]] = {}
        for schema, table, name, definition in connection.execute(_FOREIGN_KEYS, hidden):
            foreign_keys.setdefault((schema, table), {})[definition.removesuffix(" NOT VALID")] = name
        enums = {
            (schema, name): tuple(sorted(labels))
            for schema, name, labels in connection.execute(_ENUMS, hidden)
        }
    tables = {
        name: Table(columns[name], keys.get(name), indexes.get(name, {}), foreign_keys.get(name, {}))
        for name in columns
    }
    return DatabaseSchema(tables, enums)


def _read_indexes(
    connection: Connection,
) -> tuple[dict[Name, tuple[str, ...]], dict[Name, dict[Index, str]]]:
    primary: dict[Name, tuple[str, ...]] = {}
    others: dict[Name, dict[Index, str]] = {}
    for schema, table, name, is_primary, unique, method, keys, plain in connection.execute(
        _INDEXES, {"hidden": _HIDDEN}
    ):
        if is_primary:
            primary[schema, table] = tuple(keys)
        else:
            others.setdefault((schema, table), {})[Index(unique, method, tuple(keys), plain)] = name
    return primary, others
