"""What seeding has to know of a database: read from pg_catalog, so that hand-written SQL is included."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import psycopg
from psycopg import sql

from ...runner.tracking.tracking_tables import TRACKING_SCHEMA
from ...runner.verification.pg_catalog_query import SPELLING

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

# Kept by Prisma Migrate in databases that it has run on: not the application's rows.
_FOREIGN_TRACKING = "_prisma_migrations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Type:
    """A column's type, with a domain or an array resolved."""

    #: As Postgres writes it, in full.
    name: str
    #: The same for a domain's base type.
    plain: str
    #: The name without schema and length of a domain's base type or an array's element type.
    base: str
    #: ``typcategory`` of ``base``.
    category: str
    is_array: bool
    #: A domain's checks, on VALUE.
    conditions: tuple[str, ...]
    #: An enum's values, in order.
    labels: tuple[str, ...]
    #: Of ``varchar(n)``, ``char(n)`` and ``bit(n)``, or a vector's dimensions.
    length: int | None
    #: (digits, decimals) of a numeric.
    precision: tuple[int, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedColumn:
    """``is_numbered``: its values come from a sequence by default; ``is_always``: from nowhere else."""

    name: str
    type: Type
    is_required: bool
    has_default: bool
    is_numbered: bool
    is_always: bool = False


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """``columns`` reference ``referred`` of the table with the id ``target``, in this order."""

    columns: tuple[str, ...]
    target: int
    referred: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckConstraint:
    """``condition`` as Postgres writes it, on ``columns``."""

    columns: tuple[str, ...]
    condition: str


@dataclass(slots=True, kw_only=True)
class SeedTable:
    """A table to fill with rows."""

    id: int  # the OID
    schema: str
    name: str
    columns: dict[str, SeedColumn] = field(default_factory=dict)  # without generated ones
    foreign_keys: list[ForeignKey] = field(default_factory=list)
    checks: list[CheckConstraint] = field(default_factory=list)
    #: Whether a key or exclusion is deferrable: such a table takes no ON CONFLICT.
    has_deferrable_key: bool = False

    @property
    def identifier(self) -> sql.Identifier:
        return sql.Identifier(self.schema, self.name)

    @property
    def shown(self) -> str:
        """The name in messages."""
        return f'"{self.name}"' if self.schema == "public" else f'"{self.schema}"."{self.name}"'


_TABLES = """
SELECT c.oid::bigint, n.nspname, c.relname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', %(tracking)s) AND n.nspname !~ '^pg_'
  AND c.relname <> %(foreign)s
  AND NOT EXISTS (SELECT FROM pg_depend e
                  WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
ORDER BY 2, 3
"""
# The modifiers (length, precision) of a domain and an array are those of its base and element type.
_COLUMNS = """
WITH RECURSIVE base (oid, type, typmod) AS (
    SELECT DISTINCT atttypid, atttypid, -1 FROM pg_attribute WHERE attrelid = ANY (%(tables)s)
    UNION ALL
    SELECT b.oid, t.typbasetype, t.typtypmod
    FROM base b JOIN pg_type t ON t.oid = b.type WHERE t.typtype = 'd'
)
SELECT a.attrelid::bigint, a.attname, format_type(a.atttypid, a.atttypmod),
       CASE WHEN t.typtype = 'd' THEN format_type(b.type, b.typmod)
            ELSE format_type(a.atttypid, a.atttypmod) END,
       ARRAY(SELECT pg_get_constraintdef(k.oid) FROM pg_constraint k JOIN base p ON p.type = k.contypid
             WHERE p.oid = a.atttypid AND k.contype = 'c'),
       a.attnotnull OR t.typnotnull, d.oid IS NOT NULL OR t.typdefault IS NOT NULL,
       a.attidentity <> '' OR coalesce(pg_get_expr(d.adbin, d.adrelid), '') ~ '^nextval\\(',
       a.attidentity = 'a',
       coalesce(e.typname, u.typname), coalesce(e.typcategory, u.typcategory), e.oid IS NOT NULL,
       CASE WHEN a.atttypmod >= 0 THEN a.atttypmod ELSE b.typmod END,
       ARRAY(SELECT enumlabel::text FROM pg_enum
             WHERE enumtypid = coalesce(e.oid, u.oid) ORDER BY enumsortorder)
FROM pg_attribute a
JOIN pg_type t ON t.oid = a.atttypid
JOIN base b ON b.oid = a.atttypid
JOIN pg_type u ON u.oid = b.type AND u.typtype <> 'd'
LEFT JOIN pg_type e ON e.oid = u.typelem AND u.typcategory = 'A'
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = ANY (%(tables)s) AND a.attnum > 0 AND NOT a.attisdropped
  AND a.attgenerated = ''
ORDER BY a.attrelid, a.attnum
"""
_CONSTRAINTS = """
SELECT k.conrelid::bigint, k.contype,
       ARRAY(SELECT attname::text FROM unnest(k.conkey) WITH ORDINALITY u (num, place)
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num ORDER BY place),
       k.confrelid::bigint,
       ARRAY(SELECT attname::text FROM unnest(k.confkey) WITH ORDINALITY u (num, place)
             JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num ORDER BY place),
       pg_get_expr(k.conbin, k.conrelid)
FROM pg_constraint k
WHERE k.conrelid = ANY (%(tables)s)
  AND (k.contype = 'c' OR k.contype IN ('p', 'u', 'x') AND k.condeferrable
       OR k.contype = 'f' AND k.conparentid = 0)  -- not those to partitions
ORDER BY k.conrelid, k.conname
"""
# A row has to belong in one of the partitions. A default partition's condition is what the others leave over.
_PARTITIONS = """
SELECT t.oid::bigint,
       ARRAY(SELECT DISTINCT attname::text FROM pg_partition_tree(t.oid) x
             JOIN pg_partitioned_table p ON p.partrelid = x.relid
             JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = ANY (p.partattrs)),
       string_agg(format('(%%s)', pg_get_partition_constraintdef(l.relid)), ' OR ')
FROM unnest(%(tables)s::oid[]) t (oid)
CROSS JOIN LATERAL (SELECT * FROM pg_partition_tree(t.oid) WHERE isleaf AND level > 0) l
WHERE EXISTS (SELECT FROM pg_class WHERE oid = t.oid AND relkind = 'p')
GROUP BY t.oid HAVING count(pg_get_partition_constraintdef(l.relid)) = count(*)
"""
_LENGTH_OFFSET = 4  # a modifier's header: Postgres stores varchar(10) as 14
_TYPES_WITH_HEADER = ("varchar", "bpchar", "numeric")


def read_tables(connection: Connection) -> list[SeedTable]:
    """The application's tables, by schema and name. Reads with an empty search path, in a transaction."""
    with connection.transaction():
        connection.execute(SPELLING.encode())
        names = {"tracking": TRACKING_SCHEMA, "foreign": _FOREIGN_TRACKING}
        rows = connection.execute(_TABLES, names).fetchall()
        tables = {oid: SeedTable(id=oid, schema=schema, name=name) for oid, schema, name in rows}
        ids = {"tables": list(tables)}
        for oid, *column in connection.execute(_COLUMNS, ids):
            made = _column(column)
            tables[oid].columns[made.name] = made
        for oid, kind, columns, target, referred, condition in connection.execute(_CONSTRAINTS, ids):
            if kind == "c":
                tables[oid].checks.append(CheckConstraint(tuple(columns), condition))
            elif kind != "f":
                tables[oid].has_deferrable_key = True
            else:
                tables[oid].foreign_keys.append(ForeignKey(tuple(columns), target, tuple(referred)))
        for oid, columns, condition in connection.execute(_PARTITIONS, ids):
            tables[oid].checks.append(CheckConstraint(tuple(columns), condition))
    return list(tables.values())


def _column(row: Iterable[Any]) -> SeedColumn:
    name, type_name, plain, conditions, required, default, numbered, always, *rest = row
    base, category, is_array, typmod, labels = rest
    length, precision = _modifiers(base, typmod)
    return SeedColumn(
        name=name,
        type=Type(
            name=type_name,
            plain=plain,
            base=base,
            category=category,
            is_array=is_array,
            conditions=tuple(conditions),
            labels=tuple(labels),
            length=length,
            precision=precision,
        ),
        is_required=required,
        has_default=default,
        is_numbered=numbered,
        is_always=always,
    )


def _modifiers(base: str, typmod: int) -> tuple[int | None, tuple[int, int] | None]:
    """Source: the type modifier functions of varchar.c, numeric.c and varbit.c in Postgres."""
    if typmod < 0:
        return None, None
    bare = typmod - _LENGTH_OFFSET if base in _TYPES_WITH_HEADER else typmod
    if base == "numeric":
        scale = bare & 0x7FF
        return None, (bare >> 16 & 0xFFFF, scale - 0x800 if scale & 0x400 else scale)
    return bare, None
