"""What whoever operates the service asks the state database: is it current, who works, how much waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from . import tables
from .deliveries import in_utc
from .engine import catalog_errors
from .upgrade import check_revision

_BEATS, _RUNS, _DELIVERIES = tables.heartbeats, tables.runs, tables.deliveries
#: A worker that hasn't said for so long that it lives has died, or can't reach the state database.
ALIVE_SECONDS = 45
_FORGET_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A worker that looks for runs, and when it last did."""

    name: str
    started_at: datetime
    seen_at: datetime

    def is_alive(self, now: datetime) -> bool:
        return now - self.seen_at < timedelta(seconds=ALIVE_SECONDS)


class Operation:
    """Of the schema called ``schema_name``. Every method raises CatalogueError."""

    def __init__(self, engine: sa.Engine, schema_name: str) -> None:
        self._engine = engine
        self._name = schema_name

    def check(self) -> None:
        """Whether the tables are those that this tool works with. Raises NewerCatalogueError."""
        with catalog_errors():
            check_revision(self._engine)

    def beat(self, worker: str) -> None:
        """A worker lives. Those that nobody has heard of for a day are forgotten."""
        now = datetime.now(UTC)
        this = (_BEATS.c.schema_name == self._name, _BEATS.c.worker == worker)
        old = (_BEATS.c.schema_name == self._name, _BEATS.c.seen_at < now - _FORGET_AFTER)
        row = {"schema_name": self._name, "worker": worker, "started_at": now, "seen_at": now}
        with catalog_errors(), self._engine.begin() as connection:
            if connection.execute(_BEATS.update().where(*this).values(seen_at=now)).rowcount == 0:
                connection.execute(_BEATS.insert().values(**row))
                connection.execute(_BEATS.delete().where(*old))

    def ended(self, worker: str) -> None:
        """A worker has stopped in order."""
        this = (_BEATS.c.schema_name == self._name, _BEATS.c.worker == worker)
        with catalog_errors(), self._engine.begin() as connection:
            connection.execute(_BEATS.delete().where(*this))

    def workers(self) -> tuple[Worker, ...]:
        """Those that haven't ended in order, by name."""
        query = sa.select(_BEATS).where(_BEATS.c.schema_name == self._name).order_by(_BEATS.c.worker)
        with catalog_errors(), self._engine.connect() as connection:
            return tuple(
                Worker(name=row.worker, started_at=in_utc(row.started_at), seen_at=in_utc(row.seen_at))
                for row in connection.execute(query)
            )

    def runs_by_state(self) -> Mapping[str, int]:
        query = sa.select(_RUNS.c.state, sa.func.count()).where(_RUNS.c.schema_name == self._name)
        with catalog_errors(), self._engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(query.group_by(_RUNS.c.state))}

    def deliveries_by_state(self) -> Mapping[str, int]:
        is_delivered, is_given_up = (
            _DELIVERIES.c.delivered_at.is_not(None),
            _DELIVERIES.c.given_up_at.is_not(None),
        )
        state = sa.case((is_delivered, "delivered"), (is_given_up, "given up"), else_="pending")
        query = sa.select(state, sa.func.count()).where(_DELIVERIES.c.schema_name == self._name)
        with catalog_errors(), self._engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(query.group_by(state))}

    def published(self) -> int:
        """How many versions are."""
        query = sa.select(sa.func.count()).where(tables.versions.c.schema_name == self._name)
        with catalog_errors(), self._engine.connect() as connection:
            return connection.scalar(query) or 0
