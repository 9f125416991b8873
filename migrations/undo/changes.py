"""What one statement changes, by the names that its objects had before the migration.

A change is about a key, such as a column or the default of one. What undoes a script is found by keys alone:
definitions need not be compared, since the rehearsal shows that each script as a whole undoes the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from pglast import ast, enums

from ..ddl.catalog_model import object_name
from ..ddl.columns import constrained_columns
from ..ddl.function_calls import called_functions, columns_named, mentions
from ..ddl.names import PUBLIC, Name, dropped, name_of, path_of
from .current_names import CurrentNames

_Node: TypeAlias = Any
#: A kind of object or property, and the names that it has.
Key: TypeAlias = tuple[str, ...]
#: ``replace``: CREATE OR REPLACE. ``touch``: a property gets another value. ``minor``: the same for one that
#: nothing depends on, so that it need not be undone. ``rows``: rows are written.
Operation: TypeAlias = Literal["create", "drop", "replace", "touch", "minor", "rows"]


@dataclass(frozen=True, slots=True)
class Change:
    """``holders`` are what goes with it when they are dropped: its table, its columns, its type."""

    key: Key
    operation: Operation
    holders: tuple[Key, ...] = ()


class UnknownChangeError(Exception):
    """What a statement changes can't be told from its text."""


_ACTIONS, _OBJECTS, _CONSTRAINTS = enums.AlterTableType, enums.ObjectType, enums.ConstrType
_RELATIONS = (
    *(_OBJECTS.OBJECT_TABLE, _OBJECTS.OBJECT_VIEW, _OBJECTS.OBJECT_MATVIEW, _OBJECTS.OBJECT_SEQUENCE),
    _OBJECTS.OBJECT_FOREIGN_TABLE,
)
_TYPES = (_OBJECTS.OBJECT_TYPE, _OBJECTS.OBJECT_DOMAIN)
_ON_TABLES = {
    _OBJECTS.OBJECT_TRIGGER: "trigger",
    _OBJECTS.OBJECT_POLICY: "policy",
    _OBJECTS.OBJECT_RULE: "rule",
}
_FUNCTIONS = (
    *(_OBJECTS.OBJECT_FUNCTION, _OBJECTS.OBJECT_PROCEDURE, _OBJECTS.OBJECT_ROUTINE),
    _OBJECTS.OBJECT_AGGREGATE,
)
_BY_NAME = {_OBJECTS.OBJECT_SCHEMA: "schema", _OBJECTS.OBJECT_EXTENSION: "extension"}
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
_NOTHING = (
    *(ast.VariableSetStmt, ast.LockStmt, ast.VacuumStmt, ast.ReindexStmt, ast.ClusterStmt),
    *(ast.CheckPointStmt, ast.RefreshMatViewStmt, ast.ConstraintsSetStmt, ast.DiscardStmt),
)
_MINOR = (*(ast.CommentStmt, ast.GrantStmt, ast.AlterDefaultPrivilegesStmt, ast.GrantRoleStmt),)
# Functions that a SELECT may call: of these it is known what they write.
_HARMLESS = frozenset(
    {"setval", "nextval", "currval", "pg_get_serial_sequence", "max", "min", "count", "sum", "coalesce"}
    | {"greatest", "least", "now", "pg_sleep", "random", "md5", "length", "lower", "upper"}
)


_Handler: TypeAlias = Callable[[_Node, CurrentNames], Iterator[Change]]


def changes_of(node: _Node, names: CurrentNames) -> list[Change]:
    """The changes of one statement, given the ``names`` before it. Raises UnknownChangeError."""
    if isinstance(node, _NOTHING):
        return []
    if isinstance(node, _MINOR):
        return [Change(("note", type(node).__name__, repr(getattr(node, "object", None))), "minor")]
    handler = _HANDLERS.get(type(node))
    if handler is None:
        raise UnknownChangeError
    return list(handler(node, names))


def relation_key(name: Name) -> Key:
    """A table, view or sequence."""
    return ("relation", *name)


def column_key(table: Name, column: str) -> Key:
    """A column of a table or view."""
    return ("column", *table, column)


