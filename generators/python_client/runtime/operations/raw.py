"""Raw queries: the user's own SQL. Values are always parameters, ``$1``, ``$2``, ...

The server infers their types from the query.

Rows are dicts of JSON values (decimals as float, large whole ones as int, datetimes as ISO text in UTC, bytes
as base64), or instances of ``model``, for which values keep their types.
"""

from __future__ import annotations

import re
import types
from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, TypeAlias
from uuid import UUID

from pydantic import BaseModel

from ..codecs import in_utc
from ..coerce import as_list
from ..columns import Column
from ..public.errors import DataError, InputError, RawQueryError, UnreadableValueError
from ..public.fields import Base64, Json, base64_of, holds_base64
from ..public.json_text import json_text
from ..results.model import Row
from ..schema import Schema
from ..sql.plans import Result, Statement, Steps, converted
from ..tables import Table

_Convert: TypeAlias = Callable[[Any], Any]

#: The parts of an array's text form: a bracket, a comma, an item in quotes or without.
_PART = re.compile(r'[{},]|"((?:[^"\\]|\\.)*)"|[^{},"]+')
#: Types that users make have numbers from here on (FirstNormalObjectId).
_FIRST_OWN_TYPE = 16384
_WHICH_ARE_LISTS = b"SELECT oid::int8 FROM pg_type WHERE oid = ANY($1::oid[]) AND typcategory = 'A'"


#: Floats keep each whole number up to this one.
_MOST_EXACT = 2**53
_JSON = (bool, int, float, str, dict)
_KEPT = (*_JSON, Decimal, datetime, time)
_WRITTEN: tuple[tuple[type | types.UnionType, _Convert], ...] = (
    (Enum, lambda member: str(member.value)),
    (str, str.__str__),
    (bool, lambda value: "true" if value else "false"),
    (int | float | Decimal | UUID, str),
    (Base64, lambda value: value.decode()),
    (Json, json_text),
    (dict, lambda value: json_text(Json(value))),
)


def query_raw(schema: Schema, query: str, arguments: Sequence[Any], model: Any) -> Steps[list[Any]]:
    """The rows of a query, as dicts or as instances of ``model``."""
    build = _builder(schema, model)
    result = yield _statement(query, arguments)
    rows = yield from _with_lists(result)
    return [build(dict(zip(result.names, row, strict=True))) for row in rows]


def query_first(schema: Schema, query: str, arguments: Sequence[Any], model: Any) -> Steps[Any]:
    """The first row of a query, or None."""
    build = _builder(schema, model)
    result = yield _statement(query, arguments)
    rows = yield from _with_lists(result._replace(rows=result.rows[:1]))
    return build(dict(zip(result.names, rows[0], strict=True))) if rows else None


def execute_raw(query: str, arguments: Sequence[Any]) -> Steps[int]:
    """Run a statement; returns how many rows it affected."""
    result: Result = yield _statement(query, arguments)
    return max(result.row_count, 0)


def refused(error: DataError) -> RawQueryError:
    """The same error as a RawQueryError: ``meta["code"]`` is the SQLSTATE."""
    if isinstance(error, RawQueryError | InputError | UnreadableValueError):
        return error  # type: ignore[return-value]
    meta = {**error.meta, "code": error.meta.get("sqlstate", ""), "message": str(error)}
    return RawQueryError(str(error), meta=meta)


def _statement(query: Any, arguments: Sequence[Any]) -> Statement:
    if not isinstance(query, str):
        raise InputError(f"query: needs a str, but got {type(query).__name__}")
    parameters = [_parameter(value, f"${number}") for number, value in enumerate(arguments, start=1)]
    return Statement(query.encode(), parameters, binary=False, named=True)


def _parameter(value: Any, place: str) -> Any:
    """A value as untyped text, so that the server infers its type from the query."""
    if value is None or isinstance(value, bytes | bytearray | timedelta | date | time):
        return in_utc(value) if isinstance(value, datetime) else value
    items = as_list(value)
    if items is not None:
        return [item if isinstance(item, int | float) else _parameter(item, place) for item in items]
    for kind, written in _WRITTEN:
        if isinstance(value, kind):
            return converted(written, value, place)
    raise InputError(f"{place}: a {type(value).__name__} can't be sent to the database")


