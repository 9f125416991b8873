"""A number that grows with every change of what is published.

Whoever keeps a document made from the catalogue asks for the number, which is one short query, and knows
whether the document is still true. It grows in the transaction of the change, whoever makes it.
"""

from __future__ import annotations

import sqlite3
import weakref
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from .. import tables
from ..engine import catalog_errors

_TABLE = tables.published_changes
_ONLY = 1  # the table has one row
_CHANGED: Final = "schema-service.published-changed"
#: What an answer about published versions is made from.
_PUBLISHED = frozenset(
    {
        tables.versions,
        tables.artifacts,
        tables.migrations,
        tables.partial_types,
        tables.details,
        tables.corrections,
        tables.lines,
        tables.latest,
        tables.latest_elsewhere,
        tables.inputs,
        tables.signing_keys,
        tables.attestations,
        tables.staged,
        tables.drafts,
        tables.events,
    }
)


class PublishedChanges:
    """The number, for all schemas of the state database. Raises CatalogueError."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        url = engine.url
        self._file = url.database if url.drivername.startswith("sqlite") else None
        self._watching: sqlite3.Connection | None = None

    def mark(self) -> int | None:
        """What is the same for as long as nothing in the database is, asked without waiting for anything:
        SQLite has that. None of other databases. To be called by one thread at a time."""
        if self._file is None:
            return None
        try:
            if self._watching is None:
                self._watching = watching = sqlite3.connect(self._file, check_same_thread=False)
                weakref.finalize(self, watching.close)
            (found,) = self._watching.execute("PRAGMA data_version").fetchone()
        except sqlite3.Error:
            return None
        return int(found)

    def number(self) -> int:
        with catalog_errors(), self._engine.connect() as connection:
            return connection.scalar(sa.select(_TABLE.c.number)) or 0


def count_changes(engine: sa.Engine) -> None:
    """Let the number grow with each transaction of ``engine`` that changes one of those tables."""
    if sa.event.contains(engine, "commit", _commit):
        return
    sa.event.listen(engine, "after_execute", _executed)
    sa.event.listen(engine, "commit", _commit)
    sa.event.listen(engine, "rollback", _rolled_back)


def _executed(connection: sa.Connection, statement: Any, *_rest: object) -> None:
    if getattr(statement, "is_dml", False) and statement.table in _PUBLISHED:
        connection.info[_CHANGED] = True


def _commit(connection: sa.Connection) -> None:
    if not connection.info.pop(_CHANGED, False):
        return
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    first = insert(_TABLE).values(id=_ONLY, number=1)
    grown = first.on_conflict_do_update(index_elements=[_TABLE.c.id], set_={"number": _TABLE.c.number + 1})
    connection.execute(grown)


def _rolled_back(connection: sa.Connection) -> None:
    connection.info.pop(_CHANGED, None)