def _table(node: _Node, names: CurrentNames) -> Iterator[Change]:
    name = names.relation(name_of(node.relation))
    parents = (names.relation(name_of(each)) for each in node.inhRelations or ())
    yield Change(relation_key(name), "create", tuple(map(relation_key, parents)))


def _relation(
    field: str, operation: Operation = "create"
) -> Callable[[_Node, CurrentNames], Iterator[Change]]:
    def handle(node: _Node, names: CurrentNames) -> Iterator[Change]:
        found = node
        for part in field.split("."):
            found = getattr(found, part)
        replaces = operation == "create" and getattr(node, "replace", False)
        yield Change(relation_key(names.relation(name_of(found))), "replace" if replaces else operation)

    return handle


def _sequence(node: _Node, names: CurrentNames) -> Iterator[Change]:
    sequence, holders = relation_key(names.relation(name_of(node.sequence))), []
    for option in node.options or ():
        if option.defname == "owned_by" and len(option.arg) > 1:
            *table, column = (part.sval for part in option.arg)
            written = (table[-2] if len(table) > 1 else PUBLIC, table[-1])
            holders.append(column_key(names.relation(written), names.column(written, column)))
        elif option.defname != "owned_by":
            yield Change(("sequence", *sequence[1:]), "touch", (sequence,))
    yield Change(sequence, "minor", tuple(holders))


def _type(node: _Node, names: CurrentNames) -> Iterator[Change]:
    path = getattr(node, "typeName", None) or getattr(node, "domainname", None)
    name = name_of(node.typevar) if isinstance(node, ast.CompositeTypeStmt) else path_of(path)
    yield Change(("type", *names.type(name)), "create")


def _altered_type(node: _Node, names: CurrentNames) -> Iterator[Change]:
    name = names.type(path_of(node.typeName))
    if isinstance(node, ast.AlterEnumStmt) and node.oldVal is not None:
        yield Change(("label", *name, *sorted((node.oldVal, node.newVal or ""))), "touch")
    else:
        yield Change(("type", *name), "touch")


def _index(node: _Node, names: CurrentNames) -> Iterator[Change]:
    table = name_of(node.relation)
    columns = [each.name for each in node.indexParams or () if each.name]
    own = node.idxname or object_name(table[1], "_".join(columns), label="idx")
    holders = [names.column(table, column) for column in columns]
    held = names.relation(table)
    key = ("index", *names.index((table[0], own)))
    yield Change(key, "create", (relation_key(held), *(column_key(held, each) for each in holders)))


def _on_table(field: str, kind: str, relation: str) -> _Handler:
    def handle(node: _Node, names: CurrentNames) -> Iterator[Change]:
        table = names.relation(name_of(getattr(node, relation)))
        operation: Operation = "replace" if getattr(node, "replace", False) else "create"
        yield Change((kind, *table, getattr(node, field)), operation, (relation_key(table),))

    return handle


def _altered_policy(node: _Node, names: CurrentNames) -> Iterator[Change]:
    table = names.relation(name_of(node.table))
    yield Change(("policy", *table, node.policy_name), "touch", (relation_key(table),))


def _function(node: _Node, _names: CurrentNames) -> Iterator[Change]:
    yield Change(("function", *path_of(node.funcname)), "replace" if node.replace else "create")


def _named(kind: str, field: str) -> _Handler:
    def handle(node: _Node, _names: CurrentNames) -> Iterator[Change]:
        yield Change((kind, getattr(node, field)), "create")

    return handle


def _drop(node: _Node, names: CurrentNames) -> Iterator[Change]:
    _refuse_cascade(node)
    kind = node.removeType
    if kind in _ON_TABLES:
        for found in node.objects or ():
            *table, own = (part.sval for part in found)
            held = names.relation((table[-2] if len(table) > 1 else PUBLIC, table[-1]))
            yield Change((_ON_TABLES[kind], *held, own), "drop", (relation_key(held),))
        return
    for name in dropped(node) if kind not in _FUNCTIONS else ():
        if kind in _RELATIONS:
            yield Change(relation_key(names.relation(name)), "drop")
        elif kind == _OBJECTS.OBJECT_INDEX:
            yield Change(("index", *names.index(name)), "drop")
        elif kind in _TYPES:
            yield Change(("type", *names.type(name)), "drop")
        elif kind in _BY_NAME:
            yield Change((_BY_NAME[kind], name[1]), "drop")
        else:
            raise UnknownChangeError
    for found in node.objects if kind in _FUNCTIONS else ():
        yield Change(("function", *path_of(found.objname)), "drop")


