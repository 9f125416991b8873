"""What is added to an error on its way to the user: the schema's names, and the place of the query."""

from __future__ import annotations

import re

import psycopg

from ..public.errors import DataError, PrismaError, UniqueViolationError
from ..schema import Schema

#: "Key (a, b)=(1, 2) already exists.", in the server's language.
_KEY = re.compile(r"\(((?:[^()\"]|\"(?:[^\"]|\"\")*\")+)\)=\(")
_NAME = re.compile(r"\"((?:[^\"]|\"\")*)\"|([^,\s\"]+)")


def reported(error: PrismaError, schema: Schema) -> None:
    """Complete an error."""
    if isinstance(error, DataError):
        _name_fields(error, schema)


def _name_fields(error: DataError, schema: Schema) -> None:
    table = error.meta.get("table")
    if table is None or "fields" in error.meta:
        return
    columns = key_columns(_detail(error)) or [error.meta.get("column", "")]
    found = schema.fields_of(error.meta.get("schema"), table, columns)
    if found is None:
        return
    model, fields = found
    error.meta["model"] = model
    if fields:
        error.meta["fields"] = fields
        if isinstance(error, UniqueViolationError):
            error.meta["target"] = fields
            named = ", ".join(f"`{field}`" for field in fields)
            # Prisma's words, which people search for.
            error.args = (f"Unique constraint failed on the fields: ({named})",)


def _detail(error: DataError) -> str:
    cause = error.__cause__
    return (cause.diag.message_detail or "") if isinstance(cause, psycopg.Error) else ""


def key_columns(detail: str) -> list[str]:
    """The columns in the server's detail about a key."""
    match = _KEY.search(detail)
    if match is None:
        return []
    return [(quoted or plain).replace('""', '"') for quoted, plain in _NAME.findall(match[1])]
