"""Which privileges a script needs, derived from the script alone."""

from __future__ import annotations

from pglast import ast, enums

from ..ddl.names import PUBLIC, dropped, name_of, path_of, sql_name
from ..ddl.statements import parse_script

_TABLES = (enums.ObjectType.OBJECT_TABLE, enums.ObjectType.OBJECT_FOREIGN_TABLE)
_MAKING = (ast.CreateStmt, ast.IndexStmt)
_ALTERING = (ast.AlterTableStmt, ast.IndexStmt, ast.RenameStmt)


def needed_rights(script: str) -> tuple[list[str], list[str | None]]:
    """The quoted names of tables that a script alters, drops, renames or indexes, which only their owner may;
    and the schemas in which it makes objects (None: the first of the search path)."""
    tables: dict[str, None] = {}
    schemas: dict[str | None, None] = {}
    for statement in parse_script(script):
        node = statement.node
        if isinstance(node, _ALTERING) and node.relation:
            tables[sql_name(name_of(node.relation))] = None
        if isinstance(node, ast.DropStmt) and node.removeType in _TABLES:
            tables |= {sql_name(name): None for name in dropped(node)}
        if isinstance(node, _MAKING):
            schemas[_schema(name_of(node.relation)[0])] = None
        if isinstance(node, ast.CreateEnumStmt):
            schemas[_schema(path_of(node.typeName)[0])] = None
    return list(tables), list(schemas)


def _schema(schema: str) -> str | None:
    return None if schema == PUBLIC else schema
