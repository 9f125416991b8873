"""What one statement changes, by the names that its objects had before the migration.

What undoes a script is found by keys alone: definitions need not be compared, since the rehearsal shows that
each script as a whole undoes the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from pglast import ast, enums

from ..ddl.function_calls import called_functions, mentions
from ..ddl.names import path_of
from .altered_tables import alter_table, create_index
from .change import (
    NAMING,
    Change,
    Key,
    Operation,
    UnknownChangeError,
    column_key,
    refuse_cascade,
    relation_key,
)
from .first_names import FirstNames

_Node: TypeAlias = Any
_OBJECTS = enums.ObjectType
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


_Handler: TypeAlias = Callable[[_Node, FirstNames], Iterator[Change]]


def changes_of(node: _Node, names: FirstNames) -> list[Change]:
    """The changes of one statement, given the ``names`` before it. Raises UnknownChangeError."""
    if isinstance(node, _NOTHING):
        return []
    if isinstance(node, _MINOR):
        return [Change(("note", type(node).__name__, repr(getattr(node, "object", None))), "minor")]
    handler = _HANDLERS.get(type(node))
    if handler is None:
        raise UnknownChangeError
    return list(handler(node, names))


def _table(node: _Node, names: FirstNames) -> Iterator[Change]:
    parents = (names.relation(each) for each in node.inhRelations or ())
    yield Change(relation_key(names.made(node.relation)), "create", tuple(map(relation_key, parents)))


def _relation(field: str) -> _Handler:
    def handle(node: _Node, names: FirstNames) -> Iterator[Change]:
        found = node
        for part in field.split("."):
            found = getattr(found, part)
        operation: Operation = "replace" if getattr(node, "replace", False) else "create"
        yield Change(relation_key(names.made(found)), operation)

    return handle


def _sequence(node: _Node, names: FirstNames) -> Iterator[Change]:
    sequence, holders = relation_key(names.relation(node.sequence)), []
    for option in node.options or ():
        if option.defname == "owned_by" and len(option.arg) > 1:
            *path, column = option.arg
            table = names.listed(path)
            holders.append(column_key(table, names.column(table, column.sval)))
        elif option.defname != "owned_by":
            yield Change(("sequence", *sequence[1:]), "touch", (sequence,))
    yield Change(sequence, "minor", tuple(holders))


def _type(node: _Node, names: FirstNames) -> Iterator[Change]:
    path = getattr(node, "typeName", None) or getattr(node, "domainname", None)
    if isinstance(node, ast.CompositeTypeStmt) and node.typevar is not None:
        made = node.typevar
        path = [ast.String(sval=part) for part in (made.schemaname, made.relname) if part]
    yield Change(names.made_type(path), "create")


def _altered_type(node: _Node, names: FirstNames) -> Iterator[Change]:
    key = names.type(node.typeName)
    if isinstance(node, ast.AlterEnumStmt) and node.oldVal is not None:
        yield Change(("label", *key[1:], *sorted((node.oldVal, node.newVal or ""))), "touch")
    else:
        yield Change(key, "touch")


def _on_table(field: str, kind: str, relation: str) -> _Handler:
    def handle(node: _Node, names: FirstNames) -> Iterator[Change]:
        table = names.relation(getattr(node, relation))
        operation: Operation = "replace" if getattr(node, "replace", False) else "create"
        yield Change(names.part(kind, table, getattr(node, field)), operation, (relation_key(table),))

    return handle


def _altered_policy(node: _Node, names: FirstNames) -> Iterator[Change]:
    table = names.relation(node.table)
    yield Change(names.part("policy", table, node.policy_name), "touch", (relation_key(table),))


def _function(node: _Node, _names: FirstNames) -> Iterator[Change]:
    yield Change(("function", *path_of(node.funcname)), "replace" if node.replace else "create")


def _named(kind: str, field: str) -> _Handler:
    def handle(node: _Node, names: FirstNames) -> Iterator[Change]:
        yield Change(names.current.key(kind, getattr(node, field)), "create")

    return handle


def _drop(node: _Node, names: FirstNames) -> Iterator[Change]:
    refuse_cascade(node)
    kind = node.removeType
    for found in node.objects or ():
        if kind in _ON_TABLES:
            *path, own = found
            table = names.listed(path)
            yield Change(names.part(_ON_TABLES[kind], table, own.sval), "drop", (relation_key(table),))
        else:
            yield Change(_dropped(kind, found, names), "drop")


def _dropped(kind: enums.ObjectType, found: _Node, names: FirstNames) -> Key:
    if kind in _RELATIONS:
        return relation_key(names.listed(found))
    if kind == _OBJECTS.OBJECT_INDEX:
        return names.listed_index(found)
    if kind in _TYPES:
        return names.type(found.names)
    if kind in _BY_NAME:
        return names.current.key(_BY_NAME[kind], found.sval)
    if kind in _FUNCTIONS:
        return ("function", *path_of(found.objname))
    raise UnknownChangeError


def _rename(node: _Node, names: FirstNames) -> Iterator[Change]:
    key = names.renamed(node)
    if key is None or getattr(node, "renameType", None) == _OBJECTS.OBJECT_ATTRIBUTE:
        raise UnknownChangeError
    property_name = NAMING[isinstance(node, ast.AlterObjectSchemaStmt)]
    yield Change((property_name, *key), "touch", (key,))


def _update(node: _Node, names: FirstNames) -> Iterator[Change]:
    if node.withClause:
        raise UnknownChangeError
    table = names.relation(node.relation)
    for target in node.targetList or ():
        column = names.column(table, target.name)
        holders = relation_key(table), column_key(table, column)
        yield Change(("values", *table, column), "rows", holders)


def _rows(node: _Node, names: FirstNames) -> Iterator[Change]:
    table = names.relation(node.relation)
    yield Change(("rows", *table), "rows", (relation_key(table),))


def _truncate(node: _Node, names: FirstNames) -> Iterator[Change]:
    for each in node.relations or ():
        table = names.relation(each)
        yield Change(("rows", *table), "rows", (relation_key(table),))


def _select(node: _Node, names: FirstNames) -> Iterator[Change]:
    touched = mentions(node).tables_touched()
    if called_functions(node) - _HARMLESS or any(events != {"SELECT"} for _, events in touched):
        raise UnknownChangeError
    for relation, _ in touched:
        table = names.relation(relation)
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
    ast.IndexStmt: create_index,
    ast.CreateTrigStmt: _on_table("trigname", "trigger", "relation"),
    ast.RuleStmt: _on_table("rulename", "rule", "relation"),
    ast.CreatePolicyStmt: _on_table("policy_name", "policy", "table"),
    ast.AlterPolicyStmt: _altered_policy,
    ast.CreateFunctionStmt: _function,
    ast.CreateSchemaStmt: _named("schema", "schemaname"),
    ast.CreateExtensionStmt: _named("extension", "extname"),
    ast.DropStmt: _drop,
    ast.AlterTableStmt: alter_table,
    ast.RenameStmt: _rename,
    ast.AlterObjectSchemaStmt: _rename,
    ast.UpdateStmt: _update,
    ast.InsertStmt: _rows,
    ast.DeleteStmt: _rows,
    ast.TruncateStmt: _truncate,
    ast.SelectStmt: _select,
}
