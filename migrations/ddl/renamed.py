"""RENAME and SET SCHEMA: the object stays, and so does its name before the scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from pglast import ast, enums

from .catalog_model import Relation, RelationKind
from .effects import Effect
from .interpreter_state import InterpreterState
from .names import Name, path_of

_Node: TypeAlias = Any
_OBJECTS = enums.ObjectType
_RELATIONS: dict[enums.ObjectType, RelationKind] = {
    _OBJECTS.OBJECT_TABLE: "table",
    _OBJECTS.OBJECT_FOREIGN_TABLE: "foreign table",
    _OBJECTS.OBJECT_VIEW: "view",
    _OBJECTS.OBJECT_MATVIEW: "materialized view",
    _OBJECTS.OBJECT_INDEX: "index",
    _OBJECTS.OBJECT_SEQUENCE: "sequence",
}
_FUNCTIONS = (_OBJECTS.OBJECT_FUNCTION, _OBJECTS.OBJECT_PROCEDURE, _OBJECTS.OBJECT_ROUTINE)
_TYPES = (_OBJECTS.OBJECT_TYPE, _OBJECTS.OBJECT_DOMAIN)
NamedKind: TypeAlias = Literal[
    "schema", "relation", "index", "type", "column", "constraint", "trigger", "policy", "rule"
]
_PARTS: dict[enums.ObjectType, NamedKind] = {
    _OBJECTS.OBJECT_TRIGGER: "trigger",
    _OBJECTS.OBJECT_POLICY: "policy",
    _OBJECTS.OBJECT_RULE: "rule",
}


@dataclass(frozen=True, slots=True)
class NameChange:
    """``old`` and ``new`` are a schema; or a schema and a name in it; or those of a table and a name in that.
    A "relation" is anything that shares a name space with tables but an index."""

    kind: NamedKind
    old: tuple[str, ...]
    new: tuple[str, ...]


def name_changes(state: InterpreterState, node: _Node) -> list[NameChange]:
    """Everything that a statement gives another name or schema, before the model has it: first what it is
    about, then what goes along. A schema comes last: what is in it, first."""
    if isinstance(node, ast.RenameStmt):
        return list(_renamed(state, node))
    if isinstance(node, ast.AlterObjectSchemaStmt):
        return list(_moved(state, node))
    return []


def rename(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    kind = node.renameType
    if kind in _RELATIONS:
        _enter(state, node, _RELATIONS[kind])
    elif kind == _OBJECTS.OBJECT_COLUMN:
        state.database.relation(state.name(node.relation), _RELATIONS.get(node.relationType, "table"))
    elif kind == _OBJECTS.OBJECT_ATTRIBUTE:
        composite = state.database.user_type(_composite_name(state, node))
        if (found := composite.attributes.pop(node.subname, None)) is not None:
            composite.attributes[node.newname] = found
    elif kind in _FUNCTIONS:
        bodies = state.database.functions.get(path_of(node.object.objname)[1], {})
        state.database.functions.setdefault(node.newname, {}).update(bodies)
    for change in name_changes(state, node):
        _APPLIED[change.kind](state, change)
    yield from ()


def set_schema(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    if node.objectType in _RELATIONS:
        _enter(state, node, _RELATIONS[node.objectType])
    for change in name_changes(state, node):
        _APPLIED[change.kind](state, change)
    yield from ()


def _enter(state: InterpreterState, node: _Node, kind: RelationKind) -> None:
    """An unknown relation was there before, unless the statement accepts that it is missing."""
    relation = state.database.relation(state.name(node.relation), kind)
    relation.may_be_missing = relation.may_be_missing or bool(node.missing_ok)


def _renamed(state: InterpreterState, node: _Node) -> Iterator[NameChange]:
    kind = node.renameType
    if kind in _RELATIONS:
        old = state.name(node.relation)
        yield from _of_relation(state, old, (old[0], node.newname), is_index=kind == _OBJECTS.OBJECT_INDEX)
    elif kind == _OBJECTS.OBJECT_COLUMN:
        yield from _of_column(state, state.name(node.relation), node)
    elif kind == _OBJECTS.OBJECT_TABCONSTRAINT:
        table = state.name(node.relation)
        yield NameChange("constraint", (*table, node.subname), (*table, node.newname))
        index = state.database.relations.get((table[0], node.subname))
        if index is not None and index.owner is state.database.relations.get(table):
            yield NameChange("index", (table[0], node.subname), (table[0], node.newname))
    elif kind == _OBJECTS.OBJECT_ATTRIBUTE:
        composite = state.database.types.get(_composite_name(state, node))
        for typed in state.database.typed_tables(composite) if composite is not None else ():
            yield NameChange("column", (*typed, node.subname), (*typed, node.newname))
    elif kind in _PARTS:
        table = state.name(node.relation)
        yield NameChange(_PARTS[kind], (*table, node.subname), (*table, node.newname))
    elif kind in _TYPES:
        name = state.type_name(node.object)
        yield NameChange("type", name, (name[0], node.newname))
    elif kind == _OBJECTS.OBJECT_SCHEMA:
        yield from _of_schema(state, node.subname, node.newname)


def _moved(state: InterpreterState, node: _Node) -> Iterator[NameChange]:
    if node.objectType in _RELATIONS:
        old = state.name(node.relation)
        yield from _of_relation(state, old, (node.newschema, old[1]), is_index=False)
        known = state.database.relations.get(old)
        for name in state.database.belonging_to(known) if known is not None else ():
            yield NameChange(_kind_of(state, name), name, (node.newschema, name[1]))
    elif node.objectType in _TYPES:
        name = state.type_name(node.object)
        yield NameChange("type", name, (node.newschema, name[1]))


def _of_relation(state: InterpreterState, old: Name, new: Name, *, is_index: bool) -> Iterator[NameChange]:
    """ALTER TABLE may name an index, too; the constraint of an index has its name."""
    known = state.database.relations.get(old)
    kind: NamedKind = _kind_of(state, old) if known is not None else "index" if is_index else "relation"
    owner = known.owner if known is not None and kind == "index" else None
    constraint = owner.constraints.get(old[1]) if owner is not None else None
    if owner is not None and constraint is not None and constraint.has_index:
        table = state.database.name_of(owner) or old
        yield NameChange("constraint", (*table, old[1]), (*table, new[1]))
    yield NameChange(kind, old, new)


def _of_column(state: InterpreterState, table: Name, node: _Node) -> Iterator[NameChange]:
    yield NameChange("column", (*table, node.subname), (*table, node.newname))
    known = state.database.relations.get(table)
    children: list[Relation] = [*state.database.with_children(known)][1:] if known is not None else []
    for name in [name for name, each in state.database.relations.items() if each in children]:
        yield NameChange("column", (*name, node.subname), (*name, node.newname))


def _of_schema(state: InterpreterState, old: str, new: str) -> Iterator[NameChange]:
    for name in [name for name in state.database.relations if name[0] == old]:
        yield NameChange(_kind_of(state, name), name, (new, name[1]))
    for name in [name for name in state.database.types if name[0] == old]:
        yield NameChange("type", name, (new, name[1]))
    yield NameChange("schema", (old,), (new,))


def _kind_of(state: InterpreterState, name: Name) -> NamedKind:
    return "index" if state.database.relations[name].kind == "index" else "relation"


def _composite_name(state: InterpreterState, node: _Node) -> Name:
    parts = (node.relation.schemaname, node.relation.relname)
    return state.type_name([ast.String(sval=part) for part in parts if part])


def _name_relation(state: InterpreterState, change: NameChange) -> None:
    database, (old_schema, old), (new_schema, new) = state.database, change.old, change.new
    database.relations[new_schema, new] = database.relations.pop((old_schema, old))
    known = {(name, column) for name, column in state.read if name == change.old}
    state.read |= {((new_schema, new), column) for _, column in known}


def _name_column(state: InterpreterState, change: NameChange) -> None:
    schema, table, old = change.old
    state.database.relation((schema, table)).rename_column(old, change.new[-1])


def _name_constraint(state: InterpreterState, change: NameChange) -> None:
    schema, table, old = change.old
    state.database.relation((schema, table)).rename_constraint(old, change.new[-1])


def _name_reaction(state: InterpreterState, change: NameChange) -> None:
    schema, table, old = change.old
    reactions = state.database.relation((schema, table)).reactions
    if (found := reactions.pop(old, None)) is not None:
        reactions[change.new[-1]] = found


def _name_type(state: InterpreterState, change: NameChange) -> None:
    (old_schema, old), (new_schema, new) = change.old, change.new
    state.database.rename_type((old_schema, old), (new_schema, new))


def _name_schema(state: InterpreterState, change: NameChange) -> None:
    (old,), (new,) = change.old, change.new
    state.database.schemas[new] = state.database.schema_before(old)
    state.database.schemas.pop(old, None)


_APPLIED: Final[dict[NamedKind, Callable[[InterpreterState, NameChange], None]]] = {
    "schema": _name_schema,
    "relation": _name_relation,
    "index": _name_relation,
    "type": _name_type,
    "column": _name_column,
    "constraint": _name_constraint,
    "trigger": _name_reaction,
    "rule": _name_reaction,
    "policy": lambda _state, _change: None,  # the model has none
}
HANDLERS: Final[dict[type, Callable[[InterpreterState, _Node], Iterator[Effect]]]] = {
    ast.RenameStmt: rename,
    ast.AlterObjectSchemaStmt: set_schema,
}
