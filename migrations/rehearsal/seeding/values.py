"""Ordinary values to try in a column of a type, as text that Postgres can read.

They differ from row to row, since needless duplicates would only make unique indexes fail.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from .pg_catalog import Type

_WORDS: Final = ("Ada Lovelace", "Zoë Å. 日本", 'O\'Brien \\ "x"', "two\nlines", "  padded  ")
_DAY_MONTHS = 12


def ordinary(kind: Type, number: int) -> str | None:
    """The value of row ``number``; different numbers give different values where the type has enough.

    None for a type of which no value is known here.
    """
    if kind.is_array:
        return _array(kind, number)
    return ordinary_element(kind, number)


def ordinary_element(kind: Type, number: int) -> str | None:
    if kind.labels:
        return kind.labels[number % len(kind.labels)]
    if kind.category == "R":
        return _range(kind.base, number)
    sized = _SIZED.get(kind.base)
    if sized:
        return sized(kind, number)
    make = _ORDINARY.get(kind.base)
    return make(number) if make else None


def _range(base: str, number: int) -> str:
    if base.endswith("multirange"):
        return "{}"
    return "empty" if number % 2 else _RANGES.get(base, "(,)")


def _text(kind: Type, number: int) -> str:
    length = kind.length
    word = f"{_WORDS[number % len(_WORDS)]} {number}"
    if length is None or len(word) <= length:
        return word
    digits = _base36(number)
    return digits[-length:] if len(digits) >= length else digits.rjust(min(length, len(word)), "v")


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = ""
    while number or not text:
        number, rest = divmod(number, len(digits))
        text = digits[rest] + text
    return text


def _bits(kind: Type, number: int) -> str:
    return format(number, "b").zfill(kind.length or 1)[-(kind.length or 64) :]


def _vector(kind: Type, number: int) -> str:
    return "[" + ",".join(str((number + place) % 97) for place in range(kind.length or 3)) + "]"


def _numeric(kind: Type, number: int) -> str:
    if kind.precision is None:
        return f"{number}.25"
    digits, decimals = kind.precision
    whole = max(digits - max(decimals, 0), 0)
    integer = str(number % 10 ** min(whole, 9)) if whole else "0"
    if decimals <= 0:
        return integer + "0" * -decimals
    fraction = str(number % 10 ** min(decimals, 9)).zfill(min(decimals, 9)) if not whole else "5"
    return f"{integer}.{fraction}"


def _array(kind: Type, number: int) -> str | None:
    """Empty, of one and of two elements in turn."""
    if number % 3 == 0 and number:
        return "{}"
    elements = [ordinary_element(kind, number + place) for place in range(1 + number % 2)]
    if any(element is None for element in elements):
        return "{}"
    return list_of(kind, elements)


def list_of(kind: Type, elements: Sequence[str | None]) -> str:
    """A list of the type's elements."""
    quoted = (
        "NULL" if element is None else '"' + element.replace("\\", "\\\\").replace('"', '\\"') + '"'
        for element in elements
    )
    delimiter = ";" if kind.base == "box" else ","
    return "{" + delimiter.join(quoted) + "}"


def _moment(number: int) -> str:
    month, day = number % _DAY_MONTHS + 1, number // _DAY_MONTHS % 28 + 1
    return f"{2001 + number // (_DAY_MONTHS * 28) % 90}-{month:02d}-{day:02d}"


def _clock(number: int) -> str:
    return f"{number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}"


def fraction(kind: Type) -> str:
    """Of a second, as fine as the type can hold."""
    digits = "125875"[: kind.length]
    return f".{digits}" if digits else ""


def _uuid(number: int) -> str:
    return f"5eed0000-0000-4000-8000-{number:012x}"


_RANGES: Final = {
    "int4range": "[1,5)",
    "int8range": "[1,5)",
    "numrange": "[1.5,2.5]",
    "daterange": "[2001-01-01,2002-01-01)",
    "tsrange": "[2001-01-01,2002-01-01)",
    "tstzrange": "[2001-01-01,2002-01-01)",
}
_SIZED: Final[dict[str, Callable[[Type, int], str]]] = {
    "text": _text,
    "varchar": _text,
    "bpchar": _text,
    "citext": _text,
    "name": _text,
    "numeric": _numeric,
    "bit": _bits,
    "varbit": _bits,
    "timestamp": lambda kind, n: f"{_moment(n)} {_clock(n)}{fraction(kind)}",
    "timestamptz": lambda kind, n: f"{_moment(n)} {_clock(n)}{fraction(kind)}+00",
    "vector": _vector,
    "halfvec": _vector,
    "sparsevec": lambda kind, n: f"{{1:{n + 1}}}/{kind.length or 3}",
}
_ORDINARY: Final[dict[str, Callable[[int], str]]] = {
    "int2": lambda n: str(n % 32767 + 1),
    "int4": lambda n: str(n + 1),
    "int8": lambda n: str(n + 1),
    "oid": lambda n: str(n + 1),
    "float4": lambda n: f"{n}.5",
    "float8": lambda n: f"{n}.125",
    "money": lambda n: f"{n}.50",
    "bool": lambda n: "false" if n % 2 else "true",
    "uuid": _uuid,
    "bytea": lambda n: f"\\x00ff{n:08x}",
    "json": lambda n: f'{{"row": {n}, "a": [1, null, "é"]}}',
    "jsonb": lambda n: f'{{"row": {n}, "a": [1, null, "é"]}}',
    "date": _moment,
    "time": _clock,
    "timetz": lambda n: f"{_clock(n)}+02",
    "interval": lambda n: f"{n} hours",
    "inet": lambda n: f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}/32",
    "cidr": lambda n: f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}/32",
    "macaddr": lambda n: f"02:00:00:{n >> 16 & 255:02x}:{n >> 8 & 255:02x}:{n & 255:02x}",
    "macaddr8": lambda n: f"02:00:00:00:00:{n >> 16 & 255:02x}:{n >> 8 & 255:02x}:{n & 255:02x}",
    "point": lambda n: f"({n},1)",
    "line": lambda n: f"{{1,-1,{n}}}",
    "lseg": lambda n: f"[(0,0),(1,{n})]",
    "box": lambda n: f"(1,{n + 1}),(0,0)",
    "path": lambda n: f"[(0,0),(1,{n})]",
    "polygon": lambda n: f"((0,0),(1,{n}),(1,0))",
    "circle": lambda n: f"<(0,0),{n + 1}>",
    "tsvector": lambda n: f"'row':1 '{n}':2",
    "tsquery": lambda n: f"'row' & '{n}'",
    "xml": lambda n: f"<row>{n}</row>",
    "hstore": lambda n: f'"row"=>"{n}", "none"=>NULL',
    "ltree": lambda n: f"top.row{n}",
    "lquery": lambda n: f"top.row{n}",
    "pg_lsn": lambda n: f"0/{n + 1:X}",
    "char": lambda n: chr(ord("a") + n % 26),
    "geometry": lambda n: f"POINT({n % 180} 1)",
    "geography": lambda n: f"POINT({n % 180} 1)",
}
