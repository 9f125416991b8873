# ruff: noqa: S608 - identifiers are quoted from the generated data, values are parameters
"""Operations that write. Each is a :class:`Write`: a generator of statements, and whether it needs a
transaction because it takes more than one.
"""

from __future__ import annotations

from typing import Any, Generic, NamedTuple, TypeVar

from ..coerce import as_dict
from ..columns import Column
from ..public.errors import InputError
from ..results.projection import Projection
from ..results.row_classes import ReadOptions, Selection
from ..results.row_loader import RowLoader, whole_rows
from ..sql.assignments import (
    Changes,
    assignments,
    changes_of,
    checked_data,
    insertion,
    made_for,
    makers,
    names_in,
    placeholder,
    touched_by,
    updated_at_assignments,
)
from ..sql.plans import Binder, Plan, Steps
from ..sql.query_shape import Shape, shape_of
from ..sql.scope import Scope, root
from ..sql.where import condition, unique_columns, unique_condition
from ..tables import Table
from .attempts import found_or
from .find_operations import find_unique
from .nested import nested_create, nested_update

_Row = TypeVar("_Row")
_T = TypeVar("_T")


_WRITTEN = "The write was carried out all the same; only what it returns can't be read"


class Write(NamedTuple, Generic[_T]):
    """An operation that writes. It is all or nothing; ``is_atomic`` says that this takes a transaction."""

    steps: Steps[_T]
    is_atomic: bool = False


class Returning(NamedTuple):
    """A compiled write. ``own_values`` is how many of the values are its own; the rest are its includes'."""

    plan: Plan
    row_loader: RowLoader
    own_values: int


def create(table: Table[_Row], data: Any, read_options: ReadOptions) -> Write[Any]:
    """Insert one row and return it as the database holds it."""
    given = checked_data(data)
    if not table.relations.keys().isdisjoint(given):
        return Write(_reread(table, nested_create(table, given), read_options), is_atomic=True)
    values: list[Any] = []
    changes = changes_of(given, values)
    projection, chosen = read_options.projection(table, values)
    key = ("create", changes, projection)
    written = table.plans.get(key, lambda: _create(table, changes, projection))
    return Write(_first(_chosen(written, values, chosen)), is_atomic=bool(written.row_loader.loaders))


def update(table: Table[_Row], data: Any, where: Any, read_options: ReadOptions) -> Write[Any]:
    """Change the row that ``where`` addresses and return it, or None if there is none."""
    given = checked_data(data)
    if not table.relations.keys().isdisjoint(given):
        return Write(_reread(table, nested_update(table, given, where), read_options), is_atomic=True)
    values: list[Any] = []
    changes = changes_of(given, values)
    shape = shape_of(where, values)
    projection, chosen = read_options.projection(table, values)
    key = ("update", changes, shape, projection)
    written = table.plans.get(key, lambda: _update(table, changes, shape, projection))
    return Write(_one(_chosen(written, values, chosen)), is_atomic=bool(written.row_loader.loaders))


def upsert(table: Table[_Row], where: Any, data: Any, read_options: ReadOptions) -> Write[Any]:
    """Change the row that ``where`` addresses, or insert one.

    It is one statement, so that no other can run in between, if the new row would have exactly the key of
    ``where``; otherwise an update and then, if that found nothing, an insert.
    """
    given = checked_data(data)
    if given.keys() != {"create", "update"}:
        raise InputError("data: needs a dict of create and update")
    new, changed = checked_data(given["create"], "data.create"), checked_data(given["update"], "data.update")
    is_flat = table.relations.keys().isdisjoint(new) and table.relations.keys().isdisjoint(changed)
    if not (is_flat and _has_key(table, new, where)):
        return Write(_update_or_create(table, where, new, changed, read_options), is_atomic=True)
    values: list[Any] = []
    creation = changes_of(new, values, "data.create")
    changes = changes_of(changed, values, "data.update")
    # The key's value is the new row's; the shape is there to say which key.
    shape = shape_of(where, [])
    projection, chosen = read_options.projection(table, values)
    key = ("upsert", creation, changes, shape, projection)
    written = table.plans.get(key, lambda: _upsert(table, creation, changes, shape, projection))
    return Write(_first(_chosen(written, values, chosen)), is_atomic=bool(written.row_loader.loaders))


