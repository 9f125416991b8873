# ruff: noqa: S608 - identifiers are quoted from the generated data, values are parameters
"""``cursor``: rows from a given one on, in the order of the query, that one included."""

from __future__ import annotations

from .order import OrderKey
from .plans import Binder
from .query_shape import Shape
from .scope import Scope
from .where import unique_condition


def from_cursor(scope: Scope, cursor: Scope, keys: list[OrderKey], found: str, *, reverse: bool) -> str:
    """The SQL for "not before the row that ``found`` addresses"; no such row, no rows."""
    here, there = scope.prefix, cursor.prefix
    reached = "TRUE"
    for key in reversed(keys):
        mine, other = key.written(here), key.written(there)
        later = _later(mine, other, key, reverse=reverse)
        reached = f"({later} OR ({mine} IS NOT DISTINCT FROM {other} AND {reached}))"
    return f"EXISTS (SELECT 1 FROM {cursor.source} WHERE {found} AND {reached})"


def cursor_row(cursor: Scope, shape: Shape, binder: Binder, path: str) -> str:
    """The SQL that addresses the cursor's row."""
    return unique_condition(cursor, shape, binder, path)


def _later(mine: str, other: str, key: OrderKey, *, reverse: bool) -> str:
    sign = "<" if key.descending != reverse else ">"
    if key.nulls_first != reverse:
        return f"{mine} {sign} {other} OR ({mine} IS NOT NULL AND {other} IS NULL)"
    return f"{mine} {sign} {other} OR ({mine} IS NULL AND {other} IS NOT NULL)"
