"""What is in a database's tables, and what a migration removed. Nothing is compared by name alone: a renamed
table or column keeps its number in pg_catalog, one that is dropped and created again doesn't."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from psycopg import sql

from ..introspection.pg_catalog import Connection, Name
from ..runner.tracking.tracking_tables import TRACKING_SCHEMA

# A table's name, and the name and type of each column by its number.
_Columns: TypeAlias = tuple[Name, dict[int, tuple[str, str]]]
LostKind: TypeAlias = Literal["table", "column", "rows", "values", "enum value"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSnapshot:
    """``filled`` counts the rows in which the column is not NULL."""

    name: str
    type: str
    filled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSnapshot:
    """``columns`` by their number in pg_attribute."""

    name: str
    rows: int
    columns: Mapping[int, ColumnSnapshot]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSnapshot:
    """``tables`` by their OID; ``enums`` by name."""

    tables: Mapping[int, TableSnapshot]
    enums: Mapping[str, tuple[str, ...]]

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
SELECT c.oid::bigint, n.nspname, c.relname, a.attnum::int, a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     AND a.attgenerated = ''  -- computed from the others: nothing of its own is lost
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', %(tracking)s) AND n.nspname !~ '^pg_'
  AND NOT EXISTS (SELECT FROM pg_depend e
                  WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
ORDER BY 1, 4
"""
_ENUMS = """
SELECT n.nspname, t.typname, array_agg(v.enumlabel::text ORDER BY v.enumsortorder)
FROM pg_enum v JOIN pg_type t ON t.oid = v.enumtypid JOIN pg_namespace n ON n.oid = t.typnamespace
GROUP BY 1, 2
"""


def read_snapshot(connection: Connection) -> DataSnapshot:
    """Count the rows of every table of the application, and the values of every column.

    The connection is in autocommit mode.
    """
    with connection.transaction():
        connection.execute("SET LOCAL search_path = ''")
        found: dict[int, _Columns] = {}
        for oid, schema, table, number, column, kind in connection.execute(
            _COLUMNS, {"tracking": TRACKING_SCHEMA}
        ):
            _, columns = found.setdefault(oid, ((schema, table), {}))
            if number is not None:
                columns[number] = (column, kind)
        enums = {_shown((schema, name)): tuple(labels) for schema, name, labels in connection.execute(_ENUMS)}
        tables = _count(connection, found)
    return DataSnapshot(tables=tables, enums=enums)


def _count(connection: Connection, found: Mapping[int, _Columns]) -> dict[int, TableSnapshot]:
    """One query for all tables: there are many, and each is small."""
    queries = [
        sql.SQL("SELECT {}, ARRAY[{}] FROM {}").format(
            sql.Literal(oid),
            sql.SQL(", ").join(
                [sql.SQL("count(*)")]
                + [sql.SQL("count({})").format(sql.Identifier(column)) for column, _ in columns.values()]
            ),
            sql.Identifier(*name),
        )
        for oid, (name, columns) in found.items()
    ]
    counts = connection.execute(sql.SQL(" UNION ALL ").join(queries)).fetchall() if queries else []
    tables = {}
    for oid, (rows, *filled) in counts:
        name, columns = found[oid]
        tables[oid] = TableSnapshot(
            name=_shown(name),
            rows=rows,
            columns={
                number: ColumnSnapshot(name=column, type=kind, filled=count)
                for (number, (column, kind)), count in zip(columns.items(), filled, strict=True)
            },
        )
    return tables


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
