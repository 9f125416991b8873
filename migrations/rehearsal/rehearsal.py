"""Every migration, on a scratch Postgres with rows in it, before anyone else runs it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from schemas.errors import Problem
from schemas.model import Schema
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration

from ..errors import RehearsalError
from ..introspection.drift import differences
from ..introspection.pg_catalog import Catalogue, read_catalogue
from ..package.release_state import Release
from ..planner.plan import DiffEngine
from ..runner.verification.fingerprint import fingerprint, read_objects
from ..scratch.scratch_server import ScratchServer
from .baseline_databases import Lineage, Origin, store_state
from .expected_database import build_wanted, leaned_on
from .history import history_of
from .history_runner import Stage, StageError, objects_of
from .result import Rehearsal
from .round_trips import Traveller, Trip
from .seeding.seed import seed
from .templates import TemplateStore
from .upgrade_paths import Departures
from .worker_pool import workers

__all__ = ["Rehearsal", "rehearse"]


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
                begun = Departures(traveller, self.server, self.pool, origins if self.is_new else ())
                objects = self._from_nothing(traveller, database)
                trips, warnings = begun.ended()
                self.warnings += warnings
                return objects, trips
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


def _there_and_back(traveller: Traveller, database: str) -> tuple[Problem, ...]:
    """What the last rows that are put in have to say."""
    traveller.return_trip(database)
    with psycopg.connect(database, autocommit=True) as connection:
        return seed(connection).warnings
