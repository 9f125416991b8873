"""Conditions on a Json column, as a whole or at a ``path`` inside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..codecs import dump_jsonb, dump_text, like
from ..coerce import as_list
from ..columns import Column
from ..field_lookup import unknown_operator
from ..public.errors import InputError
from .plans import Binder
from .query_shape import Entry, Nested, Null, Shape, key_of

_ORDERED = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_STRINGS = {
    "string_contains": ("%", "%"),
    "string_starts_with": ("", "%"),
    "string_ends_with": ("%", ""),
}
_ENDS = {"array_starts_with": "0", "array_ends_with": "-1"}
JSON_OPERATORS = frozenset({"equals", "not", "path", "array_contains", *_ENDS, *_ORDERED, *_STRINGS})


def json_operators(prefix: str, column: Column, shape: Shape, binder: Binder, path: str) -> str:
    """The SQL for a dict of operators. With ``path`` they apply to the value there; without, to the whole."""
    whole = f"{prefix}{column.sql}::jsonb" if column.codec.comparable else f"{prefix}{column.sql}"
    written: list[Callable[[str], str]] = []
    at: str | None = None
    for entry in shape:
        operator = key_of(entry)
        place = f"{path}.{operator}"
        if operator not in JSON_OPERATORS:
            raise _unknown(column, operator, JSON_OPERATORS, path)
        if entry == "path":
            at = binder.bind(_dump_path, "text[]", place)
        else:
            written.append(_operator(column, entry, binder, place))
    value = whole if at is None else f"({whole} #> {at})"
    if at is not None and not written:
        return f"{value} IS NOT NULL"
    return " AND ".join(part(value) for part in written) or "TRUE"


def _operator(column: Column, entry: Entry, binder: Binder, path: str) -> Callable[[str], str]:
    if isinstance(entry, str):
        return _comparison(entry, binder, path)
    if isinstance(entry, Null) and entry.key in ("equals", "not"):
        negation = "NOT " if entry.key == "not" else ""
        return lambda value: f"{value} IS {negation}NULL"
    if isinstance(entry, Nested) and entry.key == "not":
        inner = [_nested(column, part, binder, path) for part in entry.shape]
        return lambda value: " AND ".join(f"NOT ({part(value)})" for part in inner) or "TRUE"
    if isinstance(entry, Null):
        raise InputError(f"{path}: needs a value, but got None")
    raise InputError(f"{path}: needs a Json(...), but got a dict; wrap it: Json(...)")


def _nested(column: Column, entry: Entry, binder: Binder, path: str) -> Callable[[str], str]:
    operator = key_of(entry)
    known = JSON_OPERATORS - {"path"}
    if operator not in known:
        raise _unknown(column, operator, known, path)
    return _operator(column, entry, binder, f"{path}.{operator}")


def _unknown(column: Column, operator: str, known: frozenset[str], path: str) -> InputError:
    error = unknown_operator(column, operator, known, path)
    is_near = str(error).endswith("?")  # a misspelt operator; else perhaps a value
    return error if is_near else InputError(f"{error}; wrap a JSON value: Json(...)")


def _comparison(operator: str, binder: Binder, path: str) -> Callable[[str], str]:
    if operator in _STRINGS:
        text = binder.bind(like(*_STRINGS[operator]), "text", path)
        return lambda value: f"(jsonb_typeof({value}) = 'string' AND {value} #>> '{{}}' LIKE {text})"
    given = binder.bind(dump_jsonb, "jsonb", path)
    if operator in _ENDS:
        end = _ENDS[operator]
        return lambda value: f"(jsonb_typeof({value}) = 'array' AND {value} -> {end} = {given})"
    if operator == "array_contains":
        return lambda value: f"(jsonb_typeof({value}) = 'array' AND {value} @> {given})"
    if operator in _ORDERED:
        # jsonb orders values of different types too, but a number less than a list is of no use.
        sign = _ORDERED[operator]
        return lambda value: f"(jsonb_typeof({value}) = jsonb_typeof({given}) AND {value} {sign} {given})"
    sign = "=" if operator == "equals" else "<>"
    return lambda value: f"{value} {sign} {given}"


def _dump_path(value: Any) -> list[str]:
    steps = as_list(value)
    if steps is None:
        raise TypeError("a list of keys and indexes")
    return [_step(step) for step in steps]


def _step(step: Any) -> str:
    if isinstance(step, int) and not isinstance(step, bool):
        return str(step)
    return dump_text(step)
