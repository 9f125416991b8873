"""Errors for stored values that can't be read, with the names of their fields and the keys of their rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..columns import Column
from ..public.errors import UnreadableCell, UnreadableValueError, unreadable
from ..tables import Table
from .hydration import RawRow


def named(
    error: Exception, rows: Sequence[RawRow], table: Table[Any], columns: Sequence[Column]
) -> Exception:
    """The error of reading rows of these columns; the same error if no value of theirs is to blame."""
    cell = error.cell if isinstance(error, UnreadableValueError) else _refused(rows, columns)
    if cell is None or cell.position >= len(columns) or _is_named(error):
        return error
    column = columns[cell.position]
    key = _key(cell, table, columns)
    place = f"row {cell.row_number + 1} of the result" if key is None else f"the row {key}"
    meta: dict[str, Any] = {"model": table.name, "fields": [column.name], "column": column.column}
    return UnreadableValueError(
        f"{table.name}.{column.name} of {place}: the database has {cell.reason}; "
        f"read the others with omit=[{column.name!r}], and this one as text with query_raw",
        meta=meta if key is None else {**meta, "key": key},
        cell=cell,
    )


def _is_named(error: Exception) -> bool:
    return isinstance(error, UnreadableValueError) and "model" in error.meta


def _refused(rows: Sequence[RawRow], columns: Sequence[Column]) -> UnreadableCell | None:
    """The first value that its column can't turn into what users see."""
    for number, row in enumerate(rows):
        for position, column in enumerate(columns):
            try:
                _load(column, row[position])
            except Exception as error:
                kept = tuple(None if at == position else value for at, value in enumerate(row))
                return UnreadableCell(number, position, kept, unreadable(error))
    return None


def _key(cell: UnreadableCell, table: Table[Any], columns: Sequence[Column]) -> dict[str, Any] | None:
    """The fields that identify the row, if all of them were read."""
    positions = {column.name: position for position, column in enumerate(columns)}
    identity = [column for column in table.identity if cell.position != positions.get(column.name)]
    if (
        not identity
        or len(identity) < len(table.identity)
        or not positions.keys() >= {c.name for c in identity}
    ):
        return None
    try:
        return {column.name: _load(column, cell.row[positions[column.name]]) for column in identity}
    except Exception:
        return None


def _load(column: Column, value: Any) -> Any:
    return value if column.load is None or value is None else column.load(value)
