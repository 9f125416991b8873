"""Which functions a statement calls, what it reads and which tables it deletes from, at any depth."""

from __future__ import annotations

from pglast import ast, enums
from pglast.visitors import Visitor

from .names import Name, name_of


def called_functions(node: ast.Node) -> set[str]:
    """Their names, without schemas."""
    found = _Found()
    found(node)
    return found.functions


def deleted_from(node: ast.Node) -> list[ast.RangeVar]:
    """The tables of DELETE, also in a WITH, and of MERGE … THEN DELETE."""
    found = _Found()
    found(node)
    return found.deleted


def tables_written(node: ast.Node) -> list[ast.RangeVar]:
    """The tables of INSERT, UPDATE, DELETE and MERGE, in a WITH too."""
    found = _Found()
    found(node)
    return found.written


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
        self.deleted: list[ast.RangeVar] = []
        self.written: list[ast.RangeVar] = []

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

    def visit_InsertStmt(  # noqa: N802 - as above
        self, _ancestors: object, node: ast.InsertStmt
    ) -> None:
        self._add_written(node.relation)

    def visit_UpdateStmt(  # noqa: N802 - as above
        self, _ancestors: object, node: ast.UpdateStmt
    ) -> None:
        self._add_written(node.relation)

    def visit_DeleteStmt(  # noqa: N802 - as above
        self, _ancestors: object, node: ast.DeleteStmt
    ) -> None:
        self._add_written(node.relation)
        self._add_deleted(node.relation)

    def visit_MergeStmt(  # noqa: N802 - as above
        self, _ancestors: object, node: ast.MergeStmt
    ) -> None:
        self._add_written(node.relation)
        actions = (when.commandType for when in node.mergeWhenClauses or ())
        if enums.CmdType.CMD_DELETE in actions:
            self._add_deleted(node.relation)

    def _add_written(self, relation: ast.RangeVar | None) -> None:
        if relation is not None:
            self.written.append(relation)

    def _add_deleted(self, relation: ast.RangeVar | None) -> None:
        if relation is not None:
            self.deleted.append(relation)
