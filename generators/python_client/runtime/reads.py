# ruff: noqa: S608 - identifiers are quoted from the generated data, values are parameters
"""Operations that read. Each is a generator of statements; see :data:`plans.Steps`."""

from __future__ import annotations

from typing import Any, TypeVar

from .codecs import dump_integer
from .errors import InputError, RecordNotFoundError
from .order import OrderShape, order_clause, order_shape
from .plans import Binder, Plan, Steps
from .schema import Table
from .shape import Shape, shape_of
from .where import condition, unique_condition

_Row = TypeVar("_Row")


def find_unique(table: Table[_Row], where: Any) -> Steps[_Row | None]:
    """The row that a unique field or compound key addresses, or None."""
    values: list[Any] = []
    shape = shape_of(where, values)
    plan = table.plans.get(("find_unique", shape), lambda: _unique_plan(table, shape))
    result = yield plan.statement(values)
    rows = table.hydrate(result.rows)
    return rows[0] if rows else None


def find_many(
    table: Table[_Row], *, take: int | None, skip: int | None, where: Any, order: Any
) -> Steps[list[_Row]]:
    """The rows that match, in order."""
    values: list[Any] = []
    shape = shape_of(where, values) if where is not None else ()
    ordered = order_shape(order)
    limits = _limits(take, skip, values)
    key = ("find_many", shape, ordered, limits)
    plan = table.plans.get(key, lambda: _find_plan(table, shape, ordered, limits))
    result = yield plan.statement(values)
    return table.hydrate(result.rows)


def find_first(table: Table[_Row], *, skip: int | None, where: Any, order: Any) -> Steps[_Row | None]:
    """The first row that matches, or None."""
    rows = yield from find_many(table, take=1, skip=skip, where=where, order=order)
    return rows[0] if rows else None


def count(table: Table[Any], *, take: int | None, skip: int | None, where: Any) -> Steps[int]:
    """How many rows match, of at most ``take`` after ``skip``."""
    values: list[Any] = []
    shape = shape_of(where, values) if where is not None else ()
    limits = _limits(take, skip, values)
    plan = table.plans.get(("count", shape, limits), lambda: _count_plan(table, shape, limits))
    result = yield plan.statement(values)
    total: int = result.rows[0][0]
    return total


def or_raise(table: Table[_Row], steps: Steps[_Row | None]) -> Steps[_Row]:
    """The same operation, for a row that has to be there. Raises RecordNotFoundError."""
    row = yield from steps
    if row is None:
        raise RecordNotFoundError(f"no {table.name} matches", meta={"model": table.name})
    return row


def _limits(take: Any, skip: Any, values: list[Any]) -> tuple[str, ...]:
    given = [(name, value) for name, value in (("take", take), ("skip", skip)) if value is not None]
    for name, value in given:
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise InputError(f"{name}: needs an int of zero or more, but got {value!r}")
        values.append(value)
    return tuple(name for name, _ in given)


def _limit_clause(limits: tuple[str, ...], binder: Binder) -> str:
    words = {"take": "LIMIT", "skip": "OFFSET"}
    return "".join(f" {words[name]} {binder.bind(dump_integer, 'int8', name)}" for name in limits)


def _unique_plan(table: Table[Any], shape: Shape) -> Plan:
    binder = Binder()
    where = unique_condition(table, shape, binder)
    return binder.plan(f"SELECT {table.selected} FROM {table.sql} WHERE {where}")


def _find_plan(table: Table[Any], shape: Shape, ordered: OrderShape, limits: tuple[str, ...]) -> Plan:
    binder = Binder()
    where = condition(table, shape, binder)
    tail = order_clause(table, ordered) + _limit_clause(limits, binder)
    return binder.plan(f"SELECT {table.selected} FROM {table.sql} WHERE {where}{tail}")


def _count_plan(table: Table[Any], shape: Shape, limits: tuple[str, ...]) -> Plan:
    binder = Binder()
    matching = f"FROM {table.sql} WHERE {condition(table, shape, binder)}"
    tail = _limit_clause(limits, binder)
    sql = (
        f"SELECT count(*) FROM (SELECT {matching}{tail}) AS matching"
        if tail
        else f"SELECT count(*) {matching}"
    )
    return binder.plan(sql)