def _builder(schema: Schema, model: Any) -> Callable[[dict[str, Any]], Any]:
    if model is None:
        return lambda row: {name: _plain(value) for name, value in row.items()}
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise InputError("model: needs a pydantic model")
    table = schema.table_of(model) if issubclass(model, Row) else None
    if table is None:
        return lambda row: model.model_validate(
            {name: _typed(value, model, name) for name, value in row.items()}
        )
    columns = _columns(table)
    return lambda row: model.model_validate(
        dict(_field(columns, name, value, model) for name, value in row.items())
    )


def _columns(table: Table[Any]) -> dict[str, Column]:
    """Columns by their names in the database and, for those that a query has named so, by their fields'."""
    return table.columns | {column.column: column for column in table.columns.values()}


def _field(columns: dict[str, Column], name: str, value: Any, model: type[BaseModel]) -> tuple[str, Any]:
    column = columns.get(name)
    if column is None:
        return name, _typed(value, model, name)
    if value is None:
        return column.name, [] if column.is_list else None
    if column.load is not None and (column.is_enum or _is_clock(value)):
        return column.name, column.load(value)
    return column.name, _typed(value, model, column.name)


def _is_clock(value: Any) -> bool:
    """Whether it is a time of day, which a model has as a datetime, or a list of these."""
    items = as_list(value)
    return isinstance(value, time) if items is None else any(isinstance(item, time) for item in items)


def _with_lists(result: Result) -> Steps[list[tuple[Any, ...]]]:
    """The rows, with lists where psycopg has the text of one: it doesn't know the user's types."""
    doubtful = {
        position: type_
        for position, type_ in enumerate(result.types)
        if type_ >= _FIRST_OWN_TYPE and any(_may_be_list(row[position]) for row in result.rows)
    }
    if not doubtful:
        return result.rows
    found = yield Statement(_WHICH_ARE_LISTS, [list(doubtful.values())])
    lists = {type_ for (type_,) in found.rows}
    places = {position for position, type_ in doubtful.items() if type_ in lists}
    return [
        tuple(_items(value) if position in places else value for position, value in enumerate(row))
        for row in result.rows
    ]


def _may_be_list(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("{", "["))


def _items(text: Any) -> Any:
    """The items of an array's text form: texts, None for NULL, lists in an array of several dimensions."""
    if not _may_be_list(text):
        return text
    levels: list[list[Any]] = [[]]
    for part in _PART.finditer(text, text.index("{")):  # after the bounds, if they are not the usual ones
        if part[0] == "{":
            levels[-1].append([])
            levels.append(levels[-1][-1])
        elif part[0] == "}":
            levels.pop()
        elif part[1] is not None:
            levels[-1].append(_unescaped(part[1]))
        elif part[0] != ",":
            levels[-1].append(None if part[0] == "NULL" else part[0])
    return levels[0][0]


def _unescaped(quoted: str) -> str:
    return re.sub(r"\\(.)", r"\1", quoted)


def _is(value: object, kinds: tuple[type, ...]) -> bool:
    return value is None or isinstance(value, kinds)


def _plain(value: Any) -> Any:
    """A value as a JSON value."""
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, datetime):
        return in_utc(value).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return b64encode(value).decode()
    items = as_list(value)
    if items is not None:
        return [_plain(item) for item in items]
    return value if _is(value, _JSON) else str(value)


def _number(value: Decimal) -> float:
    """A float, but a whole number that it would round is an int: the sum of a BigInt is one."""
    is_large = value.is_finite() and abs(value) > _MOST_EXACT
    return int(value) if is_large and value == value.to_integral_value() else float(value)


def _typed(value: Any, model: type[BaseModel], key: str) -> Any:
    """A value as pydantic takes it for the field of a model."""
    if isinstance(value, bytes):
        return base64_of(value) if holds_base64(model, key) else value
    if isinstance(value, datetime):
        return in_utc(value)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    items = as_list(value)
    if items is not None:
        return [_typed(item, model, key) for item in items]
    return value if _is(value, _KEPT) else str(value)
