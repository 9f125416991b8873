"""``order``: one dict of field to direction, or a list of such dicts."""

from __future__ import annotations

from typing import Any, TypeAlias

from .errors import InputError
from .mistakes import column_of
from .narrow import as_dict, as_list
from .schema import Table

OrderShape: TypeAlias = tuple[tuple[Any, str], ...]

_DIRECTIONS = {"asc": "ASC", "desc": "DESC"}


def order_shape(order: Any) -> OrderShape:
    """The keys of an ``order`` in their order. Raises InputError for what is no order."""
    if order is None:
        return ()
    items = as_list(order)
    parts = [as_dict(item) for item in ([order] if items is None else items)]
    dicts = [part for part in parts if part is not None]
    if len(dicts) < len(parts):
        raise InputError("order: needs a dict of field to 'asc' or 'desc', or a list of them")
    pairs = tuple(pair for part in dicts for pair in part.items())
    for field, direction in pairs:
        if direction not in ("asc", "desc"):
            raise InputError(f"order.{field}: needs 'asc' or 'desc', but got {direction!r}")
    return pairs


def order_clause(table: Table[Any], shape: OrderShape) -> str:
    """``ORDER BY`` and its keys, or nothing."""
    keys = [f"{column_of(table, field, 'order').sql} {_DIRECTIONS[direction]}" for field, direction in shape]
    return f" ORDER BY {', '.join(keys)}" if keys else ""
