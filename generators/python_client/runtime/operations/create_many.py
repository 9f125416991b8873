# ruff: noqa: S608 - identifiers are quoted from the generated data, values are parameters
"""Many rows in one statement, whose text does not depend on how many there are.

A hundred rows or more are sent as one binary COPY, if the table allows it. Otherwise they are sent as one
JSON parameter for ``json_to_recordset``, which works with ON CONFLICT, any type and any value, and costs less
than half of ``executemany``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from typing import Any, NamedTuple, TypeAlias, TypeVar

from ..coerce import as_list
from ..columns import Column
from ..field_lookup import column_of
from ..public.errors import InputError
from ..results.row_classes import ReadOptions, Selection
from ..results.row_loader import RowLoader
from ..sql.assignments import checked_data
from ..sql.plans import REFUSALS, Plan, Statement, Steps, converted
from ..sql.scope import root
from ..tables import Table
from .copy_rows import UNFIT, copy_chunks
from .records import Record, RecordEncoder, as_json, record_encoder, travels_as
from .writes import Write

_T = TypeVar("_T")

#: From this many rows on COPY pays, though it takes two more round trips.
_MANY = 100

#: Whether a COPY does what an INSERT would (it knows no row-level security and no rules, and a view has
#: triggers of its own), and the columns with their types: rows in binary form would be misread by another.
_TAKES_COPY = b"""
SELECT relkind IN ('r', 'p') AND NOT relhasrules AND NOT row_security_active(pg_class.oid), ARRAY(
  SELECT attname || CASE typtype WHEN 'e' THEN ' enum' WHEN 'b' THEN ' ' || typname END
  FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid WHERE attrelid = pg_class.oid AND attnum > 0
)
FROM pg_class WHERE oid = $1::text::regclass"""

#: Columns, and rows that have them.
_Copy: TypeAlias = tuple[tuple[Column, ...], list[bytes]]


class _Run(NamedTuple):
    """Rows with the same fields, one after the other; ``first`` is the number of the first."""

    encoder: RecordEncoder
    rows: Sequence[dict[str, Any]]
    first: int


def create_many(table: Table[Any], rows: Any, *, skip_duplicates: bool) -> Write[int]:
    """Insert the rows; returns how many were inserted.

    One statement for each run of rows that leave the same columns to the database's defaults. All rows are
    checked before the first statement is sent. Raises InputError, FieldNotFoundError or
    MissingRequiredValueError.
    """
    given = as_list(rows)
    if given is None:
        raise InputError(f"data: needs a list of dicts, but got {type(rows).__name__}")
    now = datetime.now(UTC)
    copies = None if skip_duplicates or len(given) < _MANY else _copies(table, given, now)
    if copies is not None:
        return Write(_copied(table, copies, given, now), is_atomic=len(copies) > 1)
    prepared = _inserts(table, given, now, skip_duplicates=skip_duplicates)
    return Write(_sent(prepared), is_atomic=len(prepared) > 1)


def create_many_and_return(
    table: Table[Any], rows: Any, read_options: ReadOptions, *, skip_duplicates: bool = False
) -> Write[list[Any]]:
    """Insert all rows or none; the rows that were inserted."""
    given = as_list(rows)
    if given is None:
        raise InputError(f"data: needs a list of dicts, but got {type(rows).__name__}")
    projection, chosen = read_options.projection(table, [])
    row_loader = RowLoader(table, projection)
    returning = f" RETURNING {row_loader.selected}"
    prepared = _inserts(table, given, datetime.now(UTC), skip_duplicates=skip_duplicates, returning=returning)
    return Write(_returned(prepared, row_loader, chosen), is_atomic=len(prepared) > 1)


def _returned(
    prepared: list[Statement], row_loader: RowLoader, chosen: Selection[Any] | None
) -> Steps[list[Any]]:
    returned: list[Any] = []
    for statement in prepared:
        rows: list[Any] = []
        try:
            result = yield statement
            rows = result.rows
            returned += row_loader.hydrate(rows)
        except Exception as error:
            row_loader.refuse(error, rows)
    return returned if chosen is None else chosen.rows(returned)


def _copied(table: Table[Any], copies: list[_Copy], rows: Sequence[Any], now: datetime) -> Steps[int]:
    result = yield Statement(_TAKES_COPY, [table.sql])
    takes_copy, found = result.rows[0]
    columns = {column for columns, _ in copies for column in columns}
    if not (takes_copy and {_typed(column) for column in columns} <= set(found)):
        return (yield from _sent(_inserts(table, rows, now, skip_duplicates=False)))
    return (
        yield from _sent(
            [Statement(_copy(table, columns), (), copied=copy_chunks(encoded)) for columns, encoded in copies]
        )
    )


def _typed(column: Column) -> str:
    """A column and its type, as :data:`_TAKES_COPY` finds them."""
    kind = "enum" if column.is_enum else column.codec.type
    return f"{column.column} {'_' * column.is_list}{kind}"


def _sent(prepared: list[Statement]) -> Steps[int]:
    total = 0
    for statement in prepared:
        result = yield statement
        total += result.row_count
    return total


def _runs(table: Table[Any], rows: Sequence[Any]) -> list[_Run]:
    runs: list[_Run] = []
    first = 0
    for _, group in groupby(rows, key=_fields):
        runs.append(_run(table, list(group), first))
        first += len(runs[-1].rows)
    return runs


def _run(table: Table[Any], rows: Sequence[Any], first: int) -> _Run:
    encoder = table.plans.get(
        ("record", _fields(rows[0])), partial(_encoder, table, rows[0], f"data[{first}]")
    )
    return _Run(encoder, rows, first)


def _copies(table: Table[Any], rows: Sequence[Any], now: datetime) -> list[_Copy] | None:
    """Runs of rows with the same columns, as COPY reads them; None if there is one that it can't take."""
    try:
        # Most often all rows have the same fields.
        return _written([_run(table, rows, 0)], now)
    except UNFIT:
        pass
    try:
        return _written(_runs(table, rows), now)
    except UNFIT:  # if it is a mistake, the JSON path reports it
        return None


