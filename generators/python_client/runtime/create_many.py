# ruff: noqa: S608 - identifiers are quoted from the generated data, values are parameters
"""Many rows in one statement, whose text does not depend on how many there are.

The rows travel as one JSON parameter that ``json_to_recordset`` takes apart; per row this costs less than
half of what ``executemany`` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any

from .changes import checked_data
from .errors import InputError
from .mistakes import column_of
from .narrow import as_list
from .plans import REFUSALS, Plan, Statement, Steps, converted
from .records import Record, RecordEncoder, as_json, record_encoder, travels_as
from .schema import Column, Table


def statements(table: Table[Any], rows: Any, *, skip_duplicates: bool) -> list[Statement]:
    """One statement for each run of rows that leave the same columns to the database's defaults.

    All rows are checked before the first statement is sent. Raises InputError, FieldNotFoundError or
    MissingRequiredValueError.
    """
    given = as_list(rows)
    if given is None:
        raise InputError(f"data: needs a list of dicts, but got {type(rows).__name__}")
    return [
        statement
        for columns, encoded in groupby(_encoded(table, given), key=itemgetter(0))
        for statement in _insert(
            table, columns, [record for _, records in encoded for record in records], skip_duplicates
        )
    ]


def create_many(prepared: Iterable[Statement]) -> Steps[int]:
    """Insert the rows; how many were inserted."""
    total = 0
    for statement in prepared:
        result = yield statement
        total += result.row_count
    return total


def _encoded(table: Table[Any], rows: Sequence[Any]) -> list[tuple[tuple[Column, ...], list[Record]]]:
    """The records of each run of rows with the same fields, and their columns."""
    now = datetime.now(UTC)
    runs: list[tuple[tuple[Column, ...], list[Record]]] = []
    first = 0
    for fields, group in groupby(rows, key=_fields):
        run = list(group)
        encoder = table.plans.get(("record", fields), partial(_encoder, table, run[0], f"data[{first}]"))
        try:
            records = encoder.encode(run, now)
        except REFUSALS:
            _refuse(table, run, first)
            raise
        runs.append((encoder.columns, records))
        first += len(run)
    return runs


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
    table: Table[Any], columns: tuple[Column, ...], records: list[Record], skip_duplicates: bool
) -> list[Statement]:
    if not columns:
        return [Statement(f"INSERT INTO {table.sql} DEFAULT VALUES".encode(), [])] * len(records)
    key = ("create_many", tuple(column.name for column in columns), skip_duplicates)
    plan = table.plans.get(key, lambda: _plan(table, columns, skip_duplicates))
    return [Statement(plan.sql, [as_json(records)])]


def _plan(table: Table[Any], columns: tuple[Column, ...], skip_duplicates: bool) -> Plan:
    names = ", ".join(column.sql for column in columns)
    values = ", ".join(f"r.f{index}::{column.type}" for index, column in enumerate(columns))
    record = ", ".join(f"f{index} {travels_as(column)}" for index, column in enumerate(columns))
    conflict = " ON CONFLICT DO NOTHING" if skip_duplicates else ""
    sql = (
        f"INSERT INTO {table.sql} ({names}) SELECT {values} "
        f"FROM json_to_recordset($1::json) AS r({record}){conflict}"
    )
    return Plan(sql.encode(), ())
