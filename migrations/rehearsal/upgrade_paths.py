"""The trips to a version from those before it, and what is made of the ones that fail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor

import psycopg

from schemas.errors import Problem
from schemas.versions import SchemaVersion

from ..errors import RehearsalError
from ..scratch.scratch_server import ScratchServer
from .baseline_databases import Origin
from .history_runner import StageError
from .problems import at_limits, may_refuse, published, with_rows
from .round_trips import Traveller, Trip
from .seeding.seed import seed

# "data exception": a value that a cast or a type refuses. Source: appendix A of the Postgres manual.
_DATA_EXCEPTION = "22"
# Over all trips: each is made on a copy of its own. The newest version's rows are those of every version
# before, carried from one to the next, so that one trip meets them all.
_MOST_TABLES = 280


class Departures:
    """Trips from ``origins`` (oldest first), under way in the ``pool`` from now on: from each that can be
    started from, or from the newest ones where the schema is large."""

    def __init__(
        self, traveller: Traveller, server: ScratchServer, pool: Executor, origins: Sequence[Origin]
    ) -> None:
        self._traveller = traveller
        self._server = server
        tables = sum(name.startswith("table ") for name in origins[-1].objects) if origins else 0
        direct = [origin for origin in reversed(origins) if origin.seeded]
        most = max(1, _MOST_TABLES // max(1, tables))
        self._untried = direct[most:]
        self._started = [(origin, pool.submit(self._trip, origin)) for origin in direct[:most]]

    def ended(self) -> tuple[list[Trip], list[Problem]]:
        """Wait for all of them: the trips, newest first, and warnings.

        Raises RehearsalError for what is this version's fault, with whose rows it is found.
        """
        trips: list[Trip] = []
        warnings: list[Problem] = []
        failures: list[tuple[Origin, StageError]] = []
        for origin, trip in self._started:
            try:
                trips.append(trip.result())
            except StageError as error:
                if error.version == self._traveller.version:
                    failures.append((origin, error))
                else:
                    warnings.append(published(origin.version, error.problem))
        if failures:
            newest, _ = self._started[0]
            ordinary, excuses = self._with_fewer_rows(newest, failures)
            warnings += excuses
            if failures[0][0] is newest:
                trips.insert(0, ordinary)
        return trips, [*warnings, *(warning for each in trips for warning in each.warnings)]

    def _trip(self, origin: Origin) -> Trip:
        with self._server.new_database(origin.seeded) as database:
            return self._traveller.travel(database, origin)

    def _with_fewer_rows(
        self, newest: Origin, failures: Sequence[tuple[Origin, StageError]]
    ) -> tuple[Trip, list[Problem]]:
        """Values at the limits of their types are not what makes a migration wrong, nor are rows that it says
        it may refuse; ordinary ones are."""
        failure = failures[0][1]
        has_excuse = failure.refused or failure.sqlstate.startswith(_DATA_EXCEPTION)
        if not has_excuse or not newest.empty:
            raise RehearsalError(with_rows(failure, self._whose_rows(failures))) from None
        refused: dict[str, StageError] = {}
        while True:
            try:
                trip = self._trip_without(refused, newest.empty, newest)
            except StageError as error:
                if error.refused is None or error.refused in refused:
                    raise RehearsalError(with_rows(error, newest.version)) from None
                refused[error.refused] = error
            else:
                return trip, [may_refuse(error) for error in refused.values()] or [at_limits(failure)]

    def _whose_rows(self, failures: Sequence[tuple[Origin, StageError]]) -> SchemaVersion:
        """Rows are carried from version to version: the oldest with which it fails has brought them."""
        for origin in reversed(self._untried):
            try:
                self._trip(origin)
            except StageError as error:
                if error.version == self._traveller.version:
                    return origin.version
        return failures[-1][0].version

    def _trip_without(self, tables: Iterable[str], template: str, origin: Origin) -> Trip:
        with self._server.new_database(template) as database:
            with psycopg.connect(database, autocommit=True) as connection:
                seed(connection, with_boundaries=False)
                for table in tables:
                    connection.execute(f"TRUNCATE {table} CASCADE".encode())
            return self._traveller.travel(database, origin)
