"""The problems for values that a migration changes without permission."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from schemas.errors import Problem
from schemas.versions import SchemaVersion

from ...ddl.names import sql_name
from ...errors import RehearsalError
from ...identifiers import quoted
from .changed_values import ChangedValue
from .permitted_losses import FoundLosses

_UNCOUNTED, _CODE_RUNS = "its rows can't be counted (", "(only running it can tell)"
_CODE = "loses-without-permission"


def lost_again(changed: ChangedValue, route: str) -> Problem:
    """Lost by a downgrade; its checks, which ask for permission in production, found nothing."""
    return _problem(
        changed,
        f"{route} changes {_place(changed)}, which no check of the downgrade finds",
        "let down.sql and up.sql convert every value back to what it was, write the change so that a check"
        " can see it (a cast, an UPDATE that doesn't use the old value, a DROP), or leave down.sql out",
    )


def lost_on_the_way(changed: ChangedValue, version: SchemaVersion) -> Problem:
    """Lost between the version before and this one and back."""
    return _problem(
        changed,
        f"going up to {version} and down again changes {_place(changed)}, which nobody was asked about",
        "let down.sql convert every value back to what it was before up.sql",
    )


def fails_with_new_rows(version: SchemaVersion, problem: Problem) -> Problem:
    """A downgrade or the upgrade after it fails with rows that only this version can have."""
    return replace(
        problem,
        code="downgrade-fails-with-rows",
        message=f"down from {version} with rows that were made there, and up again: {problem.message}",
        fix="a database with such rows can't be downgraded: should it be, let down.sql make their values fit",
        severity="warning",
    )


def unanswered(found: FoundLosses) -> list[Problem]:
    """Checks of a downgrade that fail, though Postgres could have counted the rows."""
    return [
        Problem(
            code="check-not-answered",
            message=f"a check of the downgrade fails: {line}",
            fix="in production the downgrade will only run with --allow-data-loss; write its conditions so "
            "that they can be asked before the script runs",
            severity="warning",
        )
        for line in found.lines
        if _UNCOUNTED in line and _CODE_RUNS not in line
    ]


def told(problems: Sequence[Problem]) -> list[Problem]:
    """The warnings among them. Raises RehearsalError if there are errors."""
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise RehearsalError(*errors)
    return list(problems)


def _problem(changed: ChangedValue, message: str, fix: str) -> Problem:
    return Problem(
        code=_CODE,
        message=f"{message}: {changed.change}",
        fix=fix,
        # A trigger may keep a time of change, or a number of changes.
        severity="warning" if changed.is_in_code else "error",
    )


def _place(changed: ChangedValue) -> str:
    table = sql_name(changed.table)
    return f"table {table}" if changed.column is None else f"{table}.{quoted(changed.column)}"
