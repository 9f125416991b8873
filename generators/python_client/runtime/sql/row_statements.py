# ruff: noqa: S608 - identifiers are quoted from the generated data, values are parameters
"""Statements of nested writes: each is about one row, or about its link to another.

They are compiled, and their values checked, before the first is sent. Values that are only known later, the
keys of rows read or written by earlier statements, come before the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeAlias

from ..columns import Column
from ..tables import Relation, Table
from .assignments import (
    Changes,
    assignments,
    changes_of,
    insertion,
    made_for,
    makers,
    names_in,
    placeholder,
    touched_by,
    updated_at_assignments,
)
from .plans import Binder, Plan, Statement, converted
from .query_shape import Shape, shape_of
from .scope import Scope, root
from .where import condition, unique_condition

#: All columns of a row, in the table's order, as the database returned them.
RawRow: TypeAlias = tuple[Any, ...]

#: For statements without a column that gets its value from a clock.
_WITHOUT_CLOCK = datetime.min.replace(tzinfo=UTC)


class Compiled(NamedTuple):
    """A plan, and the place in the data for its messages: the same plan serves other places too."""

    plan: Plan
    path: str


class Prepared:
    """A statement that waits for the first of its parameters."""

    __slots__ = ("_now", "_plan", "_values")

    def __init__(
        self,
        compiled: Compiled,
        values: Sequence[Any] = (),
        path: str = "",
        now: datetime = _WITHOUT_CLOCK,
    ) -> None:
        """``now`` is for the columns that get their value from a clock: one time for all of a write."""
        self._plan, self._now = compiled.plan, now
        own = self._plan.values[len(self._plan.values) - len(values) :]
        self._values = [
            converted(dump, value, path + place.removeprefix(compiled.path))
            for (dump, place), value in zip(own, values, strict=True)
        ]

    def statement(self, first: Sequence[Any]) -> Statement:
        """The statement, with its first parameters."""
        made = (make(self._now) for make in self._plan.made)
        return Statement(self._plan.sql, [*first, *self._values, *made])


def raw_values(table: Table[Any], row: RawRow, columns: Sequence[Column]) -> list[Any]:
    """Some columns of a row."""
    return [row[table.position[column.name]] for column in columns]


def insert(
    table: Table[Any], keys: Sequence[Column], data: dict[str, Any], path: str, now: datetime
) -> Prepared:
    """INSERT a row. First come the values of ``keys``, which link it to another."""
    values: list[Any] = []
    changes = changes_of(data, values, path)
    names = tuple(column.name for column in keys)
    key = ("insert", names, changes)
    return Prepared(table.plans.get(key, lambda: _insert(table, keys, changes, path)), values, path, now)


def change(
    table: Table[Any], keys: Sequence[Column], data: dict[str, Any], path: str, now: datetime
) -> Prepared | None:
    """UPDATE a row. First come new values of ``keys``, then the row's identity; None if nothing changes."""
    values: list[Any] = []
    changes = changes_of(data, values, path)
    names = tuple(column.name for column in keys)
    compiled = table.plans.get(("change", names, changes), lambda: _change(table, keys, changes, path))
    return Prepared(compiled, values, path, now) if compiled.plan.sql else None


def remove(table: Table[Any]) -> Prepared:
    """DELETE a row. First comes its identity."""
    return Prepared(table.plans.get("remove", lambda: _remove(table)))


def locate(table: Table[Any], where: Any, path: str, relation: Relation | None = None) -> Prepared:
    """SELECT the row that ``where`` addresses, and lock it. With a relation, first comes its owner's key, and
    only a row that is linked to the owner is found."""
    values: list[Any] = []
    shape = shape_of(where, values, path)
    key = ("locate", shape, relation)
    return Prepared(table.plans.get(key, lambda: _locate(table, shape, path, relation)), values, path)


def linked_rows(relation: Relation) -> Prepared:
    """SELECT all rows that are linked to a row, and lock them. First comes that row's key."""
    table = relation.target
    return Prepared(table.plans.get(("linked", relation), lambda: _linked_rows(relation)))


def release(relation: Relation, now: datetime) -> Prepared:
    """UPDATE the row that has a key to NULL, in a one-to-one relation, where only one row may have it. First
    comes the key."""
    table = relation.table
    return Prepared(table.plans.get(("release", relation), lambda: _release(relation)), now=now)


def add_link(relation: Relation) -> Prepared:
    """Link two rows in the join table. First come both keys; an existing link stays."""
    join = relation.join
    assert join is not None, relation.name
    binder = Binder()
    values = bound(binder, (*relation.own, *relation.theirs))
    row = f"({join.own}, {join.other}) VALUES ({', '.join(values)})"
    sql = f"INSERT INTO {join.sql} {row} ON CONFLICT DO NOTHING"
    return Prepared(Compiled(binder.plan(sql), ""))


def remove_link(relation: Relation) -> Prepared:
    """Unlink two rows in the join table. First come both keys."""
    join = relation.join
    assert join is not None, relation.name
    binder = Binder()
    own, other = bound(binder, (*relation.own, *relation.theirs))
    sql = f"DELETE FROM {join.sql} WHERE {join.own} = {own} AND {join.other} = {other}"
    return Prepared(Compiled(binder.plan(sql), ""))


def change_linked(relation: Relation, data: dict[str, Any], where: Any, path: str, now: datetime) -> Prepared:
    """UPDATE all rows that are linked to a row and match. First comes that row's key."""
    table = relation.target
    values: list[Any] = []
    changes = changes_of(data, values, f"{path}.data")
    shape = shape_of(where, values, f"{path}.where")
    key = ("change_linked", relation, changes, shape)
    return Prepared(
        table.plans.get(key, lambda: _change_linked(relation, changes, shape, path)), values, path, now
    )


