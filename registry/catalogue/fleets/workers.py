"""Which workers are alive: each says so every few seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from schemas.errors import Problem

from ...errors import CatalogueError
from .. import tables
from ..deliveries import in_utc
from ..engine import catalog_errors

BEAT_SECONDS = 5.0
_ALIVE = timedelta(seconds=3 * BEAT_SECONDS)
_FORGOTTEN = timedelta(days=1)
_TABLE = tables.workers


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveWorker:
    """A worker that was heard of some seconds ago. ``name`` is its machine's and its process'."""

    name: str
    host: str
    started_at: datetime
    seen_at: datetime


class Workers:
    """Those of the schema called ``schema_name``. Every method raises CatalogueError."""

    def __init__(self, engine: sa.Engine, schema_name: str) -> None:
        self._engine = engine
        self._name = schema_name

    @property
    def is_on_one_machine(self) -> bool:
        """Whether the state database is a file, which workers of one machine can share."""
        return self._engine.dialect.name == "sqlite"

    def beat(self, name: str, host: str) -> None:
        """The worker is alive."""
        now = datetime.now(UTC)
        this = (self._mine, _TABLE.c.name == name)
        row = {"schema_name": self._name, "name": name, "host": host, "started_at": now, "seen_at": now}
        with catalog_errors(), self._engine.begin() as connection:
            old = (self._mine, _TABLE.c.seen_at < now - _FORGOTTEN)
            connection.execute(_TABLE.delete().where(*old))
            if connection.execute(_TABLE.update().where(*this).values(seen_at=now)).rowcount == 0:
                connection.execute(_TABLE.insert().values(**row))

    def leave(self, name: str) -> None:
        """The worker ends."""
        with catalog_errors(), self._engine.begin() as connection:
            connection.execute(_TABLE.delete().where(self._mine, _TABLE.c.name == name))

    def alive(self) -> tuple[LiveWorker, ...]:
        """By name."""
        since = datetime.now(UTC) - _ALIVE
        query = sa.select(_TABLE).where(self._mine, _TABLE.c.seen_at > since).order_by(_TABLE.c.name)
        with catalog_errors(), self._engine.connect() as connection:
            return tuple(
                LiveWorker(
                    name=row.name,
                    host=row.host,
                    started_at=in_utc(row.started_at),
                    seen_at=in_utc(row.seen_at),
                )
                for row in connection.execute(query)
            )

    def check_may_join(self, host: str) -> None:
        """Raises CatalogueError where the state database is a file that another machine works on."""
        others = {each.host for each in self.alive()} - {host}
        if self.is_on_one_machine and others:
            raise CatalogueError(_not_shared(sorted(others)))

    @property
    def _mine(self) -> sa.ColumnElement[bool]:
        return _TABLE.c.schema_name == self._name


def _not_shared(hosts: list[str]) -> Problem:
    return Problem(
        code="state-not-shared",
        message=f"the state database is a SQLite file, and {', '.join(hosts)} works on it: its locks hold on "
        "one machine only",
        fix='share a state database in Postgres: [state] url = "postgresql://user@host/database" on each '
        f"machine; where that one was just stopped, wait {_ALIVE.seconds} s and run this again",
    )
