"""An expression from version.toml: one, and nothing but one."""

from __future__ import annotations

from pglast import ast
from pglast.parser import ParseError, parse_sql, scan

from ...scripts.split import COMMENTS


def why_no_expression(sql: str) -> str | None:
    """What keeps ``sql`` from being an expression over the columns of one row; None if nothing does."""
    try:
        statements = parse_sql(f"SELECT (\n{sql}\n)")
    except ParseError as error:
        return str(error.args[0])
    if any(token.name in COMMENTS for token in scan(sql)):
        return "it has a comment in it"
    node = statements[0].stmt
    targets = (node.targetList or ()) if isinstance(node, ast.SelectStmt) else ()
    if len(statements) != 1 or len(targets) != 1 or isinstance(targets[0].val, ast.RowExpr):
        return "it is not one expression"
    return None
