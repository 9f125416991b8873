"""Indexes built and dropped CONCURRENTLY: outside transactions, so that a failure may leave something behind.

An interrupted build leaves an invalid index under its final name. It is dropped before the next attempt; a
valid index counts as done if it is the same.
Source: the Postgres manual, CREATE INDEX, "Building Indexes Concurrently".
"""

from __future__ import annotations

import contextlib
from typing import Literal

import psycopg
from psycopg import errors, sql

from ..connection.connection import Connection
from ..connection.script import StatementError
from ..connection.session import Session
from ..events import Listener
from ..manifest import Step
from ..prechecks.existing_indexes import other_index

_FIND = """
SELECT n.nspname, c.relname, i.indisvalid, i.indexrelid
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE i.indexrelid = to_regclass(%s)
"""
# What REINDEX CONCURRENTLY leaves when it is interrupted: the new index, or the old one.
_LEFTOVERS = """
SELECT n.nspname, c.relname
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$'
"""
_COLUMNS = """
SELECT i.indrelid::regclass::text, ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, true)
                                         FROM generate_series(1, i.indnkeyatts) k),
       pg_get_expr(i.indpred, i.indrelid)
FROM pg_index i WHERE i.indexrelid = %s AND i.indisunique
"""
_SHOWN = 5


def is_done(session: Session, step: Step, resumed: bool, listener: Listener) -> bool:
    """Whether this step is done already: by an earlier run that could not record it, or by hand.

    Drops an invalid leftover. Raises StatementError for an index of the same name with another definition.
    """
    if step.index is None:
        return False
    found, name, _ = _find(session.connection, step.index)
    if step.kind == "drop_index":
        return resumed and found is None
    other = next((other_index(session, made, step.settings) for made in step.makes_indexes), None)
    if other is not None:
        raise StatementError(step.statements[0], None, errors.DuplicateTable(other))
    if found == "broken":
        listener("rebuilding_index", index=step.index[1])
        _drop(session.connection, name)
    if found != "valid":
        return False
    if not resumed:
        listener("index_exists", index=step.index[1])
    return True


def clean_up(connection: Connection, step: Step) -> bool:
    """After a failed build: drop the invalid index, which slows down writes and is used by no query.

    Returns whether the database is as before the step: a drop that failed may have made the index invalid.
    """
    if step.index is None:
        return False
    found, name, _ = _find(connection, step.index)
    if step.kind == "drop_index":
        return found != "broken"
    if found == "broken":
        _drop(connection, name)
    return True


def drop_leftovers(connection: Connection, listener: Listener) -> None:
    """Drop the invalid second indexes of an interrupted REINDEX CONCURRENTLY."""
    for schema, name in connection.execute(_LEFTOVERS).fetchall():
        listener("rebuilding_index", index=name)
        _drop(connection, sql.Identifier(schema, name))


def duplicates(connection: Connection, step: Step) -> str:
    """The first few duplicate keys that prevent a unique index, as a part of a sentence; else nothing."""
    if step.kind != "create_index" or step.index is None:
        return ""
    with contextlib.suppress(psycopg.Error):
        found, _, number = _find(connection, step.index)
        row = connection.execute(_COLUMNS, (number,)).fetchone() if found == "broken" else None
        if row is not None:
            return _describe_duplicates(connection, *row)
    return ""


def _describe_duplicates(
    connection: Connection, table: str, columns: list[str], predicate: str | None
) -> str:
    # Postgres wrote all of these itself, so they are SQL.
    keys = ", ".join(columns)
    query = (
        f"SELECT row({keys})::text, count(*) FROM {table} WHERE {predicate or 'true'} "  # noqa: S608
        f"GROUP BY {keys} HAVING count(*) > 1 ORDER BY 2 DESC, 1 LIMIT {_SHOWN + 1}"
    )
    rows = connection.execute(query.encode()).fetchall()
    shown = ", ".join(f"{key} in {count} rows" for key, count in rows[:_SHOWN])
    more = ", and more" if len(rows) > _SHOWN else ""
    return f"; duplicates of ({keys}): {shown}{more}" if rows else ""


def _find(
    connection: Connection, index: tuple[str | None, str]
) -> tuple[Literal["valid", "broken"] | None, sql.Identifier, int]:
    given = sql.Identifier(*(part for part in index if part is not None))
    row = connection.execute(_FIND, (given.as_string(connection),)).fetchone()
    if row is None:
        return None, given, 0
    return ("valid" if row[2] else "broken"), sql.Identifier(row[0], row[1]), row[3]


def _drop(connection: Connection, name: sql.Identifier) -> None:
    connection.execute(sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(name))