def _written(runs: list[_Run], now: datetime) -> list[_Copy] | None:
    copies: list[_Copy] = []
    for run in runs:
        if run.encoder.copied is None:
            return None
        copies.append((run.encoder.columns, run.encoder.copied(run.rows, now)))
    return _merged(copies)


def _inserts(
    table: Table[Any], rows: Sequence[Any], now: datetime, *, skip_duplicates: bool, returning: str = ""
) -> list[Statement]:
    written: list[tuple[tuple[Column, ...], list[Record]]] = []
    for run in _runs(table, rows):
        try:
            written.append((run.encoder.columns, run.encoder.encode(run.rows, now)))
        except REFUSALS:
            _refuse(table, run.rows, run.first)
            raise
    return [
        statement
        for columns, records in _merged(written)
        for statement in _insert(table, columns, records, skip_duplicates, returning)
    ]


def _merged(
    written: list[tuple[tuple[Column, ...], list[_T]]],
) -> list[tuple[tuple[Column, ...], list[_T]]]:
    return [
        (columns, [row for _, rows in group for row in rows])
        for columns, group in groupby(written, key=lambda run: run[0])
    ]


def _copy(table: Table[Any], columns: tuple[Column, ...]) -> bytes:
    names = ", ".join(column.sql for column in columns)
    return f"COPY {table.sql} ({names}) FROM STDIN (FORMAT binary)".encode()


def _fields(row: Any) -> tuple[str, ...]:
    return tuple(checked_data(row))


def _encoder(table: Table[Any], row: dict[str, Any], path: str) -> RecordEncoder:
    for field in row:
        column_of(table, field, path)
    table.require(row)
    return record_encoder(table, frozenset(row))


def _refuse(table: Table[Any], rows: Sequence[dict[str, Any]], first: int) -> None:
    """Raise InputError or MissingRequiredValueError for the first value that its field can't take."""
    for index, row in enumerate(rows, start=first):
        for field, value in row.items():
            converted(table.columns[field].dump, value, f"data[{index}].{field}")


def _insert(
    table: Table[Any],
    columns: tuple[Column, ...],
    records: list[Record],
    skip_duplicates: bool,
    returning: str,
) -> list[Statement]:
    if not columns:
        sql = f"INSERT INTO {root(table).source} DEFAULT VALUES{returning}"
        return [Statement(sql.encode(), [])] * len(records)
    key = ("create_many", tuple(column.name for column in columns), skip_duplicates, returning)
    plan = table.plans.get(key, lambda: _plan(table, columns, skip_duplicates, returning))
    return [Statement(plan.sql, [as_json(records)])]


def _plan(table: Table[Any], columns: tuple[Column, ...], skip_duplicates: bool, returning: str) -> Plan:
    names = ", ".join(column.sql for column in columns)
    values = ", ".join(f"r.f{index}::{column.type}" for index, column in enumerate(columns))
    record = ", ".join(f"f{index} {travels_as(column)}" for index, column in enumerate(columns))
    conflict = " ON CONFLICT DO NOTHING" if skip_duplicates else ""
    sql = (
        f"INSERT INTO {root(table).source} ({names}) SELECT {values} "
        f"FROM json_to_recordset($1::json) AS r({record}){conflict}{returning}"
    )
    return Plan(sql.encode(), ())
