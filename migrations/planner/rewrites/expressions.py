"""Checks that text from version.toml is a single SQL expression."""

from __future__ import annotations

from pglast import ast
from pglast.parser import ParseError, parse_sql, scan
from pglast.stream import RawStream
from pglast.visitors import Visitor

from ...ddl.function_calls import called_functions
from ...ddl.statements import COMMENTS

#: They give every row another value, so that two rows with the same key would get different ones.
_RANDOM = {"gen_random_uuid", "uuid_generate_v4", "uuidv4", "uuidv7", "random", "nextval", "clock_timestamp"}


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


def with_other_column(sql: str, old: str, new: str) -> str | None:
    """The expression ``sql`` with the column ``new`` for ``old``; None if it needs more than that column, or
    gives the same value something else each time."""
    node = parse_sql(f"SELECT (\n{sql}\n)")[0].stmt
    renaming = _Renaming(old, new)
    assert isinstance(node, ast.SelectStmt)  # as the text is an expression
    renaming(node)
    if renaming.is_refused or called_functions(node) & _RANDOM:
        return None
    target = (node.targetList or ())[0]
    return str(RawStream()(target.val))


class _Renaming(Visitor):
    def __init__(self, old: str, new: str) -> None:
        super().__init__()
        self._old, self._new = old, new
        self.is_refused = False

    def visit_ColumnRef(  # noqa: N802 - pglast calls it by the node's name
        self, _ancestors: object, node: ast.ColumnRef
    ) -> None:
        fields = node.fields or ()
        if len(fields) == 1 and isinstance(fields[0], ast.String) and fields[0].sval == self._old:
            node.fields = (ast.String(sval=self._new),)
        else:
            self.is_refused = True

    def visit_SubLink(  # noqa: N802 - as above
        self, _ancestors: object, _node: ast.SubLink
    ) -> None:
        self.is_refused = True
