"""Runs every migration on a scratch Postgres, with rows in its tables, before it is published."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from pathlib import Path

from schemas.answers import SqlOnly
from schemas.errors import Problem
from schemas.model import Schema
from schemas.versions import SchemaVersion
from schemas.workspace.lines import VersionLine
from schemas.workspace.migration import Migration

from ..errors import DriftError, RehearsalError
from ..introspection.drift import differences, extras
from ..introspection.pg_catalog import DatabaseSchema, read_database_schema
from ..introspection.views import missing_views
from ..package.release_state import Release
from ..planner.engine_script import corrected
from ..planner.plan import DiffEngine
from ..runner.verification.fingerprint import fingerprint
from ..scratch.scratch_server import ScratchServer
from .baseline_databases import BaselineDatabases, Origin, store_state
from .expected_database import build_expected, read_prerequisites
from .history import history_of
from .history_runner import HistoryRunError, HistoryRunner, objects_of
from .result import Rehearsal
from .round_trips import RoundTrip, RoundTripRunner
from .seeding.seed import seed
from .snapshots.database_reader import DatabaseReader, database_reader
from .templates import TemplateStore
from .upgrade_paths import UpgradePaths
from .worker_pool import worker_pool

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
    sql_only: SqlOnly | None = None,
    lines: Sequence[VersionLine] = (),
) -> Rehearsal:
    """Apply the migrations of ``version`` (by default the last that has any) with the real runner.

    ``migrations`` are all migrations that the version contains, ``releases`` the versions published before
    it, and ``lines`` those of the versions that it contains, where they are not one line: it is then
    rehearsed from the versions of each line. The version is reached from an empty database and, with rows,
    from earlier versions; where its migrations have a down.sql, they are also downgraded and applied again.
    The result is compared with what ``schema`` asks for, apart from what is ``sql_only``. ``cache`` is the
    server's own folder, for results that the next rehearsal can reuse.

    Raises MigrationSyntaxError for scripts that can't be split, RehearsalError for a statement that fails
    (with its file, line and column, and the version whose rows it failed on) and for drift (every
    difference), ScratchServerError for the server.
    """
    runner = HistoryRunner(migrations, lines)
    store = TemplateStore(server, cache)
    try:
        with worker_pool(server) as pool:
            work = _RehearsalRun(
                runner=runner,
                schema=schema,
                server=server,
                bridge=bridge,
                store=store,
                version=version or max(runner.versions, default=SchemaVersion(0, 0, 0)),
                pool=pool,
                sql_only=sql_only or SqlOnly(),
                lines=lines,
            )
            return work.run(releases, cache)
    except HistoryRunError as error:
        raise RehearsalError(error.problem) from None
    finally:
        store.close()


@dataclass(kw_only=True)
class _RehearsalRun:
    """One rehearsal of ``version``, whose schema is ``schema``."""

    runner: HistoryRunner
    schema: Schema
    server: ScratchServer
    bridge: DiffEngine
    #: The template databases of earlier versions.
    store: TemplateStore
    version: SchemaVersion
    pool: Executor
    #: What the migrations make and the schema leaves out.
    sql_only: SqlOnly
    lines: Sequence[VersionLine] = ()
    #: Collected during the run.
    warnings: list[Problem] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        """Whether the version has migrations of its own, or takes some over."""
        return self.version in self.runner.chain(self.version)

    def run(self, releases: Sequence[Release], cache: Path | None) -> Rehearsal:
        chain = self.runner.chain(self.version)
        below = chain[:-1] if self.is_new else chain
        taken = self.runner.taken_chains(self.version)
        baselines = [self._databases(versions) for versions in (below, *taken)]
        origins, *others = [each.origins() for each in baselines]
        if templates := [key for each in baselines for key in each.templates()]:
            self.store.prune(templates)
        objects, trips = self._reach(origins, others)
        if cache and self.is_new:
            store_state(cache, self.runner, self.version, objects)
        states = {each.version: each.objects for found in (*others, origins) for each in found} | (
            {self.version: objects} if self.runner.versions else {}
        )
        this = Release(version=self.version, schema_digest=self.schema.digest)
        last = below[-1] if below else None
        return Rehearsal(
            migrations=tuple(self.runner.rehearsed.values()),
            is_new=self.is_new,
            fingerprint=fingerprint(objects),
            round_trip=self.is_new and self.runner.has_down_scripts(self.version, last),
            warnings=tuple(dict.fromkeys(self.warnings)),
            trips=tuple(trips),
            history=history_of([*releases, this], states, self.lines),
        )

    def _databases(self, versions: Sequence[SchemaVersion]) -> BaselineDatabases:
        return BaselineDatabases(self.runner, versions, self.server, self.store, self.pool)

    def _reach(
        self, origins: Sequence[Origin], others: Sequence[Sequence[Origin]]
    ) -> tuple[dict[str, str], list[RoundTrip]]:
        """What the version consists of when it is made from nothing, and the round trips from ``origins`` and
        from ``others``, those of the lines that it takes over.

        They run side by side; a failure from nothing is reported first.
        """
        last = origins[-1] if origins else None
        reached: Future[dict[str, str]] = Future()
        with (
            self.server.new_database(last.empty if last else None) as database,
            database_reader(database) as reader,
        ):
            round_trips = RoundTripRunner(
                runner=self.runner,
                version=self.version,
                below=last.version if last else None,
                objects=reached,
                objects_below=last.objects if last else reader.objects(),
            )
            try:
                paths = UpgradePaths(round_trips, self.server, self.pool, origins if self.is_new else ())
                own = {origin.version for origin in origins}
                taken = [
                    paths
                    for other in (others if self.is_new else ())
                    for paths in self._taken_paths(
                        round_trips, [each for each in other if each.version not in own]
                    )
                ]
                objects = self._from_nothing(round_trips, reader)
                trips, warnings = paths.results()
                self.warnings += warnings
                for each in taken:
                    found, warnings = each.results()
                    trips += found
                    self.warnings += warnings
                if taken:
                    self._in_order(round_trips)
                return objects, trips
            finally:
                reached.cancel()  # if it was never set, whoever waits for it must not wait for ever

    def _taken_paths(self, round_trips: RoundTripRunner, origins: Sequence[Origin]) -> Iterator[UpgradePaths]:
        """From the versions of a line: back to the newest of them that the database has passed on its way."""
        contains = {line.version: line.contains for line in self.lines}
        before = contains.get(round_trips.below, ()) if round_trips.below is not None else ()
        passed: dict[SchemaVersion, list[Origin]] = {}
        by_version = {each.version: each for each in origins}
        for origin in origins:
            later = [version for version in by_version if version >= origin.version]
            newest = max(v for v in later if self.runner.passes(v, origin.version, self.version))
            passed.setdefault(newest, []).append(origin)
        for version, group in passed.items():
            along = replace(
                round_trips,
                below=version,
                objects_below=by_version[version].objects,
                is_taken=version not in before,
            )
            yield UpgradePaths(along, self.server, self.pool, group)

    def _in_order(self, round_trips: RoundTripRunner) -> None:
        """A new database runs the migrations of all lines in the order of their numbers."""
        with self.server.new_database() as database:
            self.runner.up(database, self.version)
            round_trips.expect_reached(objects_of(database), "upgrading an empty database")

    def _from_nothing(self, round_trips: RoundTripRunner, reader: DatabaseReader) -> dict[str, str]:
        """Up without rows, and compare with schema.prisma; then down, up, and seed rows."""
        if self.is_new:
            self.runner.up(reader.database, self.version, is_noted=True)
        found, objects = read_database_schema(reader.connection), reader.objects()
        prerequisites = read_prerequisites(reader.connection)
        round_trips.objects.set_result(objects)
        if not self.is_new:
            self._compare(found, prerequisites)
            return objects
        down_and_up = self.pool.submit(_down_and_up, round_trips, reader)
        self._compare(found, prerequisites)
        self.warnings += down_and_up.result()
        return objects

    def _compare(self, found: DatabaseSchema, prerequisites: Sequence[str]) -> None:
        """Raises RehearsalError for every difference between the migrated database and schema.prisma."""
        with self.server.new_database() as empty:
            expected = build_expected(
                corrected(self.bridge.diff(None, self.schema.text)), empty, prerequisites
            )
        kept = self.sql_only
        problems = differences(
            found,
            expected,
            sql_only={*kept.declared, *kept.inherited},
            declared=kept.declared,
            file=kept.file,
        )
        problems += missing_views(found, self.schema)
        errors = [problem for problem in problems if problem.severity == "error"]
        if errors:
            known = extras(found, expected)
            raise DriftError(
                *errors,
                extras=tuple(each.key for each in known if not each.is_absent),
                absent=tuple(each.key for each in known if each.is_absent),
            )
        self.warnings += problems


def _down_and_up(round_trips: RoundTripRunner, reader: DatabaseReader) -> tuple[Problem, ...]:
    """Down and up without rows, then with rows that are seeded here: warnings."""
    round_trips.run_without_rows(reader)
    seeding = seed(reader.connection)
    return (*seeding.warnings, *round_trips.run_with_new_rows(reader))
