"""Expressions that say in words what a cast would do in silence: round, cut, take the first."""

from __future__ import annotations

from .sql_types import DAYS, INTEGERS, NUMBERS, TEXTS, TIMES, SqlType, read_type

#: Digits of a second, for ``date_trunc``.
_PARTS = {0: "second", 3: "milliseconds", 6: "microseconds"}


def narrowing(column: str, old: str, new: str) -> str:
    """The usual expression on ``column`` that makes a value of ``old`` fit ``new``; empty where there is
    none."""
    before, after = read_type(old), read_type(new)
    if before.lists or after.lists:
        is_first = before.lists and not after.lists and before.name == after.name
        return f"({column}[1:1])[1]" if is_first else ""
    if before.name in NUMBERS:
        return _number(column, after)
    if before.name in DAYS and after.name in (*DAYS, *TIMES):
        part = "day" if after.name == "date" else _PARTS.get(after.numbers[0] if after.numbers else 6)
        time = f"::{after.name}" if after.name in TIMES else ""
        return f"date_trunc('{part}', {column}){time}" if part else ""
    is_cut = before.name in TEXTS and after.name in TEXTS and after.numbers
    return f"left({column}, {after.numbers[0]})" if is_cut else ""


def _number(column: str, new: SqlType) -> str:
    if new.name == "boolean":
        return f"{column} <> 0"
    if new.name in INTEGERS:
        return f"round({column}::numeric)"
    is_scaled = new.name == "numeric" and new.numbers
    return f"round({column}::numeric, {[*new.numbers, 0][1]})" if is_scaled else ""
