"""What a way back over several migrations asks of the data, before the first of them is undone.

Each down.sql speaks of the database as it is once those after it have run. Where these rename something, its
questions are put under the names that the database has before all of them; where these write rows, whether
the rows fit can be told only when its turn comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pglast import ast

from .data_questions import Check
from .prechecks import CheckReader, Statement, statements_of

_SHIFTING = (
    *(ast.RenameStmt, ast.AlterEnumStmt),
    *(ast.UpdateStmt, ast.InsertStmt, ast.DeleteStmt, ast.MergeStmt, ast.DoStmt, ast.CallStmt),
)


@dataclass(frozen=True, slots=True)
class Questions:
    """What one down.sql asks while the script at ``newest``, or a later one, is the first that runs.

    ``put_off`` are the columns, as SQL, of which only its turn tells whether their rows fit.
    """

    newest: int
    checks: list[Check]
    put_off: list[str]


def questions_of(scripts: Sequence[str | None]) -> list[list[Questions]]:
    """For each of ``scripts``, the down.sql of a whole history in order (None: there is none), what it asks:
    first where it runs alone, then from each later script on that makes a difference. They parse."""
    parsed = [[] if script is None else statements_of(script) for script in scripts]
    found = [
        [] if script is None else [Questions(own, CheckReader().checks_of(parsed[own]), [])]
        for own, script in enumerate(scripts)
    ]
    for newest, statements in enumerate(parsed):
        if any(isinstance(node, _SHIFTING) for node, _ in statements):
            _ask_behind(newest, scripts, parsed, found)
    return found


def _ask_behind(
    newest: int,
    scripts: Sequence[str | None],
    parsed: Sequence[Sequence[Statement]],
    found: Sequence[list[Questions]],
) -> None:
    reader = CheckReader()
    reader.checks_of(parsed[newest])
    for own in range(newest - 1, -1, -1):
        if scripts[own] is None:
            return  # no way back leads further
        alone, before = found[own][0], found[own][-1]
        checks = reader.checks_of(parsed[own])
        put_off = reader.put_off if _blocking(checks) < _blocking(alone.checks) else []
        if (checks, put_off) != (before.checks, before.put_off):
            found[own].append(Questions(newest, checks, put_off))


def _blocking(checks: Sequence[Check]) -> int:
    return sum(check["kind"] == "in_use" for check in checks)
