# ruff: noqa: S608 - identifiers are quoted from the generated data, values are parameters
"""The columns in ``data``: the shape of the changes, their values, and their SQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from ..arithmetic import OPERATORS, calculations
from ..codecs import Convert
from ..coerce import as_dict, as_list
from ..columns import Column, list_dump
from ..field_lookup import column_of
from ..input_errors import unknown_word
from ..public.errors import InputError
from ..tables import Table
from .plans import Binder
from .scope import Scope


class FieldOperation(NamedTuple):
    """An operation on a field: ``set``, ``push`` or one of the four of arithmetic."""

    field: str
    operation: str


#: A field that gets a value, or another operation on it.
Change: TypeAlias = str | FieldOperation
Changes: TypeAlias = tuple[Change, ...]


def checked_data(data: Any, path: str = "data") -> dict[Any, Any]:
    """``data`` if it is a dict. Raises InputError otherwise."""
    given = as_dict(data)
    if given is None:
        raise InputError(f"{path}: needs a dict, but got {type(data).__name__}")
    return given


def changes_of(data: dict[Any, Any], values: list[Any], path: str = "data") -> Changes:
    """The shape of changes; their values are appended to ``values``."""
    changes: list[Change] = []
    for field, given in data.items():
        if not isinstance(field, str):
            raise InputError(f"{path}: needs names as keys, but got {field!r:.60}")
        operation = as_dict(given)
        if operation is None:
            changes.append(field)
            values.append(given)
        elif len(operation) == 1:
            ((word, value),) = operation.items()
            changes.append(FieldOperation(field, str(word)))
            values.append(value)
        else:
            raise InputError(
                f"{path}.{field}: Expected exactly one field to be present, got {len(operation)}; "
                "it needs a value, or a dict with one operation; wrap JSON: Json(...)"
            )
    return tuple(changes)


def names_in(changes: Changes) -> list[str]:
    """The fields that are changed."""
    return [change if isinstance(change, str) else change.field for change in changes]


class Made(NamedTuple):
    """The columns of a new row whose values the client makes, and the placeholder of each.

    ``sent`` are those whose values are parameters: a clock's serves all columns of its type.
    """

    columns: list[Column]
    places: list[str]
    sent: list[Column]


def made_for(table: Table[Any], names: Sequence[str], first: int) -> Made:
    """What is made for a row that is given ``names``; ``first`` is the number of the first parameter."""
    columns = [c for c in table.columns.values() if c.default is not None and c.name not in names]
    places: list[str] = []
    sent: list[Column] = []
    for column in columns:
        shared = [n for n, other in enumerate(sent) if column.is_clock and other.codec is column.codec]
        places.append(f"${first + (shared[0] if shared else len(sent))}::{column.type}")
        if not shared:
            sent.append(column)
    return Made(columns, places, sent)


def touched_by(table: Table[Any], names: Sequence[str]) -> list[Column]:
    """The ``@updatedAt`` columns that a change of some fields sets too: none if nothing is changed."""
    return [c for c in table.columns.values() if names and c.is_updated_at and c.name not in names]


def updated_at_assignments(touched: Sequence[Column], binder: Binder, later: int = 0) -> list[str]:
    """``column = value`` for columns whose values the client makes, for UPDATE.

    ``later`` values are still to be bound before those.
    """
    first = len(binder.values) + later + 1
    return [f"{column.sql} = ${index}::{column.type}" for index, column in enumerate(touched, start=first)]


def makers(columns: Sequence[Column]) -> list[Callable[[datetime], Any]]:
    """What makes the columns' values, given the time of the write."""
    return [column.default for column in columns if column.default is not None]


def insertion(scope: Scope, names: Sequence[str], places: Sequence[str], made: Made) -> str:
    """INSERT of one row, without RETURNING: ``places`` are the values of the columns ``names``."""
    columns = [*(scope.table.columns[name] for name in names), *made.columns]
    if not columns:
        return f"INSERT INTO {scope.source} DEFAULT VALUES"
    listed = ", ".join(column.sql for column in columns)
    return f"INSERT INTO {scope.source} ({listed}) VALUES ({', '.join([*places, *made.places])})"


def assignments(scope: Scope, changes: Changes, binder: Binder, path: str = "data") -> list[str]:
    """``column = value`` for each change, for UPDATE."""
    written: list[str] = []
    for change in changes:
        field, operation = (change, "set") if isinstance(change, str) else change
        column = column_of(scope.table, field, path)
        _refuse_plain_json(column, change, path)
        place = f"{path}.{field}" if isinstance(change, str) else f"{path}.{field}.{operation}"
        written.append(f"{column.sql} = {_assigned(scope, column, operation, binder, place)}")
    return written


def placeholder(table: Table[Any], change: Change, binder: Binder, path: str) -> str:
    """The value of a new row's column, for INSERT."""
    field, operation = (change, "set") if isinstance(change, str) else change
    column = column_of(table, field, path)
    _refuse_plain_json(column, change, path)
    if operation != "set":
        raise unknown_word(operation, ["set"], f"{path}.{field}: a new row's field")
    return binder.bind(column.dump, column.type, f"{path}.{field}")


def _refuse_plain_json(column: Column, change: Change, path: str) -> None:
    """A dict for a JSON field is meant as its value, whatever its keys are."""
    if column.is_json and not column.is_list and not isinstance(change, str):
        raise InputError(f"{path}.{column.name}: needs a Json(...), but got a dict; wrap it: Json(...)")


def _assigned(scope: Scope, column: Column, operation: str, binder: Binder, path: str) -> str:
    known = _known(column)
    if operation not in known:
        raise unknown_word(operation, sorted(known), f"{path.rpartition('.')[0]}: a {column.type} field")
    if operation == "push":
        pushed = binder.bind(_pushed(column.codec.store), column.type, path)
        return f"coalesce({scope.prefix}{column.sql}, '{{}}') || {pushed}"
    value = binder.bind(column.dump if operation == "set" else column.codec.dump, column.type, path)
    if operation == "set":
        return value
    return f"{scope.prefix}{column.sql} {OPERATORS[operation]} {value}"


def _known(column: Column) -> set[str]:
    if column.is_list:
        return {"set", "push"}
    return {"set", *calculations(column.codec.type)}


def _pushed(dump: Convert) -> Convert:
    dump_all = list_dump(dump)
    return lambda value: dump_all([value] if as_list(value) is None else value)
