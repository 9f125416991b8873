"""Which changes of a column's SQL type keep every value.

Source: the Postgres manual, chapter 8. Types are written as Postgres' parser prints them.
"""

from __future__ import annotations

from .sql_types import read_type

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
_UNBOUNDED = ("text", "character varying")
_PRECISE = ("timestamp", "timestamptz", "time", "timetz")
_LONGEST, _FINEST = 2**31, 6


def is_lossless(old: str, new: str) -> bool:
    """Whether ``new`` can hold every value of ``old``, so that the cast can't fail."""
    before, after = read_type(old), read_type(new)
    if before == after:
        return True
    old_name, old_numbers, old_lists = before.name, before.numbers, before.lists
    new_name, new_numbers, new_lists = after.name, after.numbers, after.lists
    if old_lists != new_lists:
        return old_lists < new_lists and is_lossless(_plain(old), _plain(new))
    if new_name in _UNBOUNDED and not new_numbers:
        return True
    if old_name == new_name or (old_name, new_name) == ("character", "character varying"):
        return _holds(new_name, old_numbers, new_numbers)
    return new_name in _WIDER.get(old_name, ()) and _fits(old_name, old_numbers, new_name, new_numbers)


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
    if name == "bit":
        return new == old  # Postgres fills up, or refuses, what is shorter
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
