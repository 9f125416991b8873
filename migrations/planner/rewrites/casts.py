"""The expressions that convert a column's values to another type.

Sources: Prisma's native types of PostgreSQL, and the Postgres manual on casts (pg_cast) and on ``to_jsonb``.
"""

from __future__ import annotations

from schemas.comparison.native_types import native_type
from schemas.model import Field

from ...casts.sql_casts import converted, is_automatic
from ...identifiers import quoted
from ..context import Context
from .enum_shrinks import mapped_text, mapped_texts, value_mapping

_NUMBERS = {"Int", "BigInt", "Float", "Decimal"}
_FROM_JSON = _NUMBERS | {"Boolean"}
_TIMES, _DAYS = {"Time", "Timetz"}, {"Timestamp", "Timestamptz", "Date"}


def cast(old: Field, new: Field, sql_type: str, context: Context) -> str | None:
    """The USING expression from ``old`` to ``new``, whose type is ``sql_type``; None if there is no cast."""
    column = quoted(new.column)
    if old.is_list and new.is_list:
        return _lists(old, new, sql_type, context) if _is_castable(old, new) else None
    if new.is_list:
        element = _scalar(old, new, column, sql_type.removesuffix("[]"), context)
        if element is None:
            return None
        return f"CASE WHEN {column} IS NULL THEN '{{}}'::{sql_type} ELSE ARRAY[{element}]::{sql_type} END"
    if old.is_list:
        return _scalar(old, new, f"{column}[1]", sql_type, context)
    return _scalar(old, new, column, sql_type, context)


def written_cast(old: Field, new: Field, sql_type: str, context: Context) -> str | None:
    """The USING expression for a change of type that needs one; None for one that Postgres does by itself."""
    column = quoted(new.column)
    if not old.is_list and (old.type, new.type) == ("Json", "String") and context.direction == "down":
        return f"{column} #>> '{{}}'"
    if "unsupported" in (old.kind, new.kind):
        return f"{column}::text::{sql_type}"
    if is_automatic(_native(old), _native(new)):
        return None
    return converted(column, _native(old), _native(new), sql_type)


def timestamp_cast(old: Field, new: Field) -> str | None:
    """Between timestamps with and without a zone: Prisma stores UTC, Postgres would use the session's."""
    names = {_native(old), _native(new)}
    if names == {"Timestamp", "Timestamptz"} and not old.is_list and not new.is_list:
        return f"{quoted(new.column)} AT TIME ZONE 'UTC'"
    return None


def _lists(old: Field, new: Field, sql_type: str, context: Context) -> str:
    column = quoted(new.column)
    if "enum" not in (old.kind, new.kind) and new.type != "Json":
        return converted(column, _native(old), _native(new), sql_type)
    return f"{mapped_texts(f'{column}::text[]', _mapping(old, new, context))}::{sql_type}"


def _scalar(old: Field, new: Field, value: str, sql_type: str, context: Context) -> str | None:
    if not _is_castable(old, new):
        return None
    if old.kind == "enum" and new.kind == "enum":
        return f"{mapped_text(f'{value}::text', _mapping(old, new, context))}::{sql_type}"
    if "enum" in (old.kind, new.kind):
        return f"{value}::text" if sql_type == "text" else f"{value}::text::{sql_type}"
    return _plain(old, new, value, sql_type, context)


def _mapping(old: Field, new: Field, context: Context) -> dict[str, str]:
    """What rows get for enum values that the other enum doesn't have."""
    if old.kind != "enum" or new.kind != "enum":
        return {}
    source, target = context.before.enums_by_name[old.type], context.after.enums_by_name[new.type]
    return value_mapping(source, target, context)


def _plain(old: Field, new: Field, value: str, sql_type: str, context: Context) -> str:
    """The cast between two of Prisma's scalar types.

    A downgrade takes back what the upgrade did: that made a JSON string of a text as a whole, and a text of
    JSON as it is written.
    """
    if (old.type, new.type, context.direction) == ("String", "Json", "down"):
        return f"{value}::text::{sql_type}"
    if (old.type, new.type, context.direction) == ("Json", "String", "down"):
        return f"({value} #>> '{{}}')::{sql_type}"
    if new.type == "Json" and old.type != "Json":
        return f"to_jsonb({value})" + ("" if sql_type == "jsonb" else f"::{sql_type}")
    if new.type == "Boolean" and old.type in _NUMBERS:
        return f"{converted(value, _native(old), 'Decimal', 'numeric')} <> 0"
    return converted(value, _native(old), _native(new), sql_type)


def _is_castable(old: Field, new: Field) -> bool:
    """Whether Postgres has a cast that means what people expect."""
    types, kinds = {old.type, new.type}, {old.kind, new.kind}
    if "unsupported" in kinds:
        return False
    if "enum" in kinds:
        return kinds == {"enum"} or "String" in types
    if "Bytes" in types or old.type == new.type:
        return old.type == new.type and not _is_of_another_kind(old, new)
    return (
        "String" in types
        or new.type == "Json"
        or types <= _FROM_JSON
        or (old.type == "Json" and new.type in _FROM_JSON)
    )


def _is_of_another_kind(old: Field, new: Field) -> bool:
    """Whether one is a time of day and the other a date."""
    before, after = _native(old), _native(new)
    return (before in _TIMES and after in _DAYS) or (before == "Date" and after in _TIMES)


def _native(field: Field) -> str:
    native = native_type(field)
    return native.name if native else ""
