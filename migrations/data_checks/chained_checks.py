"""The checks of a downgrade over several migrations, which run before the first of them is undone.

Each down.sql is written for the database that the later ones leave behind. If these rename, move or create
objects, its checks use the names that the database has before all of them; if these write rows, whether the
rows fit can only be checked right before the script itself. Objects that these create have no existing rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pglast import ast, enums

from ..ddl.catalog_model import Database
from ..ddl.ddl_interpreter import DdlInterpreter
from ..ddl.statements import ParsedScript
from .check_queries import Check
from .check_reader import AskedCheck, CheckReader

_SHIFTING = (
    *(ast.CreateStmt, ast.CreateTableAsStmt, ast.CreateForeignTableStmt, ast.CreateSchemaStmt),
    *(ast.CreateEnumStmt, ast.CreateDomainStmt, ast.CompositeTypeStmt, ast.CreateRangeStmt),
    *(ast.AlterEnumStmt, ast.RenameStmt, ast.AlterObjectSchemaStmt, ast.SelectStmt),
    *(ast.UpdateStmt, ast.InsertStmt, ast.DeleteStmt, ast.MergeStmt, ast.DoStmt, ast.CallStmt),
    # A later statement may fire these.
    *(ast.CreateTrigStmt, ast.RuleStmt, ast.CreateFunctionStmt, ast.ViewStmt),
)
_ACTIONS = enums.AlterTableType
_SHIFTING_COMMANDS = (
    *(_ACTIONS.AT_AddColumn, _ACTIONS.AT_AlterColumnType, _ACTIONS.AT_SetNotNull, _ACTIONS.AT_AddConstraint),
    *(_ACTIONS.AT_AttachPartition, _ACTIONS.AT_DetachPartition, _ACTIONS.AT_AddInherit),
)


@dataclass(frozen=True, slots=True)
class ChainedChecks:
    """The checks of one down.sql if the downgrade begins with the script at ``newest``, or a later one.

    ``put_off`` are the columns, as SQL, whose rows can only be checked right before the script runs. ``made``
    are the ``what`` of checks that apply only if it runs alone: otherwise the scripts before it have created
    the objects in question.
    """

    newest: int
    checks: list[Check]
    put_off: list[str] = field(default_factory=list)
    made: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Alone:
    """The checks of a script that runs alone."""

    asked: list[AskedCheck]
    put_off: list[str]


def chained_checks(history: Sequence[tuple[ParsedScript, ParsedScript | None]]) -> list[list[ChainedChecks]]:
    """For each migration of a whole history in order, given its up.sql and down.sql (None: no file), the
    checks of its downgrade: first if it runs alone, then from each later script on that makes a difference.
    """
    downs = [down for _, down in history]
    states = _states([up for up, _ in history], downs)
    found: list[list[ChainedChecks]] = [[] for _ in history]
    alone: dict[int, _Alone] = {}
    for newest, script in enumerate(downs):
        if script is None:
            continue
        reader = CheckReader(states[newest])
        asked = reader.checks_of(script)
        alone[newest] = _Alone(asked, reader.put_off)
        found[newest].append(ChainedChecks(newest, [each.check for each in asked]))
        if any(_shifts(statement.node) for statement in script):
            _ask_behind(newest, downs, reader, alone, found)
    return found


def _states(ups: Sequence[ParsedScript], downs: Sequence[object | None]) -> dict[int, Database]:
    """The database before each downgrade, as far as the scripts show it."""
    database = Database()
    interpreter = DdlInterpreter(database)
    states = {}
    for number, (script, down) in enumerate(zip(ups, downs, strict=True)):
        for _ in interpreter.apply_script(script):
            pass  # losses of an upgrade were checked when it was planned
        if down is not None:
            states[number] = database.settled()
    return states


def _ask_behind(
    newest: int,
    downs: Sequence[ParsedScript | None],
    reader: CheckReader,
    alone: Mapping[int, _Alone],
    found: Sequence[list[ChainedChecks]],
) -> None:
    for own in range(newest - 1, -1, -1):
        script = downs[own]
        if script is None:
            return  # no downgrade goes past this migration
        losses = (each for each in alone[own].asked if each.is_loss)
        made = [each.check["what"] for each in losses if each.is_about_new(reader.database)]
        checks = [each.check for each in reader.checks_of(script)]
        put_off = [column for column in reader.put_off if column not in alone[own].put_off]
        before = found[own][-1]
        behind = ChainedChecks(newest, checks, put_off, made)
        if replace(behind, newest=before.newest) != before:
            found[own].append(behind)


def _shifts(node: Any) -> bool:
    """Whether it changes names, types or rows for later scripts; dropping and loosening don't."""
    if isinstance(node, ast.AlterTableStmt):
        return any(command.subtype in _SHIFTING_COMMANDS for command in node.cmds or ())
    return isinstance(node, _SHIFTING)
