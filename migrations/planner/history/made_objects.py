"""What scripts make of tables: constraints, indexes, views, triggers, policies, generated columns.

The interpreter knows which of them are there, and by which names.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from pglast import ast, enums

from ...ddl.catalog_model import Database
from ...ddl.created import schema_elements
from ...ddl.ddl_interpreter import DdlInterpreter
from ...ddl.definitions.qualified import qualified
from ...ddl.interpreter_state import InterpreterState, made_in
from ...ddl.names import Name
from ...ddl.renamed import name_changes
from ...ddl.statements import parse_script, taken_apart
from .created import created, created_column, created_constraint, regenerated
from .made import Key, Kind, Made, printed
from .new_names import with_new_names

_Node: TypeAlias = Any
_ACTIONS, _OBJECTS = enums.AlterTableType, enums.ObjectType
_SETTINGS: Final = (
    _ACTIONS.AT_EnableRowSecurity,
    _ACTIONS.AT_ForceRowSecurity,
    _ACTIONS.AT_ReplicaIdentity,
    _ACTIONS.AT_SetRelOptions,
)
_DROPPING: Final = (_ACTIONS.AT_DropColumn, _ACTIONS.AT_DropConstraint)
_OF_ROWS: Final = (ast.InsertStmt, ast.UpdateStmt, ast.DeleteStmt, ast.MergeStmt, ast.CopyStmt)


@dataclass(slots=True)
class MadeObjects:
    """``gone`` are those that were dropped since :meth:`begin`, which may come back under their names."""

    objects: dict[Key, Made] = field(default_factory=dict)
    gone: dict[Key, Made] = field(default_factory=dict)

    interpreter: DdlInterpreter = field(default_factory=lambda: DdlInterpreter(Database(is_complete=True)))

    @classmethod
    def of(cls, scripts: Iterable[str]) -> MadeObjects:
        """What ``scripts``, in order, leave behind. Raises MigrationSyntaxError."""
        made = cls()
        for script in scripts:
            for statement in parse_script(script):
                made.apply(statement.node)
            made.state.begin_script()
        made.gone.clear()
        return made

    @property
    def state(self) -> InterpreterState:
        """What the interpreter knows of all that was applied."""
        return self.interpreter.state

    def copied(self) -> MadeObjects:
        """A copy that other statements can be applied to: nodes are replaced, never changed."""
        database = self.interpreter.database.settled()
        return MadeObjects({**self.objects}, {**self.gone}, DdlInterpreter(database))

    def apply(self, node: _Node) -> None:
        """Follow one statement."""
        if isinstance(node, _OF_ROWS):
            return
        for part in taken_apart(node):
            self._apply(qualified(self.state, part))

    def _apply(self, node: _Node) -> None:
        if self._may_be_there(node):
            return
        for change in name_changes(self.state, node):
            self.objects = with_new_names(self.objects, change)
            self.gone = with_new_names(self.gone, change)
        needed = {k: self._needed(m) for k, m in self.objects.items()} if _may_drop(node) else {}
        inside = [*schema_elements(node)] if isinstance(node, ast.CreateSchemaStmt) else []
        if inside:
            node = ast.CreateSchemaStmt(schemaname=node.schemaname, authrole=node.authrole)
        self.interpreter.apply(node, "")
        for made in created(self.state, node):
            self.add(made)
        if isinstance(node, ast.AlterTableStmt):
            for command in node.cmds or ():
                self._alter(node, command)
        elif isinstance(node, ast.DropStmt):
            self._drop(node)
        for key, before in needed.items():
            if key in self.objects and not before <= self._needed(self.objects[key]):
                self.remove(key)
        for each in inside:
            self.apply(each)

    def add(self, made: Made) -> None:
        self.objects[made.key] = made
        self.gone.pop(made.key, None)

    def remove(self, key: Key) -> None:
        found = self.objects.pop(key, None)
        if found is not None:
            self.gone[key] = found

    def constraint(self, table: Name, name: str) -> Made | None:
        """The constraint, or the one of that name that is gone."""
        key: Key = ("constraint", table, name)
        return self.objects.get(key) or self.gone.get(key)

    def naming(self, table: Name, column: str) -> Iterator[Made]:
        """What names a column, and what depends on that."""
        found: dict[Key, Made] = {}
        waiting = {(table, column)}
        while waiting:
            more = [m for k, m in self.objects.items() if k not in found and not m.reads.isdisjoint(waiting)]
            found |= {each.key: each for each in more}
            waiting = {(each.table, each.name) for each in more if each.kind == "column"}
            views = {each.table for each in more if each.kind == "view"}
            waiting |= {place for made in self.objects.values() for place in made.reads if place[0] in views}
        settings = [m for m in self.objects.values() if m.kind in ("setting", "index", "trigger")]
        views = {each.table for each in found.values() if each.kind == "view"}
        yield from found.values()
        yield from (each for each in settings if each.table in views and each.key not in found)

    def _may_be_there(self, node: _Node) -> bool:
        """Whether the statement makes nothing, because it is there."""
        if not isinstance(node, (ast.CreateStmt, ast.CreateTableAsStmt)) or not node.if_not_exists:
            return False
        made: _Node = node.relation if isinstance(node, ast.CreateStmt) else node.into
        made = getattr(made, "rel", made)
        return made_in(self.state, made) in self.interpreter.database.relations

    def _needed(self, made: Made) -> frozenset[object]:
        """What it is, or goes with, of what the model has."""
        relations = self.interpreter.database.relations
        table = relations.get(made.table)
        if table is None:
            return frozenset()
        match made.kind:
            case "constraint":
                return frozenset({made.name} & table.constraints.keys())
            case "index":
                return frozenset({(made.table[0], made.name)} & relations.keys())
            case "column":
                return frozenset({made.name} & table.columns.keys())
            case "trigger" | "policy":
                columns = (column for _, column in made.reads if column in table.columns)
                return frozenset({made.table, *columns})
            case _:
                return frozenset({made.table})

    def _alter(self, node: _Node, command: _Node) -> None:
        table = self.state.name(node.relation)
        known = self.objects.get(("constraint", table, command.name or ""))
        column = self.objects.get(("column", table, command.name or ""))
        match command.subtype:
            case _ACTIONS.AT_AddColumn:
                for made in created_column(self.state, table, command.def_):
                    self.add(made)
            case _ACTIONS.AT_AddConstraint:
                index = self.objects.pop(("index", table, command.def_.indexname or ""), None)
                for made in created_constraint(self.state, table, command.def_, index=index):
                    self.add(made)
            case _ACTIONS.AT_ValidateConstraint if known is not None:
                own = copy.deepcopy(known.node)
                own.skip_validation, own.initially_valid = False, True
                self.add(replace(known, node=own))
            case _ACTIONS.AT_AlterConstraint:
                self._alter_constraint(table, command.def_)
            case _ACTIONS.AT_DropExpression if column is not None:
                self.objects.pop(column.key)  # it keeps its values, and is no longer made from others
            case _ACTIONS.AT_SetExpression if column is not None:
                self.add(regenerated(column, command.def_))
            case subtype if subtype in _SETTINGS:
                own = ast.AlterTableStmt(relation=node.relation, cmds=(command,), objtype=node.objtype)
                self.add(Made(kind="setting", table=table, name=printed(own), node=own))
            case _:
                pass

    def _alter_constraint(self, table: Name, definition: _Node) -> None:
        known = self.objects.get(("constraint", table, definition.conname))
        if known is not None and definition.alterDeferrability:
            own = copy.deepcopy(known.node)
            own.deferrable, own.initdeferred = definition.deferrable, definition.initdeferred
            self.add(replace(known, node=own))

    def _drop(self, node: _Node) -> None:
        """What only a statement of its own drops, and the model doesn't have."""
        if node.removeType in (_OBJECTS.OBJECT_TRIGGER, _OBJECTS.OBJECT_POLICY):
            kind: Kind = "trigger" if node.removeType == _OBJECTS.OBJECT_TRIGGER else "policy"
            for *table, name in node.objects or ():
                self.remove((kind, self.state.relation_path(table), name.sval))


def _may_drop(node: _Node) -> bool:
    return isinstance(node, ast.DropStmt) or (
        isinstance(node, ast.AlterTableStmt) and any(each.subtype in _DROPPING for each in node.cmds or ())
    )
