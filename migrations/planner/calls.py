"""Which functions a statement or an expression calls."""

from __future__ import annotations

from pglast import ast
from pglast.visitors import Visitor


def called_functions(node: ast.Node) -> set[str]:
    """Their names, without schemas."""
    calls = _Calls()
    calls(node)
    return calls.names


class _Calls(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def visit_FuncCall(  # noqa: N802 - pglast calls it by the node's name
        self, _ancestors: object, node: ast.FuncCall
    ) -> None:
        last = (node.funcname or ())[-1]
        self.names.add((last.sval or "") if isinstance(last, ast.String) else "")
