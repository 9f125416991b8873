"""Literal defaults that their columns can't hold: Postgres tells of most only when a row is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext

from schemas.comparison.native_types import native_type
from schemas.errors import Problem
from schemas.model import Field, FunctionDefault, LiteralDefault, Literalish, Schema

from .places import Places

_INTEGERS = {
    "SmallInt": (-(2**15), 2**15 - 1),
    "Integer": (-(2**31), 2**31 - 1),
    "Oid": (0, 2**32 - 1),
}
_WITHOUT_ZONE = ("Timestamp", "Date", "Time")
_MONEY = Decimal(2**63) / 100
_LARGEST_REAL = 3.4028235677973366e38
_MONEY_DIGITS = 2
_DECIMAL_DIGITS = (65, 30)  # what Prisma writes without arguments
_PRISMA_DIGITS = 3  # of a second, in the SQL of a default
_FRACTION = re.compile(r":\d\d\.(\d+)")
_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_UUID_DIGITS = re.compile(r"[0-9a-fA-F]{32}")


def default_problems(schema: Schema, places: Places) -> Iterator[Problem]:
    """Every default that its column can't hold."""
    for model in schema.models:
        for field in model.columns:
            reason, in_utc, lost = _reason(field), _with_an_offset(field), _lost(field)
            if reason is None and in_utc is None and lost is None:
                continue
            statement = places.model(model.name).statement(field.name)
            assert statement is not None
            place = (statement.arguments("@", "default") or statement.tokens)[0]
            if reason is not None:
                yield places.problem(
                    "default-not-storable",
                    f"field {field.name!r} can't hold its default: {reason}",
                    "write a value that fits, or give the field a type that holds this one",
                    place,
                )
            if in_utc is not None:
                found = places.problem(
                    "default-without-offset",
                    f"field {field.name!r} has no zone: Postgres leaves out the offset of its default",
                    f'write it in UTC, as "{in_utc}", or give the field the type @db.Timestamptz',
                    place,
                )
                yield replace(found, severity="warning")  # a database can have it, and some will
            if lost is not None:
                found = places.problem(
                    "default-loses-digits",
                    f"rows get another value than the default of field {field.name!r}: {lost}",
                    "write the value that rows are to have; "
                    "@default(dbgenerated(\"'…'\")) keeps six digits after the seconds",
                    place,
                )
                yield replace(found, severity="warning")


def _reason(field: Field) -> str | None:
    if field.default is None:
        return None
    if isinstance(field.default, FunctionDefault):
        name = field.default.name
        return f"{name}() is one value, not a list" if field.is_list and name != "dbgenerated" else None
    values = field.default.value if isinstance(field.default.value, tuple) else (field.default.value,)
    check = _CHECKS.get(field.type) if field.kind == "scalar" else None
    reasons = (check(field, value) for value in values) if check else ()
    return next((reason for reason in reasons if reason is not None), None)


def _with_an_offset(field: Field) -> str | None:
    """A time in UTC that has another offset, where the column keeps none; None for any other default."""
    native = native_type(field)
    if field.type != "DateTime" or native is None or native.name not in _WITHOUT_ZONE:
        return None
    literal = field.default.value if isinstance(field.default, LiteralDefault) else ()
    for value in literal if isinstance(literal, tuple) else (literal,):
        try:
            found = datetime.fromisoformat(str(value))
        except ValueError:
            continue
        if found.utcoffset():
            return found.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return None


