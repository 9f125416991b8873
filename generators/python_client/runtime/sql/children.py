# ruff: noqa: S608 - identifiers are quoted from the generated data, values are parameters
"""The statements that find related rows: for many parents at once, and for one.

For one parent it is ``key = $1``: with ``= ANY`` and a single element, PostgreSQL replans every time. Rows
that are limited for each parent (take, skip, cursor, distinct) need a LATERAL subselect for each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ..columns import Column
from ..tables import Relation
from .order import order_clause, tie_breakers
from .plans import Binder, Plan
from .queries import Query, Select, select_of
from .query_shape import Shape
from .scope import ROOT, Scope
from .where import condition

_PARENT = "parent"


class Children(NamedTuple):
    """Both statements; their first parameters are the keys. ``is_reversed``: rows come last one first.

    ``has_keys`` says whether each row ends with its parent's key.
    """

    of_many: Plan
    of_one: Plan
    is_reversed: bool
    has_keys: bool


def children(relation: Relation, query: Query, selected: str, path: str) -> Children:
    """The statements for the rows of a relation. ``selected`` lists columns of the table ``t0``."""
    has_keys = relation.join is not None or query.is_sliced
    of_many = (
        _sliced(relation, query, selected, path) if query.is_sliced else _all(relation, query, selected, path)
    )
    binder = Binder()
    keys = [binder.bind(_as_it_is, column.codec.type, path) for column in _compared(relation)]
    select = _linked(relation, query, binder, keys, path)
    listed = ", ".join([selected, *_readable(relation, keys)]) if has_keys else selected
    of_one = binder.plan(f"SELECT {listed}{select.rest}")
    return Children(of_many, of_one, select.is_reversed, has_keys)


def counts(relation: Relation, shape: Shape, path: str) -> Plan:
    """The statement for how many rows a relation has: rows of parent's key and number."""
    binder = Binder()
    keys = _arrays(relation, binder, path)
    other = Scope(relation.target, ROOT)
    source, columns = _joined(relation, other, binder)
    where = condition(other, shape, binder, path)
    listed = ", ".join(_readable(relation, columns))
    among, grouped = _among(columns, keys), ", ".join(columns)
    return binder.plan(
        f"SELECT {listed}, count(*) FROM {source} WHERE {among} AND {where} GROUP BY {grouped}"
    )


def _all(relation: Relation, query: Query, selected: str, path: str) -> Plan:
    """Children of many parents, all of them: one condition on their keys."""
    binder = Binder()
    keys = _arrays(relation, binder, path)
    other = Scope(relation.target, ROOT)
    source, columns = _joined(relation, other, binder)
    select = select_of(other, query, binder, f"{path}.", lambda _: _among(columns, keys))
    if relation.join is None:
        return binder.plan(f"SELECT {selected}{select.rest}")
    tail = select.tail or order_clause(tie_breakers(relation.target, ()), other.prefix)
    key = _readable(relation, columns)[0]
    return binder.plan(f"SELECT {selected}, {key} FROM {source} WHERE {select.where}{tail}")


def _sliced(relation: Relation, query: Query, selected: str, path: str) -> Plan:
    """Some children of each of many parents."""
    binder = Binder()
    arrays = _arrays(relation, binder, path)
    names = [f"k{index}" for index in range(len(arrays))]
    keys = [f"{_PARENT}.{name}" for name in names]
    select = _linked(relation, query, binder, keys, path)
    return binder.plan(
        f"SELECT child.*, {', '.join(_readable(relation, keys))} "
        f"FROM unnest({', '.join(arrays)}) AS {_PARENT}({', '.join(names)}) "
        f"CROSS JOIN LATERAL (SELECT {selected}{select.rest}) AS child"
    )


def _linked(relation: Relation, query: Query, binder: Binder, keys: list[str], path: str) -> Select:
    """The SELECT of one parent's children; ``keys`` are SQL for that parent's key."""
    join = relation.join
    between = binder.alias()

    def link(prefix: str) -> str:
        theirs = [prefix + column.sql for column in relation.theirs]
        if join is None:
            return " AND ".join(f"{column} = {key}" for column, key in zip(theirs, keys, strict=True))
        source, own = f"{join.sql} AS {between}", f"{between}.{join.own}"
        return f"{theirs[0]} IN (SELECT {between}.{join.other} FROM {source} WHERE {own} = {keys[0]})"

    return select_of(Scope(relation.target, ROOT), query, binder, f"{path}.", link)


def _joined(relation: Relation, other: Scope, binder: Binder) -> tuple[str, list[str]]:
    """Where children are found, and the columns that hold their parents' keys."""
    join = relation.join
    if join is None:
        return other.source, [other.prefix + column.sql for column in relation.theirs]
    between = binder.alias()
    key = other.prefix + relation.theirs[0].sql
    return f"{join.sql} AS {between} JOIN {other.source} ON {key} = {between}.{join.other}", [
        f"{between}.{join.own}"
    ]


def _arrays(relation: Relation, binder: Binder, path: str) -> list[str]:
    return [binder.bind(_as_it_is, f"{column.codec.type}[]", path) for column in _compared(relation)]


def _compared(relation: Relation) -> tuple[Column, ...]:
    """The columns of the types that parents' keys are compared with: a join holds the parent's own."""
    return relation.own if relation.join else relation.theirs


def _readable(relation: Relation, keys: list[str]) -> list[str]:
    """Keys as those of the parents were read: a uuid as text, for one."""
    reads = [column.codec.read for column in _compared(relation)]
    return [key if read is None else f"{key}::{read}" for key, read in zip(keys, reads, strict=True)]


def _among(columns: list[str], arrays: list[str]) -> str:
    if len(columns) == 1:
        return f"{columns[0]} = ANY({arrays[0]})"
    return f"({', '.join(columns)}) IN (SELECT * FROM unnest({', '.join(arrays)}))"


#: Keys were read from the database a moment ago.
_as_it_is: Callable[[Any], Any] = lambda value: value  # noqa: E731
