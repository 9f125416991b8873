"""A model's fields as the short text that the run-time support reads; ``runtime/kinds.mjs`` has its grammar.

One line of text a model, and not an object: a page pays for what it imports, and names and letters are what
is left of a field.
"""

from __future__ import annotations

from collections.abc import Mapping

from schemas.model import Enum, Field, Model, Schema

from ..wire_format import FLOATS, INTEGERS, WireKind, WireRule, wire_rule

_INTEGERS = {"Integer": "i", "SmallInt": "h", "Oid": "o", "BigInt": "n"}
_FLOATS = {"DoublePrecision": "f", "Real": "r"}
#: Digits of a second's fraction that go without saying: those of Prisma's default, and of a JavaScript Date.
_DIGITS = 3
_PARTS = {"datetime": "t", "date": "c", "time": "k"}


def model_code(model: Model, enums: Mapping[str, Enum]) -> str:
    """The fields of a model's rows, e.g. ``id=n email:s255 note?s tags*s state=eOPEN|SENT``."""
    return " ".join(
        f"{column.name}{_mark(column)}{_code(wire_rule(column, enums))}" for column in model.columns
    )


def letters(schema: Schema) -> frozenset[str]:
    """The letters of all columns."""
    rules = (wire_rule(column, schema.enums_by_name) for model in schema.models for column in model.columns)
    return frozenset(_code(rule)[0] for rule in rules)


def bounds() -> tuple[tuple[str, str, str], ...]:
    """Letter, least and greatest value of each type of numbers, as JavaScript. Those of a bigint are text."""
    integers = ((_INTEGERS[name], _number(name, a), _number(name, b)) for name, (a, b) in INTEGERS.items())
    floats = ((_FLOATS[name], repr(-most), repr(most)) for name, most in FLOATS.items())
    return (*integers, *floats)


def _number(name: str, bound: int) -> str:
    return f'"{bound}"' if name == "BigInt" else str(bound)


def _mark(column: Field) -> str:
    if column.is_list:
        return "*"
    if not column.is_required:
        return "?"
    return "=" if column.is_optional_on_create else ":"


def _code(rule: WireRule) -> str:
    native = rule.native or ""
    codes: dict[WireKind, str] = {
        "text": f"s{rule.length or ''}",
        "uuid": "u",
        "bits": f"{'x' if rule.is_exact else 'v'}{rule.length or ''}",
        "boolean": "b",
        "integer": _INTEGERS.get(native, ""),
        "bigint": _INTEGERS.get(native, ""),
        "float": _FLOATS.get(native, ""),
        "decimal": f"d{rule.precision},{rule.scale}{_specials(rule)}",
        "datetime": f"{_PARTS[rule.part or 'datetime']}{'' if rule.digits == _DIGITS else rule.digits}",
        "bytes": "y",
        "json": "j",
        "enum": f"e{'|'.join(rule.values)}",
    }
    return codes[rule.kind]


def _specials(rule: WireRule) -> str:
    """How many values of a decimal are no numbers; NaN alone goes without saying."""
    return "" if len(rule.specials) == 1 else f",{len(rule.specials)}"
