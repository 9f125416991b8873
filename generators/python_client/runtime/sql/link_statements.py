# ruff: noqa: S608 - identifiers are quoted from the generated data, values are parameters
"""Statements of nested writes that link or unlink many rows at once, whatever their number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from ..columns import Column
from ..tables import Relation, Table
from .assignments import makers, touched_by, updated_at_assignments
from .plans import Binder, converted
from .query_shape import Nested, Shape, key_of, shape_of
from .row_statements import Compiled, Prepared, bound, equal
from .scope import root
from .where import unique_condition
from .where_values import comparable

#: The columns of a key, in the order of its values.
_Key: TypeAlias = tuple[Column, ...]


class Wanted(NamedTuple):
    """Rows that are addressed by the same key. ``places`` are those of its values in the data."""

    key: _Key
    values: tuple[list[Any], ...]
    places: list[int]


def wanted_rows(table: Table[Any], given: Sequence[Any], path_of: Callable[[int], str]) -> list[Wanted]:
    """The rows that the items of a list address, by their keys. Raises InputError."""
    binders: dict[Shape, Binder] = {}
    found: dict[Shape, Wanted] = {}
    for place, item in enumerate(given):
        path, values = path_of(place), list[Any]()
        shape = shape_of(item, values, path)
        if shape not in found:
            binders[shape] = Binder()
            unique_condition(root(table), shape, binders[shape], path)
            key = _key(table, shape)
            found[shape] = Wanted(key, tuple([] for _ in key), [])
        wanted = found[shape]
        wanted.places.append(place)
        for column, into, (dump, _), value in zip(
            wanted.key, wanted.values, binders[shape].values, values, strict=True
        ):
            into.append(converted(dump, value, f"{path}.{column.name}"))
    return list(found.values())


def link_all(relation: Relation, wanted: Wanted, now: datetime) -> Prepared:
    """Link rows to the one whose key comes first; the result are the numbers (from 1) of those that exist."""
    table = relation.target
    compiled = table.plans.get(("link_all", relation, wanted.key), lambda: _link_all(relation, wanted.key))
    return Prepared(compiled, wanted.values, now=now)


def unlink_all(relation: Relation, wanted: Sequence[Wanted], now: datetime, *, others: bool) -> Prepared:
    """Unlink rows from the one whose key comes first: these, or all ``others`` than these."""
    table, keys = relation.target, tuple(one.key for one in wanted)
    key = ("unlink_all", relation, keys, others)
    compiled = table.plans.get(key, lambda: _unlink_all(relation, keys, others=others))
    return Prepared(compiled, [values for one in wanted for values in one.values], now=now)


def _key(table: Table[Any], shape: Shape) -> _Key:
    (entry,) = shape
    parts = entry.shape if isinstance(entry, Nested) else shape
    return tuple(table.columns[key_of(part)] for part in parts)


def _wanted(key: _Key, binder: Binder, numbered: str = "") -> tuple[str, str]:
    """The keys as a table, and the condition that a row has one of them."""
    lists = [
        binder.bind(lambda value: value, f"{column.codec.comparable or column.codec.type}[]", column.name)
        for column in key
    ]
    names = [f"k{index}" for index in range(len(key))]
    table = f"unnest({', '.join(lists)}){' WITH ORDINALITY' * bool(numbered)}"
    columns = [comparable("t0.", column) for column in key]
    listed = ", ".join([*names, numbered] if numbered else names)
    return f"{table} AS wanted({listed})", equal(columns, [f"wanted.{name}" for name in names])


def _link_all(relation: Relation, key: _Key) -> Compiled:
    binder, table, join = Binder(), relation.target, relation.join
    scope = root(table)
    own = bound(binder, relation.theirs if join is None else relation.own)
    wanted, is_wanted = _wanted(key, binder, numbered="n")
    identity = relation.theirs if join else table.required_identity()
    names = [f"i{index}" for index in range(len(identity))]
    read = ", ".join(f"t0.{column.sql} AS {name}" for column, name in zip(identity, names, strict=True))
    found = f"SELECT wanted.n, {read} FROM {wanted} JOIN {scope.source} ON {is_wanted} FOR UPDATE OF t0"
    touched: list[Column] = []
    if join is not None:
        row = f"({join.own}, {join.other}) SELECT DISTINCT {own[0]}, {names[0]} FROM found"
        linked = f"INSERT INTO {join.sql} {row} ON CONFLICT DO NOTHING"
    else:
        sets = [f"{column.sql} = {value}" for column, value in zip(relation.theirs, own, strict=True)]
        touched = touched_by(table, [column.name for column in relation.theirs])
        sets += updated_at_assignments(touched, binder)
        same = equal([f"t0.{column.sql}" for column in identity], [f"found.{name}" for name in names])
        linked = f"UPDATE {scope.source} SET {', '.join(sets)} FROM found WHERE {same}"
    sql = f"WITH found AS ({found}), linked AS ({linked}) SELECT n FROM found"
    return Compiled(binder.plan(sql, makers(touched)), "")


def _unlink_all(relation: Relation, keys: Sequence[_Key], *, others: bool) -> Compiled:
    binder, table, join = Binder(), relation.target, relation.join
    scope = root(table)
    own = bound(binder, relation.theirs if join is None else relation.own)
    conditions: list[str] = []
    for key in keys:
        wanted, is_wanted = _wanted(key, binder)
        if join is None:
            conditions.append(f"EXISTS (SELECT FROM {wanted} WHERE {is_wanted})")
        else:
            theirs = f"SELECT t0.{relation.theirs[0].sql} FROM {wanted} JOIN {scope.source} ON {is_wanted}"
            conditions.append(f"{join.other} IN ({theirs})")
    any_of_them = f"({' OR '.join(conditions) or 'FALSE'})"
    which = f"NOT {any_of_them}" if others else any_of_them
    if join is not None:
        return Compiled(binder.plan(f"DELETE FROM {join.sql} WHERE {join.own} = {own[0]} AND {which}"), "")
    emptied = [column for column in relation.theirs if column.is_optional]
    touched = touched_by(table, [column.name for column in emptied])
    sets = [f"{column.sql} = NULL" for column in emptied] + updated_at_assignments(touched, binder)
    linked = equal([f"t0.{column.sql}" for column in relation.theirs], own)
    sql = f"UPDATE {scope.source} SET {', '.join(sets)} WHERE {linked} AND {which}"
    return Compiled(binder.plan(sql, makers(touched)), "")
