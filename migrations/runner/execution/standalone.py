"""Statements that Postgres refuses to run inside a transaction: each is journaled when it starts and ends.

After an interruption it is unknown how far such a statement came. The next run checks what it has left, and
finishes it, repeats it, or finds that it is done already.
"""

from __future__ import annotations

import contextlib

import psycopg
from psycopg import errors

from ..connection.connection import Connection
from ..connection.script import StatementError, end_statement, run_statements
from ..manifest import Step
from . import indexes
from .run_context import MigrationAttempt, RunContext

# The SQLSTATEs for a repeated statement whose work was done before, by first word.
_DONE = {
    "CREATE": ("42P04", "42710"),  # a database; a tablespace or a subscription
    "DROP": ("3D000", "42704"),
    "ALTER": ("42P01",),  # "… is not a partition of …": a DETACH that was completed
}
_HALF_DETACHED = "55000"


def run(context: RunContext, attempt: MigrationAttempt, position: int) -> None:
    """Run one step outside transactions. Raises StatementError."""
    session, step = context.session, attempt.steps[position]
    resumed = attempt.resumes(position)
    attempt.journal.started(session.connection, position)
    session.pin_for_standalone(step)
    if resumed and _first_word(step) == "REINDEX":
        indexes.drop_leftovers(session.connection, context.listener)
    try:
        if not indexes.is_done(session, step, resumed, context.listener):
            run_statements(session.connection, step.statements)
    except StatementError as error:
        error.note = indexes.duplicates(session.connection, step)
        if isinstance(error.error, errors.LockNotAvailable):
            with contextlib.suppress(psycopg.Error):
                session.limit_waits()  # for the transaction that it has waited for
        _clean_up(context, attempt, position)
        if not ((resumed or step.finish is not None) and _is_finished(context, step, error)):
            raise
    except KeyboardInterrupt:
        end_statement(session.connection)
        _clean_up(context, attempt, position)
        raise
    session.reset()
    attempt.journal.done_alone(session.connection, position, attempt.milliseconds)


def _clean_up(context: RunContext, attempt: MigrationAttempt, position: int) -> None:
    """Remove what is left of a statement that failed; if that is nothing, also from the journal, so that a
    script of which nothing is done does not have to be finished."""
    connection, step = context.session.connection, attempt.steps[position]
    with contextlib.suppress(psycopg.Error):
        if _first_word(step) == "REINDEX":
            indexes.drop_leftovers(connection, context.listener)
        if indexes.clean_up(connection, step) if step.index else not _is_half_detached(connection, step):
            attempt.journal.undone(connection, position)


def _is_half_detached(connection: Connection, step: Step) -> bool:
    if step.finish is None:
        return False
    return connection.execute("SELECT 1 FROM pg_inherits WHERE inhdetachpending").fetchone() is not None


def _is_finished(context: RunContext, step: Step, error: StatementError) -> bool:
    """Whether the statement had done its work when it was interrupted, or could be completed now.

    Raises LockNotAvailable if others are in the way of that.
    """
    state = error.error.sqlstate or ""
    if step.finish is not None and state == _HALF_DETACHED:
        try:
            context.session.connection.execute(step.finish.encode())
        except errors.LockNotAvailable:
            raise
        except psycopg.Error:
            return False
        return True
    if _first_word(step) == "ALTER" and step.finish is None:
        return False
    return state in _DONE.get(_first_word(step), ())


def _first_word(step: Step) -> str:
    return step.statements[0].sql.split(maxsplit=1)[0].upper()
