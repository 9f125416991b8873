"""Every migration, on a scratch Postgres, before anyone else runs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from schemas.errors import Problem
from schemas.migration import Migration
from schemas.model import Schema

from .catalogue import Catalogue, read_catalogue
from .drift import differences
from .errors import RehearsalError
from .fingerprint import fingerprint, read_objects
from .plan import DiffEngine
from .shadow import ScratchServer
from .stage import RehearsedMigration, Stage
from .wanted import build_wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """A rehearsal that went well.

    ``fingerprint`` is that of the migrated database (sha256, hex). ``round_trip`` tells whether the version
    was also taken back and applied again, which needs a down.sql in each of its migrations. ``warnings``
    are about names of indexes and constraints only.
    """

    migrations: tuple[RehearsedMigration, ...]
    fingerprint: str
    round_trip: bool
    warnings: tuple[Problem, ...]

    @property
    def duration_ms(self) -> float:
        """Of all migrations together."""
        return round(sum(migration.duration_ms for migration in self.migrations), 1)

    @property
    def statements(self) -> int:
        """Of all migrations together."""
        return sum(migration.statements for migration in self.migrations)

    def to_json(self) -> dict[str, Any]:
        """As JSON values, for a release's record."""
        return {
            "migrations": [
                {"id": m.id, "version": m.version, "duration_ms": m.duration_ms, "statements": m.statements}
                for m in self.migrations
            ],
            "duration_ms": self.duration_ms,
            "statements": self.statements,
            "fingerprint": self.fingerprint,
            "round_trip": self.round_trip,
            "warnings": [str(warning) for warning in self.warnings],
        }


def rehearse(
    migrations: Sequence[Migration], schema: Schema, server: ScratchServer, bridge: DiffEngine
) -> Rehearsal:
    """Apply all migrations with the real runner, and hold the result to what ``schema`` asks for.

    Where every migration of the last version has a way back, it is taken, and the way up once more.
    Raises MigrationSyntaxError for scripts that can't be split, RehearsalError for a statement that fails
    (with its file, line and column) and for drift (every difference), ScratchServerError for the server.
    """
    stage = Stage(migrations)
    with server.new_database() as database, server.new_database() as empty:
        round_trip = stage.run(database)
        with psycopg.connect(database, autocommit=True) as connection:
            found, objects = read_catalogue(connection), read_objects(connection)
            wanted = build_wanted(bridge.diff(None, schema.text), empty, connection)
    return Rehearsal(
        migrations=tuple(stage.rehearsed),
        fingerprint=fingerprint(objects),
        round_trip=round_trip,
        warnings=_compare(found, wanted),
    )


def _compare(found: Catalogue, wanted: Catalogue) -> tuple[Problem, ...]:
    problems = differences(found, wanted)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise RehearsalError(*errors)
    return tuple(problems)
