# ruff: noqa: S608 - identifiers are quoted from the generated data, values are parameters
"""Operations that read. Each is a generator of statements; see :data:`plans.Steps`."""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple, TypeVar

from ..identifiers import quoted
from ..public.errors import InputError, RecordNotFoundError, UnreadableValueError
from ..results.projection import Projection
from ..results.row_classes import ReadOptions, Selection
from ..results.row_loader import RowLoader
from ..sql.plans import Binder, Plan, Statement, Steps
from ..sql.queries import Query, query_of, select_of
from ..sql.query_shape import Shape, shape_of
from ..sql.scope import root
from ..sql.where import unique_condition
from ..tables import Table

_Row = TypeVar("_Row")


_ARGUMENTS = ("where", "cursor", "order", "take", "skip", "distinct")
_CURSORS = itertools.count(1)


class Find(NamedTuple):
    """A compiled find. ``own_values`` is how many of the values are its own; the rest are its includes'."""

    plan: Plan
    row_loader: RowLoader
    is_reversed: bool
    own_values: int


def find_unique(table: Table[Any], where: Any, read_options: ReadOptions, lock: str = "") -> Steps[Any]:
    """The row that a unique field or compound key addresses, or None."""
    values: list[Any] = []
    shape = shape_of(where, values)
    projection, chosen = read_options.projection(table, values)
    key = ("find_unique", shape, projection, lock)
    found = table.plans.get(key, lambda: _unique(table, shape, projection, lock))
    rows = yield from _read(found, values)
    if chosen is not None:
        rows = chosen.rows(rows)
    return rows[0] if rows else None


def find_many(
    table: Table[Any],
    read_options: ReadOptions,
    *,
    take: Any = None,
    skip: Any = None,
    where: Any = None,
    cursor: Any = None,
    order: Any = None,
    distinct: Any = None,
    lock: str = "",
) -> Steps[list[Any]]:
    """The rows that match, in order."""
    values: list[Any] = []
    query = query_of(values, where, cursor, order, take, skip, distinct)
    if lock:
        query = query._replace(lock=lock)
    projection, chosen = read_options.projection(table, values)
    found = table.plans.get(("find_many", query, projection), lambda: _many(table, query, projection))
    rows = yield from _read(found, values)
    return rows if chosen is None else chosen.rows(rows)


def find_first(table: Table[Any], read_options: ReadOptions, **arguments: Any) -> Steps[Any]:
    """The first row that matches, or None."""
    rows = yield from find_many(table, read_options, take=1, **arguments)
    return rows[0] if rows else None


def count(
    table: Table[Any], *, take: Any = None, skip: Any = None, where: Any = None, cursor: Any = None
) -> Steps[int]:
    """How many rows match, of at most ``take`` after ``skip``."""
    values: list[Any] = []
    query = query_of(values, where, cursor, None, take, skip, None)
    plan = table.plans.get(("count", query), lambda: _count(table, query))
    result = yield plan.statement(values)
    total: int = result.rows[0][0]
    return total


def or_raise(table: Table[_Row], steps: Steps[_Row | None]) -> Steps[_Row]:
    """The same operation, for a row that must exist. Raises RecordNotFoundError."""
    row = yield from steps
    if row is None:
        what = "the query depends on one or more records that were required but not found"
        raise RecordNotFoundError(f"{what}: no {table.name} matches", meta={"model": table.name})
    return row


def explain(table: Table[Any], *, analyze: bool, **arguments: Any) -> Steps[str]:
    """Postgres' plan for the query as text; with ``analyze`` the query is run and measured."""
    found, _, values = _found(table, ReadOptions(), arguments)
    statement = found.plan.statement(values)
    options = b"EXPLAIN (ANALYZE, BUFFERS) " if analyze else b"EXPLAIN "
    result = yield Statement(options + statement.sql, statement.parameters, binary=False)
    return "\n".join(line for (line,) in result.rows)


class Stream:
    """Rows that are fetched some at a time, from a cursor on the server inside a transaction."""

    def __init__(
        self, table: Table[Any], read_options: ReadOptions, batch_size: int, arguments: dict[str, Any]
    ) -> None:
        if not isinstance(batch_size, int) or batch_size < 1:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InputError(f"batch_size: needs an int of one or more, but got {batch_size!r:.60}")
        self._found, self._chosen, self._values = _found(table, read_options, arguments)
        if self._found.is_reversed:
            raise InputError("take: the last rows can't be read one after the other; reverse the order")
        self._statement = self._found.plan.statement(self._values[: self._found.own_values])
        name = quoted(f"rows_{next(_CURSORS)}").encode()
        self._declare = b"DECLARE " + name + b" NO SCROLL CURSOR FOR "
        self._fetch = b"FETCH FORWARD %d FROM " % batch_size + name
        self._close = b"CLOSE " + name

    def open(self) -> Steps[None]:
        """Begin."""
        yield Statement(self._declare + self._statement.sql, self._statement.parameters)

    def fetch(self) -> Steps[list[Any]]:
        """The next rows; none at the end."""
        try:
            result = yield Statement(self._fetch, ())
        except UnreadableValueError as error:
            self._found.row_loader.refuse(error)
        rows = yield from self._found.row_loader.read(result.rows, self._values[self._found.own_values :])
        return rows if self._chosen is None else self._chosen.rows(rows)

    def close(self) -> Steps[None]:
        """End."""
        yield Statement(self._close, ())


def _found(
    table: Table[Any], read_options: ReadOptions, arguments: dict[str, Any]
) -> tuple[Find, Selection[Any] | None, list[Any]]:
    """The compiled find for these arguments, and its values."""
    values: list[Any] = []
    where, cursor, order, take, skip, distinct = (arguments.get(name) for name in _ARGUMENTS)
    query = query_of(values, where, cursor, order, take, skip, distinct)
    projection, chosen = read_options.projection(table, values)
    found = table.plans.get(("find_many", query, projection), lambda: _many(table, query, projection))
    return found, chosen, values


def _read(found: Find, values: list[Any]) -> Steps[list[Any]]:
    row_loader = found.row_loader
    rows: list[Any] = []
    try:
        if not row_loader.loaders:
            result = yield found.plan.statement(values)
            rows = result.rows[::-1] if found.is_reversed else result.rows
            return row_loader.hydrate(rows)
        result = yield found.plan.statement(values[: found.own_values])
    except Exception as error:
        row_loader.refuse(error, rows)
    rows = result.rows[::-1] if found.is_reversed else result.rows
    return (yield from row_loader.read(rows, values[found.own_values :]))


def _unique(table: Table[Any], shape: Shape, projection: Projection, lock: str) -> Find:
    binder, scope = Binder(), root(table)
    where = unique_condition(scope, shape, binder)
    row_loader = RowLoader(table, projection)
    plan = binder.plan(f"SELECT {row_loader.selected} FROM {scope.source} WHERE {where}{lock}")
    return Find(plan, row_loader, False, len(plan.values))


def _many(table: Table[Any], query: Query, projection: Projection) -> Find:
    binder, scope = Binder(), root(table)
    select = select_of(scope, query, binder)
    row_loader = RowLoader(table, projection)
    plan = binder.plan(f"SELECT {row_loader.selected}{select.rest}")
    return Find(plan, row_loader, select.is_reversed, len(plan.values))


def _count(table: Table[Any], query: Query) -> Plan:
    binder, scope = Binder(), root(table)
    select = select_of(scope, query, binder)
    if not query.is_sliced:
        return binder.plan(f"SELECT count(*){select.rest}")
    return binder.plan(f"SELECT count(*) FROM (SELECT{select.rest}) AS matching")