def _alter_table(node: _Node, names: CurrentNames) -> Iterator[Change]:
    if node.objtype == _OBJECTS.OBJECT_TYPE:
        yield Change(("type", *names.type(name_of(node.relation))), "touch")
        return
    if node.objtype == _OBJECTS.OBJECT_INDEX:
        yield Change(("index", *names.index(name_of(node.relation))), "minor")
        return
    for command in node.cmds or ():
        yield from _command(name_of(node.relation), command, names)


def _command(written: Name, command: _Node, names: CurrentNames) -> Iterator[Change]:
    kind, table = command.subtype, names.relation(written)
    own = relation_key(table)
    if kind in _OF_COLUMNS:
        yield from _of_column(written, command, names)
    elif kind in _OF_CONSTRAINTS:
        yield from _of_constraint(written, command, names)
    elif kind in _OF_TABLE:
        yield Change((_OF_TABLE[kind], *table), "touch", (own,))
    elif kind in _MINOR_OF_TABLE:
        yield Change((kind.name, *table), "minor", (own,))
    elif kind in _FIRING:
        yield Change(("firing", *table, command.name), "touch", (own, ("trigger", *table, command.name)))
    elif kind in (_ACTIONS.AT_AttachPartition, _ACTIONS.AT_DetachPartition):
        part = names.relation(name_of(command.def_.name))
        operation: Operation = "create" if kind == _ACTIONS.AT_AttachPartition else "drop"
        yield Change(("partition", *part), operation, (own, relation_key(part)))
    else:
        raise UnknownChangeError


def _of_column(written: Name, command: _Node, names: CurrentNames) -> Iterator[Change]:
    kind, table = command.subtype, names.relation(written)
    own = relation_key(table)
    if kind == _ACTIONS.AT_AddColumn:
        # A new column's name is its own, whatever had it before.
        yield Change(column_key(table, names.column(written, command.def_.colname)), "create", (own,))
        return
    key = column_key(table, names.column(written, command.name))
    if kind == _ACTIONS.AT_DropColumn:
        _refuse_cascade(command)
        yield Change(key, "drop", (own,))
    else:
        changed = (_OF_COLUMN.get(kind, kind.name), *key[1:])
        yield Change(changed, "touch" if kind in _OF_COLUMN else "minor", (own, key))


def _of_constraint(written: Name, command: _Node, names: CurrentNames) -> Iterator[Change]:
    kind, table = command.subtype, names.relation(written)
    own = relation_key(table)
    if kind == _ACTIONS.AT_AddConstraint:
        yield from _constraint(written, command.def_, names)
        return
    name = command.def_.conname if kind == _ACTIONS.AT_AlterConstraint else command.name
    key = ("constraint", *table, names.constraint(written, name))
    if kind == _ACTIONS.AT_DropConstraint:
        _refuse_cascade(command)
        yield Change(key, "drop", (own,))
    elif kind == _ACTIONS.AT_ValidateConstraint:
        yield Change(("validity", *key[1:]), "minor", (own, key))
    else:
        yield Change(key, "touch", (own,))


def _refuse_cascade(node: _Node) -> None:
    if node.behavior == enums.DropBehavior.DROP_CASCADE:
        raise UnknownChangeError  # the text doesn't say what else goes


