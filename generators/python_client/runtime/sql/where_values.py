# ruff: noqa: S608, PLR0917 - identifiers are quoted from the generated data, values are parameters
"""Conditions on one column in a ``where``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set, ValuesView
from typing import Any, TypeAlias, cast

from ..codecs import Convert, dump_boolean, dump_text, like
from ..columns import Column, list_dump
from ..field_lookup import unknown_operator
from ..public.errors import InputError
from .plans import Binder
from .query_shape import INSENSITIVE, MODE, Entry, Mode, Nested, Null, Shape, key_of, operator_of
from .where_json import json_operators

#: Writes one comparison: :func:`compare`, or its case-insensitive counterpart.
_Written: TypeAlias = Callable[[str, Column, str, Binder, str], str]

COMPARISONS = {"equals": "=", "not": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_LIKE = {"contains": ("%", "%"), "startswith": ("", "%"), "endswith": ("%", "")}
_LISTS = {"has": "@>", "has_every": "@>", "has_some": "&&"}
_LIST_OPERATORS = frozenset({"equals", "not", "is_empty", *_LISTS})
_TEXT_EXTRAS = frozenset({"mode", "search"})
#: Types with a LIKE of their own; others are matched as text.
_LIKE_TYPES = frozenset({"text", "varchar", "citext"})


def operators(prefix: str, column: Column, shape: Shape, binder: Binder, path: str) -> str:
    """The SQL for a dict of operators on a column."""
    if column.is_json and not column.is_list:
        return json_operators(prefix, column, shape, binder, path)
    return _all(prefix, column, shape, binder, path, None)


def _all(
    prefix: str,
    column: Column,
    shape: Shape,
    binder: Binder,
    path: str,
    written: _Written | None,
    negated: bool = False,
) -> str:
    """That each operator is true, or if ``negated`` that none is.

    ``written`` is what writes the comparisons of a dict around this one: a ``mode`` holds for a ``not`` too.
    """
    known = _known(column)
    written = _insensitive if Mode(INSENSITIVE) in shape else written or compare
    parts: list[str] = []
    for entry in map(operator_of, shape):
        operator = key_of(entry)
        if operator not in known:
            raise unknown_operator(column, operator, known, path)
        if isinstance(entry, Mode):
            # It is in the shape, but as a value of the walk it must be bound too.
            parts.append(f"{binder.bind(dump_text, 'text', path)} IS NOT NULL")
        elif operator == MODE:
            raise InputError(f"{path}.mode: needs 'default' or 'insensitive'")
        else:
            sql = _operator(prefix, column, entry, binder, f"{path}.{operator}", written)
            parts.append(f"NOT ({sql})" if negated else sql)
    return " AND ".join(parts) or "TRUE"


def compare(prefix: str, column: Column, operator: str, binder: Binder, path: str) -> str:
    """The SQL for one operator with a value."""
    if operator in _LIKE:
        return _like(prefix, column, operator, binder, path)
    if operator == "search":
        return search(prefix, (column,), binder.bind(dump_text, "text", path))
    codec = column.codec
    suffix = "[]" if column.is_list else ""
    left = comparable(prefix, column)
    type_ = (codec.comparable or codec.type) + suffix
    if operator in _LISTS or operator == "is_empty":
        return _in_list(left, column, operator, binder, path)
    if operator == "in":
        return f"{left} = ANY({binder.bind(_choices_dump(codec.dump), type_ + '[]', path)})"
    if operator == "not_in":
        return f"{left} <> ALL({binder.bind(_choices_dump(codec.dump), type_ + '[]', path)})"
    dump = list_dump(codec.dump) if column.is_list else codec.dump
    return f"{left} {COMPARISONS[operator]} {binder.bind(dump, type_, path)}"


def _choices_dump(dump: Convert) -> Convert:
    """For values whose order doesn't matter: a set and the keys or values of a dict will do too."""
    dump_all = list_dump(dump)

    def dump_choices(value: Any) -> list[Any]:
        is_unordered = isinstance(value, Set | ValuesView)
        listed: list[Any] = dump_all(list(cast("Iterable[Any]", value)) if is_unordered else value)
        return listed

    return dump_choices


def comparable(prefix: str, column: Column) -> str:
    """The column as a type that has comparisons."""
    if column.codec.comparable is None:
        return prefix + column.sql
    return f"{prefix}{column.sql}::{column.codec.comparable}{'[]' * column.is_list}"


def document(prefix: str, columns: tuple[Column, ...]) -> str:
    """The text of some columns as full-text search sees it."""
    texts = ", ".join(f"{prefix}{column.sql}" for column in columns)
    return f"to_tsvector(concat_ws(' ', {texts}))"


def search(prefix: str, columns: tuple[Column, ...], placeholder: str) -> str:
    """Whether some columns match a query in the syntax of ``to_tsquery``."""
    return f"{document(prefix, columns)} @@ to_tsquery({placeholder})"


def _known(column: Column) -> frozenset[str]:
    if column.is_list:
        return _LIST_OPERATORS
    known = column.codec.operators
    return known | _TEXT_EXTRAS if "contains" in known else known


def _operator(
    prefix: str,
    column: Column,
    entry: Entry,
    binder: Binder,
    path: str,
    written: _Written,
) -> str:
    if isinstance(entry, str):
        return written(prefix, column, entry, binder, path)
    if isinstance(entry, Null) and entry.key in ("equals", "not"):
        return f"{comparable(prefix, column)} IS {'NOT ' if entry.key == 'not' else ''}NULL"
    if isinstance(entry, Nested) and entry.key == "not":
        return f"({_all(prefix, column, entry.shape, binder, path, written, negated=True)})"
    raise InputError(f"{path}: needs a value, but got {'None' if isinstance(entry, Null) else 'a dict'}")


def _in_list(left: str, column: Column, operator: str, binder: Binder, path: str) -> str:
    codec = column.codec
    type_ = codec.comparable or codec.type
    if operator == "is_empty":
        # NULL, a list that was never set, is neither empty nor filled.
        return f"(cardinality({left}) = 0) = {binder.bind(dump_boolean, 'bool', path)}"
    if operator == "has":
        return f"{left} @> ARRAY[{binder.bind(codec.dump, type_, path)}]"
    return f"{left} {_LISTS[operator]} {binder.bind(list_dump(codec.dump), type_ + '[]', path)}"


def _like(prefix: str, column: Column, operator: str, binder: Binder, path: str, word: str = "LIKE") -> str:
    own = column.codec.type in _LIKE_TYPES
    left = f"{prefix}{column.sql}" if own else f"{prefix}{column.sql}::text"
    type_ = column.codec.type if own else "text"
    return f"{left} {word} {binder.bind(like(*_LIKE[operator]), type_, path)}"


def _insensitive(prefix: str, column: Column, operator: str, binder: Binder, path: str) -> str:
    if operator == "search":
        return compare(prefix, column, operator, binder, path)
    if operator in _LIKE:
        return _like(prefix, column, operator, binder, path, "ILIKE")
    left = f"lower({prefix}{column.sql}::text)"
    if operator in ("in", "not_in"):
        texts = binder.bind(_choices_dump(dump_text), "text[]", path)
        lowered = f"ARRAY(SELECT lower(value) FROM unnest({texts}) AS value)"
        return f"{left} = ANY({lowered})" if operator == "in" else f"{left} <> ALL({lowered})"
    return f"{left} {COMPARISONS[operator]} lower({binder.bind(dump_text, 'text', path)})"
