# ruff: noqa: S608 - identifiers are quoted from the generated data, values are parameters
"""Operations that write one row. Each is a generator of statements; see :data:`plans.Steps`."""

from __future__ import annotations

from typing import Any, TypeVar

from .errors import InputError
from .mistakes import column_of
from .narrow import as_dict
from .plans import Binder, Plan, Steps
from .schema import Table
from .shape import Shape, shape_of
from .where import unique_condition

_Row = TypeVar("_Row")


def create(table: Table[_Row], data: Any) -> Steps[_Row]:
    """Insert one row and return it as the database holds it."""
    given = checked_data(data)
    plan = table.plans.get(("create", tuple(given)), lambda: _create_plan(table, given))
    result = yield plan.statement(list(given.values()))
    return table.hydrate(result.rows)[0]


def update(table: Table[_Row], data: Any, where: Any) -> Steps[_Row | None]:
    """Change the row that ``where`` addresses and return it, or None if there is none."""
    given = checked_data(data)
    values = list(given.values())
    shape = shape_of(where, values)
    plan = table.plans.get(("update", tuple(given), shape), lambda: _update_plan(table, given, shape))
    result = yield plan.statement(values)
    rows = table.hydrate(result.rows)
    return rows[0] if rows else None


def delete(table: Table[_Row], where: Any) -> Steps[_Row | None]:
    """Delete the row that ``where`` addresses and return what it was, or None if there is none."""
    values: list[Any] = []
    shape = shape_of(where, values)
    plan = table.plans.get(("delete", shape), lambda: _delete_plan(table, shape))
    result = yield plan.statement(values)
    rows = table.hydrate(result.rows)
    return rows[0] if rows else None


def checked_data(data: Any) -> dict[str, Any]:
    """``data`` if it is a dict. Raises InputError otherwise."""
    given = as_dict(data)
    if given is None:
        raise InputError(f"data: needs a dict, but got {type(data).__name__}")
    return given


def _create_plan(table: Table[Any], given: dict[str, Any]) -> Plan:
    binder = Binder()
    columns = [column_of(table, field, "data") for field in given]
    table.require(given)
    places = [binder.bind(column.dump, column.type, f"data.{column.name}") for column in columns]
    made = [c for c in table.columns.values() if c.default is not None and c.name not in given]
    places += [f"${len(columns) + index}::{column.type}" for index, column in enumerate(made, start=1)]
    names = ", ".join(column.sql for column in (*columns, *made))
    rows = f"({names}) VALUES ({', '.join(places)})" if names else "DEFAULT VALUES"
    sql = f"INSERT INTO {table.sql} {rows} RETURNING {table.selected}"
    return binder.plan(sql, [c.default for c in made if c.default is not None])


def _update_plan(table: Table[Any], given: dict[str, Any], shape: Shape) -> Plan:
    binder = Binder()
    changes: list[str] = []
    for field in given:
        column = column_of(table, field, "data")
        changes.append(f"{column.sql} = {binder.bind(column.dump, column.type, f'data.{field}')}")
    where = unique_condition(table, shape, binder)
    touched = [c for c in table.columns.values() if c.is_updated_at and c.name not in given]
    bound = len(binder.values)
    changes += [f"{c.sql} = ${bound + index}::{c.type}" for index, c in enumerate(touched, start=1)]
    if not changes:
        return binder.plan(f"SELECT {table.selected} FROM {table.sql} WHERE {where}")
    sql = f"UPDATE {table.sql} SET {', '.join(changes)} WHERE {where} RETURNING {table.selected}"
    return binder.plan(sql, [c.default for c in touched if c.default is not None])


def _delete_plan(table: Table[Any], shape: Shape) -> Plan:
    binder = Binder()
    where = unique_condition(table, shape, binder)
    sql = f"DELETE FROM {table.sql} WHERE {where} RETURNING {table.selected}"
    return binder.plan(sql)
