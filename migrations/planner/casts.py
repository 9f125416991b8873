"""Which expression turns a column's values into those of another type.

Sources: Prisma's native types of PostgreSQL, and the Postgres manual on casts (pg_cast) and on ``to_jsonb``.
"""

from __future__ import annotations

from schemas.comparison.native_types import native_type
from schemas.model import Field

from ..identifiers import quoted
from .context import Context
from .enum_shrinks import mapped_text, mapped_texts, value_mapping

_NUMBERS = {"Int", "BigInt", "Float", "Decimal"}
_FROM_JSON = _NUMBERS | {"Boolean"}
_NO_CAST = {("Time", "Timestamp"), ("Time", "Date"), ("Date", "Time")}


def cast(old: Field, new: Field, sql_type: str, context: Context) -> str | None:
    """The USING expression from ``old`` to ``new`` of the type ``sql_type``; None where there is no cast."""
    column = quoted(new.column)
    if old.is_list and new.is_list:
        if not _is_castable(old, new):
            return None
        return f"{mapped_texts(f'{column}::text[]', _mapping(old, new, context))}::{sql_type}"
    if new.is_list:
        element = _scalar(old, new, column, sql_type.removesuffix("[]"), context)
        return None if element is None else f"array_remove(ARRAY[{element}]::{sql_type}, NULL)"
    if old.is_list:
        return _scalar(old, new, f"{column}[1]", sql_type, context)
    return _scalar(old, new, column, sql_type, context)


def text_cast(old: Field, new: Field, sql_type: str) -> str | None:
    """Where Prisma doesn't know one of the types: by way of text, which every type can be read from."""
    if "unsupported" not in (old.kind, new.kind):
        return None
    return f"{quoted(new.column)}::text::{sql_type}"


def timestamp_cast(old: Field, new: Field) -> str | None:
    """Between timestamps with and without a zone: Prisma keeps UTC, Postgres would take the session's."""
    names = {_native(old), _native(new)}
    if names == {"Timestamp", "Timestamptz"} and not old.is_list and not new.is_list:
        return f"{quoted(new.column)} AT TIME ZONE 'UTC'"
    return None


def _scalar(old: Field, new: Field, value: str, sql_type: str, context: Context) -> str | None:
    if not _is_castable(old, new):
        return None
    if old.kind == "enum" and new.kind == "enum":
        return f"{mapped_text(f'{value}::text', _mapping(old, new, context))}::{sql_type}"
    if "enum" in (old.kind, new.kind):
        return f"{value}::text" if sql_type == "text" else f"{value}::text::{sql_type}"
    return _plain(old, new, value, sql_type)


def _mapping(old: Field, new: Field, context: Context) -> dict[str, str]:
    """What rows get for an enum's values that the other doesn't have."""
    if old.kind != "enum" or new.kind != "enum":
        return {}
    source, target = context.before.enums_by_name[old.type], context.after.enums_by_name[new.type]
    return value_mapping(source, target, context)


def _plain(old: Field, new: Field, value: str, sql_type: str) -> str:
    """Between Prisma's own types."""
    if new.type == "Json" and old.type != "Json":
        return f"to_jsonb({value})" + ("" if sql_type == "jsonb" else f"::{sql_type}")
    if new.type == "Boolean" and old.type in _NUMBERS:
        return f"{value} <> 0"
    if old.type == "Boolean" and new.type in _NUMBERS - {"Int"}:
        return f"{value}::integer::{sql_type}"
    return f"{value}::{sql_type}"


def _is_castable(old: Field, new: Field) -> bool:
    """Whether Postgres has a cast that means what people expect."""
    types, kinds = {old.type, new.type}, {old.kind, new.kind}
    if "unsupported" in kinds:
        return False
    if "enum" in kinds:
        return kinds == {"enum"} or "String" in types
    if "Bytes" in types or old.type == new.type:
        return old.type == new.type and (_native(old), _native(new)) not in _NO_CAST
    return (
        "String" in types
        or new.type == "Json"
        or types <= _FROM_JSON
        or (old.type == "Json" and new.type in _FROM_JSON)
    )


def _native(field: Field) -> str:
    native = native_type(field)
    return native.name if native else ""
