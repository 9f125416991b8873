"""What is in a database's tables, value by value, and what a migration removed. Losses aren't found by name:
a renamed table or column keeps its number in pg_catalog, one that is dropped and created again doesn't."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

from psycopg import sql

from ...introspection.pg_catalog import Connection, Name
from ...runner.tracking.tracking_tables import TRACKING_SCHEMA
from ...runner.verification.pg_catalog_query import SPELLING
from ..seeding.row_security import without_forced_row_security

Row: TypeAlias = tuple[str | None, ...]
LostKind: TypeAlias = Literal["table", "column", "rows", "values", "enum value"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSnapshot:
    """``filled`` counts the rows in which the column is not NULL."""

    name: str
    type: str
    filled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSnapshot:
    """``columns`` by their number in pg_attribute. ``held`` are the rows, each value as Postgres writes it,
    in the order of the columns; ``key`` are the primary key's. ``is_in_code``: it has triggers, or where any
    table has, a function names it: users' code may write its rows when others are written."""

    qualified: Name
    columns: Mapping[int, ColumnSnapshot]
    held: tuple[Row, ...]
    key: tuple[int, ...]
    is_in_code: bool

    @property
    def name(self) -> str:
        """For people."""
        return _shown(self.qualified)

    @property
    def rows(self) -> int:
        """Their number."""
        return len(self.held)


class Reference(NamedTuple):
    """A foreign key from ``columns`` of ``table`` to the ``referred`` ones of ``target``, with its actions as
    pg_constraint has them. ``cleared`` are the columns that ON DELETE SET … is about."""

    table: Name
    columns: list[str]
    target: Name
    referred: list[str]
    on_delete: str
    on_update: str
    cleared: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSnapshot:
    """``tables`` by their OID; ``enums`` by name."""

    tables: Mapping[int, TableSnapshot]
    enums: Mapping[str, tuple[str, ...]]
    references: tuple[Reference, ...]

    @property
    def rows(self) -> dict[str, int]:
        """Rows by table, sorted by its name."""
        return dict(sorted((table.name, table.rows) for table in self.tables.values()))


@dataclass(frozen=True, slots=True)
class LostData:
    """What a migration removed. ``count`` is a number of rows; 0 for an enum value."""

    kind: LostKind
    name: str
    count: int

    def __str__(self) -> str:
        rows = f"{self.count} row{'' if self.count == 1 else 's'}"
        return {
            "table": f"table {self.name} with {rows}",
            "column": f"column {self.name}, filled in {rows}",
            "rows": f"{rows} of table {self.name}",
            "values": f"the values of column {self.name} in {rows}",
            "enum value": f"enum value {self.name}",
        }[self.kind]

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {"kind": self.kind, "name": self.name, "rows": self.count}


_COLUMNS = """
WITH code AS MATERIALIZED (
  SELECT lower(coalesce(pg_get_function_sqlbody(p.oid), p.prosrc)) AS body
  FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
  WHERE l.lanname NOT IN ('internal', 'c') AND p.pronamespace <> 'pg_catalog'::regnamespace
    AND EXISTS (SELECT FROM pg_trigger t WHERE NOT t.tgisinternal)
)
SELECT c.oid::bigint, n.nspname, c.relname,
       ARRAY(SELECT unnest(k.conkey)::int FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'p'),
       EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal)
       OR EXISTS (SELECT FROM code WHERE strpos(code.body, lower(c.relname)) > 0),
       a.attnum::int, a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     AND a.attgenerated = ''  -- computed from the others: nothing of its own is lost
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', %(tracking)s) AND n.nspname !~ '^pg_'
  AND NOT EXISTS (SELECT FROM pg_depend e
                  WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
ORDER BY c.oid, a.attnum
"""
# Lists of JSON as JSON: what is in them can be compared by its meaning.
_TEXT_OF = {"json[]": "array_to_json({})::text", "jsonb[]": "array_to_json({})::text"}
_REFERENCES = """
SELECT n.nspname, c.relname, own.names, m.nspname, d.relname, other.names, k.confdeltype, k.confupdtype,
       coalesce(cleared.names, own.names)
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class d ON d.oid = k.confrelid JOIN pg_namespace m ON m.oid = d.relnamespace
CROSS JOIN LATERAL ({own}) AS own CROSS JOIN LATERAL ({other}) AS other
CROSS JOIN LATERAL ({cleared}) AS cleared
WHERE k.contype = 'f' AND k.conparentid = 0
ORDER BY k.oid
"""
_NAMES = (
    "SELECT array_agg(a.attname::text ORDER BY u.place) AS names "
    "FROM unnest({key}) WITH ORDINALITY u (number, place) "
    "JOIN pg_attribute a ON a.attrelid = {table} AND a.attnum = u.number"
)
_ENUMS = """
SELECT n.nspname, t.typname, array_agg(v.enumlabel::text ORDER BY v.enumsortorder)
FROM pg_enum v JOIN pg_type t ON t.oid = v.enumtypid JOIN pg_namespace n ON n.oid = t.typnamespace
GROUP BY 1, 2
"""


