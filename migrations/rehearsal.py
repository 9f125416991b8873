"""Every migration, on a scratch Postgres with rows in it, before anyone else runs it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg

from schemas.errors import Problem
from schemas.migration import Migration
from schemas.model import Schema
from schemas.versions import SchemaVersion

from .at_once import workers
from .catalogue import Catalogue, read_catalogue
from .drift import differences
from .errors import RehearsalError
from .history import history_of
from .lineage import Lineage, Origin, store_state
from .plan import DiffEngine
from .rehearsal_result import Rehearsal
from .released import Release
from .runner.fingerprint import fingerprint, read_objects
from .seeding.seed import seed
from .shadow import ScratchServer
from .stage import Stage, StageError, objects_of
from .templates import TemplateStore
from .trips import Traveller, Trip
from .wanted import build_wanted, leaned_on

__all__ = ["Rehearsal", "rehearse"]

# "data exception": a value that a cast or a type refuses. Source: appendix A of the Postgres manual.
_DATA_EXCEPTION = "22"
# Over all trips: each is made on a copy of its own. The newest version's rows are those of every version
# before, carried from one to the next, so that one trip meets them all.
_MOST_TABLES = 280


def rehearse(
    migrations: Sequence[Migration],
    schema: Schema,
    server: ScratchServer,
    bridge: DiffEngine,
    *,
    version: SchemaVersion | None = None,
    releases: Sequence[Release] = (),
    cache: Path | None = None,
) -> Rehearsal:
    """Apply the migrations of ``version`` (by default the last that has any) with the real runner.

    ``migrations`` are all of them up to it, ``releases`` the versions published before it. It is reached
    from nothing and from every version before, with rows; where its migrations have a way back, that is
    taken, and the way up once more. What comes out is held to what ``schema`` asks for. ``cache`` is a
    folder of the server's own for what the next rehearsal need not do again.

    Raises MigrationSyntaxError for scripts that can't be split, RehearsalError for a statement that fails
    (with its file, line and column, and with whose rows) and for drift (every difference),
    ScratchServerError for the server.
    """
    stage = Stage(migrations)
    store = TemplateStore(server, cache)
    try:
        with workers(server) as pool:
            work = _Rehearsing(
                stage=stage,
                schema=schema,
                server=server,
                bridge=bridge,
                store=store,
                version=version or max(stage.versions, default=SchemaVersion(0, 0, 0)),
                pool=pool,
            )
            return work.run(releases, cache)
    except StageError as error:
        raise RehearsalError(error.problem) from None
    finally:
        store.close()


@dataclass(kw_only=True)
class _Rehearsing:
    stage: Stage
    schema: Schema
    server: ScratchServer
    bridge: DiffEngine
    store: TemplateStore
    version: SchemaVersion
    pool: Executor
    warnings: list[Problem] = field(default_factory=list)
    untried: Sequence[Origin] = ()

    @property
    def is_new(self) -> bool:
        """Whether the version has migrations of its own."""
        return self.version in self.stage.versions

    def run(self, releases: Sequence[Release], cache: Path | None) -> Rehearsal:
        below = [version for version in self.stage.versions if version < self.version]
        origins = Lineage(self.stage, below, self.server, self.store, self.pool).origins()
        objects, trips = self._reach(origins)
        if cache and self.is_new:
            store_state(cache, self.stage, self.version, objects)
        states = {origin.version: origin.objects for origin in origins} | (
            {self.version: objects} if self.stage.versions else {}
        )
        this = Release(version=self.version, schema_digest=self.schema.digest)
        last = below[-1] if below else None
        return Rehearsal(
            migrations=tuple(self.stage.rehearsed.values()),
            fingerprint=fingerprint(objects),
            round_trip=self.is_new and self.stage.has_way_back(self.version, last),
            warnings=tuple(dict.fromkeys(self.warnings)),
            trips=tuple(trips),
            history=history_of([*releases, this], states),
        )

    def _reach(self, origins: Sequence[Origin]) -> tuple[dict[str, str], list[Trip]]:
        """What the version consists of when it is made from nothing, and the trips to it from ``origins``.

        All at once; what is reported first is what goes wrong from nothing.
        """
        last = origins[-1] if origins else None
        arrived: Future[dict[str, str]] = Future()
        with self.server.new_database(last.empty if last else None) as database:
            traveller = Traveller(
                stage=self.stage,
                version=self.version,
                below=last.version if last else None,
                objects=arrived,
                objects_below=last.objects if last else objects_of(database),
            )
            try:
                trips = self._trips(traveller, origins) if self.is_new else []
                objects = self._from_nothing(traveller, database)
                return objects, self._ended(traveller, trips)
            finally:
                arrived.cancel()  # nobody waits for what doesn't come

    def _from_nothing(self, traveller: Traveller, database: str) -> dict[str, str]:
        """Up without rows, held to schema.prisma; then down and up. At last rows are put in."""
        if self.is_new:
            self.stage.up(database, self.version, is_noted=True)
        with psycopg.connect(database, autocommit=True) as connection:
            found, objects = read_catalogue(connection), read_objects(connection)
            beforehand = leaned_on(connection)
        traveller.objects.set_result(objects)
        if not self.is_new:
            self._compare(found, beforehand)
            return objects
        on_the_way = self.pool.submit(_there_and_back, traveller, database)
        self._compare(found, beforehand)
        self.warnings += on_the_way.result()
        return objects

    def _compare(self, found: Catalogue, beforehand: Sequence[str]) -> None:
        """Raises RehearsalError for what the migrations made and schema.prisma doesn't ask for, or missed."""
        with self.server.new_database() as empty:
            wanted = build_wanted(self.bridge.diff(None, self.schema.text), empty, beforehand)
        problems = differences(found, wanted)
        errors = [problem for problem in problems if problem.severity == "error"]
        if errors:
            raise RehearsalError(*errors)
        self.warnings += problems

    def _trips(self, traveller: Traveller, origins: Sequence[Origin]) -> list[tuple[Origin, Future[Trip]]]:
        """From each version that can be started from, newest first; of a large schema, from fewer."""
        if not origins:
            return []
        tables = sum(name.startswith("table ") for name in origins[-1].objects)
        direct = [origin for origin in reversed(origins) if origin.seeded]
        most = max(1, _MOST_TABLES // max(1, tables))
        self.untried = direct[most:]
        return [(origin, self.pool.submit(self._trip, traveller, origin)) for origin in direct[:most]]

    def _trip(self, traveller: Traveller, origin: Origin) -> Trip:
        with self.server.new_database(origin.seeded) as database:
            return traveller.travel(database, origin)

    def _ended(self, traveller: Traveller, started: Sequence[tuple[Origin, Future[Trip]]]) -> list[Trip]:
        trips: list[Trip] = []
        failures: list[tuple[Origin, StageError]] = []
        for origin, trip in started:
            try:
                trips.append(trip.result())
            except StageError as error:
                if error.version == self.version:
                    failures.append((origin, error))
                else:
                    self.warnings.append(_published(origin.version, error.problem))
        if failures:
            newest, _ = started[0]
            ordinary = self._with_fewer_rows(traveller, newest, failures)
            if failures[0][0] is newest:
                trips.insert(0, ordinary)
        for each in trips:
            self.warnings += each.warnings
        return trips

    def _with_fewer_rows(
        self, traveller: Traveller, newest: Origin, failures: Sequence[tuple[Origin, StageError]]
    ) -> Trip:
        """Values at the limits of their types are not what makes a migration wrong, nor are rows that it says
        it may refuse; ordinary ones are."""
        failure = failures[0][1]
        has_excuse = failure.refused or failure.sqlstate.startswith(_DATA_EXCEPTION)
        if not has_excuse or not newest.empty:
            raise RehearsalError(_with_rows(failure, self._whose_rows(traveller, failures))) from None
        refused: dict[str, StageError] = {}
        while True:
            try:
                trip = self._trip_without(refused, traveller, newest.empty, newest)
            except StageError as error:
                if error.refused is None or error.refused in refused:
                    raise RehearsalError(_with_rows(error, newest.version)) from None
                refused[error.refused] = error
            else:
                break
        self.warnings += [_may_refuse(error) for error in refused.values()] or [_at_limits(failure)]
        return trip

    def _whose_rows(
        self, traveller: Traveller, failures: Sequence[tuple[Origin, StageError]]
    ) -> SchemaVersion:
        """Rows are carried from version to version: the oldest with which it fails has brought them."""
        for origin in reversed(self.untried):
            try:
                self._trip(traveller, origin)
            except StageError as error:
                if error.version == self.version:
                    return origin.version
        return failures[-1][0].version

    def _trip_without(
        self, tables: Iterable[str], traveller: Traveller, template: str, origin: Origin
    ) -> Trip:
        with self.server.new_database(template) as database:
            with psycopg.connect(database, autocommit=True) as connection:
                seed(connection, with_boundaries=False)
                for table in tables:
                    connection.execute(f"TRUNCATE {table} CASCADE".encode())
            return traveller.travel(database, origin)


def _there_and_back(traveller: Traveller, database: str) -> tuple[Problem, ...]:
    """What the last rows that are put in have to say."""
    traveller.return_trip(database)
    with psycopg.connect(database, autocommit=True) as connection:
        return seed(connection).warnings


def _with_rows(error: StageError, version: SchemaVersion) -> Problem:
    table = f" in table {error.table}" if error.table else ""
    fix = "on an empty database it works: let the script deal with the rows that are there"
    if "input value for enum" in error.problem.message:
        fix += '; for a generated one, [backfill] "Enum.OLD_VALUE" = "NEW_VALUE" in version.toml says how'
    return replace(
        error.problem,
        code="migration-fails-with-rows",
        message=f"with rows of {version}{table}, {error.problem.message}",
        fix=error.problem.fix if error.problem.line is None else fix,
    )


def _at_limits(error: StageError) -> Problem:
    return replace(
        error.problem,
        code="fails-at-limits",
        message=f"with values at the limits of their types, {error.problem.message}",
        fix="with ordinary values it works: make sure there are no others, or let the migration convert them",
        severity="warning",
    )


def _may_refuse(error: StageError) -> Problem:
    return replace(
        error.problem,
        code="may-refuse",
        message=f"{error.problem.message}, as it says it may: rehearsed without rows in {error.refused}",
        fix="make sure that no database has such rows: there it stops, and changes nothing",
        severity="warning",
    )


def _published(origin: SchemaVersion, problem: Problem) -> Problem:
    return replace(
        problem,
        message=f"with rows of {origin}, {problem.message}",
        fix="it is published and stays as it is; databases with such rows need them mended first",
        severity="warning",
    )
