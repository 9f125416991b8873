# ruff: noqa: S608 - identifiers are quoted from the generated data, values are parameters
"""Operations that read. Each is a generator of statements; see :data:`plans.Steps`."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

from .errors import RecordNotFoundError
from .plans import Binder, Plan, Steps
from .queries import Query, query_of, select_of
from .readers import Reader
from .readings import Reading
from .schema import Table
from .scope import root
from .selections import Wanted
from .shape import Shape, shape_of
from .where import unique_condition

_Row = TypeVar("_Row")


class Find(NamedTuple):
    """A compiled find. ``own_values`` is how many of the values are its own; the rest are its includes'."""

    plan: Plan
    reader: Reader
    is_reversed: bool
    own_values: int


def find_unique(table: Table[Any], where: Any, wanted: Wanted) -> Steps[Any]:
    """The row that a unique field or compound key addresses, or None."""
    values: list[Any] = []
    shape = shape_of(where, values)
    reading, chosen = wanted.reading(table, values)
    found = table.plans.get(("find_unique", shape, reading), lambda: _unique(table, shape, reading))
    rows = yield from _read(found, values)
    if chosen is not None:
        rows = chosen.rows(rows)
    return rows[0] if rows else None


def find_many(
    table: Table[Any],
    wanted: Wanted,
    *,
    take: Any = None,
    skip: Any = None,
    where: Any = None,
    cursor: Any = None,
    order: Any = None,
    distinct: Any = None,
) -> Steps[list[Any]]:
    """The rows that match, in order."""
    values: list[Any] = []
    query = query_of(values, where, cursor, order, take, skip, distinct)
    reading, chosen = wanted.reading(table, values)
    found = table.plans.get(("find_many", query, reading), lambda: _many(table, query, reading))
    rows = yield from _read(found, values)
    return rows if chosen is None else chosen.rows(rows)


def find_first(table: Table[Any], wanted: Wanted, **arguments: Any) -> Steps[Any]:
    """The first row that matches, or None."""
    rows = yield from find_many(table, wanted, take=1, **arguments)
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
    """The same operation, for a row that has to be there. Raises RecordNotFoundError."""
    row = yield from steps
    if row is None:
        raise RecordNotFoundError(f"no {table.name} matches", meta={"model": table.name})
    return row


def _read(found: Find, values: list[Any]) -> Steps[list[Any]]:
    if not found.reader.loaders:
        result = yield found.plan.statement(values)
        rows = result.rows[::-1] if found.is_reversed else result.rows
        return found.reader.hydrate(rows)
    result = yield found.plan.statement(values[: found.own_values])
    rows = result.rows[::-1] if found.is_reversed else result.rows
    return (yield from found.reader.read(rows, values[found.own_values :]))


def _unique(table: Table[Any], shape: Shape, reading: Reading) -> Find:
    binder, scope = Binder(), root(table)
    where = unique_condition(scope, shape, binder)
    reader = Reader(table, reading)
    plan = binder.plan(f"SELECT {reader.selected} FROM {scope.source} WHERE {where}")
    return Find(plan, reader, False, len(plan.values))


def _many(table: Table[Any], query: Query, reading: Reading) -> Find:
    binder, scope = Binder(), root(table)
    select = select_of(scope, query, binder)
    reader = Reader(table, reading)
    plan = binder.plan(f"SELECT {reader.selected}{select.rest}")
    return Find(plan, reader, select.is_reversed, len(plan.values))


def _count(table: Table[Any], query: Query) -> Plan:
    binder, scope = Binder(), root(table)
    select = select_of(scope, query, binder)
    if not query.is_sliced:
        return binder.plan(f"SELECT count(*){select.rest}")
    return binder.plan(f"SELECT count(*) FROM (SELECT{select.rest}) AS matching")
