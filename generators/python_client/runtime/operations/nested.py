"""Nested writes: rows that are created, changed and linked together with the one they belong to.

``data`` is first made into a tree of nodes, which checks all of it; only then is the first statement sent.
The session runs all of it in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from ..columns import Column
from ..public.errors import InputError, MissingRequiredValueError
from ..sql.assignments import checked_data
from ..sql.plans import Statement, Steps
from ..sql.query_shape import check_depth
from ..sql.row_statements import RawRow, change, insert, locate, raw_values
from ..tables import Relation, Table
from .nested_context import NestedContext
from .nested_keys import OwnKey, own_key
from .nested_links import created_links, updated_links
from .nested_steps import Step


def nested_create(table: Table[Any], data: dict[Any, Any]) -> Steps[RawRow]:
    """Insert a row and everything nested in it; the row as the database holds it."""
    return Creation(table, data, _beginning()).run([])


def nested_update(table: Table[Any], data: dict[Any, Any], where: Any) -> Steps[RawRow | None]:
    """Change the row that ``where`` addresses and everything nested in ``data``; None if there is no row."""
    changes = Change(table, data, _beginning())
    return _located(changes, locate(table, where, "where").statement([]))


class Creation:
    """A row to insert: the keys it needs before, the row, and what is linked to it after."""

    def __init__(
        self, table: Table[Any], data: Any, context: NestedContext, *, keys: tuple[Column, ...] = ()
    ) -> None:
        self._keys, self._path = keys, context.path
        scalars, relations = _split_data(table, data, context)
        self._before = [
            own_key(relation, given, context.at(relation.name), is_new=True)
            for relation, given in relations
            if relation.has_key
        ]
        self._after: list[Step] = [
            created_links(relation, given, context.at(relation.name))
            for relation, given in relations
            if not relation.has_key
        ]
        columns = _linking(scalars, (keys, *(before.columns for before in self._before)), context)
        self._insert = insert(table, columns, scalars, context.path, context.now)

    def run(self, row: list[Any]) -> Steps[RawRow]:
        """Insert it, with ``row`` the values of its ``keys``; returns the new row."""
        values: dict[Column, Any] = dict(zip(self._keys, row, strict=True))
        for before in self._before:
            found = yield from before.run(None)
            _agree(values, before.columns, found, self._path)
        result = yield self._insert.statement(list(values.values()))
        inserted = result.rows[0]
        for after in self._after:
            yield from after(inserted)
        return inserted


class Change:
    """Changes to one row, and to what is linked to it."""

    def __init__(self, table: Table[Any], data: Any, context: NestedContext) -> None:
        self._table, self._path = table, context.path
        scalars, relations = _split_data(table, data, context)
        self._has_fields = bool(scalars)
        self._before: list[OwnKey] = [
            own_key(relation, given, context.at(relation.name), is_new=False)
            for relation, given in relations
            if relation.has_key
        ]
        self._after: list[Step] = [
            updated_links(relation, given, context.at(relation.name))
            for relation, given in relations
            if not relation.has_key
        ]
        columns = _linking(scalars, (before.columns for before in self._before), context)
        self._change = change(table, columns, scalars, context.path, context.now)

    def run(self, row: RawRow) -> Steps[RawRow]:
        """Change ``row``; returns the changed row."""
        values: dict[Column, Any] = {}
        for before in self._before:
            found = yield from before.run(row)
            _agree(values, before.columns, found, self._path)
        changed = row
        stays = not self._has_fields and raw_values(self._table, row, [*values]) == [*values.values()]
        if self._change is not None and not stays:
            identity = raw_values(self._table, row, self._table.identity)
            result = yield self._change.statement([*values.values(), *identity])
            changed = result.rows[0]
        for before in self._before:
            yield from before.finish(row)
        for after in self._after:
            yield from after(changed)
        return changed


class _Nodes:
    def creation(
        self, table: Table[Any], data: Any, context: NestedContext, *, keys: tuple[Column, ...] = ()
    ) -> Creation:
        return Creation(table, data, context, keys=keys)

    def change(self, table: Table[Any], data: Any, context: NestedContext) -> Change:
        return Change(table, data, context)


_NODES = _Nodes()


def _beginning() -> NestedContext:
    return NestedContext(_NODES, "data", datetime.now(UTC))


def _located(changes: Change, statement: Statement) -> Steps[RawRow | None]:
    result = yield statement
    if not result.rows:
        return None
    return (yield from changes.run(result.rows[0]))


def _split_data(
    table: Table[Any], data: Any, context: NestedContext
) -> tuple[dict[Any, Any], list[tuple[Relation, dict[Any, Any]]]]:
    """``data``, split into columns and relations."""
    check_depth(context.depth, context.path)
    given = checked_data(data, context.path)
    scalars = {name: value for name, value in given.items() if name not in table.relations}
    relations = [
        (table.relations[name], _links(value, f"{context.path}.{name}"))
        for name, value in given.items()
        if name in table.relations
    ]
    return scalars, relations


def _links(value: Any, path: str) -> dict[Any, Any]:
    if value is None:
        raise MissingRequiredValueError(f"{path}: needs a dict, but got None; leave it out for no relation")
    return checked_data(value, path)


def _linking(
    scalars: dict[Any, Any], groups: Iterable[tuple[Column, ...]], context: NestedContext
) -> list[Column]:
    """The columns whose values come from relations, each once."""
    columns = list(dict.fromkeys(column for group in groups for column in group))
    twice = [column.name for column in columns if column.name in scalars]
    if twice:
        raise InputError(f"{context.path}.{twice[0]}: gets its value from a relation; leave one of them out")
    return columns


def _agree(values: dict[Column, Any], columns: tuple[Column, ...], found: list[Any], path: str) -> None:
    """Add one relation's values. Raises InputError if two that share a column want different values."""
    for column, value in zip(columns, found, strict=True):
        if values.setdefault(column, value) != value:
            raise InputError(f"{path}: two relations want different values of {column.name!r}")
