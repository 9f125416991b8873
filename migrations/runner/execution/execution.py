"""Runs one migration's steps: each with its journal row, retried while others hold the locks it needs."""

from __future__ import annotations

import contextlib
import random
import time

import psycopg
from psycopg import errors

from ..connection.lock import still_held
from ..connection.script import StatementError
from ..errors import CommitUnknownError, MigrationFailedError, RunnerError, TryAgainError
from . import standalone
from .backfill import run_batches
from .run_context import Task, Workplace, message

_PAUSE_FIRST, _PAUSE_MOST = 0.05, 2.0
# Classes 53 (no disk, memory or connections left) and 57P (shutting down): the same run may succeed later.
_PASSING = ("53", "57P")
_LOCKS = (errors.LockNotAvailable, errors.DeadlockDetected)


def run_migration(place: Workplace, task: Task) -> None:
    """Run what is left of the task's migration.

    Raises MigrationFailedError for what Postgres refuses and TryAgainError for what passes; the step in
    which it happened has left no trace but its journal row.
    """
    action, journal = task.action, task.journal
    about = {
        "migration": action.migration.id,
        "version": action.migration.version,
        "direction": action.direction,
        "attempt": journal.attempt,
    }
    place.listener("migration_started", **about, first_step=action.first_step)
    try:
        if journal.was_tried:
            journal.retried(place.session.connection)
        for position in range(action.first_step, len(task.steps)):
            still_held(place.lock)
            _run_step(place, task, position)
    except CommitUnknownError:
        raise
    except (RunnerError, KeyboardInterrupt) as error:
        _record_failure(place, task, str(getattr(error, "message", error)))
        raise
    place.listener("migration_finished", **about, duration_ms=task.milliseconds)


def _record_failure(place: Workplace, task: Task, reason: str) -> None:
    place.session.rollback()
    # The run fails for its own reason, recorded or not.
    with contextlib.ExitStack() as stack, contextlib.suppress(psycopg.Error, RunnerError):
        connection = place.session.connection
        if connection.closed:
            connection = stack.enter_context(place.session.another())
        task.journal.failed(connection, task.milliseconds, reason)


def _run_step(place: Workplace, task: Task, position: int) -> None:
    migration, kind = task.action.migration.id, task.steps[position].kind
    deadline = time.monotonic() + place.options.retry
    pause, reached = _PAUSE_FIRST, task.progress.get(position)
    while True:
        try:
            with place.monitor.watching(migration, kind):
                return _attempt(place, task, position)
        except _LOCKS as error:
            place.session.rollback()
            reason = message(error)
            if task.progress.get(position) != reached:  # some batches were had: patience begins anew
                deadline, reached = time.monotonic() + place.options.retry, task.progress.get(position)
            if time.monotonic() > deadline:
                raise TryAgainError(
                    "locks",
                    f"{migration}: others held its locks for {place.options.retry:g} s ({reason})",
                    "run this again when long transactions on its tables have ended",
                ) from None
            place.listener("step_retried", migration=migration, reason=reason)
        except StatementError as error:
            place.session.rollback()
            raise _failure(place, task, error.error, error) from error.error
        except psycopg.Error as error:
            place.session.rollback()
            raise _failure(place, task, error, None) from error
        time.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - jitter, not a secret
        pause = min(pause * 1.6, _PAUSE_MOST)


def _attempt(place: Workplace, task: Task, position: int) -> None:
    try:
        match task.steps[position].kind:
            case "transaction" | "enum_value":
                _run_in_transaction(place, task, position)
            case "backfill":
                run_batches(place, task, position)
            case _:
                standalone.run(place, task, position)
    except StatementError as error:
        if isinstance(error.error, _LOCKS):
            raise error.error from None
        raise


def _run_in_transaction(place: Workplace, task: Task, position: int) -> None:
    session, step = place.session, task.steps[position]
    session.run(step.statements, step.settings)
    entry = task.journal.done(session.connection, position, task.milliseconds)
    session.commit(step.statements, entry, is_last=position == len(task.steps) - 1)


def _failure(
    place: Workplace, task: Task, error: psycopg.Error, place_in_script: StatementError | None
) -> RunnerError:
    action = task.action
    if place.session.connection.closed or (error.sqlstate or "").startswith(_PASSING):
        return TryAgainError(
            "database-lost",
            f"{action.migration.id} was cut short by the database: {message(error)}",
            "run this again; what was committed is recorded",
        )
    line, column = place_in_script.place if place_in_script else (None, None)
    return MigrationFailedError(
        migration=action.migration.id,
        file=f"{action.migration.id}/{action.direction}.sql",
        line=line,
        column=column,
        reason=message(error) + (place_in_script.note if place_in_script else ""),
        sqlstate=error.sqlstate,
    )
