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
from .script_links import History, LinkFinder, Links, are_linked, joined

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


@dataclass(frozen=True, slots=True)
class _Downgrades:
    """The down.sql of each migration, what it is about, and its checks where it runs alone."""

    scripts: Sequence[ParsedScript | None]
    links: Mapping[int, Links]
    alone: Mapping[int, _Alone]


def chained_checks(history: History) -> list[list[ChainedChecks]]:
    """For each migration of a whole history in order, given its up.sql and down.sql (None: no file), the
    checks of its downgrade: first if it runs alone, then from each later script on that makes a difference.
    """
    downs = [down for _, down in history]
    states, links = _states(history)
    found: list[list[ChainedChecks]] = [[] for _ in history]
    alone: dict[int, _Alone] = {}
    changed: Links = frozenset()  # what the scripts are about that came since checks were last asked for
    for newest, script in enumerate(downs):
        if script is None:
            continue
        reader = CheckReader(states[newest])
        asked = reader.checks_of(script)
        alone[newest] = _Alone(asked, reader.put_off)
        found[newest].append(ChainedChecks(newest, [each.check for each in asked]))
        changed = joined(changed, links[newest])
        if any(_shifts(statement.node) for statement in script):
            _ask_behind(newest, changed, _Downgrades(downs, links, alone), reader, found)
            changed = frozenset()
    return found


def _states(history: History) -> tuple[dict[int, Database], dict[int, Links]]:
    """The database before each downgrade, as far as the scripts show it, and what each downgrade is about."""
    database = Database()
    interpreter, finder = DdlInterpreter(database), LinkFinder(history)
    states, links = {}, {}
    for number, (script, down) in enumerate(history):
        for _ in interpreter.apply_script(script):
            pass  # losses of an upgrade were checked when it was planned
        if down is not None:
            states[number], links[number] = database.settled(), finder.links(script, down, database)
    return states, links


def _ask_behind(
    newest: int, changed: Links, walk: _Downgrades, reader: CheckReader, found: Sequence[list[ChainedChecks]]
) -> None:
    """The checks of a script that no chain of links connects with what has ``changed`` are as they were."""
    reached = changed
    skipped: list[int] = []
    for own in range(newest - 1, -1, -1):
        script = walk.scripts[own]
        if script is None:
            return  # no downgrade goes past this migration
        if not are_linked(reached, walk.links[own]):
            skipped.append(own)
            continue
        for before in _taken(skipped, walk.links, own):
            reader.checks_of(walk.scripts[before] or ())
        reached = joined(reached, walk.links[own])
        losses = (each for each in walk.alone[own].asked if each.is_loss)
        made = [each.check["what"] for each in losses if each.is_about_new(reader.database)]
        checks = [each.check for each in reader.checks_of(script)]
        put_off = [column for column in reader.put_off if column not in walk.alone[own].put_off]
        known = found[own][-1]
        behind = ChainedChecks(newest, checks, put_off, made)
        if replace(behind, newest=known.newest) != known:
            found[own].append(behind)


def _taken(skipped: list[int], links: Mapping[int, Links], own: int) -> list[int]:
    """Take those out of ``skipped`` that a chain of links connects with ``own``, in their order."""
    reached, taken = links[own], list[int]()
    for each in reversed(skipped):
        if are_linked(reached, links[each]):
            reached = joined(reached, links[each])
            taken.append(each)
    skipped[:] = [each for each in skipped if each not in taken]
    return taken[::-1]


def _shifts(node: Any) -> bool:
    """Whether it changes names, types or rows for later scripts; dropping and loosening don't."""
    if isinstance(node, ast.AlterTableStmt):
        return any(command.subtype in _SHIFTING_COMMANDS for command in node.cmds or ())
    return isinstance(node, _SHIFTING)