def delete(table: Table[_Row], where: Any, read_options: ReadOptions) -> Write[Any]:
    """Delete the row that ``where`` addresses and return what it was, or None if there is none."""
    values: list[Any] = []
    shape = shape_of(where, values)
    projection, chosen = read_options.projection(table, values)
    if projection.include or projection.counts:
        return Write(_read_and_delete(table, where, read_options), is_atomic=True)
    written = table.plans.get(("delete", shape, projection), lambda: _delete(table, shape, projection))
    return Write(_one(_chosen(written, values, chosen)))


def update_many(table: Table[Any], data: Any, where: Any) -> Write[int]:
    """Change all rows that match; returns how many."""
    values: list[Any] = []
    changes = changes_of(checked_data(data), values)
    shape = shape_of(where, values) if where is not None else ()
    plan = table.plans.get(("update_many", changes, shape), lambda: _update_many(table, changes, shape))
    return Write(_count(plan, values))


def delete_many(table: Table[Any], where: Any) -> Write[int]:
    """Delete all rows that match; returns how many."""
    values: list[Any] = []
    shape = shape_of(where, values) if where is not None else ()
    plan = table.plans.get(("delete_many", shape), lambda: _delete_many(table, shape))
    return Write(_count(plan, values))


def _written(written: Returning, values: list[Any]) -> Steps[list[Any]]:
    row_loader = written.row_loader
    rows: list[Any] = []
    try:
        if not row_loader.loaders:
            result = yield written.plan.statement(values)
            rows = result.rows
            return row_loader.hydrate(rows)
        result = yield written.plan.statement(values[: written.own_values])
    except Exception as error:
        row_loader.refuse(error, rows, "" if row_loader.loaders else _WRITTEN)
    return (yield from row_loader.read(result.rows, values[written.own_values :]))


def _chosen(written: Returning, values: list[Any], chosen: Selection[Any] | None) -> Steps[list[Any]]:
    rows = yield from _written(written, values)
    return rows if chosen is None else chosen.rows(rows)


def _first(steps: Steps[list[_T]]) -> Steps[_T]:
    return (yield from steps)[0]


def _one(steps: Steps[list[_T]]) -> Steps[_T | None]:
    rows = yield from steps
    return rows[0] if rows else None


def _count(plan: Plan, values: list[Any]) -> Steps[int]:
    result = yield plan.statement(values)
    return result.row_count


def _reread(table: Table[Any], steps: Steps[Any], read_options: ReadOptions) -> Steps[Any]:
    # Mistakes in the options are found before anything is written.
    RowLoader(table, read_options.projection(table, [])[0])
    row = yield from steps
    if row is None:
        return None
    if read_options.is_all:
        return whole_rows(table)([row])[0]
    values: list[Any] = [row[table.position[column.name]] for column in table.identity]
    projection, chosen = read_options.projection(table, values)
    found = table.plans.get(("reread", projection), lambda: _by_identity(table, projection))
    return (yield from _first(_chosen(found, values, chosen)))


def _update_or_create(
    table: Table[Any], where: Any, new: dict[str, Any], changed: dict[str, Any], read_options: ReadOptions
) -> Steps[Any]:
    # Both are made, and so checked, before the first statement is sent.
    updated, created = update(table, changed, where, read_options), create(table, new, read_options)
    updates = [update(table, changed, where, read_options).steps, updated.steps]
    return (yield from found_or(updates.pop, lambda: created.steps))


def _read_and_delete(table: Table[Any], where: Any, read_options: ReadOptions) -> Steps[Any]:
    row = yield from find_unique(table, where, read_options)
    if row is not None:
        yield from delete(table, where, ReadOptions()).steps
    return row


def _has_key(table: Table[Any], new: dict[str, Any], where: Any) -> bool:
    """Whether a new row would have exactly the key that ``where`` asks for."""
    given = checked_data(where, "where")
    if len(given) != 1:
        return False
    ((key, value),) = given.items()
    fields = table.keys.get(key) if isinstance(key, str) else None
    if fields is None:
        return False
    read_options = {key: value} if fields == (key,) else as_dict(value)
    if read_options is None or read_options.keys() != set(fields):
        return False
    return all(field in new and _is_same(new[field], read_options[field]) for field in fields)


