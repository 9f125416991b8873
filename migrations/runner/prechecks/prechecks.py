"""Before a downgrade: what would it destroy, and would it fail on existing rows?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psycopg
from psycopg import errors

from ..connection.session import Session
from ..errors import RefusedError
from ..manifest import Check, DowngradeChecks, Migration
from ..planning.planning import Action

# The check concerns an object that doesn't exist. Checks follow names through all scripts of the package, so
# either a script allows for it (IF EXISTS), or something else has changed the database.
_MISSING = (
    errors.UndefinedTable,
    errors.UndefinedColumn,
    errors.UndefinedObject,
    errors.InvalidSchemaName,
)
# Running a script also shows whether it fails, and is undone then. What it destroys can't be undone.
_TOLD_BY_RUNNING = (*_MISSING, errors.UndefinedFunction, errors.CannotCoerce, errors.DatatypeMismatch)


@dataclass(frozen=True, slots=True)
class Finding:
    """A check that found ``rows`` (None: they can't be counted), with an example, or the reason why they
    can't be counted."""

    migration: str
    check: Check
    rows: int | None
    example: str | None

    def __str__(self) -> str:
        if self.rows is None:
            return f"{self.migration}: {self.check.what}: its rows can't be counted ({self.example})"
        example = "" if self.example is None else f", such as {self.example[:80]!r}"
        return f"{self.migration}: {self.check.what}: {self.rows} row{'s'[: self.rows != 1]}{example}"


def run_checks(session: Session, actions: Sequence[Action], newest: Migration | None = None) -> list[Finding]:
    """Run the checks of all downgrades among ``actions``; nothing is changed.

    ``newest`` is the migration with whose downgrade this run began, if that is not among ``actions``.
    """
    found = []
    for action, checks in _downgrade_checks(actions):
        made = action.migration.checks_at(newest).made if newest is not None else ()
        for check in checks.checks:
            # The loss was accepted when the downgrade was started; whether it would fail still matters.
            if check.kind == "in_use" or not (action.resumes or check.what in made):
                found += _ask(session, action.migration.id, check)
    return found


def deferred_checks(actions: Sequence[Action]) -> list[str]:
    """What can only be checked during the run, one line each: other ``actions`` write there first."""
    return [
        f"{action.migration.id}: whether the rows of {column} fit, after what earlier downgrades write there"
        for action, checks in _downgrade_checks(actions)
        for column in checks.put_off
    ]


def _downgrade_checks(actions: Sequence[Action]) -> Iterator[tuple[Action, DowngradeChecks]]:
    back = [action for action in actions if action.direction == "down"]
    for action in back:
        yield action, action.migration.checks_at(back[0].migration)


def refuse_in_use(found: Sequence[Finding]) -> None:
    """Raises RefusedError if a downgrade would fail on the data."""
    blocking = [str(finding) for finding in found if finding.check.kind == "in_use"]
    if blocking:
        raise RefusedError(
            "in-use",
            "the older version can't hold data that is in use; nothing was changed",
            "change or remove these rows first, then run this again",
            blocking,
        )


def refuse_loss(found: Sequence[Finding], *, allowed: bool) -> None:
    """Raises RefusedError if a downgrade would destroy data, or may, and that is not ``allowed``."""
    lost = [finding for finding in found if finding.check.kind == "loss"]
    if not lost or allowed:
        return
    details = [str(finding) for finding in lost]
    if all(finding.rows is None for finding in lost):
        raise RefusedError(
            "loss-unknown",
            "whether the downgrade would destroy data can't be determined; nothing was changed",
            "check this data, back it up if it is needed, then run this again with --allow-data-loss",
            details,
        )
    raise RefusedError(
        "data-loss",
        "the downgrade would destroy data; nothing was changed",
        "back it up if it is needed, then run this again with --allow-data-loss",
        details,
    )


def _ask(session: Session, migration: str, check: Check) -> list[Finding]:
    session.begin()
    try:
        row = session.connection.execute(check.sql.encode()).fetchone()
    except errors.DataError as error:  # a value that can't be converted: the script would fail on it too
        session.rollback()
        return [Finding(migration, Check("in_use", check.what, check.sql), 1, _primary(error))]
    except psycopg.OperationalError:
        raise
    except psycopg.Error as error:
        passed_over = _TOLD_BY_RUNNING if check.kind == "in_use" else _MISSING if check.missing_ok else ()
        if isinstance(error, passed_over):
            return []
        return [Finding(migration, check, None, _primary(error))]
    finally:
        session.rollback()
    count, example = row or (None, "no answer")
    return [Finding(migration, check, count, example)] if count != 0 else []


def _primary(error: psycopg.Error) -> str:
    return error.diag.message_primary or str(error)
