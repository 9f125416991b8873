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
    """``type`` and ``default`` (or None) as Postgres writes them. Identity columns look like serial ones.

    ``generated`` is the expression of a column that Postgres computes, which has no default then; ``base``
    is the type that a domain is made of (else the type itself).
    """

    type: str
    is_required: bool
    default: str | None
    generated: str | None = None
    base: str = ""

    @property
    def is_list(self) -> bool:
        return self.type.endswith("[]")


@dataclass(frozen=True, slots=True)
class Index:
    """``keys`` are columns or expressions, with DESC and an operator class where they aren't the default;
    ``predicate`` is a partial index's condition. Two indexes are equal if Prisma would write them alike.

    ``is_plain`` is False for what Prisma has no word for: an expression, a predicate, INCLUDE, COLLATE,
    another order of NULLs, storage parameters, the access method of an extension. ``columns`` are those it
    is on.
    """

    is_unique: bool
    method: str
    keys: tuple[str, ...]
    predicate: str | None = None
    is_plain: bool = field(default=True, compare=False)
    columns: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Table:
    """``indexes`` and ``foreign_keys`` map definitions to names. A foreign key's definition has only what
    Prisma has words for, which leaves out DEFERRABLE, MATCH, the columns of SET NULL and NOT VALID."""

    columns: Mapping[str, Column] = field(default_factory=dict)
    primary_key: tuple[str, ...] | None = None
    indexes: Mapping[Index, str] = field(default_factory=dict)
    foreign_keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DatabaseSchema:
    """``enums`` maps names to sorted labels: Prisma ignores their order. ``views`` maps names to columns."""

    tables: Mapping[Name, Table]
    enums: Mapping[Name, tuple[str, ...]]
    views: Mapping[Name, tuple[str, ...]] = field(default_factory=dict)


_HIDDEN = ["pg_catalog", "information_schema", "pg_toast", TRACKING_SCHEMA]
_COLUMNS = """
SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull OR t.typnotnull,
       CASE WHEN a.attidentity <> '' THEN 'nextval(''''::regclass)'
            WHEN a.attgenerated = '' THEN coalesce(pg_get_expr(d.adbin, d.adrelid), t.typdefault) END,
       CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END,
       CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod)
            ELSE format_type(a.atttypid, a.atttypmod) END
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_type t ON t.oid = a.atttypid
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
       pg_get_expr(i.indpred, i.indrelid),
       i.indexprs IS NULL AND i.indpred IS NULL AND i.indnatts = i.indnkeyatts AND ic.reloptions IS NULL
       AND am.amname IN ('btree', 'hash', 'gin', 'gist', 'spgist', 'brin')
       AND NOT EXISTS (
           SELECT FROM generate_series(1, i.indnkeyatts) k
           JOIN pg_opclass o ON o.oid = i.indclass[k - 1]
           JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k - 1]
           WHERE i.indcollation[k - 1] NOT IN (0, a.attcollation)
              OR i.indoption[k - 1] NOT IN (0, 3)),  -- ASC NULLS LAST, DESC NULLS FIRST
       ARRAY(SELECT attname::text FROM pg_attribute
             WHERE attrelid = i.indrelid AND attnum = ANY (i.indkey::int2[]) AND attnum > 0)
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
SELECT n.nspname, c.relname, k.conname,
       format('FOREIGN KEY (%%s) REFERENCES %%s(%%s)%%s%%s',
              (SELECT string_agg(quote_ident(attname), ', ' ORDER BY place)
               FROM unnest(k.conkey) WITH ORDINALITY AS listed (number, place)
               JOIN pg_attribute ON attrelid = k.conrelid AND attnum = number),
              k.confrelid::regclass,
              (SELECT string_agg(quote_ident(attname), ', ' ORDER BY place)
               FROM unnest(k.confkey) WITH ORDINALITY AS listed (number, place)
               JOIN pg_attribute ON attrelid = k.confrelid AND attnum = number),
              ' ON UPDATE ' || (%(actions)s::json ->> k.confupdtype::text),
              ' ON DELETE ' || (%(actions)s::json ->> k.confdeltype::text))
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0 AND NOT c.relispartition AND n.nspname <> ALL (%(hidden)s)
"""
# NO ACTION, the default, is left out.
_ACTIONS = '{"r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}'
_ENUMS = """
SELECT n.nspname, c.typname, array_agg(v.enumlabel::text)
FROM pg_enum v
JOIN pg_type c ON c.oid = v.enumtypid
JOIN pg_namespace n ON n.oid = c.typnamespace
WHERE n.nspname <> ALL (%(hidden)s)
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = c.oid AND e.deptype = 'e')
GROUP BY 1, 2
"""
_VIEWS = """
SELECT n.nspname, c.relname, ARRAY(SELECT attname::text FROM pg_attribute
                                   WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped)
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('v', 'm', 'f') AND n.nspname <> ALL (%(hidden)s)
"""


def read_database_schema(connection: Connection) -> DatabaseSchema:
    """Read every Postgres schema except the system's and the runner's own."""
    hidden = {"hidden": _HIDDEN}
    with connection.transaction():
        connection.execute(SPELLING.encode())
        columns: dict[Name, dict[str, Column]] = {}
        for schema, table, column, *described in connection.execute(_COLUMNS, hidden):
            known = columns.setdefault((schema, table), {})
            if column is not None:
                known[column] = Column(*described)
        keys, indexes = _read_indexes(connection)
        foreign_keys: dict[Name, dict[str, str]] = {}
        for schema, table, name, definition in connection.execute(
            _FOREIGN_KEYS, hidden | {"actions": _ACTIONS}
        ):
            foreign_keys.setdefault((schema, table), {})[definition] = name
        enums = {
            (schema, name): tuple(sorted(labels))
            for schema, name, labels in connection.execute(_ENUMS, hidden)
        }
        views = {(schema, name): tuple(names) for schema, name, names in connection.execute(_VIEWS, hidden)}
    tables = {
        name: Table(columns[name], keys.get(name), indexes.get(name, {}), foreign_keys.get(name, {}))
        for name in columns
    }
    return DatabaseSchema(tables, enums, views)


def _read_indexes(
    connection: Connection,
) -> tuple[dict[Name, tuple[str, ...]], dict[Name, dict[Index, str]]]:
    primary: dict[Name, tuple[str, ...]] = {}
    others: dict[Name, dict[Index, str]] = {}
    for schema, table, name, is_primary, unique, method, keys, predicate, plain, on in connection.execute(
        _INDEXES, {"hidden": _HIDDEN}
    ):
        if is_primary:
            primary[schema, table] = tuple(keys)
        else:
            index = Index(unique, method, tuple(keys), predicate, plain, tuple(on))
            others.setdefault((schema, table), {})[index] = name
    return primary, others
