"""Values that migrations get wrong, as text that Postgres can read: limits, and what casts lose."""

from __future__ import annotations

from typing import Final

from .pg_catalog import Type
from .values import fraction, list_of, ordinary_element

_TEXTUAL: Final = ("text", "varchar", "bpchar", "citext")
_LONG: Final = 300
# Texts that look like values of other types.
_TEXTS: Final = ("{a,b}", "null", '{"a": [1, null]}', "-0.50", "true")
_DIGITS: Final = "123456789123456789123456789123"


def edges(kind: Type) -> tuple[str, ...]:
    """The type's least and greatest values first, then others. Empty where none is known."""
    return _list_edges(kind) if kind.is_array else _element_edges(kind)


def _list_edges(kind: Type) -> tuple[str, ...]:
    elements = [*kind.labels, *_element_edges(kind)]
    first = ordinary_element(kind, 0)
    nulls = [list_of(kind, [first, None])] if first is not None else []
    return ("{}", list_of(kind, [None]), *nulls, *([list_of(kind, elements)] if elements else []))


def _element_edges(kind: Type) -> tuple[str, ...]:
    if kind.precision is not None:
        return _of_precision(*kind.precision)
    if kind.base in _TEXTUAL:
        longest = "x" * (kind.length or _LONG)
        return ("", longest, *(text for text in _TEXTS if len(text) <= len(longest)))
    if kind.base in ("timestamp", "timestamptz"):
        zone = "+00" if kind.base == "timestamptz" else ""
        last = f"9999-12-30 23:59:59{fraction(kind)}"
        return (f"0001-01-02 00:00:00{zone}", f"{last}{zone}", f"2024-03-10 02:30:00{fraction(kind)}{zone}")
    if kind.base == "time":
        return ("00:00:00", f"23:59:59{fraction(kind)}")
    return _EDGES.get(kind.base, ())


def _of_precision(digits: int, decimals: int) -> tuple[str, ...]:
    if decimals < 0 or decimals > digits:
        return ("0",)
    whole = digits - decimals
    point = "." if decimals else ""
    limit = "9" * whole + point + "9" * decimals
    fine = "1" * min(whole, 1) + point + (_DIGITS * (decimals // len(_DIGITS) + 1))[:decimals]
    return (f"-{limit}", limit, "0", fine)


_JSON: Final = (
    *("null", "[]", '"text"', "-0.10", "true", "{}"),
    '{"b": {"c": [null, "\\"", 1.50]}, "a": ""}',
)
_EDGES: Final[dict[str, tuple[str, ...]]] = {
    "int2": ("-32768", "32767", "0", "-1"),
    "int4": ("-2147483648", "2147483647", "0", "-1"),
    "int8": ("-9223372036854775808", "9223372036854775807", "0", "-1", "9007199254740993"),
    "numeric": ("-1e40", "1e-20", "0", "-0.50", "12345678901234567890.123456789"),
    "float4": ("-3.4e38", "1e-37", "0", "-0.1", "16777216"),
    "float8": ("-1.7e308", "5e-324", "0", "-0.1", "0.30000000000000004"),
    "money": ("-92233720368547758.08", "92233720368547758.07", "0", "-0.01"),
    "bool": ("false", "true"),
    "bytea": ("", "\\x00", "\\x5c27"),
    "json": _JSON,
    "jsonb": _JSON,
    "date": ("0001-01-01", "9999-12-31", "2024-02-29"),
    "interval": ("-1 year", "0", "1 mon -1 day 00:00:00.000001"),
    "inet": ("::1", "255.255.255.255", "10.0.0.1/8"),
    "uuid": ("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
}
