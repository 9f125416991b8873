"""Every migration, on a scratch Postgres with rows in it, before anyone else runs it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg

from schemas.errors import Problem
from schemas.migration import Migration
from schemas.model import Schema
from schemas.versions import SchemaVersion

from .catalogue import read_catalogue
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
from .wanted import build_wanted

__all__ = ["Rehearsal", "rehearse"]

# "data exception": a value that a cast or a type refuses. Source: appendix A of the Postgres manual.
_DATA_EXCEPTION = "22"


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
        work = _Rehearsing(
            stage=stage,
            schema=schema,
            server=server,
            bridge=bridge,
            store=store,
            version=version or max(stage.versions, default=SchemaVersion(0, 0, 0)),
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
    warnings: list[Problem] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        """Whether the version has migrations of its own."""
        return self.version in self.stage.versions

    def run(self, releases: Sequence[Release], cache: Path | None) -> Rehearsal:
        below = [version for version in self.stage.versions if version < self.version]
        origins = Lineage(self.stage, below, self.server, self.store).origins()
        objects, traveller, seeded = self._from_nothing(origins)
        trips = self._trips(traveller, origins) if traveller else []
        if cache and self.is_new:
            store_state(cache, self.stage, self.version, objects)
        states = {origin.version: origin.objects for origin in origins} | (
            {self.version: objects} if self.stage.versions else {}
        )
        this = Release(version=self.version, schema_digest=self.schema.digest)
        return Rehearsal(
            migrations=tuple(self.stage.rehearsed.values()),
            fingerprint=fingerprint(objects),
            round_trip=traveller is not None and self.stage.has_way_back(self.version, traveller.below),
            warnings=tuple(dict.fromkeys([*self.warnings, *seeded])),
            trips=tuple(trips),
            history=history_of([*releases, this], states),
        )

    def _from_nothing(
        self, origins: Sequence[Origin]
    ) -> tuple[dict[str, str], Traveller | None, Iterable[Problem]]:
        """Up without rows, held to schema.prisma; then down and up. At last rows are put in."""
        last = origins[-1] if origins else None
        with self.server.new_database(last.empty if last else None) as database:
            before = objects_of(database)
            if self.is_new:
                self.stage.up(database, self.version)
            objects = self._compare_with_schema(database)
            if not self.is_new:
                return objects, None, ()
            traveller = Traveller(
                stage=self.stage,
                version=self.version,
                below=last.version if last else None,
                objects=objects,
                objects_below=before,
            )
            traveller.travel(database, last)
            with psycopg.connect(database, autocommit=True) as connection:
                return objects, traveller, seed(connection).warnings

    def _compare_with_schema(self, database: str) -> dict[str, str]:
        with (
            self.server.new_database() as empty,
            psycopg.connect(database, autocommit=True) as connection,
        ):
            found, objects = read_catalogue(connection), read_objects(connection)
            wanted = build_wanted(self.bridge.diff(None, self.schema.text), empty, connection)
        problems = differences(found, wanted)
        errors = [problem for problem in problems if problem.severity == "error"]
        if errors:
            raise RehearsalError(*errors)
        self.warnings += problems
        return objects

    def _trips(self, traveller: Traveller, origins: Sequence[Origin]) -> list[Trip]:
        """From each version that can be started from, newest first."""
        trips = []
        direct = [origin for origin in origins if origin.seeded]
        for origin in reversed(direct):
            try:
                trip = self._trip(traveller, origin)
            except StageError as error:
                if error.version == self.version:
                    trip = self._without_boundaries(traveller, direct, error)
                else:
                    self.warnings.append(_published(origin.version, error.problem))
                    continue
            self.warnings += trip.warnings
            trips.append(trip)
        return trips

    def _trip(self, traveller: Traveller, origin: Origin) -> Trip:
        with self.server.new_database(origin.seeded) as database:
            return traveller.travel(database, origin)

    def _without_boundaries(
        self, traveller: Traveller, direct: Sequence[Origin], failure: StageError
    ) -> Trip:
        """Values at the limits of their types are not what makes a migration wrong; ordinary ones are."""
        last = direct[-1]
        if failure.sqlstate.startswith(_DATA_EXCEPTION) and last.empty:
            with self.server.new_database(last.empty) as database:
                with psycopg.connect(database, autocommit=True) as connection:
                    seed(connection, with_boundaries=False)
                try:
                    trip = traveller.travel(database, last)
                except StageError as error:
                    raise RehearsalError(_with_rows(error, last.version)) from None
            self.warnings.append(_at_limits(failure))
            return trip
        raise RehearsalError(_with_rows(failure, self._first_failing(traveller, direct))) from None

    def _first_failing(self, traveller: Traveller, direct: Sequence[Origin]) -> SchemaVersion:
        """Rows are carried from version to version: the first that brings some that fail."""
        for origin in direct[:-1]:
            try:
                self._trip(traveller, origin)
            except StageError as error:
                if error.version == self.version:
                    return origin.version
        return direct[-1].version


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


def _published(origin: SchemaVersion, problem: Problem) -> Problem:
    return replace(
        problem,
        message=f"with rows of {origin}, {problem.message}",
        fix="it is published and stays as it is; databases with such rows need them mended first",
        severity="warning",
    )
