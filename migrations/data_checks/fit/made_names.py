"""The names that a script gives to what it makes, and that nothing may have before it.

What the script, or the model, had under that name before must have been dropped or renamed, or the script
would fail wherever it runs. So only a name that the model lacks before the script is noted. Names that
Postgres chooses are always free.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from pglast import ast, enums

from ...casts.sql_types import DAYS, JSONS, NUMBERS, TIMES, read_type
from ...ddl.catalog_model import INDEXED_KINDS, Database, Relation
from ...ddl.definitions.read_columns import KINDS
from ...ddl.interpreter_state import InterpreterState, made_in, type_made_in
from ...ddl.names import PUBLIC, TEMPORARY, Name, dropped, type_text
from ...identifiers import quoted

_Node: TypeAlias = Any
#: Kind, schema (None: where the search path leads), table and name.
ObjectName: TypeAlias = tuple[str, str | None, str | None, str]
_ACTIONS, _OBJECTS = enums.AlterTableType, enums.ObjectType
RELATIONS: Final = (
    *(_OBJECTS.OBJECT_TABLE, _OBJECTS.OBJECT_VIEW, _OBJECTS.OBJECT_MATVIEW, _OBJECTS.OBJECT_INDEX),
    *(_OBJECTS.OBJECT_SEQUENCE, _OBJECTS.OBJECT_FOREIGN_TABLE),
)
TYPES: Final = (_OBJECTS.OBJECT_TYPE, _OBJECTS.OBJECT_DOMAIN)
FUNCTIONS: Final = (_OBJECTS.OBJECT_FUNCTION, _OBJECTS.OBJECT_PROCEDURE, _OBJECTS.OBJECT_ROUTINE)
_PARTS: Final = {
    _OBJECTS.OBJECT_TRIGGER: "trigger",
    _OBJECTS.OBJECT_POLICY: "policy",
    _OBJECTS.OBJECT_RULE: "rule",
}
_RENAMED_PARTS: Final = _PARTS | {
    _OBJECTS.OBJECT_COLUMN: "column",
    _OBJECTS.OBJECT_TABCONSTRAINT: "constraint",
}
# Postgres' own: of another, whether it is there already says nothing of functions.
_OWN_TYPES: Final = (*NUMBERS, "text", "character varying", *JSONS, *DAYS, *TIMES, "uuid", "boolean", "bytea")
#: A table or a column that is made unless it is there ("relation", "column"), its table's schema and name,
#: and its columns with their types.
Shape: TypeAlias = tuple[str, str | None, str, dict[str, str]]
_SERIAL: Final = {"smallserial": "smallint", "serial": "integer", "bigserial": "bigint"}
#: Among what a script frees: it may be more than is known.
ANYTHING: Final[ObjectName] = ("anything", None, None, "")


@dataclass(slots=True)
class MadeNames:
    """``made`` by the present script, in order; ``freed`` are those that it has dropped by name."""

    database: Database
    made: list[ObjectName] = field(default_factory=list)
    expected: list[Shape] = field(default_factory=list)  # what may be there, of the same shape
    _before: set[ObjectName] = field(default_factory=set)
    _tables: dict[Relation, Name] = field(default_factory=dict)  # those before, by their names then
    _reshaped: set[Relation] = field(default_factory=set)  # tables that lost columns, and what is on these
    _freed: set[ObjectName] = field(default_factory=set)
    _is_stopped: bool = False

    def begin_script(self) -> None:
        """Note what there is before it."""
        self.made, self.expected, self._freed, self._is_stopped = [], [], set(), False
        self._before, self._reshaped = set(self._present()), set()
        relations = self.database.relations.items()
        self._tables = {relation: name for name, relation in relations if relation.kind == "table"}

    def follow(self, node: _Node, state: InterpreterState, *, is_opaque: bool) -> None:
        """Note what a statement will make, before the model has it. ``is_opaque``: code that ran before
        may have dropped anything."""
        self._is_stopped = self._is_stopped or is_opaque
        if isinstance(node, ast.DropStmt):
            self._drop(node, state)
        if isinstance(node, ast.AlterTableStmt):
            self._free_parts(node, state)  # Postgres drops first, in whatever order the commands are
        for name in () if self._is_stopped else self._made(node, state):
            known = ("relation", *name[1:]) if name[0] == "index" else name
            any_of_it = (*name[:3], name[3].partition("(")[0]) if name[0] == "function" else known
            if self._freed.isdisjoint({known, any_of_it}) and known not in self._before:
                self.made += [name] if name not in self.made else []
        if not self._is_stopped and isinstance(node, (ast.CreateStmt, ast.AlterTableStmt)):
            self.expected += self._shapes(node, state)
        if isinstance(node, ast.RenameStmt) and node.renameType == _OBJECTS.OBJECT_TABCONSTRAINT:
            self._freed |= set(self._part("constraint", state, node.relation, node.subname or ""))

    def freed(self) -> list[ObjectName]:
        """What had a name before the script and has it no more."""
        anything = {ANYTHING} if self._is_stopped else set()
        return sorted((self._before - set(self._present())) | self._freed | anything, key=repr)

    def _shapes(self, node: _Node, state: InterpreterState) -> Iterator[Shape]:
        """IF NOT EXISTS: of what the model doesn't know, and the script has not dropped."""
        if isinstance(node, ast.CreateStmt):
            schema, table = made = made_in(state, node.relation)
            own: ObjectName = ("relation", schema_or_none(schema), None, table)
            if node.if_not_exists and made not in self.database.relations and own not in self._freed:
                columns = [each for each in node.tableElts or () if isinstance(each, ast.ColumnDef)]
                if schema != TEMPORARY:
                    yield "relation", schema_or_none(schema), table, _types(columns, state)
            return
        relation = self.database.relations.get(state.name(node.relation))
        for command in node.cmds or () if relation is not None else ():
            if command.subtype == _ACTIONS.AT_AddColumn and command.missing_ok and relation is not None:
                for name in self._part("column", state, node.relation, command.def_.colname):
                    if command.def_.colname not in relation.columns and name not in self._freed:
                        yield "column", name[1], name[2] or "", _types([command.def_], state)

    def _present(self) -> Iterator[ObjectName]:
        for (schema, name), relation in self.database.relations.items():
            yield "relation", schema_or_none(schema), None, name
            if relation.kind == "table":
                for column in relation.columns:
                    yield "column", schema_or_none(schema), name, column
        for (schema, name), each in self.database.types.items():
            yield "type", schema_or_none(schema), None, name
            yield from (("label", schema_or_none(schema), name, value) for value in each.values)

    def _drop(self, node: _Node, state: InterpreterState) -> None:
        kind = "relation" if node.removeType in RELATIONS else "type" if node.removeType in TYPES else None
        if kind is not None:
            self._freed |= {(kind, schema_or_none(schema), None, name) for schema, name in dropped(node)}
        if node.removeType in _PARTS:
            for *table, part in node.objects or ():
                schema, name = state.relation_path(table)
                self._freed.add((_PARTS[node.removeType], schema_or_none(schema), name, part.sval))
        elif node.removeType in FUNCTIONS:
            for named in node.objects or ():
                arguments = None if named.args_unspecified else named.objargs or ()
                self._freed.add(function_name(named.objname, arguments, state))
        elif node.removeType == _OBJECTS.OBJECT_SCHEMA:  # an empty one, or it says CASCADE
            self._freed |= {("schema", None, None, part.sval or "") for part in node.objects or ()}
        if node.removeType == _OBJECTS.OBJECT_EXTENSION or node.behavior == enums.DropBehavior.DROP_CASCADE:
            self._is_stopped = True
        if node.removeType == _OBJECTS.OBJECT_TABLE:
            unknown = (
                state.relation_path(path) not in self.database.relations for path in node.objects or ()
            )
            self._is_stopped = self._is_stopped or any(unknown)  # what goes with it isn't known

    def _free_parts(self, node: _Node, state: InterpreterState) -> None:
        for command in node.cmds or ():
            if command.subtype == _ACTIONS.AT_DropColumn:
                self._freed |= set(self._part("column", state, node.relation, command.name))
                if (relation := state.database.relations.get(state.name(node.relation))) is not None:
                    self._reshaped.add(relation)
            elif command.subtype == _ACTIONS.AT_DropConstraint:
                self._freed |= set(self._part("constraint", state, node.relation, command.name))
                self._freed.add(
                    ("relation", schema_or_none(state.name(node.relation)[0]), None, command.name)
                )

    def _made(self, node: _Node, state: InterpreterState) -> Iterator[ObjectName]:
        if getattr(node, "missing_ok", False):
            return  # there may be nothing to rename or to alter
        if isinstance(node, ast.RenameStmt) and node.renameType in _RENAMED_PARTS:
            kind = _RENAMED_PARTS[node.renameType]
            if kind != "column" or node.relationType == _OBJECTS.OBJECT_TABLE:
                yield from self._part(kind, state, node.relation, node.newname or "")
        elif isinstance(node, ast.CreateTrigStmt) and not node.replace:
            yield from self._part("trigger", state, node.relation, node.trigname or "")
        elif isinstance(node, ast.RuleStmt) and not node.replace:
            yield from self._part("rule", state, node.relation, node.rulename or "")
        elif isinstance(node, ast.CreatePolicyStmt):
            yield from self._part("policy", state, node.table, node.policy_name or "")
        elif isinstance(node, ast.AlterEnumStmt):
            schema, name = state.type_name(node.typeName)
            if ("type", schema_or_none(schema), None, name) in self._before and not node.skipIfNewValExists:
                yield "label", schema_or_none(schema), name, node.newVal or ""
        elif isinstance(node, ast.AlterTableStmt) and node.objtype == _OBJECTS.OBJECT_TABLE:
            yield from self._altered(node, state)
        else:
            yield from _made(node, state)

    def _altered(self, node: _Node, state: InterpreterState) -> Iterator[ObjectName]:
        for command in node.cmds or ():
            if command.subtype == _ACTIONS.AT_AddColumn and not command.missing_ok:
                yield from self._part("column", state, node.relation, command.def_.colname)
            elif command.subtype == _ACTIONS.AT_AddConstraint and command.def_.conname:
                if KINDS.get(command.def_.contype) not in INDEXED_KINDS:
                    if state.database.relations.get(state.name(node.relation)) not in self._reshaped:
                        yield from self._part("constraint", state, node.relation, command.def_.conname)
                elif not command.def_.indexname:
                    yield "relation", schema_or_none(state.name(node.relation)[0]), None, command.def_.conname

    def _part(self, kind: str, state: InterpreterState, table: _Node, name: str) -> Iterator[ObjectName]:
        """Of a table that was there before the script, by its name then."""
        relation = state.database.relations.get(state.name(table))
        before = None if relation is None else self._tables.get(relation)
        if before is not None:
            yield kind, schema_or_none(before[0]), before[1], name


