"""Which changes of a column's SQL type keep every value.

Source: the Postgres manual, chapter 8. Types are written as Postgres' parser prints them.
"""

from __future__ import annotations

import re

_FORM = re.compile(
    r"(?P<name>[^(\[]+?)\s*(\((?P<numbers>[\d,\s]+)\))?(?P<zone> with time zone)?(?P<lists>(\[\])*)"
)
_SAME = {
    "int": "integer",
    "int4": "integer",
    "serial": "integer",
    "int8": "bigint",
    "bigserial": "bigint",
    "int2": "smallint",
    "smallserial": "smallint",
    "float8": "double precision",
    "float4": "real",
    "bool": "boolean",
    "decimal": "numeric",
    "varchar": "character varying",
    "char": "character",
    "bpchar": "character",
    "timestamp with time zone": "timestamptz",
    "timestamp without time zone": "timestamp",
}
_WIDER = {
    "smallint": {"integer", "bigint", "real", "double precision", "numeric"},
    "integer": {"bigint", "double precision", "numeric"},
    "bigint": {"numeric"},
    "real": {"double precision"},
    "boolean": {"smallint", "integer", "bigint", "real", "double precision", "numeric"},
    "date": {"timestamp", "timestamptz"},
    "timestamp": {"timestamptz"},
    "timestamptz": {"timestamp"},
    "json": {"jsonb"},
    "jsonb": {"json"},
    "character": {"character varying"},
}
_TEXTUAL = ("text", "character varying")
_PRECISE = ("timestamp", "timestamptz", "time", "timetz")
_LONGEST, _FINEST = 2**31, 6


def is_lossless(old: str, new: str) -> bool:
    """Whether ``new`` can hold every value of ``old``, so that the cast can't fail."""
    before, after = _read(old), _read(new)
    if before == after:
        return True
    (old_name, old_numbers, old_lists), (new_name, new_numbers, new_lists) = before, after
    if old_lists != new_lists:
        return old_lists < new_lists and is_lossless(_plain(old), _plain(new))
    if new_name in _TEXTUAL and not new_numbers:
        return True
    if old_name == new_name or {old_name, new_name} <= {"character", "character varying"}:
        return new_name in _WIDER.get(old_name, {new_name}) and _holds(new_name, old_numbers, new_numbers)
    return new_name in _WIDER.get(old_name, ()) and _fits(old_name, old_numbers, new_name, new_numbers)


def _read(sql_type: str) -> tuple[str, tuple[int, ...], int]:
    match = _FORM.fullmatch(sql_type.strip())
    if match is None:
        return sql_type, (), 0
    name = (match["name"].strip().removeprefix("pg_catalog.") + (match["zone"] or "")).strip()
    numbers = tuple(int(number) for number in (match["numbers"] or "").split(",") if number.strip())
    return _SAME.get(name, name), numbers, match["lists"].count("[")


def _plain(sql_type: str) -> str:
    return sql_type.replace("[]", "")


def _holds(name: str, old: tuple[int, ...], new: tuple[int, ...]) -> bool:
    """The same type with other numbers."""
    if name == "numeric":
        if not new or not old:
            return not new
        old_scale, new_scale = ([*numbers, 0][1] for numbers in (old, new))
        return new_scale >= old_scale and new[0] - new_scale >= old[0] - old_scale
    if name in _PRECISE:
        return (new or (_FINEST,))[0] >= (old or (_FINEST,))[0]
    if name == "character":
        return (new or (1,))[0] >= (old or (1,))[0]
    return (new or (_LONGEST,))[0] >= (old or (_LONGEST,))[0]


_DIGITS = {"smallint": 5, "integer": 10, "bigint": 19}


def _fits(old_name: str, old: tuple[int, ...], new_name: str, new: tuple[int, ...]) -> bool:
    """Another type: whether it holds as many digits, characters or fractions of a second."""
    if new_name == "numeric" and new:
        return new[0] - [*new, 0][1] >= _DIGITS.get(old_name, _LONGEST)
    if new_name == "character varying":
        return (new or (_LONGEST,))[0] >= (old or (1,))[0]
    if old_name in _PRECISE:
        return _holds(new_name, old, new)
    return True
