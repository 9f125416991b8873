"""Rewrite: indexes on existing tables are created and dropped CONCURRENTLY, so that nobody is blocked."""

from __future__ import annotations

from collections.abc import Sequence

from pglast import ast, enums
from pglast.parser import scan

from ...ddl.names import name_of
from ..context import created_tables
from ..script import DraftStatement


def build_concurrently(statements: Sequence[DraftStatement]) -> list[DraftStatement]:
    """Make CREATE INDEX and DROP INDEX concurrent."""
    new_tables = created_tables(statements)
    return [_rewritten(statement, new_tables) for statement in statements]


def _rewritten(statement: DraftStatement, new_tables: set[tuple[str, str]]) -> DraftStatement:
    node = statement.node
    if isinstance(node, ast.IndexStmt):
        if node.concurrent or name_of(node.relation) in new_tables:
            return statement
    elif not isinstance(node, ast.DropStmt) or node.removeType != enums.ObjectType.OBJECT_INDEX:
        return statement
    if isinstance(node, ast.DropStmt) and node.concurrent:
        return statement
    index = next(token for token in scan(statement.sql) if token.name == "INDEX")
    sql = f"{statement.sql[: index.end + 1]} CONCURRENTLY{statement.sql[index.end + 1 :]}"
    return DraftStatement(sql, statement.heading)
