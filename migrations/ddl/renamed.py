"""RENAME and SET SCHEMA: the object stays, and so does its name before the scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias

from pglast import ast, enums

from .catalog_model import RelationKind
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


def rename(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    kind = node.renameType
    if kind in _RELATIONS:
        old = state.name(node.relation)
        _move(state, old, (old[0], node.newname), _RELATIONS[kind], missing_ok=bool(node.missing_ok))
    elif kind == _OBJECTS.OBJECT_COLUMN:
        table = state.database.relation(state.name(node.relation), _RELATIONS.get(node.relationType, "table"))
        for each in state.database.with_children(table):
            each.rename_column(node.subname, node.newname)
    elif kind == _OBJECTS.OBJECT_TABCONSTRAINT:
        _rename_constraint(state, node)
    elif kind == _OBJECTS.OBJECT_ATTRIBUTE:
        parts = [ast.String(sval=p) for p in (node.relation.schemaname, node.relation.relname) if p]
        composite = state.database.user_type(state.type_name(parts))
        if (found := composite.attributes.pop(node.subname, None)) is not None:
            composite.attributes[node.newname] = found
        for typed in state.database.typed_tables(composite):
            state.database.relations[typed].rename_column(node.subname, node.newname)
    elif kind in _FUNCTIONS:
        bodies = state.database.functions.get(path_of(node.object.objname)[1], {})
        state.database.functions.setdefault(node.newname, {}).update(bodies)
    elif kind in _TYPES:
        old = state.type_name(node.object)
        state.database.rename_type(old, (old[0], node.newname))
    elif kind == _OBJECTS.OBJECT_SCHEMA:
        _rename_schema(state, node.subname, node.newname)
    yield from ()


def set_schema(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    kind = node.objectType
    if kind in _RELATIONS:
        old = state.name(node.relation)
        new = (node.newschema, old[1])
        _move(state, old, new, _RELATIONS[kind], missing_ok=bool(node.missing_ok))
        moved = state.database.relations.get(new)
        for name in state.database.belonging_to(moved) if moved is not None else ():
            state.database.relations[node.newschema, name[1]] = state.database.relations.pop(name)
    elif kind in _TYPES:
        old = state.type_name(node.object)
        state.database.rename_type(old, (node.newschema, old[1]))
    yield from ()


def _move(state: InterpreterState, old: Name, new: Name, kind: RelationKind, *, missing_ok: bool) -> None:
    database = state.database
    relation = database.relation(old, kind)
    relation.may_be_missing = relation.may_be_missing or missing_ok
    del database.relations[old]
    database.relations[new] = relation
    state.read |= {(new, column) for name, column in state.read if name == old}


def _rename_constraint(state: InterpreterState, node: _Node) -> None:
    """Rename a constraint with its index."""
    name = state.name(node.relation)
    table = state.database.relation(name)
    if (target := table.references.pop(node.subname, None)) is not None:
        table.references[node.newname] = target
    index = state.database.relations.get((name[0], node.subname))
    if index is not None and index.owner is table:
        del state.database.relations[name[0], node.subname]
        state.database.relations[name[0], node.newname] = index


def _rename_schema(state: InterpreterState, old: str, new: str) -> None:
    database = state.database
    database.schemas[new] = database.schema_before(old)
    database.schemas.pop(old, None)
    for name in [name for name in database.relations if name[0] == old]:
        database.relations[new, name[1]] = database.relations.pop(name)
    for name in [name for name in database.types if name[0] == old]:
        database.rename_type(name, (new, name[1]))


HANDLERS: Final[dict[type, Callable[[InterpreterState, _Node], Iterator[Effect]]]] = {
    ast.RenameStmt: rename,
    ast.AlterObjectSchemaStmt: set_schema,
}
