"""Rewrite: indexes on existing tables are created and dropped CONCURRENTLY, so that nobody is blocked."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pglast import ast, enums
from pglast.parser import scan

from ...ddl.names import Name, dropped, name_of
from ..context import created_tables
from ..script import DraftStatement


def build_concurrently(
    statements: Sequence[DraftStatement], partitioned: Collection[Name] = ()
) -> list[DraftStatement]:
    """Make CREATE INDEX and DROP INDEX concurrent, where Postgres can."""
    at_once = created_tables(statements) | {*partitioned}
    return [_rewritten(statement, at_once) for statement in statements]


def _rewritten(statement: DraftStatement, at_once: set[Name]) -> DraftStatement:
    """``at_once`` are the tables whose indexes, and the indexes that, are made and dropped in one go."""
    node = statement.node
    if isinstance(node, ast.IndexStmt):
        if node.concurrent or name_of(node.relation) in at_once:
            return statement
    elif not isinstance(node, ast.DropStmt) or node.removeType != enums.ObjectType.OBJECT_INDEX:
        return statement
    if isinstance(node, ast.DropStmt) and (node.concurrent or at_once & {*dropped(node)}):
        return statement
    index = next(token for token in scan(statement.sql) if token.name == "INDEX")
    sql = f"{statement.sql[: index.end + 1]} CONCURRENTLY{statement.sql[index.end + 1 :]}"
    return DraftStatement(sql, statement.heading)
