"""A column of a database in the words of schema.prisma."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from ...introspection.pg_catalog import Column, Name

_TYPES: Mapping[str, str] = {
    "text": "String",
    "integer": "Int",
    "bigint": "BigInt",
    "smallint": "Int @db.SmallInt",
    "boolean": "Boolean",
    "double precision": "Float",
    "real": "Float @db.Real",
    "numeric": "Decimal @db.Decimal",
    "numeric(65,30)": "Decimal",
    "jsonb": "Json",
    "json": "Json @db.Json",
    "bytea": "Bytes",
    "uuid": "String @db.Uuid",
    "date": "DateTime @db.Date",
    "timestamp(3) without time zone": "DateTime",
    "character varying": "String @db.VarChar",
    "inet": "String @db.Inet",
    "citext": "String @db.Citext",
}
_WITH_DIGITS = (
    (re.compile(r"character varying\((\d+)\)"), r"String @db.VarChar(\1)"),
    (re.compile(r"character\((\d+)\)"), r"String @db.Char(\1)"),
    (re.compile(r"numeric\((\d+),(\d+)\)"), r"Decimal @db.Decimal(\1, \2)"),
    (re.compile(r"timestamp(\(\d\))? without time zone"), r"DateTime @db.Timestamp\1"),
    (re.compile(r"timestamp(\(\d\))? with time zone"), r"DateTime @db.Timestamptz\1"),
    (re.compile(r"time(\(\d\))? without time zone"), r"DateTime @db.Time\1"),
    (re.compile(r"time(\(\d\))? with time zone"), r"DateTime @db.Timetz\1"),
)


def prisma_type(column: Column, enums: Mapping[Name, str]) -> str:
    """The type, with ``?`` or ``[]`` and the native type: ``Decimal? @db.Decimal(10, 2)``. ``enums`` maps the
    database's names to the schema's. What Prisma has no word for is ``Unsupported("…")``."""
    element = column.type.removesuffix("[]")
    words = _TYPES.get(element) or _with_digits(element) or _enum(element, enums)
    words = words or f"Unsupported({json.dumps(element)})"
    kind, native = words.split(" ", 1) if " @" in words else (words, "")
    suffix = "[]" if column.is_list else "" if column.is_required else "?"
    return f"{kind}{suffix} {native}".rstrip()


def prisma_default(column: Column) -> str:
    """``@default(…)``, or nothing."""
    if column.default is None:
        return ""
    if column.default.startswith("nextval("):
        return "@default(autoincrement())"
    return f"@default(dbgenerated({json.dumps(column.default, ensure_ascii=False)}))"


def _with_digits(element: str) -> str | None:
    for pattern, words in _WITH_DIGITS:
        if match := pattern.fullmatch(element):
            return match.expand(words)
    return None


def _enum(element: str, enums: Mapping[Name, str]) -> str | None:
    """Postgres quotes a name and adds its schema where it has to."""
    parts = [part.strip('"').replace('""', '"') for part in re.findall(r'"(?:[^"]|"")*"|[^.]+', element)]
    return enums.get(("public", parts[0]) if len(parts) == 1 else (parts[0], parts[-1]))