def remove_linked(relation: Relation, where: Any, path: str) -> Prepared:
    """DELETE all rows that are linked to a row and match. First comes that row's key."""
    table = relation.target
    values: list[Any] = []
    shape = shape_of(where, values, path)
    key = ("remove_linked", relation, shape)
    return Prepared(table.plans.get(key, lambda: _remove_linked(relation, shape, path)), values, path)


def _insert(table: Table[Any], keys: Sequence[Column], changes: Changes, path: str) -> Compiled:
    binder, scope = Binder(), root(table)
    places = bound(binder, keys) + [placeholder(table, change, binder, path) for change in changes]
    names = [column.name for column in keys] + names_in(changes)
    table.require(names, path)
    made = made_for(table, names, first=len(binder.values) + 1)
    sql = f"{insertion(scope, names, places, made)} RETURNING {scope.selected}"
    return Compiled(binder.plan(sql, makers(made.sent)), path)


def _change(table: Table[Any], keys: Sequence[Column], changes: Changes, path: str) -> Compiled:
    binder, scope = Binder(), root(table)
    sets = [f"{c.sql} = {value}" for c, value in zip(keys, bound(binder, keys), strict=True)]
    where = _identity(scope, binder)
    sets += assignments(scope, changes, binder, path)
    names = [column.name for column in keys] + names_in(changes)
    touched = touched_by(table, names)
    sets += updated_at_assignments(touched, binder)
    if not sets:
        return Compiled(Plan(b"", ()), path)
    sql = f"UPDATE {scope.source} SET {', '.join(sets)} WHERE {where} RETURNING {scope.selected}"
    return Compiled(binder.plan(sql, makers(touched)), path)


def _remove(table: Table[Any]) -> Compiled:
    binder, scope = Binder(), root(table)
    return Compiled(binder.plan(f"DELETE FROM {scope.source} WHERE {_identity(scope, binder)}"), "")


def _locate(table: Table[Any], shape: Shape, path: str, relation: Relation | None) -> Compiled:
    binder, scope = Binder(), root(table)
    link = "TRUE" if relation is None else _link(relation, scope, binder)
    where = unique_condition(scope, shape, binder, path)
    return Compiled(
        binder.plan(f"SELECT {scope.selected} FROM {scope.source} WHERE {link} AND {where} FOR UPDATE"), path
    )


def _linked_rows(relation: Relation) -> Compiled:
    binder, scope = Binder(), root(relation.target)
    link = _link(relation, scope, binder)
    return Compiled(binder.plan(f"SELECT {scope.selected} FROM {scope.source} WHERE {link} FOR UPDATE"), "")


def _release(relation: Relation) -> Compiled:
    binder, scope = Binder(), root(relation.table)
    where = equal([scope.prefix + c.sql for c in relation.own], bound(binder, relation.own))
    emptied = [c for c in relation.own if c.is_optional]
    touched = touched_by(relation.table, [c.name for c in emptied])
    sets = [f"{c.sql} = NULL" for c in emptied] + updated_at_assignments(touched, binder)
    sql = f"UPDATE {scope.source} SET {', '.join(sets)} WHERE {where}"
    return Compiled(binder.plan(sql, makers(touched)), "")


def _change_linked(relation: Relation, changes: Changes, shape: Shape, path: str) -> Compiled:
    binder, scope = Binder(), root(relation.target)
    link = _link(relation, scope, binder)
    sets = assignments(scope, changes, binder, f"{path}.data")
    where = condition(scope, shape, binder, f"{path}.where")
    touched = touched_by(relation.target, names_in(changes))
    sets += updated_at_assignments(touched, binder)
    if not sets:
        return Compiled(binder.plan(f"SELECT FROM {scope.source} WHERE {link} AND {where}"), path)
    sql = f"UPDATE {scope.source} SET {', '.join(sets)} WHERE {link} AND {where}"
    return Compiled(binder.plan(sql, makers(touched)), path)


def _remove_linked(relation: Relation, shape: Shape, path: str) -> Compiled:
    binder, scope = Binder(), root(relation.target)
    link = _link(relation, scope, binder)
    return Compiled(
        binder.plan(f"DELETE FROM {scope.source} WHERE {link} AND {condition(scope, shape, binder, path)}"),
        path,
    )


def _identity(scope: Scope, binder: Binder) -> str:
    columns = scope.table.required_identity()
    return equal([scope.prefix + c.sql for c in columns], bound(binder, columns))


def _link(relation: Relation, scope: Scope, binder: Binder) -> str:
    """The condition that a row is linked to the one whose key comes first."""
    join = relation.join
    keys = bound(binder, relation.own if join else relation.theirs)
    theirs = [scope.prefix + column.sql for column in relation.theirs]
    if join is None:
        return equal(theirs, keys)
    return f"{theirs[0]} IN (SELECT {join.other} FROM {join.sql} WHERE {join.own} = {keys[0]})"


def equal(columns: Sequence[str], values: Sequence[str]) -> str:
    """The condition that columns have these values."""
    return " AND ".join(f"{column} = {value}" for column, value in zip(columns, values, strict=True))


def bound(binder: Binder, columns: Sequence[Column]) -> list[str]:
    """Placeholders for values of these columns as the database returned them."""
    return [binder.bind(lambda value: value, column.codec.type, column.name) for column in columns]
