"""Indexes built and dropped CONCURRENTLY: outside transactions, and so never all or nothing.

A build that is cut short leaves an index that is not valid, under its final name. Such a leftover is dropped
before the next attempt; a valid index is taken for done only where the journal says that we began it.
Source: the Postgres manual, CREATE INDEX, "Building Indexes Concurrently".
"""

from __future__ import annotations

import contextlib
from typing import Literal

import psycopg
from psycopg import sql

from .connection import Connection
from .events import Listener
from .manifest import Step

_FIND = """
SELECT n.nspname, c.relname, i.indisvalid
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE i.indexrelid = to_regclass(%s)
"""


def is_done(connection: Connection, step: Step, resumed: bool, listener: Listener) -> bool:
    """Whether an earlier run has finished this step without coming to say so. Removes broken leftovers."""
    if step.index is None:
        return False
    found, name = _find(connection, step.index)
    if step.kind == "drop_index":
        return resumed and found is None
    if found == "broken":
        listener("rebuilding_index", index=step.index[1])
        _drop(connection, name)
    return resumed and found == "valid"


def clean_up(connection: Connection, step: Step) -> None:
    """After a failed build: don't leave an index behind that every write pays for and no query uses."""
    if step.kind != "create_index" or step.index is None:
        return
    with contextlib.suppress(psycopg.Error):
        found, name = _find(connection, step.index)
        if found == "broken":
            _drop(connection, name)


def _find(
    connection: Connection, index: tuple[str | None, str]
) -> tuple[Literal["valid", "broken"] | None, sql.Identifier]:
    given = sql.Identifier(*(part for part in index if part is not None))
    row = connection.execute(_FIND, (given.as_string(connection),)).fetchone()
    if row is None:
        return None, given
    return ("valid" if row[2] else "broken"), sql.Identifier(row[0], row[1])


def _drop(connection: Connection, name: sql.Identifier) -> None:
    connection.execute(sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(name))
