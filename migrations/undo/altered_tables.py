"""What ALTER TABLE and CREATE INDEX change of a table: its columns, constraints, indexes and properties."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from pglast import ast, enums

from ..ddl.definitions.read_columns import constraint_columns, index_columns
from ..ddl.names import Name
from .change import Change, Operation, UnknownChangeError, column_key, refuse_cascade, relation_key
from .first_names import FirstNames

_Node: TypeAlias = Any
_ACTIONS, _OBJECTS, _CONSTRAINTS = enums.AlterTableType, enums.ObjectType, enums.ConstrType
# Properties of a column and of a table, by the commands that change them.
_OF_COLUMN = {
    _ACTIONS.AT_ColumnDefault: "default",
    _ACTIONS.AT_AlterColumnType: "column type",
    _ACTIONS.AT_SetNotNull: "required",
    _ACTIONS.AT_DropNotNull: "required",
    _ACTIONS.AT_AddIdentity: "identity",
    _ACTIONS.AT_SetIdentity: "identity",
    _ACTIONS.AT_DropIdentity: "identity",
    _ACTIONS.AT_SetExpression: "expression",
    _ACTIONS.AT_DropExpression: "expression",
}
_MINOR_OF_COLUMN = (
    *(_ACTIONS.AT_SetStatistics, _ACTIONS.AT_SetStorage, _ACTIONS.AT_SetCompression),
    *(_ACTIONS.AT_SetOptions, _ACTIONS.AT_ResetOptions),
)
_OF_TABLE = {
    _ACTIONS.AT_EnableRowSecurity: "row security",
    _ACTIONS.AT_DisableRowSecurity: "row security",
    _ACTIONS.AT_ForceRowSecurity: "forced row security",
    _ACTIONS.AT_NoForceRowSecurity: "forced row security",
    _ACTIONS.AT_SetLogged: "logged",
    _ACTIONS.AT_SetUnLogged: "logged",
    _ACTIONS.AT_ReplicaIdentity: "replica identity",
    _ACTIONS.AT_ChangeOwner: "owner",
}
_MINOR_OF_TABLE = (
    _ACTIONS.AT_SetRelOptions,
    _ACTIONS.AT_ResetRelOptions,
    _ACTIONS.AT_SetTableSpace,
    _ACTIONS.AT_ClusterOn,
    _ACTIONS.AT_DropCluster,
)
_OF_COLUMNS = (_ACTIONS.AT_AddColumn, _ACTIONS.AT_DropColumn, *_OF_COLUMN, *_MINOR_OF_COLUMN)
_OF_CONSTRAINTS = (
    *(_ACTIONS.AT_AddConstraint, _ACTIONS.AT_DropConstraint),
    *(_ACTIONS.AT_AlterConstraint, _ACTIONS.AT_ValidateConstraint),
)
_FIRING = (
    *(_ACTIONS.AT_EnableTrig, _ACTIONS.AT_DisableTrig, _ACTIONS.AT_EnableAlwaysTrig),
    _ACTIONS.AT_EnableReplicaTrig,
)


def alter_table(node: _Node, names: FirstNames) -> Iterator[Change]:
    """Each command."""
    if node.objtype == _OBJECTS.OBJECT_TYPE:
        parts = (node.relation.schemaname, node.relation.relname)
        yield Change(names.type([ast.String(sval=part) for part in parts if part]), "touch")
        return
    if node.objtype == _OBJECTS.OBJECT_INDEX:
        yield Change(names.index(names.state.name(node.relation)), "minor")
        return
    for command in node.cmds or ():
        yield from _command(node.relation, command, names)


def create_index(node: _Node, names: FirstNames) -> Iterator[Change]:
    """It goes with every column that it reads."""
    table = names.relation(node.relation)
    holders = (column_key(table, names.column(table, each)) for each in index_columns(node))
    yield Change(names.made_index(node), "create", (relation_key(table), *holders))


def _command(relation: _Node, command: _Node, names: FirstNames) -> Iterator[Change]:
    kind, table = command.subtype, names.relation(relation)
    own = relation_key(table)
    if kind in _OF_COLUMNS:
        yield from _of_column(table, command, names)
    elif kind in _OF_CONSTRAINTS:
        yield from _of_constraint(relation, command, names)
    elif kind in _OF_TABLE:
        yield Change((_OF_TABLE[kind], *table), "touch", (own,))
    elif kind in _MINOR_OF_TABLE:
        yield Change((kind.name, *table), "minor", (own,))
    elif kind in _FIRING:
        trigger = names.part("trigger", table, command.name)
        yield Change(("firing", *trigger[1:]), "touch", (own, trigger))
    elif kind in (_ACTIONS.AT_AttachPartition, _ACTIONS.AT_DetachPartition):
        part = names.relation(command.def_.name)
        operation: Operation = "create" if kind == _ACTIONS.AT_AttachPartition else "drop"
        yield Change(("partition", *part), operation, (own, relation_key(part)))
    else:
        raise UnknownChangeError


def _of_column(table: Name, command: _Node, names: FirstNames) -> Iterator[Change]:
    kind, own = command.subtype, relation_key(table)
    if kind == _ACTIONS.AT_AddColumn:
        # A new column's name is its own, whatever had it before.
        yield Change(column_key(table, names.column(table, command.def_.colname)), "create", (own,))
        return
    key = column_key(table, names.column(table, command.name))
    if kind == _ACTIONS.AT_DropColumn:
        refuse_cascade(command)
        yield Change(key, "drop", (own,))
    else:
        changed = (_OF_COLUMN.get(kind, kind.name), *key[1:])
        yield Change(changed, "touch" if kind in _OF_COLUMN else "minor", (own, key))


def _of_constraint(relation: _Node, command: _Node, names: FirstNames) -> Iterator[Change]:
    kind, table = command.subtype, names.relation(relation)
    own = relation_key(table)
    if kind == _ACTIONS.AT_AddConstraint:
        yield from _constraint(relation, command.def_, names)
        return
    name = command.def_.conname if kind == _ACTIONS.AT_AlterConstraint else command.name
    key = names.part("constraint", table, name)
    if kind == _ACTIONS.AT_DropConstraint:
        refuse_cascade(command)
        yield Change(key, "drop", (own,))
    elif kind == _ACTIONS.AT_ValidateConstraint:
        yield Change(("validity", *key[1:]), "minor", (own, key))
    else:
        yield Change(key, "touch", (own,))


def _constraint(relation: _Node, node: _Node, names: FirstNames) -> Iterator[Change]:
    table = names.relation(relation)
    own = relation_key(table)
    columns = names.columns_of_index(relation, node.indexname) if node.indexname else constraint_columns(node)
    held = [column_key(table, names.column(table, each)) for each in columns]
    # Not the table that a foreign key references: that can't be dropped before the key.
    yield Change(names.made_constraint(relation, node), "create", (own, *held))
    if node.indexname:  # the index becomes the constraint's
        index = names.index((names.state.name(relation)[0], node.indexname))
        yield Change(index, "drop", (own,))
    if node.contype == _CONSTRAINTS.CONSTR_PRIMARY:
        for key in held:
            yield Change(("required", *key[1:]), "minor", (own, key))