def _lost(field: Field) -> str | None:
    """Which digits of a default are kept, where it has more; None where it hasn't."""
    literal = field.default.value if isinstance(field.default, LiteralDefault) else ()
    values = [str(value) for value in (literal if isinstance(literal, tuple) else (literal,))]
    native = native_type(field)
    if native is None or field.type not in ("DateTime", "Decimal") or native.name == "Date":
        return None
    if field.type == "DateTime":
        kept = min([_PRISMA_DIGITS, *_arguments(field)])
        fractions = [found[1].rstrip("0") for value in values if (found := _FRACTION.search(value))]
        is_lost = any(len(fraction) > kept for fraction in fractions)
        writer = "Prisma writes" if kept == _PRISMA_DIGITS else "the column keeps"
        return f"{writer} {kept} digits after the seconds" if is_lost else None
    scale = _MONEY_DIGITS if native.name == "Money" else _scale(field)
    if scale is None or not any(_places(value) > scale for value in values):
        return None
    return f"the column keeps {scale} digits after the point"


def _scale(field: Field) -> int | None:
    """Digits after the point; None for as many as there are."""
    given = _arguments(field)
    if given:
        return given[1] if len(given) > 1 else 0
    return None if field.native_type else _DECIMAL_DIGITS[1]


def _places(value: str) -> int:
    """How many digits after the point a number has, without zeros at its end."""
    _, digits, exponent = Decimal(value).as_tuple()
    shown = "".join(map(str, digits))
    return -exponent - (len(shown) - len(shown.rstrip("0"))) if isinstance(exponent, int) else 0


def _native(field: Field) -> str:
    return field.native_type.name if field.native_type else ""


def _arguments(field: Field) -> list[int]:
    return [int(each) for each in field.native_type.arguments] if field.native_type else []


def _int(field: Field, value: Literalish) -> str | None:
    low, high = _INTEGERS[_native(field) or "Integer"]
    return None if low <= int(value) <= high else f"{value} is not between {low} and {high}"


def _float(field: Field, value: Literalish) -> str | None:
    is_too_large = _native(field) == "Real" and abs(float(value)) > _LARGEST_REAL
    return f"{value} is more than a real number of 4 bytes can be" if is_too_large else None


def _decimal(field: Field, value: Literalish) -> str | None:
    number = Decimal(str(value))
    if _native(field) == "Money":
        return None if -_MONEY <= number < _MONEY else f"{value} is more than the type money holds"
    given = _arguments(field)
    digits, scale = (given[0], given[1] if len(given) > 1 else 0) if given else _DECIMAL_DIGITS
    with localcontext() as context:
        context.prec = max(len(str(value)), 1) + scale + 2
        rounded = number.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP)
    if abs(rounded) < Decimal(10) ** (digits - scale):
        return None
    return f"{value} has more than {digits - scale} digits before the point"


def _string(field: Field, value: Literalish) -> str | None:
    text, native, given = str(value), _native(field), _arguments(field)
    length = given[0] if given else (1 if native in ("Char", "Bit") else None)
    if native in ("VarChar", "Char") and length is not None and len(text.rstrip(" ")) > length:
        return f"it has {len(text)} characters, of {length}"
    if native in ("Bit", "VarBit") and not text.lower().startswith("x"):
        return _bits(text.lower().removeprefix("b"), length, is_exact=native == "Bit")
    is_uuid = _UUID_DIGITS.fullmatch(text.strip("{}").replace("-", "")) is not None
    return f"{text!r} is not a UUID" if native == "Uuid" and not is_uuid else None


def _bits(text: str, length: int | None, *, is_exact: bool) -> str | None:
    if set(text) - {"0", "1"}:
        return f"{text!r} has other digits than 0 and 1"
    if length is None or len(text) == length or (len(text) < length and not is_exact):
        return None
    return f"{text!r} has {len(text)} digits, of {length}"


def _json(field: Field, value: Literalish) -> str | None:
    is_text = _native(field) == "Json"
    return None if is_text or not _ESCAPED_NUL.search(str(value)) else "jsonb holds no character U+0000"


def _date(_field: Field, value: Literalish) -> str | None:
    return "there is no year 0 in Postgres" if str(value).startswith("0000") else None


_CHECKS: dict[str, Callable[[Field, Literalish], str | None]] = {
    "Int": _int,
    "Float": _float,
    "Decimal": _decimal,
    "String": _string,
    "Json": _json,
    "DateTime": _date,
}
