"""What a script drops, or gives another type, of what was there before it.

Something that the history doesn't know may depend on it, such as a view for reports: then Postgres refuses
the statement. What goes by CASCADE takes that along.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from pglast import ast, enums

from ...ddl.catalog_model import Column, Constraint, Database, Relation, UserType
from ...ddl.interpreter_state import InterpreterState
from ...ddl.names import Name, type_text_of
from ...ddl.statements import ParsedScript
from .made_names import FUNCTIONS, RELATIONS, TYPES, ObjectName, function_name, schema_or_none

_Node: TypeAlias = Any
#: A column, its new type as SQL (None: not known before the script), whether that is an enum, and whether its
#: default stays, so that it has to be converted.
Retype: TypeAlias = tuple[ObjectName, str | None, bool, bool]
_ACTIONS, _OBJECTS = enums.AlterTableType, enums.ObjectType
_CASCADE: Final = enums.DropBehavior.DROP_CASCADE
_WHOLE: Final = {_OBJECTS.OBJECT_SCHEMA: "schema", _OBJECTS.OBJECT_EXTENSION: "extension"}
_ALTERING: Final = (ast.DropStmt, ast.AlterTableStmt, ast.RenameStmt, ast.AlterObjectSchemaStmt)


@dataclass(slots=True)
class AlteredObjects:
    """``drops`` and ``retypes`` of the present script, in order, by the names before it."""

    database: Database
    drops: list[ObjectName] = field(default_factory=list)
    retypes: list[Retype] = field(default_factory=list)
    _defaults: set[Column] = field(default_factory=set)  # columns whose default the script sets or drops
    _relations: dict[Relation, Name] = field(default_factory=dict)  # by their names before the script
    _columns: dict[Column, str] = field(default_factory=dict)
    _constraints: dict[Constraint, str] = field(default_factory=dict)
    _types: dict[UserType, Name] = field(default_factory=dict)

    def begin_script(self, script: ParsedScript) -> None:
        """Note what there is before it, unless it can't change any of that."""
        self.drops, self.retypes, self._defaults = [], [], set()
        alters = any(isinstance(statement.node, _ALTERING) for statement in script)
        relations = self.database.relations if alters else {}
        self._relations = {relation: name for name, relation in relations.items()}
        self._columns = {
            column: name for relation in self._relations for name, column in relation.columns.items()
        }
        self._constraints = {
            each: name for relation in self._relations for name, each in relation.constraints.items()
        }
        self._types = {each: name for name, each in self.database.types.items()} if alters else {}

    def follow(self, node: _Node, state: InterpreterState) -> None:
        """Note what a statement will alter, before the model has it."""
        if isinstance(node, ast.DropStmt) and node.behavior != _CASCADE:
            for dropped in self._dropped(node, state):
                self.drops += [dropped] if dropped not in self.drops else []
        elif isinstance(node, ast.AlterTableStmt):
            for command in node.cmds or ():
                self._command(node.relation, command, state)

    def moved(self) -> list[tuple[ObjectName, ObjectName]]:
        """The relations, types and columns that have another name after the script: before, and after."""
        return [*self._moved_relations(), *self._moved_types()]

    def _moved_relations(self) -> Iterator[tuple[ObjectName, ObjectName]]:
        for name, relation in self.database.relations.items():
            before = self._relations.get(relation)
            if before is None:
                continue
            if before != name:
                yield _relation(before), _relation(name)
            for own, column in relation.columns.items() if relation.kind == "table" else ():
                was = self._columns.get(column, own)
                if was != own:
                    yield _part("column", before, was), _part("column", name, own)

    def _moved_types(self) -> Iterator[tuple[ObjectName, ObjectName]]:
        for name, each in self.database.types.items():
            before = self._types.get(each, name)
            if before != name:
                yield _type(before), _type(name)

    def _dropped(self, node: _Node, state: InterpreterState) -> Iterator[ObjectName]:
        kind = node.removeType
        for named in node.objects or ():
            if kind in RELATIONS:
                name = self._table_before(state.relation_path(named))
                yield from () if name is None else (_relation(name),)
            elif kind in TYPES:
                name = self._type_before(state.type_name(named.names))
                yield from () if name is None else (_type(name),)
            elif kind in FUNCTIONS:
                arguments = None if named.args_unspecified else named.objargs or ()
                yield function_name(named.objname, arguments, state)
            elif kind in _WHOLE:
                yield _WHOLE[kind], None, None, named.sval

    def _command(self, table: _Node, command: _Node, state: InterpreterState) -> None:
        relation = self.database.relations.get(state.name(table))
        name = self._table_before(state.name(table))
        if name is None or command.behavior == _CASCADE:
            return
        if command.subtype == _ACTIONS.AT_DropConstraint:
            constraint = None if relation is None else relation.constraints.get(command.name)
            own = command.name if constraint is None else self._constraints.get(constraint)
            self.drops += [] if own is None else [_part("constraint", name, own)]
        elif command.subtype == _ACTIONS.AT_ColumnDefault and relation is not None:
            self._defaults |= {each for name, each in relation.columns.items() if name == command.name}
        elif command.subtype in (_ACTIONS.AT_DropColumn, _ACTIONS.AT_AlterColumnType):
            column = None if relation is None else relation.columns.get(command.name)
            own = command.name if column is None else self._columns.get(column)
            if own is not None and command.subtype == _ACTIONS.AT_DropColumn:
                self.drops.append(_part("column", name, own))
            elif own is not None:
                new, is_enum = self._type_of(command.def_, state)
                keeps_default = column not in self._defaults
                self.retypes.append((_part("column", name, own), new, is_enum, keeps_default))

    def _table_before(self, name: Name) -> Name | None:
        """None for one that the script has made; one that the model doesn't know was there."""
        relation = self.database.relations.get(name)
        return name if relation is None else self._relations.get(relation)

    def _type_before(self, name: Name) -> Name | None:
        found = self.database.types.get(name)
        return name if found is None else self._types.get(found)

    def _type_of(self, definition: _Node, state: InterpreterState) -> tuple[str | None, bool]:
        text = state.type_text(definition.typeName)
        plain = text.replace("[]", "")
        named = ((name, each) for name, each in self.database.types.items() if type_text_of(name) == plain)
        name, found = next(named, (None, None))
        is_told = found is None or (found.kind != "domain" and self._types.get(found) == name)
        return text if is_told else None, found is not None and found.kind == "enum"


def _relation(name: Name) -> ObjectName:
    return "relation", schema_or_none(name[0]), None, name[1]


def _type(name: Name) -> ObjectName:
    return "type", schema_or_none(name[0]), None, name[1]


def _part(kind: str, table: Name, name: str) -> ObjectName:
    return kind, schema_or_none(table[0]), table[1], name