def _types(columns: Iterable[_Node], state: InterpreterState) -> dict[str, str]:
    given = {each.colname or "": state.type_text(each.typeName) for each in columns}
    return {name: _SERIAL.get(text, text) for name, text in given.items()}


def _made(node: _Node, state: InterpreterState) -> Iterator[ObjectName]:
    if isinstance(node, (ast.CreateStmt, ast.CreateSeqStmt, ast.ViewStmt, ast.CreateTableAsStmt)):
        yield from _made_relation(node, state)
    elif isinstance(node, ast.IndexStmt) and node.idxname:
        # One that is built unless it is there may be: the runner compares it.
        yield (
            "index" if node.concurrent or node.if_not_exists else "relation",
            schema_or_none(state.name(node.relation)[0]),
            None,
            node.idxname,
        )
    elif isinstance(node, (ast.CreateEnumStmt, ast.CreateRangeStmt, ast.CreateDomainStmt)):
        parts = node.domainname if isinstance(node, ast.CreateDomainStmt) else node.typeName
        schema, name = type_made_in(state, parts)
        yield "type", schema_or_none(schema), None, name
    elif isinstance(node, ast.CompositeTypeStmt):
        schema, name = made_in(state, node.typevar)
        yield "type", schema_or_none(schema), None, name
    elif isinstance(node, ast.CreateFunctionStmt) and not node.replace:
        inputs = (each for each in node.parameters or () if each.mode.value not in ("o", "t"))
        types = [each.argType for each in inputs]
        if all(read_type(type_text(each)).name in _OWN_TYPES for each in types):
            yield function_name(node.funcname, types, state)
    elif isinstance(node, ast.CreateExtensionStmt) and not node.if_not_exists:
        yield "extension", None, None, node.extname or ""
    elif isinstance(node, ast.CreateSchemaStmt) and node.schemaname and not node.if_not_exists:
        yield "schema", None, None, node.schemaname
    elif isinstance(node, ast.RenameStmt):
        yield from _renamed(node, state)


