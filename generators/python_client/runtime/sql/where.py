"""Conditions: a shape of ``where`` to SQL. NULL is as in SQL: ``not`` a value excludes rows without one."""

from __future__ import annotations

from typing import Any

from ..columns import Column
from ..field_lookup import field_of, not_unique
from ..public.errors import InputError
from ..tables import Table
from .plans import Binder
from .query_shape import LOGICAL, ConditionList, Entry, Mode, Nested, Null, Shape, key_of
from .scope import Scope
from .where_relations import relation_condition
from .where_values import comparable, compare, operators


def condition(scope: Scope, shape: Shape, binder: Binder, path: str = "where") -> str:
    """The SQL for a ``where`` of any depth; ``TRUE`` for an empty one."""
    return " AND ".join(_entry(scope, entry, binder, path) for entry in shape) or "TRUE"


def unique_condition(scope: Scope, shape: Shape, binder: Binder, path: str = "where") -> str:
    """The SQL for a ``where`` that addresses one row: a unique field, or a compound key by its name."""
    table = scope.table
    fields = table.keys.get(key_of(shape[0])) if len(shape) == 1 else None
    if fields is None:
        raise not_unique(table, [key_of(entry) for entry in shape], path)
    (entry,) = shape
    key = key_of(entry)
    if fields == (key,):
        return _unique_value(scope, entry, binder, path)
    inner = entry.shape if isinstance(entry, Nested) else ()
    if {key_of(part) for part in inner} != set(fields):
        raise InputError(f"{path}.{key}: needs a dict of {', '.join(fields)}")
    return " AND ".join(_unique_value(scope, part, binder, f"{path}.{key}") for part in inner)


def unique_columns(table: Table[Any], shape: Shape) -> tuple[Column, ...]:
    """The columns of the key that a ``where`` names, once :func:`unique_condition` has taken it."""
    return tuple(table.columns[field] for field in table.keys[key_of(shape[0])])


def _unique_value(scope: Scope, entry: Entry, binder: Binder, path: str) -> str:
    key = key_of(entry)
    if not isinstance(entry, str | Mode):
        raise InputError(f"{path}.{key}: needs a plain value")
    return compare(scope.prefix, scope.table.columns[key], "equals", binder, f"{path}.{key}")


def _entry(scope: Scope, entry: Entry, binder: Binder, path: str) -> str:
    key = key_of(entry)
    if key in LOGICAL:
        return _logical(scope, entry, binder, f"{path}.{key}")
    field = field_of(scope.table, key, path, LOGICAL)
    path = f"{path}.{key}"
    if not isinstance(field, Column):
        return relation_condition(scope, field, entry, binder, path, condition)
    if isinstance(entry, Null):
        return f"{comparable(scope.prefix, field)} IS NULL"
    if isinstance(entry, Nested):
        return operators(scope.prefix, field, entry.shape, binder, path)
    return compare(scope.prefix, field, "equals", binder, path)


def _logical(scope: Scope, entry: Entry, binder: Binder, path: str) -> str:
    if not isinstance(entry, ConditionList):
        raise InputError(f"{path}: needs a list of conditions")
    parts = [f"({condition(scope, shape, binder, path)})" for shape in entry.shapes]
    if entry.key == "OR":
        return f"({' OR '.join(parts)})" if parts else "FALSE"
    negation = "NOT " if entry.key == "NOT" else ""
    return " AND ".join(negation + part for part in parts) or "TRUE"
