"""Identifiers in SQL. They come from the generated data alone, and are quoted here."""

from __future__ import annotations


def quoted(name: str) -> str:
    """``name`` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def qualified(database_schema: str | None, name: str) -> str:
    """``name`` in its database schema, or as the search path finds it where the schema names none."""
    return quoted(name) if database_schema is None else f"{quoted(database_schema)}.{quoted(name)}"
