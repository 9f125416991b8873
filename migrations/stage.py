"""Runs all migrations on a scratch database with the real runner, up and, where there is a way, back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import psycopg

from schemas.errors import Problem
from schemas.migration import Migration
from schemas.versions import SchemaVersion

from .errors import RehearsalError, ScratchServerError
from .fingerprint import read_objects
from .manifest import build_manifest
from .runner import commands
from .runner.errors import MigrationFailedError, RunnerError
from .runner.manifest import Manifest
from .runner.options import address
from .runner.planning import NOTHING

# Postgres: "extension … is not available", and the right to create one that isn't trusted.
_EXTENSION_STATES = ("0A000", "58P01", "42501")


@dataclass(frozen=True, slots=True)
class RehearsedMigration:
    """One migration as it ran, upwards on an empty database."""

    id: str
    version: str
    duration_ms: float
    statements: int


class Stage:
    """Raises MigrationSyntaxError for scripts that can't be split into steps."""

    def __init__(self, migrations: Sequence[Migration]) -> None:
        self._migrations = {migration.id: migration for migration in migrations}
        self._manifest = _manifest(migrations)
        self.rehearsed: list[RehearsedMigration] = []

    def run(self, database: str) -> bool:
        """All the way up; and the last version back and forth if it has a way back: whether it has.

        Raises RehearsalError for a statement that fails, and for a way back that doesn't lead back.
        """
        if not self._migrations:
            return False
        *before, last = self._manifest.versions
        going = [m for m in self._manifest.migrations if m.version == last]
        if any(migration.down is None for migration in going):
            self._upgrade(database, last)
            return False
        below = before[-1] if before else NOTHING
        if before:
            self._upgrade(database, below)
        at_start = _objects(database)
        self._upgrade(database, last)
        at_end = _objects(database)
        self._guarded(lambda: commands.downgrade(self._manifest, address(database), to=below))
        _expect_equal(at_start, _objects(database), f"going down from {last}")
        self._guarded(lambda: commands.upgrade(self._manifest, address(database), to=last))
        _expect_equal(at_end, _objects(database), f"going down from {last} and up again")
        return True

    def _upgrade(self, database: str, version: str) -> None:
        self._guarded(
            lambda: commands.upgrade(self._manifest, address(database), to=version, listener=self._listen)
        )

    def _listen(self, event: str, /, **fields: Any) -> None:
        if event == "migration_finished":
            name = fields["migration"]
            steps = next(m.up for m in self._manifest.migrations if m.id == name)
            statements = sum(len(step.statements) for step in steps)
            self.rehearsed.append(
                RehearsedMigration(name, fields["version"], fields["duration_ms"], statements)
            )

    def _guarded(self, run: Callable[[], object]) -> None:
        try:
            run()
        except MigrationFailedError as error:
            raise RehearsalError(self._failure(error)) from None
        except RunnerError as error:
            raise ScratchServerError(
                Problem(code=f"rehearsal-{error.code}", message=error.message, fix=error.fix)
            ) from None

    def _failure(self, error: MigrationFailedError) -> Problem:
        direction: Literal["up", "down"] = "down" if error.file.endswith("down.sql") else "up"
        fix = "correct the statement, then run the check again"
        if "extension" in error.reason and error.sqlstate in _EXTENSION_STATES:
            fix = "the embedded Postgres lacks it: give the URL of a server that has it, for rehearsals"
        return Problem(
            code="migration-failed",
            message=f"{error.migration} fails: {error.reason}",
            fix=fix,
            file=self._migrations[error.migration].script_path(direction),
            line=error.line,
            column=error.column,
        )


def _manifest(migrations: Sequence[Migration]) -> Manifest:
    version = max((m.version for m in migrations), default=SchemaVersion(0, 0, 0))
    return Manifest.from_json(
        build_manifest(
            schema_name="rehearsal",
            package="rehearsal",
            version=version,
            schema_digest="",
            migrations=migrations,
        )
    )


def _objects(database: str) -> dict[str, str]:
    with psycopg.connect(database, autocommit=True) as connection:
        return read_objects(connection)


def _expect_equal(before: dict[str, str], after: dict[str, str], route: str) -> None:
    problems = [
        Problem(
            code="round-trip",
            message=f"{route} {what}: {' '.join(f'{name} {definition}'.split())[:300]}",
            fix="mend down.sql: it has to undo what up.sql did",
        )
        for what, entries in (
            ("loses", before.items() - after.items()),
            ("leaves behind", after.items() - before.items()),
        )
        for name, definition in sorted(entries)
    ]
    if problems:
        raise RehearsalError(*problems)
