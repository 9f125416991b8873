"""The old value again, from what a conversion to another type has left of it.

It is the planner's own cast for the other direction, or one that gives the same and can't fail.
"""

from __future__ import annotations

from typing import NamedTuple

from .sql_types import BITS, DAYS, FLOATS, INTEGERS, JSONS, NUMBERS, TEXTS, TIMES, SqlType

_SIZES = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}
_COUNTABLE = (*NUMBERS, "boolean")


class Cast(NamedTuple):
    """``form`` is the cast in which ``sql`` and the old value can be compared."""

    sql: str
    form: str = ""


def reverse_cast(value: str, old: SqlType, new: SqlType, *, is_json_text: bool) -> Cast:
    """``value``, an expression of the type ``new``, as ``old`` again; lists of it if both are lists."""
    value = f"({value})"
    lists = "[]" if old.lists and new.lists else ""
    if is_json_text and not lists:
        return _json_text(value, old, new)
    found = (
        _same(value, old, new)
        or _number(value, old, new, lists)
        or _bits(value, old, new, lists)
        or _time(value, old, new, lists)
        or _json(value, old, new, lists)
    )
    return found or Cast(value, "::text")


def _json_text(value: str, old: SqlType, new: SqlType) -> Cast:
    if new.name in JSONS:
        spaces = "::bpchar" if old.name == "character" else ""  # those at the end don't count
        return Cast(f"({value} #>> '{{}}'){spaces}", "::text")
    return Cast(f"to_jsonb{value}", "::jsonb")


def _same(value: str, old: SqlType, new: SqlType) -> Cast | None:
    if old.name != new.name or old.name in BITS:
        return None
    return Cast(value, "" if old.name in NUMBERS else "::text")


def _number(value: str, old: SqlType, new: SqlType, lists: str) -> Cast | None:
    """A number or boolean as another."""
    before, after = old.name, new.name
    if before not in _COUNTABLE or after not in _COUNTABLE:
        return None
    if "oid" in (before, after):
        return Cast(value, "::text")
    if "boolean" in (before, after):
        last = f"::{before}{lists}" if before != "integer" else ""
        return Cast("NULL" if "money" in (before, after) else f"{value}::integer{lists}{last}")
    if before in INTEGERS and after in FLOATS and lists:
        return Cast(f"{value}::text{lists}", "::numeric")  # out of range, a cast to the old type would fail
    if "money" in (before, after) and "numeric" not in (before, after):
        value = f"{value}::numeric{lists}"
    return Cast(
        _in_range(value, before, lists) if before in INTEGERS else _exact(value, before, after, lists)
    )


def _in_range(value: str, integer: str, lists: str) -> str:
    back, size = f"{value}::{integer}{lists}", _SIZES[integer]
    return back if lists else f"CASE WHEN {value} >= -{size} AND {value} < {size} THEN {back} END"


def _exact(value: str, old: str, new: str, lists: str) -> str:
    """Postgres' cast from a float to a decimal keeps 15 of 17 digits."""
    return f"{value}{f'::text{lists}' if old == 'numeric' and new in FLOATS else ''}::{old}{lists}"


def _bits(value: str, old: SqlType, new: SqlType, lists: str) -> Cast | None:
    if (old.name in BITS and new.name in BITS) or (old.name == "bit" and new.name in INTEGERS):
        step = f"::integer{lists}" if new.name == "smallint" else ""
        numbers = f"({old.numbers[0]})" if old.numbers else ""
        return Cast(f"{value}{step}::{old.name}{numbers}{lists}", "::text")
    if old.name in INTEGERS and new.name == "bit":
        step = "bigint" if old.name == "bigint" else "integer"
        return Cast(f"{value}::{step}{lists}::{old.name}{lists}")
    return None


def _time(value: str, old: SqlType, new: SqlType, lists: str) -> Cast | None:
    """A time that has lost its day has no reverse."""
    if any(old.name in kind and new.name in kind for kind in (DAYS, TIMES)):
        return Cast(f"{value}::{old.name}{lists}", "::text")
    return Cast("NULL") if old.name in DAYS and new.name in TIMES else None


def _json(value: str, old: SqlType, new: SqlType, lists: str) -> Cast | None:
    if old.name in JSONS and new.name in JSONS:
        return Cast(value, "::jsonb")
    if lists or old.name in TEXTS or new.name in TEXTS:
        return None
    if new.name in JSONS and old.name in _COUNTABLE and old.name not in ("money", "oid"):
        kind = "boolean" if old.name == "boolean" else "number"
        return Cast(f"CASE WHEN jsonb_typeof({value}::jsonb) = '{kind}' THEN {value}::jsonb::{old.name} END")
    if new.name in JSONS:
        return Cast(f"({value}::jsonb #>> '{{}}')", "::text")
    return Cast(f"to_jsonb{value}", "::jsonb") if old.name in JSONS and new.name in _COUNTABLE else None
