"""What whoever operates the service asks the state database: is it current, and how much waits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from . import tables
from .engine import catalog_errors
from .fleets.records import OPEN
from .run_queue import ACTIVE
from .upgrade import check_revision

_RUNS, _DELIVERIES, _EVENTS = tables.runs, tables.deliveries, tables.run_events
#: Whose events there are, and how those are that are not over.
_WITH_EVENTS = ((tables.runs, ACTIVE), (tables.release_jobs, ACTIVE), (tables.fleet_runs, OPEN))


class Operation:
    """Of the schema called ``schema_name``. Every method raises CatalogueError."""

    def __init__(self, engine: sa.Engine, schema_name: str) -> None:
        self._engine = engine
        self._name = schema_name

    def check(self) -> None:
        """Whether the tables are those that this tool works with. Raises NewerCatalogueError."""
        with catalog_errors():
            check_revision(self._engine)

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

    def forget_events(self, before: datetime) -> int:
        """Remove the events from ``before`` that moment of runs, fleet runs and release jobs that are over;
        returns how many. How these ended is kept."""
        going_on = [
            sa.select(table.c.id).where(table.c.schema_name == self._name, table.c.state.in_(states))
            for table, states in _WITH_EVENTS
        ]
        old = (_EVENTS.c.schema_name == self._name, _EVENTS.c.at < before)
        over = (_EVENTS.c.run.not_in(each) for each in going_on)
        with catalog_errors(), self._engine.begin() as connection:
            return connection.execute(_EVENTS.delete().where(*old, *over)).rowcount

    def published(self) -> int:
        """How many versions are."""
        query = sa.select(sa.func.count()).where(tables.versions.c.schema_name == self._name)
        with catalog_errors(), self._engine.connect() as connection:
            return connection.scalar(query) or 0
