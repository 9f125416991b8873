"""Applies statements to the model of a database, and returns what each does to existing rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from pglast import ast

from . import altered_tables, created, created_types, dropped, renamed, row_changes
from .catalog_model import Database
from .effects import Effect
from .interpreter_state import InterpreterState
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


class DdlInterpreter:
    """Interprets scripts in their order. ``database`` is its state after the last statement."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._state = InterpreterState(database)

    @property
    def runs_code(self) -> bool:
        """Whether code ran that can't be read, so that ``database`` may lack what it did."""
        return self._state.runs_code

    def apply_script(self, script: Iterable[ParsedStatement]) -> Iterator[tuple[ParsedStatement, Effect]]:
        """Apply a whole script; returns what its statements do to existing rows."""
        self._state.begin_script()
        for statement in script:
            for effect in self.apply(statement.node, statement.sql):
                yield statement, effect

    def apply(self, node: _Node, sql: str) -> list[Effect]:
        """Apply one statement; ``sql`` is its text."""
        if isinstance(node, (ast.DeleteStmt, ast.UpdateStmt)):
            found = where_clause(sql)
            condition = sql[slice(*found)].strip() if found is not None else None
            handle = row_changes.delete if isinstance(node, ast.DeleteStmt) else row_changes.update
            return list(handle(self._state, node, condition))
        handler = _HANDLERS.get(type(node))
        return list(handler(self._state, node)) if handler else []
