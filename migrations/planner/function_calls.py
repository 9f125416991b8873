"""Which functions a statement calls, what it reads and which tables it deletes from, at any depth."""

from __future__ import annotations

from pglast import ast, enums
from pglast.visitors import Visitor

from .script import Name, name_of


def called_functions(node: ast.Node) -> set[str]:
    """Their names, without schemas."""
    found = _Found()
    found(node)
    return found.functions


def deleted_from(node: ast.Node) -> list[Name]:
    """The tables of DELETE, also in a WITH, and of MERGE … THEN DELETE."""
    found = _Found()
    found(node)
    return list(dict.fromkeys(found.deleted))


def columns_read(node: ast.Node) -> set[tuple[Name, str]]:
    """Every pair of a table and a column that it names anywhere; ``*`` counts as a column.

    Which column belongs to which table is not resolved: the result is a hint for people.
    """
    found = _Found()
    found(node)
    return {(table, column) for table in found.tables for column in found.columns}


class _Found(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.tables: set[Name] = set()
        self.columns: set[str] = set()
        self.functions: set[str] = set()
        self.deleted: list[Name] = []

    def visit_FuncCall(  # noqa: N802 - pglast calls it by the node's name
        self, _ancestors: object, node: ast.FuncCall
    ) -> None:
        last = (node.funcname or ())[-1]
        self.functions.add((last.sval or "") if isinstance(last, ast.String) else "")

    def visit_RangeVar(  # noqa: N802 - as above
        self, _ancestors: object, node: ast.RangeVar
    ) -> None:
        self.tables.add(name_of(node))

    def visit_ColumnRef(  # noqa: N802 - as above
        self, _ancestors: object, node: ast.ColumnRef
    ) -> None:
        last = (node.fields or ())[-1]
        self.columns.add((last.sval or "") if isinstance(last, ast.String) else "*")

    def visit_DeleteStmt(  # noqa: N802 - as above
        self, _ancestors: object, node: ast.DeleteStmt
    ) -> None:
        self.deleted.append(name_of(node.relation))

    def visit_MergeStmt(  # noqa: N802 - as above
        self, _ancestors: object, node: ast.MergeStmt
    ) -> None:
        actions = (when.commandType for when in node.mergeWhenClauses or ())
        if enums.CmdType.CMD_DELETE in actions:
            self.deleted.append(name_of(node.relation))
