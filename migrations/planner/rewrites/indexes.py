"""Rewrite: indexes on existing tables are created and dropped CONCURRENTLY, so that nobody is blocked.

One that takes the name of a dropped one is built under another name, so that it can be built before the drop.
"""

from __future__ import annotations

from collections.abc import Sequence

from pglast import ast, enums
from pglast.parser import scan

from ...ddl.names import Name, dropped, name_of, sql_name
from ...identifiers import fitting, quoted
from ..context import created_tables
from ..script import DraftStatement


def build_concurrently(statements: Sequence[DraftStatement]) -> list[DraftStatement]:
    """Make CREATE INDEX and DROP INDEX concurrent."""
    new_tables = created_tables(statements)
    gone: set[Name] = set()
    rewritten: list[DraftStatement] = []
    for statement in statements:
        node = statement.node
        made = _rewritten(statement, new_tables)
        if isinstance(node, ast.DropStmt) and node.removeType == enums.ObjectType.OBJECT_INDEX:
            gone.update(dropped(node))
        name = (name_of(node.relation)[0], node.idxname or "") if isinstance(node, ast.IndexStmt) else None
        rewritten += _renamed_later(made, name) if name in gone and name and made != statement else [made]
    return rewritten


def _renamed_later(statement: DraftStatement, name: Name) -> list[DraftStatement]:
    built = fitting(name[1], "new")
    token = next(
        token
        for token in scan(statement.sql)
        if statement.sql[token.start : token.end + 1] == quoted(name[1])
    )
    sql = f"{statement.sql[: token.start]}{quoted(built)}{statement.sql[token.end + 1 :]}"
    rename = f"ALTER INDEX {sql_name((name[0], built))} RENAME TO {quoted(name[1])}"
    return [DraftStatement(sql, statement.heading), DraftStatement(rename, "RenameIndex")]


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
