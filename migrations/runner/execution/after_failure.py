"""What a failed statement has left of its migration, and the ways on from there."""

from __future__ import annotations

import psycopg
from psycopg import errors

from ..manifest import Direction
from ..planning.action import Action
from ..planning.halfway import WAY_ON
from ..planning.planning import NOTHING

_EXISTS = (errors.DuplicateTable, errors.DuplicateObject)


def after_failure(action: Action, done: int, *, is_finished: bool, error: psycopg.Error) -> str:
    """The fix of an error, by the number of steps that are ``done``.

    ``is_finished`` is False if the last of them is a backfill that stopped between two batches.
    """
    if action.undoes is not None:
        return _of_undo(action.direction)
    if done == 0:
        return _of_nothing_done(action, error)
    left = f"{done if is_finished else done - 1} of {len(action.steps)} steps are done and stay"
    knows = action.migration.undo(action.direction, done, is_finished=is_finished) is not None
    if action.direction == "up":
        if not knows:
            return f"{left}: {WAY_ON}"
        back = action.version_before or NOTHING
        return (
            f"{left}: correct the data, or install a package in which the rest is corrected, and run "
            f"upgrade again, which goes on; or undo these steps with: downgrade --to {back}"
        )
    forward = "run upgrade, which applies them again" if knows else "run upgrade after that"
    return f"{left}: fix the data and run downgrade again, which goes on from there; or {forward}"


def _of_nothing_done(action: Action, error: psycopg.Error) -> str:
    if action.direction == "down":
        return "nothing of this script is done: fix the data and run downgrade again, or stay and run upgrade"
    at = f"the database is at {action.version_before}" if action.version_before else "nothing was applied"
    fix = f"nothing of this script is done ({at}): fix the data or the migration, then run upgrade again"
    if action.version_before is None and isinstance(error, _EXISTS):
        return f"{fix}; if this database was made by other means, record its version with: baseline"
    return fix


def _of_undo(direction: Direction) -> str:
    command, other = ("downgrade", "upgrade") if direction == "down" else ("upgrade", "downgrade")
    return (
        f"the steps before it are recorded: fix the data, then run {command} again, which goes on; or run "
        f"{other}, which finishes this first"
    )
