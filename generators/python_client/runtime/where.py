"""Conditions: a shape of ``where`` to SQL. NULL is as in SQL: ``not`` a value excludes rows without one."""

from __future__ import annotations

from typing import Any

from .codecs import Convert, dump_text
from .errors import InputError
from .mistakes import column_of, not_unique, unknown_operator
from .narrow import as_list
from .plans import Binder
from .schema import Column, Table, list_dump
from .shape import LOGICAL, Shape

_COMPARISONS = {"equals": "=", "not": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_LIKE = {"contains": ("%", "%"), "startswith": ("", "%"), "endswith": ("%", "")}
_LIST_OPERATORS = frozenset({"equals", "not"})
#: Types with a LIKE of their own; others are matched as text.
_LIKE_TYPES = frozenset({"text", "varchar", "citext"})


def condition(table: Table[Any], shape: Shape, binder: Binder, path: str = "where") -> str:
    """The SQL for a ``where`` of any depth; ``TRUE`` for an empty one."""
    return " AND ".join(_entry(table, entry, binder, path) for entry in shape) or "TRUE"


def unique_condition(table: Table[Any], shape: Shape, binder: Binder, path: str = "where") -> str:
    """The SQL for a ``where`` that addresses one row: a unique field, or a compound key by its name."""
    key, nested = _parts(shape[0]) if len(shape) == 1 else (None, None)
    fields = table.keys.get(key) if isinstance(key, str) else None
    if fields is None:
        raise not_unique(table, [_parts(entry)[0] for entry in shape], path)
    if fields == (key,):
        return _unique_value(table, shape[0], binder, path)
    inner = as_list(nested) or ()
    if {_parts(entry)[0] for entry in inner} != set(fields):
        raise InputError(f"{path}.{key}: needs a dict of {', '.join(fields)}")
    return " AND ".join(_unique_value(table, entry, binder, f"{path}.{key}") for entry in inner)


def _unique_value(table: Table[Any], entry: Any, binder: Binder, path: str) -> str:
    if not isinstance(entry, str):
        raise InputError(f"{path}.{entry[0]}: needs a plain value")
    column = column_of(table, entry, path)
    return _compare(column, "equals", binder, f"{path}.{entry}")


def _parts(entry: Any) -> tuple[Any, Any]:
    pair = as_list(entry)
    return (entry, ...) if pair is None else (pair[0], pair[1])


def _entry(table: Table[Any], entry: Any, binder: Binder, path: str) -> str:
    key, nested = _parts(entry)
    if key in LOGICAL:
        return _logical(table, entry, binder, f"{path}.{key}")
    column = column_of(table, key, path)
    path = f"{path}.{key}"
    if nested is ...:
        return _compare(column, "equals", binder, path)
    if nested is None:
        return f"{column.sql} IS NULL"
    return _operators(column, nested, binder, path)


def _logical(table: Table[Any], entry: Any, binder: Binder, path: str) -> str:
    if len(entry) != 3:
        raise InputError(f"{path}: needs a list of conditions")
    parts = [f"({condition(table, shape, binder, path)})" for shape in entry[2]]
    if entry[0] == "OR":
        return f"({' OR '.join(parts)})" if parts else "FALSE"
    negation = "NOT " if entry[0] == "NOT" else ""
    return " AND ".join(negation + part for part in parts) or "TRUE"


def _operators(column: Column, shape: Shape, binder: Binder, path: str) -> str:
    known = _LIST_OPERATORS if column.is_list else column.codec.operators
    parts: list[str] = []
    for entry in shape:
        operator, nested = _parts(entry)
        if operator not in known:
            raise unknown_operator(column, operator, known, path)
        parts.append(_operator(column, operator, nested, binder, f"{path}.{operator}"))
    return " AND ".join(parts) or "TRUE"


def _operator(column: Column, operator: str, nested: Any, binder: Binder, path: str) -> str:
    if nested is ...:
        return _compare(column, operator, binder, path)
    if nested is None and operator in ("equals", "not"):
        return f"{column.sql} IS {'NOT ' if operator == 'not' else ''}NULL"
    if nested is not None and operator == "not":
        return f"NOT ({_operators(column, nested, binder, path)})"
    raise InputError(f"{path}: needs a value, but got {'None' if nested is None else 'a dict'}")


def _compare(column: Column, operator: str, binder: Binder, path: str) -> str:
    if operator in _LIKE:
        return _like(column, operator, binder, path)
    codec = column.codec
    suffix = "[]" if column.is_list else ""
    left = column.sql if codec.comparable is None else f"{column.sql}::{codec.comparable}{suffix}"
    type_ = (codec.comparable or codec.type) + suffix
    if operator == "in":
        return f"{left} = ANY({binder.bind(list_dump(codec.dump), type_ + '[]', path)})"
    if operator == "not_in":
        return f"{left} <> ALL({binder.bind(list_dump(codec.dump), type_ + '[]', path)})"
    dump = list_dump(codec.dump) if column.is_list else codec.dump
    return f"{left} {_COMPARISONS[operator]} {binder.bind(dump, type_, path)}"


def _like(column: Column, operator: str, binder: Binder, path: str) -> str:
    own = column.codec.type in _LIKE_TYPES
    left = column.sql if own else f"{column.sql}::text"
    type_ = column.codec.type if own else "text"
    return f"{left} LIKE {binder.bind(_pattern(*_LIKE[operator]), type_, path)}"


def _pattern(before: str, after: str) -> Convert:
    def dump(value: Any) -> str:
        text = dump_text(value).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return f"{before}{text}{after}"

    return dump
