"""Runs a history of migrations on scratch databases, with the real runner."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import psycopg

from schemas.errors import Problem
from schemas.versions import SchemaVersion
from schemas.workspace.lines import VersionLine
from schemas.workspace.migration import Migration

from ..ddl.names import PUBLIC
from ..errors import ScratchServerError
from ..identifiers import quoted
from ..package.manifest import build_manifest
from ..runner import commands
from ..runner.errors import MigrationFailedError, RefusedError, RunnerError
from ..runner.events import silent
from ..runner.fit_checks import Check, FitChecks, in_a_run
from ..runner.manifest import DowngradeChecks, Manifest
from ..runner.options import address
from ..runner.planning.planning import NOTHING
from ..runner.report import Forecast
from ..runner.verification.fingerprint import read_objects
from .extensions import FIX_EMBEDDED
from .may_refuse import table_refused
from .refused_statements import fix_of_refused

_FIX_NEEDLESS = "{} itself runs with these rows: expect that the runner refuses it where they are"
_REFUSALS = ("in-use", "rows-do-not-fit", "name-taken")
_FIX_PARTITIONED = (
    "leave out CONCURRENTLY, below -- squawk-ignore require-concurrent-index-creation (or -deletion); it "
    "locks the table. To create one without that lock: CREATE INDEX … ON ONLY the table, one on each "
    "partition CONCURRENTLY, and ALTER INDEX … ATTACH PARTITION"
)
# Postgres: "extension … is not available", and no permission to create one that isn't trusted.
_EXTENSION_STATES = ("0A000", "58P01", "42501")


@dataclass(frozen=True, slots=True)
class RehearsedMigration:
    """One migration as it ran up on an empty database."""

    id: str
    version: str
    duration_ms: float
    statements: int


class HistoryRunError(Exception):
    """A migration that failed; the caller knows which rows the database had.

    ``table`` is the table that Postgres names, ``sqlstate`` its error code. ``refused`` is the table whose
    rows the statement may refuse (:mod:`migrations.rehearsal.may_refuse`). ``statement_fails`` is False where
    the checks have refused to run it.
    """

    def __init__(
        self,
        problem: Problem,
        version: SchemaVersion,
        table: str | None,
        sqlstate: str,
        refused: str | None = None,
        *,
        statement_fails: bool = True,
    ) -> None:
        super().__init__(problem.message)
        self.problem = problem
        self.version = version
        self.table = table
        self.sqlstate = sqlstate
        self.refused = refused
        self.statement_fails = statement_fails


class HistoryRunner:
    """``migrations`` are the whole history, ``lines`` those of the versions that have come together in the
    last one, if there are several. Raises MigrationSyntaxError for scripts that can't be split."""

    def __init__(self, migrations: Sequence[Migration], lines: Sequence[VersionLine] = ()) -> None:
        self._migrations = {migration.id: migration for migration in migrations}
        self._lines = {line.version: line for line in lines}
        self._manifest = _manifest(migrations, lines)
        self._statements = {
            m.id: sum(len(step.statements) for step in m.up) for m in self._manifest.migrations
        }
        self.rehearsed: dict[str, RehearsedMigration] = {}

    @property
    def versions(self) -> list[SchemaVersion]:
        """The versions that have migrations, oldest first."""
        return sorted({migration.version for migration in self._migrations.values()})

    def chain(self, version: SchemaVersion) -> list[SchemaVersion]:
        """The versions that change the database on the line that leads to ``version``, oldest first, with
        itself if it does."""
        if not self._lines:
            return [each for each in self.versions if each <= version]
        found = []
        line = self._lines.get(version)
        while line is not None:
            before = self._lines.get(line.base) if line.base is not None else None
            if before is None or (line.history, line.beside) != (before.history, before.beside):
                found.append(line.version)
            line = before
        return found[::-1]

    def taken_chains(self, version: SchemaVersion) -> list[list[SchemaVersion]]:
        """The same for each line that ``version`` has taken over."""
        reached: set[SchemaVersion] = {version, *self.chain(version)}
        chains = []
        for each in sorted(self._lines, reverse=True):
            chain = self.chain(each)
            if each not in reached and each in chain and not reached.issuperset(chain):
                chains.append(chain)
                reached.update(chain)
        return chains

    def path(self, version: SchemaVersion, below: SchemaVersion | None) -> list[Migration]:
        """What runs from ``below`` (None: nothing) to ``version``, in order."""
        if not self._lines:
            ordered = sorted(self._migrations.values(), key=lambda migration: migration.number)
            return [
                each
                for each in ordered
                if each.version <= version and (below is None or each.version > below)
            ]
        there = {m.id for m in self._manifest.up_to(None if below is None else str(below))}
        return [self._migrations[m.id] for m in self._manifest.missing(str(version), there.__contains__)]

    def passes(self, passed: SchemaVersion, below: SchemaVersion, version: SchemaVersion) -> bool:
        """Whether a database that has gone from ``below`` to ``version`` has what one at ``passed`` has."""
        has = {m.id for m in self._manifest.up_to(str(below))} | {m.id for m in self.path(version, below)}
        return not self._manifest.missing(str(passed), has.__contains__)

    def checksums(self, version: SchemaVersion) -> list[str]:
        """The id and checksum of each migration up to ``version``."""
        up_to = {migration.id for migration in self.path(version, None)}
        return [f"{m.id} {m.checksum}" for m in self._manifest.migrations if m.id in up_to]

    def has_down_scripts(self, version: SchemaVersion, to: SchemaVersion | None) -> bool:
        """Whether each migration up to ``version`` and above ``to`` has a down.sql."""
        return all(migration.down is not None for migration in self.path(version, to))

    def up(self, database: str, version: SchemaVersion, *, is_noted: bool = False) -> tuple[Problem, ...]:
        """Upgrade to ``version``: warnings about what its checks refuse without need; with ``is_noted``, what
        runs is added to ``rehearsed``.

        Raises HistoryRunError for a statement that fails.
        """
        listener = self._note if is_noted else silent

        def run(manifest: Manifest) -> None:
            self._guarded(
                "up",
                lambda: commands.upgrade(manifest, address(database), to=str(version), listener=listener),
            )

        return self._with_and_without_checks(run, "up.sql")

    def up_scripts(self, version: SchemaVersion, below: SchemaVersion | None) -> tuple[list[str], list[str]]:
        """Every up.sql up to ``below``, and those from there to ``version``, in order."""
        before = [] if below is None else self.path(below, None)
        return [m.up for m in before], [m.up for m in self.path(version, below)]

    def checks_about(self, table: str, version: SchemaVersion, below: SchemaVersion | None) -> list[Check]:
        """What an upgrade to ``version`` asks before it about the rows of a table, whose name is SQL."""
        path = {migration.id for migration in self.path(version, below)}
        own = [m for m in self._manifest.migrations if m.id in path]
        asked = in_a_run([m.up_checks for m in own], [False for _ in own])
        name = table.removeprefix(f"{quoted(PUBLIC)}.")
        return [each.check for each in asked if not each.is_put_off and each.check.tables[0] == name]

    def ask_down(self, database: str, version: SchemaVersion | None) -> Forecast:
        """What the checks of a downgrade to ``version`` find; nothing is changed."""
        to = NOTHING if version is None else str(version)
        return commands.plan(self._manifest, address(database), to=to, down=True)

    def down(self, database: str, version: SchemaVersion | None) -> tuple[Problem, ...]:
        """Downgrade to ``version`` (None: to nothing): warnings about what its checks refuse without need.

        Raises HistoryRunError for a statement that fails.
        """
        to = NOTHING if version is None else str(version)

        def run(manifest: Manifest) -> None:
            self._guarded(
                "down", lambda: commands.downgrade(manifest, address(database), to=to, allow_data_loss=True)
            )

        return self._with_and_without_checks(run, "down.sql")

    def _with_and_without_checks(self, run: Callable[[Manifest], None], script: str) -> tuple[Problem, ...]:
        """Running what the checks refuse names the statement that fails, or shows that none does."""
        try:
            run(self._manifest)
        except HistoryRunError as error:
            if error.statement_fails:
                raise
            run(_without_checks(self._manifest))
            fix = _FIX_NEEDLESS.format(script)
            return (replace(error.problem, code="refused-without-need", severity="warning", fix=fix),)
        return ()

    def _note(self, event: str, /, **fields: Any) -> None:
        if event == "migration_finished":
            name = fields["migration"]
            ran = RehearsedMigration(name, fields["version"], fields["duration_ms"], self._statements[name])
            self.rehearsed.setdefault(name, ran)

    def _guarded(self, direction: Literal["up", "down"], run: Callable[[], object]) -> None:
        try:
            run()
        except MigrationFailedError as error:
            raise self._failure(error) from error
        except RefusedError as error:
            raise self._refusal(error, direction) from error
        except RunnerError as error:
            raise ScratchServerError(
                Problem(code=f"rehearsal-{error.code}", message=error.message, fix=error.fix)
            ) from None

    def _refusal(self, error: RefusedError, direction: Literal["up", "down"]) -> Exception:
        """A run that the runner refuses because of rows; other refusals aren't a migration's fault."""
        migration = self._migrations.get(error.details[0].partition(":")[0]) if error.details else None
        if migration is None or error.code not in _REFUSALS:
            return ScratchServerError(
                Problem(code=f"rehearsal-{error.code}", message=error.message, fix=error.fix)
            )
        version = "older" if direction == "down" else "newer"
        problem = Problem(
            code="migration-failed",
            message=f"the {direction}grade is refused: {'; '.join(error.details)}",
            fix=f"let {direction}.sql give these rows values that the {version} version can hold",
            file=migration.script_path(direction),
        )
        return HistoryRunError(problem, migration.version, None, "", statement_fails=False)

    def _failure(self, error: MigrationFailedError) -> HistoryRunError:
        direction: Literal["up", "down"] = "down" if error.file.endswith("down.sql") else "up"
        fix = "correct the statement, then run the check again"
        if "extension" in error.reason and error.sqlstate in _EXTENSION_STATES:
            fix = FIX_EMBEDDED
        elif "partitioned" in error.reason and "concurrently" in error.reason:
            fix = _FIX_PARTITIONED
        elif "row-level security policy" in error.reason:
            fix = "give the role that migrates BYPASSRLS, here and where it will run: ALTER ROLE … BYPASSRLS"
        migration = self._migrations[error.migration]
        script = migration.up if direction == "up" else migration.down
        if script is not None:
            fix = fix_of_refused(error, self._scripts_before(migration, direction), script) or fix
        problem = Problem(
            code="migration-failed",
            message=f"{error.migration} fails: {error.reason}",
            fix=fix,
            file=migration.script_path(direction),
            line=error.line,
            column=error.column,
        )
        cause = error.__cause__
        table = cause.diag.table_name if isinstance(cause, psycopg.Error) else None
        refused = None
        if script is not None and error.line is not None and error.column is not None:
            # Rows are seeded at the version before, so going up the table's name there is needed.
            refused = table_refused(script, error.line, error.column, name_before=direction == "up")
        return HistoryRunError(problem, migration.version, table, error.sqlstate or "", refused)

    def _scripts_before(self, migration: Migration, direction: Literal["up", "down"]) -> list[str]:
        """The scripts that led to where the script of ``migration`` begins."""
        last = migration.number - (direction == "up")
        ordered = sorted(self._migrations.values(), key=lambda each: each.number)
        return [each.up for each in ordered if each.number <= last]


def objects_of(database: str) -> dict[str, str]:
    """What the database consists of; see :mod:`migrations.runner.verification.fingerprint`."""
    with psycopg.connect(database, autocommit=True) as connection:
        return read_objects(connection)


def _without_checks(manifest: Manifest) -> Manifest:
    unasked = (
        replace(
            m,
            downgrade_checks=(DowngradeChecks(m.id, (), ()),),
            up_checks=FitChecks(),
            down_checks=FitChecks(),
        )
        for m in manifest.migrations
    )
    return replace(manifest, migrations=tuple(unasked))


def _manifest(migrations: Sequence[Migration], lines: Sequence[VersionLine]) -> Manifest:
    found = [*(m.version for m in migrations), *(line.version for line in lines)]
    return Manifest.from_json(
        build_manifest(
            schema_name="rehearsal",
            package="rehearsal",
            version=max(found, default=SchemaVersion(0, 0, 0)),
            schema_digest="",
            migrations=migrations,
            lines=lines,
            # One that takes a line over may have no migrations of its own.
            versions=[line.version for line in lines],
        )
    )
