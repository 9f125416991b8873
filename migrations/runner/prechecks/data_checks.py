"""Before the first step: what would the run destroy, and would it fail on rows that are there?

All queries see the same snapshot of the database, and change nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import psycopg
from psycopg import errors

from ..connection.session import Session
from ..manifest import Check, DataChecks, Migration
from ..planning.planning import Action

# The check concerns an object that doesn't exist. Checks follow names through all scripts of the package, so
# either a script allows for it (IF EXISTS), or something else has changed the database.
_MISSING = (
    errors.UndefinedTable,
    errors.UndefinedColumn,
    errors.UndefinedObject,
    errors.InvalidSchemaName,
)
# What Postgres may say about a query; other errors are about the connection or the server.
_ANSWERS = (
    errors.DataError,
    errors.ProgrammingError,
    errors.NotSupportedError,
    errors.InternalError,
    errors.IntegrityError,
)
_WRITTEN = "the script itself writes there first"
_LONGEST_EXAMPLE = 240


@dataclass(frozen=True, slots=True)
class Finding:
    """A check that found ``rows`` (None: they can't be counted), with an example, or the reason why they
    can't be counted."""

    action: Action
    check: Check
    rows: int | None
    example: str | None

    def __str__(self) -> str:
        what = f"{self.action.migration.id}: {self.check.what}"
        if self.rows is None:
            return f"{what}: its rows can't be counted ({self.example})"
        example = "" if self.example is None else f", such as {self.example[:_LONGEST_EXAMPLE]!r}"
        return f"{what}: {self.rows} row{'s'[: self.rows != 1]}{example}"


@dataclass(frozen=True, slots=True)
class Unchecked:
    """What the migration may fail on, and why that can't be told before it runs."""

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


def run_checks(session: Session, actions: Sequence[Action], first: Migration | None = None) -> Answers:
    """Run the checks of all ``actions`` in one read-only snapshot.

    ``first`` is the migration with which this run began, if that is not among ``actions``.
    """
    answers = Answers()
    asked = [(action, [*_asked(action, checks, first)], checks) for action, checks in _checks_of(actions)]
    if any(checks for _, checks, _ in asked):
        with session.snapshot():
            for action, checks, _ in asked:
                for check in checks:
                    _ask(session, action, check, answers)
    for action, _, own in asked:
        answers.unchecked += [Unchecked(action.migration.id, what, _WRITTEN) for what in own.unknown]
    return answers


def has_checks(actions: Sequence[Action]) -> bool:
    """Whether there is anything that :func:`run_checks` would ask or tell."""
    return any(checks.checks or checks.unknown for _, checks in _checks_of(actions))


def deferred_checks(actions: Sequence[Action]) -> list[str]:
    """What can only be checked during the run, one line each: other ``actions`` write there first."""
    return [
        f"{action.migration.id}: whether the rows of {column} fit, after what earlier "
        f"{'downgrades' if action.direction == 'down' else 'migrations'} write there"
        for action, checks in _checks_of(actions)
        for column in checks.put_off
    ]


def is_checked_later(action: Action, actions: Sequence[Action]) -> bool:
    """Whether an upgrade's rows could not all be checked before the first of ``actions``."""
    return any(each is action and checks.put_off for each, checks in _checks_of(actions))


def _checks_of(actions: Sequence[Action]) -> Iterator[tuple[Action, DataChecks]]:
    """The checks of each action, for the data before the first of them."""
    for direction in ("down", "up"):
        going = [action for action in actions if action.direction == direction]
        for action in going:
            checks = action.migration.checks_at(direction, going[0].migration)
            is_known = direction == "down" or action is actions[0] or _starts_whole(actions, checks, action)
            yield action, checks if is_known else DataChecks(checks.first, (), ("the tables it changes",))


def _starts_whole(actions: Sequence[Action], checks: DataChecks, action: Action) -> bool:
    """Whether an upgrade's checks hold for the present data: it is that of a finished version, or the actions
    before this one make no difference to them."""
    is_version = actions[0].direction == "up" and not actions[0].resumes
    return is_version or (actions[0].direction == "up" and checks.first == action.migration.id)


def _asked(action: Action, checks: DataChecks, first: Migration | None) -> Iterator[Check]:
    """``in_use`` checks are for a script that runs from its first step on; a loss is asked about in any case:
    what was put there since, and steps to come would destroy, nobody has agreed to lose."""
    made = action.migration.checks_at(action.direction, first).made if first is not None else ()
    for check in checks.checks:
        if not action.resumes if check.kind == "in_use" else check.what not in made:
            yield check


def _ask(session: Session, action: Action, check: Check, answers: Answers) -> None:
    try:
        cursor = session.connection.execute(f"SAVEPOINT asked; {check.sql}\n; RELEASE asked".encode())
        cursor.nextset()
        count, example = cursor.fetchone() or (None, "no answer")
    except (errors.QueryCanceled, *_ANSWERS) as error:
        session.connection.execute("ROLLBACK TO asked")
        # Steps that are done may have taken away what a check is about.
        is_allowed = check.missing_ok or (check.kind == "loss" and action.resumes)
        if isinstance(error, _MISSING) and is_allowed:
            return
        count, example = None, _reason(error, session)
        if isinstance(error, errors.DataError) and (check.converts or check.kind == "loss"):
            check, count = Check("in_use", check.what, check.sql), 1  # the script would fail on it, too
    if count is None and check.kind == "in_use":
        answers.unchecked.append(Unchecked(action.migration.id, check.what, str(example)))
    elif count != 0:
        answers.findings.append(Finding(action, check, count, example))


def _reason(error: psycopg.Error, session: Session) -> str:
    if isinstance(error, errors.QueryCanceled):
        return f"no answer within {session.check_timeout:g} s"
    return error.diag.message_primary or str(error)