def _is_same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and one is not None and not isinstance(one, dict) and bool(one == other)


def _insert(
    scope: Scope, changes: Changes, binder: Binder, path: str = "data", later: int = 0
) -> tuple[str, list[Column]]:
    """INSERT without RETURNING, and the columns whose values are made here and sent.

    ``later`` values are still to be bound before those.
    """
    table, names = scope.table, names_in(changes)
    places = [placeholder(table, change, binder, path) for change in changes]
    table.require(names, path)
    made = made_for(table, names, first=len(binder.values) + later + 1)
    return insertion(scope, names, places, made), made.sent


def _create(table: Table[Any], changes: Changes, projection: Projection) -> Returning:
    binder = Binder()
    sql, made = _insert(root(table), changes, binder)
    return _returning(binder, sql, made, RowLoader(table, projection))


def _upsert(
    table: Table[Any], creation: Changes, changes: Changes, shape: Shape, projection: Projection
) -> Returning:
    binder, scope = Binder(), root(table)
    insert, made = _insert(scope, creation, binder, "data.create", later=len(changes))
    key = ", ".join(column.sql for column in unique_columns(table, shape))
    sets = assignments(scope, changes, binder, "data.update")
    touched = touched_by(table, names_in(changes))
    sets += updated_at_assignments(touched, binder, later=len(made))
    if not sets:  # DO NOTHING would return no row
        sets = [f"{c.sql} = {scope.prefix}{c.sql}" for c in unique_columns(table, shape)]
    sql = f"{insert} ON CONFLICT ({key}) DO UPDATE SET {', '.join(sets)}"
    return _returning(binder, sql, [*made, *touched], RowLoader(table, projection))


def _update(table: Table[Any], changes: Changes, shape: Shape, projection: Projection) -> Returning:
    binder, scope = Binder(), root(table)
    sets = assignments(scope, changes, binder)
    where = unique_condition(scope, shape, binder)
    row_loader = RowLoader(table, projection)
    touched = touched_by(table, names_in(changes))
    sets += updated_at_assignments(touched, binder)
    if not sets:
        plan = binder.plan(f"SELECT {row_loader.selected} FROM {scope.source} WHERE {where}")
        return Returning(plan, row_loader, len(plan.values))
    return _returning(
        binder, f"UPDATE {scope.source} SET {', '.join(sets)} WHERE {where}", touched, row_loader
    )


def _delete(table: Table[Any], shape: Shape, projection: Projection) -> Returning:
    binder, scope = Binder(), root(table)
    where = unique_condition(scope, shape, binder)
    return _returning(binder, f"DELETE FROM {scope.source} WHERE {where}", [], RowLoader(table, projection))


def _by_identity(table: Table[Any], projection: Projection) -> Returning:
    binder, scope, row_loader = Binder(), root(table), RowLoader(table, projection)
    where = " AND ".join(
        f"{scope.prefix}{c.sql} = {binder.bind(lambda value: value, c.codec.type, c.name)}"
        for c in table.required_identity()
    )
    plan = binder.plan(f"SELECT {row_loader.selected} FROM {scope.source} WHERE {where}")
    return Returning(plan, row_loader, len(plan.values))


def _update_many(table: Table[Any], changes: Changes, shape: Shape) -> Plan:
    binder, scope = Binder(), root(table)
    sets = assignments(scope, changes, binder)
    where = condition(scope, shape, binder)
    touched = touched_by(table, names_in(changes))
    sets += updated_at_assignments(touched, binder)
    if not sets:
        return binder.plan(f"SELECT FROM {scope.source} WHERE {where}")
    sql = f"UPDATE {scope.source} SET {', '.join(sets)} WHERE {where}"
    return binder.plan(sql, makers(touched))


def _delete_many(table: Table[Any], shape: Shape) -> Plan:
    binder, scope = Binder(), root(table)
    return binder.plan(f"DELETE FROM {scope.source} WHERE {condition(scope, shape, binder)}")


def _returning(binder: Binder, sql: str, made: list[Column], row_loader: RowLoader) -> Returning:
    plan = binder.plan(f"{sql} RETURNING {row_loader.selected}", makers(made))
    return Returning(plan, row_loader, len(plan.values))
