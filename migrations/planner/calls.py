"""Which functions a statement calls, and from which tables it deletes, however deep inside."""

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
    """The tables of DELETE, in a WITH too, and of MERGE … THEN DELETE."""
    found = _Found()
    found(node)
    return list(dict.fromkeys(found.deleted))


class _Found(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.functions: set[str] = set()
        self.deleted: list[Name] = []

    def visit_FuncCall(  # noqa: N802 - pglast calls it by the node's name
        self, _ancestors: object, node: ast.FuncCall
    ) -> None:
        last = (node.funcname or ())[-1]
        self.functions.add((last.sval or "") if isinstance(last, ast.String) else "")

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
