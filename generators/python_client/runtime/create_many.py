# ruff: noqa: S608 - identifiers are quoted from the generated data, values are parameters
"""Many rows in one statement, whose text does not depend on how many there are.

The rows travel as one JSON parameter that ``json_to_recordset`` takes apart; per row this costs less than
half of what ``executemany`` does. What JSON can't say travels as text that Postgres casts.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import groupby
from typing import Any

from psycopg.types.json import Json as JsonParameter
from psycopg.types.json import Jsonb

from .errors import InputError
from .mistakes import column_of
from .narrow import as_list
from .plans import Plan, Statement, Steps, converted
from .schema import Column, Table
from .writes import checked_data

#: How a type travels inside JSON where its own text form would be misread: JSON's null is no SQL NULL, and
#: the text form of money depends on the server's locale.
_TRAVELS_AS = {"jsonb": "text", "json": "text", "money": "numeric"}


def statements(table: Table[Any], rows: Any, *, skip_duplicates: bool) -> list[Statement]:
    """One statement for each run of rows that leave the same columns to the database's defaults.

    All rows are checked before the first statement is sent. Raises InputError, FieldNotFoundError or
    MissingRequiredValueError.
    """
    given = as_list(rows)
    if given is None:
        raise InputError(f"data: needs a list of dicts, but got {type(rows).__name__}")
    now = datetime.now(UTC)
    complete = [_complete(table, row, f"data[{index}]", now) for index, row in enumerate(given)]
    return [
        statement
        for fields, group in groupby(complete, key=tuple)
        for statement in _insert(table, fields, list(group), skip_duplicates=skip_duplicates)
    ]


def create_many(prepared: Iterable[Statement]) -> Steps[int]:
    """Insert the rows; how many were inserted."""
    total = 0
    for statement in prepared:
        result = yield statement
        total += result.row_count
    return total


def _complete(table: Table[Any], row: Any, path: str, now: datetime) -> dict[str, Any]:
    """The row in the table's order, checked, with every value that is not the database's to fill in."""
    given = checked_data(row)
    for field in given:
        column_of(table, field, path)
    table.require(given)
    complete: dict[str, Any] = {}
    for name, column in table.columns.items():
        if name in given:
            complete[name] = _encoded(converted(column.dump, given[name], f"{path}.{name}"))
        elif column.default is not None:
            complete[name] = _encoded(column.default(now))
        elif not column.has_database_default:
            complete[name] = None
    return complete


def _insert(
    table: Table[Any], fields: tuple[str, ...], rows: list[dict[str, Any]], *, skip_duplicates: bool
) -> list[Statement]:
    if not fields:
        return [Statement(f"INSERT INTO {table.sql} DEFAULT VALUES".encode(), [])] * len(rows)
    key = ("create_many", fields, skip_duplicates)
    plan = table.plans.get(key, lambda: _plan(table, fields, skip_duplicates=skip_duplicates))
    records = [{f"f{index}": value for index, value in enumerate(row.values())} for row in rows]
    return [Statement(plan.sql, [json.dumps(records)])]


def _plan(table: Table[Any], fields: tuple[str, ...], *, skip_duplicates: bool) -> Plan:
    columns = [table.columns[field] for field in fields]
    names = ", ".join(column.sql for column in columns)
    values = ", ".join(f"r.f{index}::{column.type}" for index, column in enumerate(columns))
    record = ", ".join(f"f{index} {_travels_as(column)}" for index, column in enumerate(columns))
    conflict = " ON CONFLICT DO NOTHING" if skip_duplicates else ""
    sql = (
        f"INSERT INTO {table.sql} ({names}) SELECT {values} "
        f"FROM json_to_recordset($1::json) AS r({record}){conflict}"
    )
    return Plan(sql.encode(), ())


def _travels_as(column: Column) -> str:
    return _TRAVELS_AS.get(column.codec.type, column.codec.type) + "[]" * column.is_list


def _encoded(value: Any) -> Any:
    """A value for psycopg as one for JSON."""
    items = as_list(value)
    if items is not None:
        return [_encoded(item) for item in items]
    if isinstance(value, JsonParameter | Jsonb):
        return json.dumps(value.obj)
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal) or (isinstance(value, float) and not math.isfinite(value)):
        return str(value)
    return value