@dataclass(slots=True)
class _Found:
    """A table, and the name and type of each column by its number."""

    name: Name
    key: tuple[int, ...]
    is_in_code: bool
    columns: dict[int, tuple[str, str]]


def read_snapshot(connection: Connection) -> DataSnapshot:
    """Read every value of every table of the application. The connection is in autocommit mode."""
    with connection.transaction():
        connection.execute(SPELLING.encode())
        found: dict[int, _Found] = {}
        rows = connection.execute(_COLUMNS, {"tracking": TRACKING_SCHEMA})
        for oid, schema, table, key, is_in_code, number, column, kind in rows:
            made = found.setdefault(oid, _Found((schema, table), tuple(key), is_in_code, {}))
            if number is not None:
                made.columns[number] = (column, kind)
        enums = {_shown((schema, name)): tuple(labels) for schema, name, labels in connection.execute(_ENUMS)}
        with without_forced_row_security(connection):
            held = _rows(connection, found)
        references = tuple(_references(connection))
    tables = {oid: _table(table, held[oid]) for oid, table in found.items()}
    return DataSnapshot(tables=tables, enums=enums, references=references)


def _rows(connection: Connection, found: Mapping[int, _Found]) -> dict[int, list[Row]]:
    """One query for all tables: there are many, and each is small."""
    queries = [
        sql.SQL("SELECT {}, ARRAY[{}]::text[] FROM {}").format(
            sql.Literal(oid),
            sql.SQL(", ").join(
                sql.SQL(_TEXT_OF.get(kind, "{}::text")).format(sql.Identifier(name))
                for name, kind in table.columns.values()
            ),
            sql.Identifier(*table.name),
        )
        for oid, table in found.items()
    ]
    rows: dict[int, list[Row]] = {oid: [] for oid in found}
    for oid, values in connection.execute(sql.SQL(" UNION ALL ").join(queries)) if queries else ():
        rows[oid].append(tuple(values))
    return rows


def _references(connection: Connection) -> Iterator[Reference]:
    query = _REFERENCES.format(
        own=_NAMES.format(key="k.conkey", table="k.conrelid"),
        other=_NAMES.format(key="k.confkey", table="k.confrelid"),
        cleared=_NAMES.format(key="k.confdelsetcols", table="k.conrelid"),
    )
    for schema, table, columns, to_schema, to, *more in connection.execute(query.encode()):
        yield Reference((schema, table), columns, (to_schema, to), *more)


def _table(found: _Found, rows: list[Row]) -> TableSnapshot:
    columns = {
        number: ColumnSnapshot(name=name, type=kind, filled=sum(row[place] is not None for row in rows))
        for place, (number, (name, kind)) in enumerate(found.columns.items())
    }
    return TableSnapshot(
        qualified=found.name,
        columns=columns,
        held=tuple(rows),
        key=found.key,
        is_in_code=found.is_in_code,
    )


def lost_data(before: DataSnapshot, after: DataSnapshot) -> list[LostData]:
    """What was in the tables ``before`` and is no longer there ``after``, sorted."""
    found = [*_lost_enum_values(before, after)]
    for oid, table in before.tables.items():
        found += _lost_from_table(table, after.tables.get(oid))
    return sorted(found, key=lambda loss: (loss.kind, loss.name))


def _lost_enum_values(before: DataSnapshot, after: DataSnapshot) -> Iterator[LostData]:
    for name, labels in before.enums.items():
        for label in labels:
            if name in after.enums and label not in after.enums[name]:
                yield LostData("enum value", f"{name}.{label}", 0)


def _lost_from_table(before: TableSnapshot, after: TableSnapshot | None) -> Iterator[LostData]:
    if after is None:
        if before.rows:
            yield LostData("table", before.name, before.rows)
        return
    if after.rows < before.rows:
        yield LostData("rows", before.name, before.rows - after.rows)
    for number, column in before.columns.items():
        name = f"{before.name}.{column.name}"
        kept = after.columns.get(number)
        if kept is None:
            if column.filled:
                yield LostData("column", name, column.filled)
        elif kept.filled < column.filled and after.rows >= before.rows:
            yield LostData("values", name, column.filled - kept.filled)


def _shown(name: Name) -> str:
    schema, local = name
    return local if schema == "public" else f"{schema}.{local}"
