"""The round trips to a version from earlier ones, and which failures are its fault."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor

import psycopg

from schemas.errors import Problem
from schemas.versions import SchemaVersion

from ..errors import RehearsalError
from ..scratch.scratch_server import ScratchServer
from .baseline_databases import Origin
from .history_runner import HistoryRunError
from .problems import at_limits, lines_apart, may_refuse, published, with_rows
from .round_trips import RoundTrip, RoundTripRunner
from .seeding.seed import seed
from .values.fitting_rows import remove_unfit

# "data exception": a value that a cast or a type refuses. Source: appendix A of the Postgres manual.
_DATA_EXCEPTION = "22"
# In all round trips together: each runs on a copy of its own. The newest version's database has the rows of
# every earlier version, so that a single round trip covers them all.
_MOST_TABLES = 280


class UpgradePaths:
    """Round trips from ``origins`` (oldest first), started in the ``pool`` at once: from each that has a
    database to copy, or from the newest ones only where the schema is large."""

    def __init__(
        self,
        round_trips: RoundTripRunner,
        server: ScratchServer,
        pool: Executor,
        origins: Sequence[Origin],
    ) -> None:
        self._round_trips = round_trips
        self._server = server
        tables = sum(name.startswith("table ") for name in origins[-1].objects) if origins else 0
        direct = [origin for origin in reversed(origins) if origin.seeded]
        most = max(1, _MOST_TABLES // max(1, tables))
        self._untried = direct[most:]
        self._started = [(origin, pool.submit(self._trip, origin)) for origin in direct[:most]]

    def results(self) -> tuple[list[RoundTrip], list[Problem]]:
        """Wait for all of them: the round trips, newest first, and warnings.

        Raises RehearsalError for what is this version's fault, naming the version whose rows show it.
        """
        trips: list[RoundTrip] = []
        warnings: list[Problem] = []
        failures: list[tuple[Origin, HistoryRunError]] = []
        for origin, trip in self._started:
            try:
                trips.append(trip.result())
            except HistoryRunError as error:
                if error.version == self._round_trips.version:
                    failures.append((origin, error))
                elif self._round_trips.is_taken:
                    route = (origin.version, self._round_trips.version)
                    raise RehearsalError(lines_apart(*route, error.problem)) from None
                else:
                    warnings.append(published(origin.version, error.problem))
        if failures:
            newest, _ = self._started[0]
            ordinary, excuses = self._with_fewer_rows(newest, failures)
            warnings += excuses
            if failures[0][0] is newest:
                trips.insert(0, ordinary)
        return trips, [*warnings, *(warning for each in trips for warning in each.warnings)]

    def _trip(self, origin: Origin) -> RoundTrip:
        with self._server.new_database(origin.seeded) as database:
            return self._round_trips.run(database, origin)

    def _with_fewer_rows(
        self, newest: Origin, failures: Sequence[tuple[Origin, HistoryRunError]]
    ) -> tuple[RoundTrip, list[Problem]]:
        """Try again without extreme values and without rows that the migration is marked to refuse.

        Failing on those is a warning, failing on ordinary rows an error.
        """
        failure = failures[0][1]
        has_excuse = failure.refused or failure.sqlstate.startswith(_DATA_EXCEPTION)
        if not has_excuse or not newest.empty:
            raise RehearsalError(with_rows(failure, self._whose_rows(failures))) from None
        refused: dict[str, HistoryRunError] = {}
        emptied: set[str] = set()
        while True:
            try:
                trip = self._trip_without(refused, emptied, newest.empty, newest)
            except HistoryRunError as error:
                if error.refused is None or error.refused in emptied:
                    raise RehearsalError(with_rows(error, newest.version)) from None
                if error.refused in refused:
                    emptied.add(error.refused)
                refused[error.refused] = error
            else:
                told = [may_refuse(error, is_emptied=table in emptied) for table, error in refused.items()]
                return trip, told or [at_limits(failure)]

    def _whose_rows(self, failures: Sequence[tuple[Origin, HistoryRunError]]) -> SchemaVersion:
        """The oldest version with whose rows it fails: rows are migrated from version to version."""
        for origin in reversed(self._untried):
            try:
                self._trip(origin)
            except HistoryRunError as error:
                if error.version == self._round_trips.version:
                    return origin.version
        return failures[-1][0].version

    def _trip_without(
        self, refused: Iterable[str], emptied: set[str], template: str, origin: Origin
    ) -> RoundTrip:
        """Without the rows of ``refused`` tables that don't fit, or without any where that can't be told."""
        with self._server.new_database(template) as database:
            with psycopg.connect(database, autocommit=True) as connection:
                seed(connection, with_boundaries=False)
                for table in refused:
                    checks = self._round_trips.runner.checks_about(
                        table, self._round_trips.version, self._round_trips.below
                    )
                    if table in emptied or not remove_unfit(connection, table, checks):
                        emptied.add(table)
                        connection.execute(f"TRUNCATE {table} CASCADE".encode())
            return self._round_trips.run(database, origin)
