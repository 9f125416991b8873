"""Statements that Postgres refuses to run inside a transaction: begun and ended in the journal, one by one.

A run that is cut short in one of them can't know how far it came. What was left is looked at, and finished,
repeated, or found to be done already.
"""

from __future__ import annotations

import contextlib

import psycopg

from ..connection.script import StatementError, run_statements
from ..manifest import Step
from . import indexes
from .run_context import Task, Workplace

# What Postgres answers to a repeated statement that had done its work before: SQLSTATEs by first word.
_DONE = {
    "CREATE": ("42P04", "42710"),  # a database; a tablespace or a subscription
    "DROP": ("3D000", "42704"),
    "ALTER": ("42P01",),  # "… is not a partition of …": a DETACH that came to its end
}
_HALF_DETACHED = "55000"


def run(place: Workplace, task: Task, position: int) -> None:
    """Run one step outside transactions. Raises StatementError."""
    session, step = place.session, task.steps[position]
    resumed = task.resumes(position)
    task.journal.started(session.connection, position)
    session.pin_for_standalone(step)
    if resumed and _first_word(step) == "REINDEX":
        indexes.drop_leftovers(session.connection, place.listener)
    if not indexes.is_done(session.connection, step, _recorded(task, step), resumed, place.listener):
        try:
            run_statements(session.connection, step.statements)
        except StatementError as error:
            error.note = indexes.duplicates(session.connection, step)
            _clean_up(place, task, position)
            if not (resumed and _is_finished(place, step, error)):
                raise
        except KeyboardInterrupt:
            _clean_up(place, task, position)
            raise
    session.reset()
    task.journal.done_alone(session.connection, position, task.milliseconds)


def _clean_up(place: Workplace, task: Task, position: int) -> None:
    """Leave nothing of an index that could not be built, not even in the journal."""
    connection = place.session.connection
    with contextlib.suppress(psycopg.Error):
        if indexes.clean_up(connection, task.steps[position]):
            task.journal.undone(connection, position)


def _is_finished(place: Workplace, step: Step, error: StatementError) -> bool:
    """Whether the statement had done its work when it was cut short, or could be completed now."""
    state = error.error.sqlstate or ""
    if step.finish is not None and state == _HALF_DETACHED:
        with contextlib.suppress(psycopg.Error):
            place.session.connection.execute(step.finish.encode())
            return True
    if _first_word(step) == "ALTER" and step.finish is None:
        return False
    return state in _DONE.get(_first_word(step), ())


def _first_word(step: Step) -> str:
    return step.statements[0].sql.split(maxsplit=1)[0].upper()


def _recorded(task: Task, step: Step) -> str | None:
    """The definition of a step's index, as the rehearsal found it."""
    if step.index is None:
        return None
    known = task.journal.manifest.objects_at(task.action.migration.version) or {}
    schema, name = step.index
    quoted = '"' + name.replace('"', '""') + '"'
    spellings = (known.get(f"index {schema or 'public'}.{spelling}") for spelling in (name, quoted))
    return next((definition for definition in spellings if definition is not None), None)
