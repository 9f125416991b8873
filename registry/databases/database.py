"""One registered database: where it is, what a run would do, and the run, by a version's own migrations.

Each function raises DatabaseError, which names the database and never its address, with the runner's own
reasons and fix; DatabaseBusyError (exit 3) where trying again may help.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from migrations.runner import commands
from migrations.runner.errors import RefusedError, RunnerError, TryAgainError
from migrations.runner.manifest import Manifest
from migrations.runner.options import Address, Options, address
from migrations.runner.report import Forecast, Report
from schemas.errors import Problem
from schemas.versions import SchemaVersion

from ..config.secret import scrubbed
from ..errors import DatabaseBusyError, DatabaseError
from .registered import RegisteredDatabase

#: Who only looks doesn't wait for a server that is starting.
LOOKING = Options(database_wait=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseState:
    """``version`` is None for an empty database; ``pending`` are the package's migrations that it lacks, and
    ``unknown`` those that the package lacks; ``is_between``: a run stopped between two versions.
    ``other_line`` says why the package can't upgrade it: it is on a line that the package doesn't contain, or
    ran a draft."""

    version: str | None
    target: str | None
    pending: tuple[str, ...]
    unknown: tuple[str, ...]
    is_between: bool
    other_line: str | None


def state(database: RegisteredDatabase, manifest: Manifest, options: Options | None = None) -> DatabaseState:
    """Where the database is, compared with the package of ``manifest``."""
    with _told(database):
        there, known = _at(database, manifest)
        found = commands.status(known, there, options=options)
    return DatabaseState(
        version=found.version,
        target=found.target,
        pending=tuple(m.migration for m in found.migrations if m.status not in ("success", "contained")),
        unknown=found.unknown,
        is_between=bool(found.between),
        other_line=found.other_line,
    )


def drift(
    database: RegisteredDatabase, manifest: Manifest, options: Options | None = None
) -> tuple[str, ...]:
    """Every difference from the version as it was rehearsed, one line each."""
    with _told(database):
        there, known = _at(database, manifest)
        return tuple(map(str, commands.verify(known, there, options=options).differences))


def plan(
    database: RegisteredDatabase,
    manifest: Manifest,
    to: SchemaVersion,
    *,
    down: bool,
    options: Options | None = None,
) -> Forecast:
    """What :func:`upgrade`, or :func:`downgrade` with ``down``, would do; nothing is changed."""
    with _told(database):
        there, known = _at(database, manifest)
        return commands.plan(known, there, to=str(to), down=down, options=options)


def upgrade(
    database: RegisteredDatabase, manifest: Manifest, to: SchemaVersion, *, options: Options | None = None
) -> Report:
    """Apply what is missing up to ``to``, with every check that the package itself makes."""
    with _told(database):
        there, known = _at(database, manifest)
        return commands.upgrade(known, there, to=str(to), options=options)


def downgrade(
    database: RegisteredDatabase,
    manifest: Manifest,
    to: SchemaVersion,
    *,
    allow_data_loss: bool,
    options: Options | None = None,
) -> Report:
    """Undo every migration above ``to``, as rehearsed. Refuses to lose rows unless ``allow_data_loss``."""
    with _told(database):
        there, known = _at(database, manifest)
        return commands.downgrade(known, there, to=str(to), allow_data_loss=allow_data_loss, options=options)


def _at(database: RegisteredDatabase, manifest: Manifest) -> tuple[Address, Manifest]:
    there = address(database.url.reveal())
    return there, manifest.tracked_at(there)


@contextmanager
def _told(database: RegisteredDatabase) -> Iterator[None]:
    """The runner's errors, as this room's."""
    try:
        yield
    except RunnerError as error:
        kind = DatabaseBusyError if isinstance(error, TryAgainError) else DatabaseError
        raise kind(_problem(database, error)) from None


def _problem(database: RegisteredDatabase, error: RunnerError) -> Problem:
    details = error.details if isinstance(error, RefusedError) else ()
    message = "\n".join([f"{database.name}: {error.message}", *details])
    return Problem(
        code=f"database-{error.code}",
        message=scrubbed(message, database.url),
        fix=scrubbed(error.fix, database.url),
    )
