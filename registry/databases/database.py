"""One registered database: where it is, what a run would do, and the run, by a version's own migrations.

Each function raises DatabaseError, which names the database and never its address, with the runner's own
reasons and fix; DatabaseBusyError (exit 3) where trying again may help.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from migrations.runner import commands
from migrations.runner.connection.clients import Users
from migrations.runner.errors import RefusedError, RunnerError, TryAgainError
from migrations.runner.events import Listener, silent
from migrations.runner.manifest import Manifest
from migrations.runner.options import Address, Options, address
from migrations.runner.report import Forecast, Report
from schemas.errors import Problem
from schemas.versions import SchemaVersion

from ..config.secret import Secret, scrubbed
from ..errors import DatabaseBusyError, DatabaseError, SettingsError
from .registered import RegisteredDatabase

#: Who only looks doesn't wait for a server that is starting.
LOOKING = Options(database_wait=0.0)
_PLACE = ("host", "hostaddr", "user", "password")
_SHORTEST_SECRET = 4  # removing shorter ones would garble every text
#: As libpq names servers in its errors.
_SERVER = re.compile(r'(at|on socket) "[^"]*"( \([^)]*\))?(, port \d+)?')


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


def check_address(database: RegisteredDatabase) -> None:
    """Whether it has an address that can be one; the database isn't asked. Raises SettingsError, too."""
    with _told(database):
        address(database.url.reveal())


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


def history(
    database: RegisteredDatabase, manifest: Manifest, options: Options | None = None
) -> tuple[dict[str, Any], ...]:
    """Everything that happened to the schema's migrations there, oldest first, as JSON objects."""
    with _told(database):
        there, known = _at(database, manifest)
        return tuple(commands.history(known, there, options=options))


def users(
    database: RegisteredDatabase,
    manifest: Manifest,
    *,
    below: SchemaVersion | None = None,
    broken_by: SchemaVersion | None = None,
    options: Options | None = None,
) -> Users:
    """Who is connected there now: of the schema's clients those before ``below``, and those that work no more
    on a database at ``broken_by``, a version of ``manifest``."""
    with _told(database):
        there, known = _at(database, manifest)
        return commands.users(
            known,
            there,
            below=None if below is None else str(below),
            broken_by=None if broken_by is None else str(broken_by),
            options=options,
        )


def upgrade(
    database: RegisteredDatabase,
    manifest: Manifest,
    to: SchemaVersion,
    *,
    options: Options | None = None,
    listener: Listener = silent,
) -> Report:
    """Apply what is missing up to ``to``, with every check that the package itself makes."""
    with _told(database):
        there, known = _at(database, manifest)
        return commands.upgrade(known, there, to=str(to), options=options, listener=listener)


def downgrade(
    database: RegisteredDatabase,
    manifest: Manifest,
    to: SchemaVersion,
    *,
    allow_data_loss: bool,
    options: Options | None = None,
    listener: Listener = silent,
) -> Report:
    """Undo every migration above ``to``, as rehearsed. Refuses to lose rows unless ``allow_data_loss``."""
    with _told(database):
        there, known = _at(database, manifest)
        return commands.downgrade(
            known,
            there,
            to=str(to),
            allow_data_loss=allow_data_loss,
            options=options,
            listener=listener,
        )


def without_place(database: RegisteredDatabase, value: Any) -> Any:
    """A JSON value for whoever may not know where the database is: its texts without URL, host, user and
    password."""
    if isinstance(value, str):
        return _SERVER.sub("at its address", scrubbed(value, *_place_of(database)))
    if isinstance(value, dict):
        return {key: without_place(database, each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_place(database, each) for each in value]
    return value


def placeless(database: RegisteredDatabase, problem: Problem) -> Problem:
    """The same for a problem."""
    texts = {"message": problem.message, "fix": problem.fix}
    return replace(problem, **without_place(database, texts))


def _place_of(database: RegisteredDatabase) -> list[Secret]:
    try:
        url = database.url
    except SettingsError:  # without an address nothing tells it
        return []
    try:
        there = conninfo_to_dict(address(url.reveal()).conninfo)
    except RunnerError:
        return [url]
    parts = [str(there[key]) for key in _PLACE if there.get(key)]
    return [url, *(Secret(part) for part in parts if len(part) >= _SHORTEST_SECRET)]


def _at(database: RegisteredDatabase, manifest: Manifest) -> tuple[Address, Manifest]:
    tracked, there = manifest.placed_at(address(database.url.reveal()))
    return there, tracked


@contextmanager
def _told(database: RegisteredDatabase) -> Iterator[None]:
    """The runner's errors, as this room's."""
    try:
        yield
    except RunnerError as error:
        kind = DatabaseBusyError if isinstance(error, TryAgainError) else DatabaseError
        raise kind(_problem(database, error)) from None


def _without_room(code: str) -> str:
    """Some of the runner's codes, as `database-away`, say already what they are about."""
    return "-".join(word for word in code.split("-") if word != "database")


def _problem(database: RegisteredDatabase, error: RunnerError) -> Problem:
    details = error.details if isinstance(error, RefusedError) else ()
    message = "\n".join([f"{database.name}: {error.message}", *details])
    return Problem(
        code=f"database-{_without_room(error.code)}",
        message=scrubbed(message, database.url),
        fix=scrubbed(error.fix, database.url),
    )
