"""Runs one migration's steps: each with its journal row, retried while others hold the locks it needs."""

from __future__ import annotations

import contextlib
import random
import time
from dataclasses import dataclass

import psycopg
from psycopg import errors

from . import indexes
from .connection import Connection
from .errors import MigrationFailedError, RunnerError, TryAgainError
from .events import Listener
from .journal import Journal
from .lock import still_held
from .manifest import Statement, Step
from .options import Options
from .session import Session

_PAUSE_FIRST, _PAUSE_MOST = 0.05, 2.0
_IN_TRANSACTION = ("transaction", "enum_value")
# Classes 53 (no disk, memory or connections left) and 57P (shutting down): the same run may succeed later.
_PASSING = ("53", "57P")


class _StatementError(Exception):
    """Which statement Postgres refused; the cause is psycopg's error."""

    def __init__(self, statement: Statement, error: psycopg.Error) -> None:
        super().__init__(str(error))
        self.statement = statement
        self.error = error


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """What running migrations needs: the session for their steps, the held lock, patience, a listener."""

    session: Session
    lock: Connection
    options: Options
    listener: Listener


def run_migration(place: Workplace, journal: Journal) -> None:
    """Run what is left of the journal's migration.

    Raises MigrationFailedError for what Postgres refuses and TryAgainError for what passes; the step in
    which it happened has left no trace but its journal row.
    """
    action = journal.action
    about = {
        "migration": action.migration.id,
        "version": action.migration.version,
        "direction": action.direction,
        "attempt": journal.attempt,
    }
    place.listener("migration_started", **about, first_step=action.first_step)
    started = time.monotonic()
    for position in range(action.first_step, len(action.migration.steps(action.direction))):
        still_held(place.lock)
        try:
            _run_step(place, journal, position, started)
        except RunnerError as error:
            with contextlib.suppress(psycopg.Error):  # the run fails for its own reason, recorded or not
                journal.failed(place.session.connection, _milliseconds_since(started), error.message)
            raise
    place.session.reset()
    place.listener("migration_finished", **about, duration_ms=_milliseconds_since(started))


def _run_step(place: Workplace, journal: Journal, position: int, started: float) -> None:
    step = journal.action.migration.steps(journal.action.direction)[position]
    run = _run_in_transaction if step.kind in _IN_TRANSACTION else _run_standalone
    deadline = time.monotonic() + place.options.retry
    pause = _PAUSE_FIRST
    while True:
        try:
            return run(place, journal, step, position, started)
        except (errors.LockNotAvailable, errors.DeadlockDetected) as error:
            place.session.rollback()
            reason = _message(error)
            if time.monotonic() > deadline:
                raise TryAgainError(
                    "locks",
                    f"{journal.action.migration.id}: others held its locks for {place.options.retry:g} s "
                    f"({reason})",
                    "run this again when long transactions on its tables have ended",
                ) from None
            place.listener("step_retried", migration=journal.action.migration.id, reason=reason)
        except _StatementError as error:
            place.session.rollback()
            raise _failure(place, journal, error.error, error.statement) from error.error
        except psycopg.Error as error:
            place.session.rollback()
            raise _failure(place, journal, error, None) from error
        time.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - jitter, not a secret
        pause = min(pause * 1.6, _PAUSE_MOST)


def _run_in_transaction(
    place: Workplace, journal: Journal, step: Step, position: int, started: float
) -> None:
    session = place.session
    session.begin()
    _apply_settings(session.connection, step)
    for statement in step.statements:
        _execute(session.connection, statement)
    session.connection.execute("RESET ROLE")  # the journal is written as who logged in
    journal.done(session.connection, position, _milliseconds_since(started))
    session.commit()


def _run_standalone(place: Workplace, journal: Journal, step: Step, position: int, started: float) -> None:
    session, (statement,) = place.session, step.statements
    action = journal.action
    resumed = action.was_started and position == action.first_step
    journal.started(session.connection, position)
    session.pin_for_standalone()
    if not session.is_pooled:
        _apply_settings(session.connection, step)
    if not indexes.is_done(session.connection, step, resumed, place.listener):
        try:
            _execute(session.connection, statement)
        except (_StatementError, errors.LockNotAvailable, errors.DeadlockDetected):
            indexes.clean_up(session.connection, step)
            raise
    session.reset()
    journal.done_alone(session.connection, position, _milliseconds_since(started))


def _apply_settings(connection: Connection, step: Step) -> None:
    for setting in step.settings:
        connection.execute(setting.encode())


def _execute(connection: Connection, statement: Statement) -> None:
    try:
        # Bytes without parameters go out as they are, over the simple protocol: no `%` is special.
        connection.execute(statement.sql.encode())
    except (errors.LockNotAvailable, errors.DeadlockDetected):
        raise
    except psycopg.Error as error:
        raise _StatementError(statement, error) from error


def _failure(
    place: Workplace, journal: Journal, error: psycopg.Error, statement: Statement | None
) -> RunnerError:
    action = journal.action
    if place.session.connection.closed or (error.sqlstate or "").startswith(_PASSING):
        return TryAgainError(
            "database-lost",
            f"{action.migration.id} was cut short by the database: {_message(error)}",
            "run this again; what was committed is recorded",
        )
    line, column = _place(error, statement)
    return MigrationFailedError(
        migration=action.migration.id,
        file=f"{action.migration.id}/{action.direction}.sql",
        line=line,
        column=column,
        reason=_message(error),
        sqlstate=error.sqlstate,
    )


def _place(error: psycopg.Error, statement: Statement | None) -> tuple[int | None, int | None]:
    """Line and column in the script: of the fault if Postgres tells its position, else of the statement."""
    if statement is None:
        return None, None
    position = error.diag.statement_position
    before = statement.sql[: int(position) - 1] if position else ""
    if "\n" not in before:
        return statement.line, statement.column + len(before)
    return statement.line + before.count("\n"), len(before) - before.rfind("\n")


def _message(error: psycopg.Error) -> str:
    primary = error.diag.message_primary or str(error).strip() or type(error).__name__
    detail = error.diag.message_detail
    return f"{primary} ({detail})" if detail else primary


def _milliseconds_since(started: float) -> float:
    return round((time.monotonic() - started) * 1000, 1)
