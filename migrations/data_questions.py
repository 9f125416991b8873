"""What is asked of the data before a way back is taken, as SQL. Every name that comes in is quoted."""

from __future__ import annotations

from typing import Any

from .identifiers import literal, quoted

Check = dict[str, Any]


def rows_lost(table: str, why: str) -> Check:
    """Everything in a table."""
    return _check("loss", f"table {table} ({why})", "count(*)", table)


def rows_deleted(table: str, alias: str | None, condition: str | None) -> Check:
    """The rows of a DELETE; all of them where its condition can't be told alone."""
    source = f"{table} AS {quoted(alias)}" if alias else table
    return _check("loss", f"rows of {table} (DELETE)", "count(*)", source, condition)


def values_lost(table: str, column: str) -> Check:
    """What a column holds."""
    return _check("loss", f"column {table}.{quoted(column)} (DROP COLUMN)", f"count({quoted(column)})", table)


def values_narrowed(table: str, column: str, new: str) -> Check:
    """What is another value once it has been through the type ``new`` and back."""
    name = quoted(column)
    kept = f"jsonb_populate_record(NULL::{table}, jsonb_build_object({literal(column)}, {name}::{new}))"
    return _check(
        "loss",
        f"column {table}.{name} (not all of it fits {new})",
        f"count(*), min({name}::text)",
        table,
        f"{name} IS DISTINCT FROM ({kept}).{name}",
    )


def nulls(table: str, column: str) -> Check:
    """NULLs where none will be allowed."""
    what = f"column {table}.{quoted(column)} becomes NOT NULL, and holds NULL"
    return _check("in_use", what, "count(*)", table, f"{quoted(column)} IS NULL")


def rows_without(table: str, column: str) -> Check:
    """Rows that a new required column has no value for."""
    what = f"column {table}.{quoted(column)} comes back NOT NULL, without a value for the rows that are there"
    return _check("in_use", what, "count(*)", table)


def values_in_use(table: str, column: str, labels: tuple[str, ...], *, is_array: bool) -> Check:
    """Values that an enum won't have."""
    name = quoted(column)
    held = f"{name}::text[]" if is_array else f"ARRAY[{name}::text]"
    return _check(
        "in_use",
        f"column {table}.{name} holds values that its enum will not have",
        "count(*), min(value)",
        f"{table} CROSS JOIN LATERAL unnest({held}) AS held (value)",
        f"value <> ALL (ARRAY[{', '.join(map(literal, labels))}]::text[])",
    )


def _check(kind: str, what: str, counted: str, source: str, condition: str | None = None) -> Check:
    example = "" if ", " in counted else ", NULL"
    where = f" WHERE {condition}" if condition else ""
    return {"kind": kind, "what": what, "sql": f"SELECT {counted}{example} FROM {source}{where}"}  # noqa: S608
