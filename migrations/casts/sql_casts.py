"""Which casts Postgres has between the column types that Prisma supports, and detours for those it hasn't.

Source: ``pg_cast`` of Postgres 15 to 18, and the Postgres manual, "CREATE CAST": an explicit cast to or from
a string type always exists, and one to a string type is automatic in an assignment.
"""

from __future__ import annotations

_TEXTS = {"Text", "VarChar", "Char", "Citext"}
_NUMBERS = {"SmallInt", "Integer", "BigInt", "Real", "DoublePrecision", "Decimal"}
_CASTS: dict[str, set[str]] = {
    **{name: set(_NUMBERS) for name in _NUMBERS},
    "Money": {"Decimal"},
    "Oid": {"Integer", "BigInt"},
    "Boolean": {"Integer"},
    "Date": {"Timestamp", "Timestamptz"},
    "Time": {"Timetz"},
    "Timetz": {"Time"},
    "Timestamp": {"Timestamptz", "Date", "Time"},
    "Timestamptz": {"Timestamp", "Date", "Time", "Timetz"},
    "Json": {"JsonB"},
    "JsonB": {"Json", "Boolean", *_NUMBERS},
    "Bit": {"VarBit", "Integer", "BigInt"},
    "VarBit": {"Bit"},
}
_CASTS["SmallInt"] |= {"Oid"}
_CASTS["Integer"] |= {"Oid", "Money", "Boolean", "Bit"}
_CASTS["BigInt"] |= {"Oid", "Money", "Bit"}
_CASTS["Decimal"] |= {"Money"}
#: Casts that have to be explicit, or that lose digits.
_WRITTEN = {("Boolean", "Integer"), ("Integer", "Boolean"), ("Integer", "Bit"), ("BigInt", "Bit")}
_WRITTEN |= {("Bit", "Integer"), ("Bit", "BigInt")} | {("JsonB", name) for name in _CASTS["JsonB"] - {"Json"}}
_FLOATS = {"Real", "DoublePrecision"}
_WRITTEN |= {(name, "Decimal") for name in _FLOATS}
_STEPS = {"Decimal": "numeric", "BigInt": "bigint", "Integer": "integer", "JsonB": "jsonb"}


def is_automatic(old: str, new: str) -> bool:
    """Whether ``ALTER COLUMN … TYPE`` needs no USING. Types by Prisma's native names."""
    return old == new or new in _TEXTS or (new in _CASTS.get(old, ()) and (old, new) not in _WRITTEN)


def converted(value: str, old: str, new: str, sql_type: str) -> str:
    """``value``, an expression of the type ``old``, as ``sql_type``, which is ``new``; lists of them too, if
    ``sql_type`` is one.

    Directly if there is a cast, else through a third type; in the end through text, from which every type can
    be read if the values allow it. A float becomes a decimal by its digits: Postgres' cast keeps 15 of 17.
    The spaces that ``char`` adds are no part of a value.
    """
    lists = "[]" if sql_type.endswith("[]") else ""
    if (old in _FLOATS and new == "Decimal") or (old == "Char" and new not in _TEXTS):
        return f"{value}::text{lists}::{sql_type}"
    if old == new or new in _CASTS.get(old, ()) or not _TEXTS.isdisjoint((old, new)):
        return f"{value}::{sql_type}"
    steps = (sql for step, sql in _STEPS.items() if step in _CASTS.get(old, ()) and new in _CASTS[step])
    return f"{value}::{next(steps, 'text')}{lists}::{sql_type}"
