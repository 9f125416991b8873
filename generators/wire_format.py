"""The wire format: how JSON carries the value of each column, and which values a column can have.

The one place for these rules. Every language's package gets them from here, so that the same row is the same
JSON in all of them; a target only spells them in its own syntax. Ranges are those of the Postgres manual,
chapter 8; the column types behind Prisma's scalars are in ``schemas.comparison.native_types``.
:data:`MEANINGS` says them in words, and is the table of docs/reference/wire-format.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from schemas.comparison.native_types import native_type
from schemas.model import Enum, Field, NativeType

WireKind = Literal[
    "text",
    "uuid",
    "bits",
    "boolean",
    "integer",
    "bigint",
    "float",
    "decimal",
    "datetime",
    "bytes",
    "json",
    "enum",
]
DateTimePart = Literal["datetime", "date", "time"]

#: The integer types by Postgres' name for them in a schema: smallest and largest value.
INTEGERS: Final = {
    "SmallInt": (-(2**15), 2**15 - 1),
    "Integer": (-(2**31), 2**31 - 1),
    "Oid": (0, 2**32 - 1),
    "BigInt": (-(2**63), 2**63 - 1),
}
#: The largest finite value of the floating-point types, with as many digits as tell it from others.
FLOATS: Final = {"Real": 3.4028235e38, "DoublePrecision": 1.7976931348623157e308}
#: Digits in all and digits after the point, where the schema gives none: those of ``numeric`` itself.
UNLIMITED: Final = (131072 + 16383, 16383)
#: ``money`` with two digits of a fraction, as most locales have it.
MONEY: Final = (19, 2)
#: Digits of a second that Postgres keeps, unless a column keeps fewer.
FINEST: Final = 6
#: Levels of arrays and objects that a value of JSON has at most. Parsers that are in wide use take no
#: more: serde_json 128, pydantic 200 for a whole document, PHP 512, others what their stack has room for.
DEPTH: Final = 128
_PARTS: dict[str, DateTimePart] = {"Date": "date", "Time": "time", "Timetz": "time"}


@dataclass(frozen=True, slots=True)
class Meaning:
    """The rule of some kinds of columns, in words: what carries a value, and what is refused."""

    kinds: tuple[WireKind, ...]
    name: str
    in_json: str
    refused: str


MEANINGS: Final = (
    Meaning(
        ("text",),
        "`String`",
        "a string; lengths count characters (code points)",
        "U+0000 and halves of surrogate pairs, which Postgres can't store; more characters than the "
        "column has",
    ),
    Meaning(("uuid",), "`@db.Uuid`", "a string with hyphens, in either case", "other forms of a UUID"),
    Meaning(("bits",), "`@db.Bit`, `@db.VarBit`", "a string of 0 and 1", "a wrong number of them"),
    Meaning(("boolean",), "`Boolean`", "`true` or `false`", "all else"),
    Meaning(("integer",), "`Int`", "a number without a fraction", "what is out of the type's range"),
    Meaning(
        ("bigint",),
        "`BigInt`",
        "a string of decimal digits, since many readers of JSON round numbers beyond 2^53; readers take a "
        "number up to 2^53 - 1",
        "what is out of the type's range; more than 98 digits, zeros before them included; a number beyond "
        "2^53 - 1",
    ),
    Meaning(
        ("float",),
        "`Float`",
        "a finite number; of a `@db.Real` column the one with the fewest digits that is stored as the "
        "same value: 0.1, not 0.10000000149011612. `-0` is `0`",
        "NaN and Infinity, which JSON has no form for (they are never made null); what is out of the "
        "type's range",
    ),
    Meaning(
        ("decimal",),
        "`Decimal`",
        "a string of decimal digits, with each digit of the value; zeros at its ends mean nothing. Readers "
        "take a plus, and an exponent of at most six digits. `NaN`, but not of `@db.Money`; `Infinity` and "
        "`-Infinity` of `@db.Decimal` without digits",
        "a JSON number; more digits before or after the point than the column has",
    ),
    Meaning(
        ("datetime",),
        "`DateTime`",
        "an RFC 3339 string in UTC with three digits after the seconds, or six where microseconds aren't "
        "zero. A `@db.Date` is midnight, a `@db.Time` of 1970-01-01. Readers take an offset, none for "
        "UTC, a date alone, and more digits than the column keeps",
        "years before 1 and after 9999, `infinity`, 24:00, and what the column would round to those; a leap "
        "second, days that no month has, more than six digits after the seconds",
    ),
    Meaning(
        ("bytes",),
        "`Bytes`",
        "base64 with padding (RFC 4648, section 4); readers take the URL-safe alphabet and no padding",
        "all else",
    ),
    Meaning(
        ("json",),
        "`Json`",
        "the value itself. Whole numbers are exact up to 2^53 - 1; from 10^21 on they are those of a double",
        "NaN and Infinity; whole numbers in between; U+0000 and halves of surrogate pairs, in keys too; more "
        f"than {DEPTH} levels of arrays and objects; "
        "JSON's own `null` as a new value, where it could be taken for no value",
    ),
    Meaning(("enum",), "an enum", "the value's name in the schema, whatever `@map` calls it", "other names"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WireRule:
    """What one value of a column may be, and how JSON carries it; whether there are several or none is in the
    field. ``native`` is the column's type in Postgres, None for an enum's.

    ``minimum`` and ``maximum`` bound integers; ``maximum`` floats too, on both sides. ``length`` is in
    characters (for bits, in bits), exact where ``is_exact``. ``precision`` and ``scale`` are the digits of a
    decimal, in all and after the point, and ``specials`` its values that are no numbers. ``part`` is what a
    DateTime's column keeps, ``digits`` how many of its seconds' fraction.
    """

    kind: WireKind
    native: str | None = None
    minimum: int | None = None
    maximum: int | float | None = None
    length: int | None = None
    is_exact: bool = False
    precision: int | None = None
    scale: int | None = None
    specials: tuple[str, ...] = ()
    part: DateTimePart | None = None
    digits: int | None = None
    values: tuple[str, ...] = ()


def wire_rule(column: Field, enums: Mapping[str, Enum]) -> WireRule:
    """The rule of a scalar or enum column; ``enums`` are the schema's, by name."""
    if column.kind == "enum":
        return WireRule(kind="enum", values=tuple(value.name for value in enums[column.type].values))
    native = native_type(column)
    if native is None:
        raise KeyError(column.type)
    return _RULES[column.type](native)


