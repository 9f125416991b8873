# ruff: noqa: S608, PLR0917 - identifiers are quoted from the generated data, values are parameters
"""The arguments of a find: their shape, and the SELECT for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from ..codecs import dump_integer
from ..coerce import as_list
from ..field_lookup import column_of
from ..public.errors import InputError
from .order import (
    OrderKey,
    OrderShape,
    cursor_row,
    from_cursor,
    order_clause,
    order_keys,
    order_shape,
    tie_breakers,
)
from .plans import Binder
from .query_shape import Shape, shape_of
from .scope import ROOT, Scope, nested
from .where import condition
from .where_values import comparable

#: How many rows: all, the first, or (a negative ``take``) the last ones.
ALL, FIRST, LAST = "all", "first", "last"

Names: TypeAlias = tuple[str, ...]


class Query(NamedTuple):
    """The shape of a find. Values are in the order of the fields here; ``lock`` is SQL."""

    where: Shape = ()
    cursor: Shape | None = None
    order: OrderShape = ()
    take: str = ALL
    skip: bool = False
    distinct: Names = ()
    lock: str = ""

    @property
    def is_sliced(self) -> bool:
        """Whether the rows of each parent need a subselect of their own, not just a condition."""
        return self.take is not ALL or self.skip or self.cursor is not None or bool(self.distinct)


def query_of(
    values: list[Any],
    where: Any,
    cursor: Any,
    order: Any,
    take: Any,
    skip: Any,
    distinct: Any,
    path: str = "",
) -> Query:
    """The shape of the arguments; their values are appended to ``values``."""
    return Query(
        () if where is None else shape_of(where, values, f"{path}where"),
        None if cursor is None else shape_of(cursor, values, f"{path}cursor"),
        () if order is None else order_shape(order, values, f"{path}order"),
        ALL if take is None else _take(take, values, path),
        skip is not None and _skip(skip, values, path),
        () if distinct is None else names_of(distinct, f"{path}distinct"),
    )


def lock_of(*, for_update: bool, skip_locked: bool, nowait: bool) -> str:
    """The SQL that locks the rows. Raises InputError for options that exclude each other."""
    if not for_update:
        if skip_locked or nowait:
            raise InputError("skip_locked, nowait: need for_update=True")
        return ""
    if skip_locked and nowait:
        raise InputError("skip_locked, nowait: give only one of them")
    return f" FOR UPDATE OF {ROOT}" + " SKIP LOCKED" * skip_locked + " NOWAIT" * nowait


def names_of(given: Any, path: str) -> Names:
    """A list of fields, or one. Raises InputError for anything else."""
    items = [given] if isinstance(given, str) else as_list(given)
    if items is None or not all(isinstance(item, str) for item in items):
        raise InputError(f"{path}: needs a list of fields")
    return tuple(str(item) for item in items)


class Select(NamedTuple):
    """The parts of a SELECT that a find needs."""

    source: str
    where: str
    tail: str
    is_reversed: bool

    @property
    def rest(self) -> str:
        """What follows the list of columns."""
        return f" FROM {self.source} WHERE {self.where}{self.tail}"


def select_of(
    scope: Scope, query: Query, binder: Binder, path: str = "", link: Callable[[str], str] | None = None
) -> Select:
    """The SELECT for a query. ``link`` is one more condition on its rows, and on the cursor's, by prefix."""
    reverse = query.take is LAST
    where = condition(scope, query.where, binder, f"{path}where")
    cursor = nested(scope.table, binder)
    found = None if query.cursor is None else cursor_row(cursor, query.cursor, binder, f"{path}cursor")
    keys = order_keys(scope.table, query.order, binder, f"{path}order")
    if reverse or query.skip or query.cursor is not None or query.distinct:
        keys += tie_breakers(scope.table, query.order)
    limit = _limit(query, binder, path)
    source = scope.source
    where = f"{where} AND {link(scope.prefix)}" if link else where
    if query.distinct:
        source, where = f"({_distinct(scope, query.distinct, keys, where, path)}) AS {scope.alias}", "TRUE"
    if found is not None:
        found = f"{found} AND {link(cursor.prefix)}" if link else found
        where = f"{where} AND {from_cursor(scope, cursor, keys, found, reverse=reverse)}"
    if query.lock and query.distinct:
        raise InputError("for_update: rows that are distinct can't be locked")
    tail = order_clause(keys, scope.prefix, reverse=reverse) + limit + query.lock
    return Select(source, where, tail, reverse)


def _distinct(scope: Scope, names: Names, keys: list[OrderKey], where: str, path: str) -> str:
    """A SELECT of the first row, in the query's order, of each combination of values."""
    columns = [comparable(scope.prefix, column_of(scope.table, name, f"{path}distinct")) for name in names]
    listed = ", ".join(columns)
    order = ", ".join([listed, *(key.clause(scope.prefix, reverse=False) for key in keys)])
    return f"SELECT DISTINCT ON ({listed}) {scope.prefix}* FROM {scope.source} WHERE {where} ORDER BY {order}"


def _limit(query: Query, binder: Binder, path: str) -> str:
    taken = "" if query.take is ALL else f" LIMIT {binder.bind(dump_integer, 'int8', f'{path}take')}"
    return taken + (f" OFFSET {binder.bind(dump_integer, 'int8', f'{path}skip')}" if query.skip else "")


def _take(take: Any, values: list[Any], path: str) -> str:
    if not isinstance(take, int) or isinstance(take, bool):
        raise InputError(f"{path}take: needs an int, but got {take!r:.60}")
    values.append(abs(take))
    return LAST if take < 0 else FIRST


def _skip(skip: Any, values: list[Any], path: str) -> bool:
    if not isinstance(skip, int) or isinstance(skip, bool) or skip < 0:
        raise InputError(f"{path}skip: needs an int of zero or more, but got {skip!r:.60}")
    if skip:
        values.append(skip)
    return bool(skip)
