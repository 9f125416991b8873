"""Which rights a script needs on what is there before it, derived from the script alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from pglast import ast, enums

from ..ddl.function_calls import mentions
from ..ddl.names import PUBLIC, Name, dropped, name_of, path_of, type_text
from ..ddl.statements import ParsedScript
from ..identifiers import quoted

_Node: TypeAlias = Any
#: Kind, schema (None: where the search path leads) and the rest of the name as SQL. See runner/fit_checks.py.
Need: TypeAlias = tuple[str, str | None, str]
_OBJECTS, _CONSTRAINTS = enums.ObjectType, enums.ConstrType
_RELATIONS: Final = (
    *(_OBJECTS.OBJECT_TABLE, _OBJECTS.OBJECT_FOREIGN_TABLE, _OBJECTS.OBJECT_VIEW, _OBJECTS.OBJECT_MATVIEW),
    *(_OBJECTS.OBJECT_SEQUENCE, _OBJECTS.OBJECT_INDEX),
)
_OF_TABLES: Final = (_OBJECTS.OBJECT_TRIGGER, _OBJECTS.OBJECT_POLICY, _OBJECTS.OBJECT_RULE)
_TYPES: Final = (_OBJECTS.OBJECT_TYPE, _OBJECTS.OBJECT_DOMAIN)
_FUNCTIONS: Final = (_OBJECTS.OBJECT_FUNCTION, _OBJECTS.OBJECT_PROCEDURE, _OBJECTS.OBJECT_ROUTINE)
_ALTERING: Final = (ast.AlterTableStmt, ast.RenameStmt, ast.IndexStmt, ast.RuleStmt)
_MAKING: Final = (ast.CreateStmt, ast.IndexStmt, ast.CreateSeqStmt, ast.ViewStmt, ast.CreateTableAsStmt)
# What every role may set.
_SETTABLE: Final = frozenset(
    {"search_path", "lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "timezone"}
    | {"client_min_messages", "client_encoding", "maintenance_work_mem", "work_mem", "check_function_bodies"}
    | {"standard_conforming_strings", "default_tablespace", "default_table_access_method", "row_security"}
    | {"xmloption", "datestyle", "intervalstyle", "role", "session_authorization"}
)
_ALL_TRIGGERS: Final = (enums.AlterTableType.AT_DisableTrigAll, enums.AlterTableType.AT_EnableTrigAll)
_WRITING: Final = (
    *(ast.InsertStmt, ast.UpdateStmt, ast.DeleteStmt, ast.MergeStmt, ast.SelectStmt),
    *(ast.CreateTableAsStmt, ast.ViewStmt),
)


def needed_rights(script: ParsedScript) -> list[Need]:
    """What a role has to own, and what it needs privileges for, each once and in order."""
    return [*dict.fromkeys(need for statement in script for need in _needs(statement.node))]


def _needs(node: _Node) -> Iterator[Need]:
    for constraint in _foreign_keys(node):
        yield _on("REFERENCES", name_of(constraint.pktable))
    if isinstance(node, _ALTERING) and node.relation:
        yield _on("owner", name_of(node.relation))
    if isinstance(node, _MAKING):
        made = _made(node)
        if made.relpersistence != "t":
            yield _in(name_of(made))
    yield from _of_tables(node)
    yield from _of_superusers(node)
    yield from _of_types_and_code(node)
    if isinstance(node, _WRITING):
        for relation, events in mentions(node).tables_touched():
            if relation is not getattr(node, "view", None):
                yield from (_on(event, name_of(relation)) for event in sorted(events))


def _of_tables(node: _Node) -> Iterator[Need]:
    match node:
        case ast.CreateTrigStmt():
            yield _on("TRIGGER", name_of(node.relation))
        case ast.CreatePolicyStmt() | ast.AlterPolicyStmt():
            yield _on("owner", name_of(node.table))
        case ast.TruncateStmt():
            yield from (_on("TRUNCATE", name_of(each)) for each in node.relations or ())
        case ast.DropStmt():
            yield from _dropping(node)
        case _:
            pass


def _of_superusers(node: _Node) -> Iterator[Need]:
    """What only a superuser may do, or a role that was given a right to it."""
    match node:
        case ast.VariableSetStmt() if node.args and (node.name or "").lower() not in _SETTABLE:
            yield "set", None, (node.name or "").lower()
        case ast.AlterTableStmt() if any(each.subtype in _ALL_TRIGGERS for each in node.cmds or ()):
            yield _on("system triggers", name_of(node.relation))
        case ast.CreateExtensionStmt():
            yield "extension", None, node.extname or ""
        case _:
            pass


def _made(node: _Node) -> ast.RangeVar:
    if isinstance(node, ast.CreateTableAsStmt):
        node = node.into.rel if node.into is not None else None
    elif isinstance(node, (ast.CreateSeqStmt, ast.ViewStmt)):
        node = node.sequence if isinstance(node, ast.CreateSeqStmt) else node.view
    else:
        node = node.relation
    assert isinstance(node, ast.RangeVar)
    return node


def _of_types_and_code(node: _Node) -> Iterator[Need]:
    match node:
        case ast.CreateEnumStmt() | ast.CreateRangeStmt():
            yield _in(path_of(node.typeName))
        case ast.CreateDomainStmt():
            yield _in(path_of(node.domainname))
        case ast.CompositeTypeStmt():
            yield _in(name_of(node.typevar))
        case ast.AlterEnumStmt() | ast.AlterDomainStmt():
            yield _on("own type", path_of(node.typeName))
        case ast.RenameStmt() if node.renameType in _TYPES:
            yield _on("own type", path_of(node.object))
        case ast.RenameStmt() if node.renameType == _OBJECTS.OBJECT_SCHEMA:
            yield "own schema", None, node.subname or ""
        case ast.RenameStmt() | ast.AlterFunctionStmt() | ast.AlterObjectSchemaStmt():
            named = getattr(node, "object", None) or getattr(node, "func", None)
            if isinstance(named, ast.ObjectWithArgs):
                yield _function("own function", named.objname, named.objargs)
        case ast.CreateFunctionStmt():
            yield _in(path_of(node.funcname))
            if node.replace:
                inputs = (each for each in node.parameters or () if each.mode.value not in ("o", "t"))
                yield _function("own function", node.funcname, [each.argType for each in inputs])
        case ast.CreateSchemaStmt() if not node.if_not_exists:
            yield "create in database", None, ""
        case _:
            pass


def _dropping(node: _Node) -> Iterator[Need]:
    kind = node.removeType
    if kind in _RELATIONS:
        yield from (_on("drop", name) for name in dropped(node))
    elif kind in _TYPES:
        yield from (_on("drop type", name) for name in dropped(node))
    elif kind in _OF_TABLES:
        yield from (_on("owner", path_of(path[:-1])) for path in node.objects or ())
    elif kind == _OBJECTS.OBJECT_SCHEMA:
        yield from (("own schema", None, part.sval or "") for part in node.objects or ())
    elif kind in _FUNCTIONS:
        for named in node.objects or ():
            arguments = None if named.args_unspecified else named.objargs or ()
            yield _function("drop function", named.objname, arguments)


def _foreign_keys(node: _Node) -> Iterator[_Node]:
    parts = [each.def_ for each in node.cmds or ()] if isinstance(node, ast.AlterTableStmt) else []
    parts += node.tableElts or () if isinstance(node, ast.CreateStmt) else ()
    for part in parts:
        for each in (part, *(getattr(part, "constraints", None) or ())):
            if isinstance(each, ast.Constraint) and each.contype == _CONSTRAINTS.CONSTR_FOREIGN:
                yield each


def _function(kind: str, path: _Node, arguments: _Node) -> Need:
    name = path_of(path)
    given = "" if arguments is None else f"({', '.join(type_text(each) for each in arguments)})"
    return kind, _schema(name[0]), f"{quoted(name[1])}{given}"


def _on(kind: str, name: Name) -> Need:
    return kind, _schema(name[0]), quoted(name[1])


def _in(name: Name) -> Need:
    return "create", _schema(name[0]), ""


def _schema(schema: str) -> str | None:
    return None if schema == PUBLIC else schema
