"""Checks that text from version.toml is a single SQL expression."""

from __future__ import annotations

from pglast import ast
from pglast.parser import ParseError, parse_sql, scan

from ...ddl.statements import COMMENTS


def why_no_expression(sql: str) -> str | None:
    """Why ``sql`` is not an expression on the columns of one row; None if it is one."""
    try:
        statements = parse_sql(f"SELECT (\n{sql}\n)")
    except ParseError as error:
        return str(error.args[0])
    if any(token.name in COMMENTS for token in scan(sql)):
        return "it contains a comment"
    node = statements[0].stmt
    targets = (node.targetList or ()) if isinstance(node, ast.SelectStmt) else ()
    if len(statements) != 1 or len(targets) != 1 or isinstance(targets[0].val, ast.RowExpr):
        return "it is not one expression"
    return None
