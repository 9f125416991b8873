"""Before a run: what would a downgrade or an undo destroy, and would a script fail on existing rows?

All queries see the same snapshot of the database, and change nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import psycopg
from psycopg import errors

from ..connection.session import Session
from ..fit_checks import Asked, Check, in_a_run
from ..manifest import Direction, DowngradeChecks, Migration
from ..planning.action import Action

# The check concerns an object that doesn't exist. Checks follow names through all scripts of the package, so
# either a script allows for it (IF EXISTS), or something else has changed the database.
_MISSING = (
    errors.UndefinedTable,
    errors.UndefinedColumn,
    errors.UndefinedObject,
    errors.InvalidSchemaName,
)
# Running a script also shows whether it fails, and is undone then. What it destroys can't be undone.
_TOLD_BY_RUNNING = (
    *_MISSING,
    errors.UndefinedFunction,
    errors.CannotCoerce,
    errors.DatatypeMismatch,
    errors.QueryCanceled,
)
# A value that its new type can't hold, or that its domain refuses.
_REFUSED = (errors.DataError, errors.CheckViolation, errors.NotNullViolation)
_LONGEST_EXAMPLE = 240


@dataclass(frozen=True, slots=True)
class Finding:
    """A check that found ``rows`` (None: they can't be counted), with an example, or the reason why they
    can't be counted."""

    migration: str
    direction: Direction
    check: Check
    rows: int | None
    example: str | None

    def __str__(self) -> str:
        what = f"{self.migration}: {self.check.what}"
        if self.rows is None:
            return f"{what}: its rows can't be counted ({self.example})"
        example = "" if self.example is None else f", such as {self.example[:_LONGEST_EXAMPLE]!r}"
        return f"{what}: {self.rows} row{'s'[: self.rows != 1]}{example}"


@dataclass(frozen=True, slots=True)
class Unchecked:
    """What a script may fail on, and why that can't be told before it runs."""

    migration: str
    what: str
    reason: str

    def __str__(self) -> str:
        return f"{self.migration}: {self.what} ({self.reason})"


@dataclass(slots=True)
class Answers:
    """What the checks found, and which of them could not be answered."""

    findings: list[Finding] = field(default_factory=list)
    unchecked: list[Unchecked] = field(default_factory=list)


def has_checks(actions: Sequence[Action]) -> bool:
    """Whether there is anything to ask before ``actions``."""
    fits = (action.fit_checks for action in actions)
    asks = any(each.checks or each.makes or each.expects for each in fits)
    return asks or any(action.direction == "down" for action in actions)


def run_checks(session: Session, actions: Sequence[Action], newest: Migration | None = None) -> Answers:
    """Run the checks of all ``actions`` in one read-only snapshot.

    ``newest`` is the migration with whose downgrade this run began, if that is not among ``actions``.
    """
    answers = Answers()
    asked = list(_asked(actions, newest))
    fits = [(actions[each.at], each.check) for each in _fits(actions) if not each.is_put_off]
    if asked or fits:
        with session.snapshot():
            session.limit_checks()
            for question in asked:
                _ask(session, question, answers)
            for action, check in fits:
                _ask_fit(session, action, check, answers)
    return answers


def put_off_checks(actions: Sequence[Action]) -> dict[int, list[Check]]:
    """The checks that have to wait for the turn of their action, by its place among ``actions``."""
    waiting: dict[int, list[Check]] = {}
    for each in _fits(actions):
        if each.is_put_off:
            waiting.setdefault(each.at, []).append(each.check)
    return waiting


def run_put_off(session: Session, action: Action, checks: Sequence[Check]) -> Answers:
    """Run the checks of ``action`` that waited for its turn."""
    answers = Answers()
    with session.snapshot():
        session.limit_checks()
        for check in checks:
            _ask_fit(session, action, check, answers)
    return answers


@dataclass(frozen=True, slots=True)
class _Question:
    """``may_be_missing``: steps that are done, or an undo that comes first, may have taken away what the
    check is about, or given it another name."""

    migration: str
    direction: Direction
    check: Check
    may_be_missing: bool


def _asked(actions: Sequence[Action], newest: Migration | None) -> Iterator[_Question]:
    is_after_undo = False
    for action in actions:
        if action.undoes is not None:
            is_after_undo = True
            for check in action.undo_checks:
                yield _Question(action.migration.id, action.direction, check, action.resumes)
    for action, checks in _downgrade_checks(actions):
        made = () if newest is None else action.migration.checks_at(newest).made
        for check in checks.checks:
            if check.kind == "in_use" or check.what not in made:
                is_missing = action.resumes or is_after_undo
                yield _Question(action.migration.id, action.direction, check, is_missing)


def deferred_checks(actions: Sequence[Action]) -> list[tuple[str, str]]:
    """Migration and ``what`` of checks that wait for their turn: other ``actions`` write there first."""
    behind = [
        (action.migration.id, f"whether the rows of {column} fit, after what earlier downgrades write there")
        for action, checks in _downgrade_checks(actions)
        for column in checks.put_off
    ]
    waiting = put_off_checks(actions).items()
    return [*behind, *((actions[at].migration.id, check.what) for at, checks in waiting for check in checks)]


def _fits(actions: Sequence[Action]) -> Iterator[Asked]:
    return in_a_run(
        [action.fit_checks for action in actions],
        [action.resumes for action in actions],
    )


def _downgrade_checks(actions: Sequence[Action]) -> Iterator[tuple[Action, DowngradeChecks]]:
    back = [action for action in actions if action.direction == "down" and action.undoes is None]
    for action in back:
        yield action, action.migration.checks_at(back[0].migration)


def _ask(session: Session, question: _Question, answers: Answers) -> None:
    migration, check = question.migration, question.check
    try:
        count, example = _answer(session, check)
    except psycopg.Error as error:
        # What was put there since the steps that are done, and steps to come would destroy, nobody has agreed
        # to lose: so it is asked about.
        if isinstance(error, _MISSING) and (check.missing_ok or question.may_be_missing):
            return
        count, example = None, _reason(error, session)
        if isinstance(error, _REFUSED):  # a value that can't be converted: the script would fail, too
            check, count = Check("in_use", check.what, check.sql), 1
        elif check.kind == "in_use" and isinstance(error, _TOLD_BY_RUNNING):
            answers.unchecked.append(Unchecked(migration, check.what, example))
            return
    if count != 0:
        answers.findings.append(Finding(migration, question.direction, check, count, example))


def _ask_fit(session: Session, action: Action, check: Check, answers: Answers) -> None:
    """The script shows by itself whether it fails, so that only an answer refuses it; not what it loses.

    What one statement finds, a later one in the same script need not find again.
    """
    told = {(each.migration, each.check.what) for each in answers.findings}
    told |= {(each.migration, each.what) for each in answers.unchecked}
    if (action.migration.id, check.what) in told:
        return
    try:
        count, example = _answer(session, check)
    except psycopg.Error as error:
        is_refused = check.converts and isinstance(error, _REFUSED)
        count, example = 1 if is_refused else None, _reason(error, session)
    if count is None and check.kind == "in_use":
        answers.unchecked.append(Unchecked(action.migration.id, check.what, example or "no answer"))
    elif count != 0:
        answers.findings.append(Finding(action.migration.id, action.direction, check, count, example))


def _answer(session: Session, check: Check) -> tuple[int | None, str | None]:
    """The count and the example. Raises psycopg.Error, after which the snapshot can be used further."""
    try:
        cursor = session.connection.execute(f"SAVEPOINT asked; {check.sql}\n; RELEASE asked".encode())
        cursor.nextset()
        count, example = cursor.fetchone() or (None, "no answer")
    except psycopg.Error as error:
        if isinstance(error, psycopg.OperationalError) and not isinstance(error, errors.QueryCanceled):
            raise
        session.connection.execute("ROLLBACK TO asked")
        raise
    return count, example


def _reason(error: psycopg.Error, session: Session) -> str:
    if isinstance(error, errors.QueryCanceled):
        return f"no answer within {session.check_timeout:g} s"
    return error.diag.message_primary or str(error)