def _text(native: NativeType) -> WireRule:
    if native.name == "Uuid":
        return WireRule(kind="uuid", native=native.name)
    length = int(native.arguments[0]) if native.arguments else None
    if native.name == "Bit":
        return WireRule(kind="bits", native=native.name, length=length or 1, is_exact=True)
    if native.name == "VarBit":
        return WireRule(kind="bits", native=native.name, length=length)
    if native.name == "Char":
        length = length or 1
    return WireRule(kind="text", native=native.name, length=length)


def _integer(native: NativeType) -> WireRule:
    minimum, maximum = INTEGERS[native.name]
    return WireRule(kind="integer", native=native.name, minimum=minimum, maximum=maximum)


def _bigint(native: NativeType) -> WireRule:
    minimum, maximum = INTEGERS[native.name]
    return WireRule(kind="bigint", native=native.name, minimum=minimum, maximum=maximum)


def _float(native: NativeType) -> WireRule:
    return WireRule(kind="float", native=native.name, maximum=FLOATS[native.name])


def _decimal(native: NativeType) -> WireRule:
    specials: tuple[str, ...] = ("NaN",)
    if native.name == "Money":
        (precision, scale), specials = MONEY, ()
    elif native.arguments:
        precision, scale = (int(digits) for digits in (*native.arguments, "0")[:2])
    else:
        (precision, scale), specials = UNLIMITED, ("NaN", "Infinity", "-Infinity")
    return WireRule(kind="decimal", native=native.name, precision=precision, scale=scale, specials=specials)


def _datetime(native: NativeType) -> WireRule:
    part: DateTimePart = _PARTS.get(native.name, "datetime")
    digits = 0 if part == "date" else int(native.arguments[0]) if native.arguments else FINEST
    return WireRule(kind="datetime", native=native.name, part=part, digits=digits)


_RULES: dict[str, Callable[[NativeType], WireRule]] = {
    "String": _text,
    "Boolean": lambda native: WireRule(kind="boolean", native=native.name),
    "Int": _integer,
    "BigInt": _bigint,
    "Float": _float,
    "Decimal": _decimal,
    "DateTime": _datetime,
    "Bytes": lambda native: WireRule(kind="bytes", native=native.name),
    "Json": lambda native: WireRule(kind="json", native=native.name),
}