def _made_relation(node: _Node, state: InterpreterState) -> Iterator[ObjectName]:
    relation = (
        getattr(node, "relation", None) or getattr(node, "sequence", None) or getattr(node, "view", None)
    )
    name = made_in(state, relation if relation is not None else node.into.rel)
    is_optional = getattr(node, "if_not_exists", False) or getattr(node, "replace", False)
    if is_optional or name[0] == TEMPORARY:
        return
    yield "relation", schema_or_none(name[0]), None, name[1]
    if isinstance(node, ast.CreateStmt):
        elements = node.tableElts or ()
        inline = (each for element in elements for each in getattr(element, "constraints", None) or ())
        for constraint in (*inline, *(each for each in elements if isinstance(each, ast.Constraint))):
            if KINDS.get(constraint.contype) in INDEXED_KINDS and constraint.conname:
                yield "relation", schema_or_none(name[0]), None, constraint.conname


def _renamed(node: _Node, state: InterpreterState) -> Iterator[ObjectName]:
    kind = node.renameType
    if kind in RELATIONS:
        yield "relation", schema_or_none(state.name(node.relation)[0]), None, node.newname
    elif kind in TYPES:
        yield "type", schema_or_none(state.type_name(node.object)[0]), None, node.newname
    elif kind == _OBJECTS.OBJECT_SCHEMA:
        yield "schema", None, None, node.newname


def function_name(path: _Node, arguments: Iterable[_Node] | None, state: InterpreterState) -> ObjectName:
    """A function's name, with the types of its arguments if they are given."""
    schema, name = type_made_in(state, path)
    given = "" if arguments is None else f"({', '.join(type_text(each) for each in arguments)})"
    return "function", schema_or_none(schema), None, f"{quoted(name)}{given}"


def schema_or_none(schema: str) -> str | None:
    """The schema of an object's name: None where the search path leads."""
    return None if schema == PUBLIC else schema
