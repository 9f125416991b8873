"""Two expressions that differ for the values which a conversion to another type would lose or change.

A value is kept if the conversion back gives it again: ``1.50`` survives ``numeric(4,2)``, and ``1.505``
doesn't. The reverse is the cast that the planner writes for it, or another that can't fail, so that a query
with these expressions fails only where the conversion itself does. Where there is none, texts are
compared: a value that reads the same is the same.

Sources: the Postgres manual, chapter 8, and ``pg_cast``. Sessions have the settings that the runner pins.
"""

from __future__ import annotations

from typing import NamedTuple

from .lossless import is_lossless
from .reverse_casts import reverse_cast
from .sql_types import BITS, DAYS, FLOATS, INTEGERS, NUMBERS, TEXTS, TIMES, SqlType, read_type

#: A fraction of a second below what Postgres keeps.
_FINER = r"\.\d{6}0*[1-9]"


class Comparison(NamedTuple):
    """A value before the conversion, and what is left of it, as SQL of one type."""

    before: str
    after: str


def comparison(
    column: str, converted: str, old: str, new: str, *, is_cast: bool, is_json_text: bool = False
) -> Comparison | None:
    """For ``converted``, an expression of the type ``new`` on ``column``, an expression of the type ``old``.

    ``is_cast``: ``converted`` is made of casts alone, so that the types tell whether it can change a value:
    None if not. ``is_json_text``: a text becomes a JSON string as a whole, or the other way round.
    """
    before, after = read_type(old), read_type(new)
    if is_cast and not is_json_text and (is_lossless(old, new) or _can_only_fail(before, after)):
        return None
    if before.lists and not after.lists:
        back = reverse_cast(converted, before, after, is_json_text=is_json_text)
        made = f"ARRAY[{back.sql}{back.form}]{'' if back.form else f'::{before.name}[]'}"
        lists = f"{back.form}[]" if back.form else ""
        return Comparison(f"{column}{lists}", f"CASE WHEN {converted} IS NULL THEN '{{}}' ELSE {made} END")
    if after.lists and not before.lists:
        converted, after = f"({converted})[1]", SqlType(after.name, after.numbers)
    back = reverse_cast(converted, before, after, is_json_text=is_json_text)
    lists = "[]" if back.form and before.lists else ""
    return Comparison(f"{column}{back.form}{lists}", f"{back.sql}{back.form}{lists}")


def reading(
    column: str, converted: str, old: str, new: str, *, is_json_text: bool = False
) -> Comparison | None:
    """The same on the way up, where a text that is read as another type may be spelled differently: ``007``
    is 7. What the type can't hold (a fraction, an offset) is still a difference."""
    before, after = read_type(old), read_type(new)
    if before.name not in TEXTS or before.lists != after.lists or after.name in (*TEXTS, *BITS, "money"):
        return comparison(column, converted, old, new, is_cast=True, is_json_text=is_json_text)
    lists = "[]" * before.lists
    exact = f"::text{lists}" if after.name in (*FLOATS, "oid") else ""
    wide = "numeric" if after.name in NUMBERS else "timestamptz" if after.name in DAYS else None
    wide = "timetz" if after.name in TIMES else wide
    if wide is None:
        return None
    read = f"{converted}{exact}::{wide}{lists}"
    if wide != "numeric":  # both would be rounded to it
        read = f"CASE WHEN {column}::text !~ '{_FINER}' THEN {read} END"
    return Comparison(f"{column}::text{lists}::{wide}{lists}", read)


def _can_only_fail(old: SqlType, new: SqlType) -> bool:
    """Whether a cast keeps what it doesn't refuse."""
    return old.lists == new.lists and old.name in INTEGERS and new.name in INTEGERS
