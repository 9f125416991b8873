"""Which changes of a column's type keep every value that the old type could hold.

Source: the Postgres manual, chapter 8, and Prisma's default native types for PostgreSQL.
"""

from __future__ import annotations

from ..model import Field, NativeType

_DEFAULTS = {
    "String": NativeType("Text"),
    "Boolean": NativeType("Boolean"),
    "Int": NativeType("Integer"),
    "BigInt": NativeType("BigInt"),
    "Float": NativeType("DoublePrecision"),
    "Decimal": NativeType("Decimal", ("65", "30")),
    "DateTime": NativeType("Timestamp", ("3",)),
    "Json": NativeType("JsonB"),
    "Bytes": NativeType("ByteA"),
}
_ALWAYS_WIDER = {("SmallInt", "Integer"), ("Real", "DoublePrecision"), ("VarChar", "Text")}
_LENGTHS = {"VarChar", "VarBit"}
_PRECISIONS = {"Time", "Timetz", "Timestamp", "Timestamptz"}
_MAX_PRECISION = 6


def native_type(field: Field) -> NativeType | None:
    """The column's type in Postgres, also where the schema uses the default. None for an enum."""
    return field.native_type or _DEFAULTS.get(field.type)


def is_wider(before: NativeType, after: NativeType) -> bool:
    """Whether ``after`` holds every value of ``before`` unchanged."""
    if (before.name, after.name) in _ALWAYS_WIDER:
        return True
    if before.name != after.name:
        return False
    old, new = _numbers(before), _numbers(after)
    if before.name in _LENGTHS:
        return not new or (bool(old) and new[0] >= old[0])
    if before.name in _PRECISIONS:
        return (new or [_MAX_PRECISION])[0] >= (old or [_MAX_PRECISION])[0]
    if before.name == "Decimal":
        return _is_wider_decimal(old, new)
    return old == new


def _is_wider_decimal(old: list[int], new: list[int]) -> bool:
    if not new or not old:  # without a precision a decimal can hold any value
        return not new
    old_scale, new_scale = ([*numbers, 0][1] for numbers in (old, new))
    return new_scale >= old_scale and new[0] - new_scale >= old[0] - old_scale


def _numbers(native: NativeType) -> list[int]:
    return [int(argument) for argument in native.arguments]