def _constraint(written: Name, node: _Node, names: CurrentNames) -> Iterator[Change]:
    table = names.relation(written)
    columns = [names.column(written, each) for each in constrained_columns(node)]
    columns += [names.column(written, each.sval) for each in node.fk_attrs or ()]
    columns += [names.column(written, each) for each in columns_named(node.raw_expr)] if node.raw_expr else []
    own = node.conname or _name_of_unnamed(written[1], node)
    # Not the table that a foreign key references: that can't be dropped before the key.
    holders = [relation_key(table), *(column_key(table, each) for each in columns)]
    yield Change(("constraint", *table, names.constraint(written, own)), "create", tuple(holders))
    if node.indexname:  # the index becomes the constraint's
        yield Change(("index", *names.index((written[0], node.indexname))), "drop", (relation_key(table),))
    if node.contype == _CONSTRAINTS.CONSTR_PRIMARY:
        for column in columns:
            holder = relation_key(table), column_key(table, column)
            yield Change(("required", *table, column), "minor", holder)


def _name_of_unnamed(table: str, node: _Node) -> str:
    """The name that Postgres gives, where no other object has it."""
    columns = [*constrained_columns(node), *(each.sval for each in node.fk_attrs or ())]
    match node.contype:
        case _CONSTRAINTS.CONSTR_PRIMARY:
            return object_name(table, label="pkey")
        case _CONSTRAINTS.CONSTR_UNIQUE:
            return object_name(table, "_".join(columns), label="key")
        case _CONSTRAINTS.CONSTR_FOREIGN:
            return object_name(table, "_".join(columns), label="fkey")
        case _:
            return object_name(table, label="check")


def _rename(node: _Node, names: CurrentNames) -> Iterator[Change]:
    key = names.renamed_key(node)
    if key is None:
        raise UnknownChangeError
    yield Change(("name", *key), "touch", (key,))


def _update(node: _Node, names: CurrentNames) -> Iterator[Change]:
    if node.withClause:
        raise UnknownChangeError
    written = name_of(node.relation)
    table = names.relation(written)
    for target in node.targetList or ():
        column = names.column(written, target.name)
        holders = relation_key(table), column_key(table, column)
        yield Change(("values", *table, column), "rows", holders)


def _rows(node: _Node, names: CurrentNames) -> Iterator[Change]:
    table = names.relation(name_of(node.relation))
    yield Change(("rows", *table), "rows", (relation_key(table),))


def _truncate(node: _Node, names: CurrentNames) -> Iterator[Change]:
    for each in node.relations or ():
        table = names.relation(name_of(each))
        yield Change(("rows", *table), "rows", (relation_key(table),))


def _select(node: _Node, names: CurrentNames) -> Iterator[Change]:
    touched = mentions(node).tables_touched()
    if called_functions(node) - _HARMLESS or any(events != {"SELECT"} for _, events in touched):
        raise UnknownChangeError
    for relation, _ in touched:
        table = names.relation(name_of(relation))
        yield Change(("sequence", *table), "rows", (relation_key(table),))


_HANDLERS: dict[type, _Handler] = {
    ast.CreateStmt: _table,
    ast.CreateForeignTableStmt: _relation("base.relation"),
    ast.CreateTableAsStmt: _relation("into.rel"),
    ast.ViewStmt: _relation("view"),
    ast.CreateSeqStmt: _relation("sequence"),
    ast.AlterSeqStmt: _sequence,
    ast.CreateEnumStmt: _type,
    ast.CreateDomainStmt: _type,
    ast.CompositeTypeStmt: _type,
    ast.CreateRangeStmt: _type,
    ast.AlterEnumStmt: _altered_type,
    ast.AlterDomainStmt: _altered_type,
    ast.IndexStmt: _index,
    ast.CreateTrigStmt: _on_table("trigname", "trigger", "relation"),
    ast.RuleStmt: _on_table("rulename", "rule", "relation"),
    ast.CreatePolicyStmt: _on_table("policy_name", "policy", "table"),
    ast.AlterPolicyStmt: _altered_policy,
    ast.CreateFunctionStmt: _function,
    ast.CreateSchemaStmt: _named("schema", "schemaname"),
    ast.CreateExtensionStmt: _named("extension", "extname"),
    ast.DropStmt: _drop,
    ast.AlterTableStmt: _alter_table,
    ast.RenameStmt: _rename,
    ast.UpdateStmt: _update,
    ast.InsertStmt: _rows,
    ast.DeleteStmt: _rows,
    ast.TruncateStmt: _truncate,
    ast.SelectStmt: _select,
}
