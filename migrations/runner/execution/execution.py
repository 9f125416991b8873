"""Runs one migration's steps, each with its journal row, and retries them while others hold their locks."""

from __future__ import annotations

import contextlib
import random
import re
import time

import psycopg
from psycopg import errors

from ..connection.lock import still_held
from ..connection.script import StatementError
from ..errors import CommitUnknownError, MigrationFailedError, RunnerError, TryAgainError
from . import standalone
from .after_failure import after_failure
from .backfill import run_batches
from .run_context import MigrationAttempt, RunContext, message

_PAUSE_FIRST, _PAUSE_MOST = 0.05, 2.0
# Classes 53 (no disk, memory or connections left) and 57P (shutting down), and errors of the disk: the same
# run may succeed later.
_TRANSIENT = ("53", "57P", "58030")
# A disk whose quota is used up has no code of its own. Source: errcode_for_file_access in Postgres' elog.c.
_NO_CODE, _NO_ROOM = "XX000", re.compile("No space left on device|Disk quota exceeded|File too large")
# How long a run that is stopped tries to reach the database in order to record that: the server may be busy,
# and what stops containers gives them ten seconds and more.
_STOPPED_SECONDS = 5.0
_LOCKS = (errors.LockNotAvailable, errors.DeadlockDetected)


def run_migration(context: RunContext, attempt: MigrationAttempt) -> None:
    """Run the steps of the migration that are not done yet.

    Raises MigrationFailedError for what Postgres refuses and TryAgainError for what may succeed later; the
    step in which it happened has left nothing but its journal row.
    """
    action, journal = attempt.action, attempt.journal
    about = {
        "migration": action.migration.id,
        "version": action.migration.version,
        "direction": action.direction,
        "attempt": journal.attempt,
    }
    context.listener(
        "migration_started",
        **about,
        undoes=action.undoes,
        number=attempt.number,
        migrations=attempt.migrations,
        first_step=action.first_step,
        steps=len(attempt.steps),
    )
    try:
        if journal.was_tried:
            journal.retried(context.session.connection)
        for position in range(action.first_step, len(attempt.steps)):
            still_held(context.lock)
            _run_step(context, attempt, position)
            if len(attempt.steps) > 1:
                context.listener("step_finished", **attempt.place(position))
        if action.first_step >= len(attempt.steps):
            journal.ended(context.session.connection, attempt.milliseconds)
    except CommitUnknownError:
        raise
    except (RunnerError, KeyboardInterrupt) as error:
        wait = _STOPPED_SECONDS if isinstance(error, KeyboardInterrupt) else 0.0
        if _had_ended(context, attempt, str(getattr(error, "message", error)), wait):
            context.listener("migration_finished", **about, duration_ms=attempt.milliseconds)
        raise
    context.listener("migration_finished", **about, duration_ms=attempt.milliseconds)


def _had_ended(context: RunContext, attempt: MigrationAttempt, reason: str, wait: float) -> bool:
    """Record the failure; True if the attempt had ended well before that: a signal came after its commit."""
    context.session.rollback()
    # The run fails for its own reason, even if that can't be recorded.
    with contextlib.ExitStack() as stack, contextlib.suppress(psycopg.Error, RunnerError):
        connection = context.session.connection
        if connection.closed:
            connection = stack.enter_context(context.session.another(wait))
        return not attempt.journal.failed(connection, attempt.milliseconds, reason)
    return False


def _run_step(context: RunContext, attempt: MigrationAttempt, position: int) -> None:
    deadline = time.monotonic() + context.options.retry
    pause, reached = _PAUSE_FIRST, attempt.progress.get(position)
    with context.monitor.watching(**attempt.place(position)):
        while True:
            try:
                return _run_step_once(context, attempt, position)
            except _LOCKS as error:
                context.session.rollback()
                if attempt.progress.get(position) != reached:  # some batches went through: start over
                    deadline = time.monotonic() + context.options.retry
                    reached = attempt.progress.get(position)
                if time.monotonic() > deadline:
                    raise _locked(context, attempt, error) from None
                context.listener("step_retried", **attempt.place(position), reason=message(error))
            except StatementError as error:
                context.session.rollback()
                raise _failure(context, attempt, position, error.error, error) from error.error
            except psycopg.Error as error:
                context.session.rollback()
                raise _failure(context, attempt, position, error, None) from error
            time.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - jitter, not a secret
            pause = min(pause * 1.6, _PAUSE_MOST)


def _locked(context: RunContext, attempt: MigrationAttempt, error: psycopg.Error) -> TryAgainError:
    seen = context.monitor.waited_for
    who = f"; it was last seen waiting for {' and '.join(seen)}" if seen else ""
    return TryAgainError(
        "locks",
        f"{attempt.action.migration.id}: other sessions held its locks for {context.options.retry:g} s "
        f"({message(error)}){who}",
        "run this again when long transactions on its tables have ended, or with a longer --retry",
    )


def _run_step_once(context: RunContext, attempt: MigrationAttempt, position: int) -> None:
    try:
        match attempt.steps[position].kind:
            case "transaction" | "enum_value":
                _run_in_transaction(context, attempt, position)
            case "backfill":
                run_batches(context, attempt, position)
            case _:
                standalone.run(context, attempt, position)
    except StatementError as error:
        if isinstance(error.error, _LOCKS):
            raise error.error from None
        raise


def _run_in_transaction(context: RunContext, attempt: MigrationAttempt, position: int) -> None:
    session, step = context.session, attempt.steps[position]
    session.run(step.statements, step.settings)
    entry = attempt.journal.done(session.connection, position, attempt.milliseconds)
    session.commit(step.statements, entry, is_last=position == len(attempt.steps) - 1)


def _is_of_the_server(error: psycopg.Error) -> bool:
    state = error.sqlstate or ""
    return state.startswith(_TRANSIENT) or (state == _NO_CODE and _NO_ROOM.search(str(error)) is not None)


def _failure(
    context: RunContext,
    attempt: MigrationAttempt,
    position: int,
    error: psycopg.Error,
    failed_statement: StatementError | None,
) -> RunnerError:
    action = attempt.action
    if context.session.connection.closed or _is_of_the_server(error):
        return TryAgainError(
            "database-lost",
            f"{action.migration.id} was interrupted by the database: {message(error)}",
            "run this again; what was committed is recorded",
        )
    line, column = failed_statement.location if failed_statement else (None, None)
    is_partly_done = attempt.is_partly_done(position)
    return MigrationFailedError(
        migration=action.migration.id,
        file=f"{action.migration.id}/{attempt.steps[position].script or action.direction}.sql",
        line=line,
        column=column,
        reason=message(error) + (failed_statement.note if failed_statement else ""),
        sqlstate=error.sqlstate,
        fix=after_failure(action, position + is_partly_done, is_finished=not is_partly_done, error=error),
        steps_done=position,
        steps=len(attempt.steps),
    )
