"""Conditions: a shape of ``where`` to SQL. NULL is as in SQL: ``not`` a value excludes rows without one."""

from __future__ import annotations

from typing import Any

from ..coerce import as_list
from ..columns import Column
from ..field_lookup import field_of, not_unique
from ..public.errors import InputError
from ..tables import Table
from .plans import Binder
from .query_shape import LOGICAL, MODE, Shape, split_entry
from .scope import Scope
from .where_relations import relation_condition
from .where_values import comparable, compare, operators


def condition(scope: Scope, shape: Shape, binder: Binder, path: str = "where") -> str:
    """The SQL for a ``where`` of any depth; ``TRUE`` for an empty one."""
    return " AND ".join(_entry(scope, entry, binder, path) for entry in shape) or "TRUE"


def unique_condition(scope: Scope, shape: Shape, binder: Binder, path: str = "where") -> str:
    """The SQL for a ``where`` that addresses one row: a unique field, or a compound key by its name."""
    table = scope.table
    key, nested = split_entry(shape[0]) if len(shape) == 1 else (None, None)
    fields = table.keys.get(key) if isinstance(key, str) else None
    if fields is None:
        raise not_unique(table, [split_entry(entry)[0] for entry in shape], path)
    if fields == (key,):
        return _unique_value(scope, shape[0], binder, path)
    inner = as_list(nested) or ()
    if {split_entry(entry)[0] for entry in inner} != set(fields):
        raise InputError(f"{path}.{key}: needs a dict of {', '.join(fields)}")
    return " AND ".join(_unique_value(scope, entry, binder, f"{path}.{key}") for entry in inner)


def unique_columns(table: Table[Any], shape: Shape) -> tuple[Column, ...]:
    """The columns of the key that a ``where`` names, once :func:`unique_condition` has taken it."""
    return tuple(table.columns[field] for field in table.keys[split_entry(shape[0])[0]])


def _unique_value(scope: Scope, entry: Any, binder: Binder, path: str) -> str:
    if not isinstance(entry, str):
        raise InputError(f"{path}.{entry[0]}: needs a plain value")
    return compare(scope.prefix, scope.table.columns[entry], "equals", binder, f"{path}.{entry}")


def _entry(scope: Scope, entry: Any, binder: Binder, path: str) -> str:
    key, nested = split_entry(entry)
    if key in LOGICAL:
        return _logical(scope, entry, binder, f"{path}.{key}")
    field = field_of(scope.table, key, path, LOGICAL)
    path = f"{path}.{key}"
    if not isinstance(field, Column):
        return relation_condition(scope, field, nested, binder, path, condition)
    if nested is ... or nested == MODE:
        return compare(scope.prefix, field, "equals", binder, path)
    if nested is None:
        return f"{comparable(scope.prefix, field)} IS NULL"
    return operators(scope.prefix, field, nested, binder, path)


def _logical(scope: Scope, entry: Any, binder: Binder, path: str) -> str:
    if len(entry) != 3:
        raise InputError(f"{path}: needs a list of conditions")
    parts = [f"({condition(scope, shape, binder, path)})" for shape in entry[2]]
    if entry[0] == "OR":
        return f"({' OR '.join(parts)})" if parts else "FALSE"
    negation = "NOT " if entry[0] == "NOT" else ""
    return " AND ".join(negation + part for part in parts) or "TRUE"
