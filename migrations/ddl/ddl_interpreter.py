"""Applies statements to the model of a database, and returns what each does to existing rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from pglast import ast, enums

from . import altered_tables, created, created_types, dropped, renamed, row_changes
from .catalog_model import Database
from .effects import Effect
from .interpreter_state import InterpreterState
from .names import Name, name_of
from .statements import ParsedStatement, where_clause

_Node: TypeAlias = Any
_HANDLERS = (
    created.HANDLERS
    | created_types.HANDLERS
    | altered_tables.HANDLERS
    | renamed.HANDLERS
    | dropped.HANDLERS
    | row_changes.HANDLERS
)


def _columns(statement: ParsedStatement, action: enums.AlterTableType) -> Iterator[tuple[Name, _Node]]:
    node: _Node = statement.node
    if isinstance(node, ast.AlterTableStmt):
        table = name_of(node.relation)
        yield from ((table, command) for command in node.cmds or () if command.subtype == action)


def _computed_columns(script: Iterable[ParsedStatement]) -> set[tuple[Name, str]]:
    """The generated columns that the script adds."""
    return {
        (table, command.def_.colname)
        for statement in script
        for table, command in _columns(statement, enums.AlterTableType.AT_AddColumn)
        if any(each.contype == enums.ConstrType.CONSTR_GENERATED for each in command.def_.constraints or ())
    }


def _dropped_columns(statement: ParsedStatement) -> set[tuple[Name, str]]:
    dropped = _columns(statement, enums.AlterTableType.AT_DropColumn)
    return {(table, command.name) for table, command in dropped}


class DdlInterpreter:
    """Interprets scripts in their order. ``database`` is the model after the last statement, ``state`` what
    else is known then."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.state = InterpreterState(database)

    @property
    def runs_code(self) -> bool:
        """Whether code ran that can't be read, so that ``database`` may lack what it did."""
        return self.state.runs_code

    def apply_script(self, script: Iterable[ParsedStatement]) -> Iterator[tuple[ParsedStatement, Effect]]:
        """Apply a whole script; returns what its statements do to existing rows.

        A column that it drops and makes again as a generated one loses nothing.
        """
        self.state.begin_script()
        statements = list(script)
        computed = _computed_columns(statements)
        for statement in statements:
            for effect in self.apply(statement.node, statement.sql):
                dropped = _dropped_columns(statement) if effect.kind == "column" else set()
                if not dropped or not dropped <= computed:
                    yield statement, effect

    def apply(self, node: _Node, sql: str) -> list[Effect]:
        """Apply one statement; ``sql`` is its text."""
        self.state.added.clear()
        if isinstance(node, (ast.DeleteStmt, ast.UpdateStmt)):
            found = where_clause(sql)
            condition = sql[slice(*found)].strip() if found is not None else None
            handle = row_changes.delete if isinstance(node, ast.DeleteStmt) else row_changes.update
            return list(handle(self.state, node, condition))
        handler = _HANDLERS.get(type(node))
        return list(handler(self.state, node)) if handler else []
