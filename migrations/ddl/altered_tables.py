"""ALTER TABLE, and the same commands on composite types: one handler for each command."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias

from pglast import ast, enums

from .catalog_model import Column, RelationKind
from .columns import add_column, add_constraint, add_sequence
from .definitions.read_columns import constrained_columns
from .dropped import forget_constraint, forget_relation, lose_column
from .effects import Effect
from .function_calls import called_functions
from .interpreter_state import InterpreterState
from .names import Name
from .retypes import retype
from .row_changes import run_functions

_Node: TypeAlias = Any
_ACTIONS, _CONSTRAINTS, _OBJECTS = enums.AlterTableType, enums.ConstrType, enums.ObjectType
_OWN_KINDS: Final[dict[enums.ObjectType, RelationKind]] = {
    _OBJECTS.OBJECT_INDEX: "index",
    _OBJECTS.OBJECT_SEQUENCE: "sequence",
    _OBJECTS.OBJECT_VIEW: "view",
}


def alter_table(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    if node.objtype == _OBJECTS.OBJECT_TYPE:
        yield from _alter_composite(state, node)
        return
    name = state.name(node.relation)
    relation = state.database.relation(name, _OWN_KINDS.get(node.objtype, "table"))
    relation.may_be_missing = relation.may_be_missing or bool(node.missing_ok)
    state.is_only = not node.relation.inh
    yield from run_functions(state, called_functions(node))
    for command in node.cmds or ():
        if (handler := _COMMANDS.get(command.subtype)) is not None:
            yield from handler(state, name, command)


def _add_column(state: InterpreterState, name: Name, command: _Node) -> Iterator[Effect]:
    table, definition = state.database.relations[name], command.def_
    if command.missing_ok and definition.colname in table.columns:
        return
    column = add_column(state, name, definition)
    if command.missing_ok and not state.database.is_complete:
        column.origin, column.may_be_missing = definition.colname, True
    for child in state.database.with_children(table):
        if child is not table:
            child.columns[definition.colname] = Column(
                type=column.type, origin=None, is_required=column.is_required, is_inherited=True
            )
    if column.is_required and not column.is_filled and table.origin is not None:
        yield Effect(
            kind="new null",
            table=table.origin,
            column=definition.colname,
            now=(name, definition.colname),
            is_written=state.is_written(table),
            may_be_missing=table.may_be_missing or bool(command.missing_ok),
        )


def _drop_column(state: InterpreterState, name: Name, command: _Node) -> Iterator[Effect]:
    yield from lose_column(
        state,
        name,
        command.name,
        "DROP COLUMN",
        missing_ok=bool(command.missing_ok),
        cascades=command.behavior == enums.DropBehavior.DROP_CASCADE,
        only=state.is_only,
    )


def _set_not_null(state: InterpreterState, name: Name, command: _Node) -> Iterator[Effect]:
    yield from _require(state, name, command.name)


def _drop_not_null(state: InterpreterState, name: Name, command: _Node) -> Iterator[Effect]:
    for each in state.database.with_children(state.database.relations[name]):
        each.column(command.name).is_required = False
    yield from ()


def _add_constraint(state: InterpreterState, name: Name, command: _Node) -> Iterator[Effect]:
    constraint = command.def_
    if constraint.contype in (_CONSTRAINTS.CONSTR_PRIMARY, _CONSTRAINTS.CONSTR_NOTNULL):
        for key in constrained_columns(constraint):
            yield from _require(state, name, key)
    add_constraint(state, name, constraint)


def _drop_constraint(state: InterpreterState, name: Name, command: _Node) -> Iterator[Effect]:
    forget_constraint(state, name, command.name)
    yield from ()


def _disable_trigger(state: InterpreterState, name: Name, command: _Node) -> Iterator[Effect]:
    table = state.database.relations[name]
    kept = command.name is not None and command.subtype == _ACTIONS.AT_DisableTrig
    table.reactions = {each: r for each, r in table.reactions.items() if kept and each != command.name}
    yield from ()


def _add_identity(state: InterpreterState, name: Name, command: _Node) -> Iterator[Effect]:
    add_sequence(state, name, command.name)
    yield from ()


def _drop_identity(state: InterpreterState, name: Name, command: _Node) -> Iterator[Effect]:
    table = state.database.relations[name]
    for belonging in state.database.belonging_to(table):
        sequence = state.database.relations[belonging]
        if sequence.kind == "sequence" and table.column(command.name) in sequence.keys:
            forget_relation(state, belonging)
    yield from ()


def _attach(state: InterpreterState, name: Name, command: _Node) -> Iterator[Effect]:
    table = state.database.relations[name]
    part_name = state.name(command.def_.name)
    part = state.database.relations.get(part_name)
    if part is not None and part.kind != "index":
        part.is_partition = True
        part.parents.append(table)
        for column in part.columns.values():
            column.is_inherited = True
    yield from ()


def _detach(state: InterpreterState, name: Name, command: _Node) -> Iterator[Effect]:
    table, part = state.database.relations[name], state.table(command.def_.name)
    part.is_partition = False
    table.left.append(part)
    part.parents = [parent for parent in part.parents if parent is not table]
    for column in part.columns.values():
        column.is_inherited = False
    yield from ()


def _add_inherit(state: InterpreterState, name: Name, command: _Node) -> Iterator[Effect]:
    state.database.relations[name].parents.append(state.table(command.def_))
    yield from ()


def _drop_inherit(state: InterpreterState, name: Name, command: _Node) -> Iterator[Effect]:
    table, parent = state.database.relations[name], state.table(command.def_)
    table.parents = [each for each in table.parents if each is not parent]
    parent.left.append(table)
    for column in table.columns.values():
        column.is_inherited = False
    yield from ()


def _require(state: InterpreterState, name: Name, column_name: str) -> Iterator[Effect]:
    table = state.database.relations[name]
    column = table.column(column_name)
    was_required = column.is_required
    for each in state.database.with_children(table):
        each.column(column_name).is_required = True
    if table.origin is None or was_required:
        return
    yield Effect(
        kind="null",
        table=table.origin,
        column=column.origin or column_name,
        now=(name, column_name),
        is_filled=column.is_filled,
        is_written=state.is_written(table),
        is_new=column.origin is None,
        may_be_missing=table.may_be_missing or column.may_be_missing,
    )


def _alter_composite(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    name = state.type_name(_spelled(node.relation))
    composite = state.database.user_type(name)
    composite.kind = "composite"
    for command in node.cmds or ():
        if command.subtype == _ACTIONS.AT_AddColumn:
            added = Column(type=state.type_text(command.def_.typeName), origin=None)
            composite.attributes[command.def_.colname] = added
            for table in state.database.typed_tables(composite):
                add_column(state, table, command.def_)
        elif command.subtype == _ACTIONS.AT_AlterColumnType and command.name in composite.attributes:
            composite.attributes[command.name].type = state.type_text(command.def_.typeName)
        elif command.subtype == _ACTIONS.AT_DropColumn:
            for table in state.database.typed_tables(composite):
                yield from lose_column(state, table, command.name, "DROP ATTRIBUTE")
            gone = composite.attributes.pop(command.name, Column(type=None, origin=command.name))
            if composite.origin is not None and gone.origin is not None:
                yield Effect(
                    kind="attribute",
                    type_name=composite.origin,
                    column=gone.origin,
                    may_be_missing=bool(command.missing_ok),
                    how="DROP ATTRIBUTE",
                    detail=f"{'.'.join(name)}.{command.name}",
                )


def _spelled(relation: _Node) -> list[ast.String]:
    return [ast.String(sval=part) for part in (relation.schemaname, relation.relname) if part]


_COMMANDS: Final[dict[enums.AlterTableType, Callable[[InterpreterState, Name, _Node], Iterator[Effect]]]] = {
    _ACTIONS.AT_AddColumn: _add_column,
    _ACTIONS.AT_DropColumn: _drop_column,
    _ACTIONS.AT_SetNotNull: _set_not_null,
    _ACTIONS.AT_DropNotNull: _drop_not_null,
    _ACTIONS.AT_AlterColumnType: retype,
    _ACTIONS.AT_AddConstraint: _add_constraint,
    _ACTIONS.AT_DropConstraint: _drop_constraint,
    _ACTIONS.AT_AddIdentity: _add_identity,
    _ACTIONS.AT_DropIdentity: _drop_identity,
    _ACTIONS.AT_AttachPartition: _attach,
    _ACTIONS.AT_DetachPartition: _detach,
    _ACTIONS.AT_AddInherit: _add_inherit,
    _ACTIONS.AT_DropInherit: _drop_inherit,
    _ACTIONS.AT_DisableTrig: _disable_trigger,
    _ACTIONS.AT_DisableTrigAll: _disable_trigger,
    _ACTIONS.AT_DisableTrigUser: _disable_trigger,
}
HANDLERS: Final[dict[type, Callable[[InterpreterState, _Node], Iterator[Effect]]]] = {
    ast.AlterTableStmt: alter_table,
}
