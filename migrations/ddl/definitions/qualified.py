"""A statement with the schemas of what it names, for readers that don't know where names are looked up."""

from __future__ import annotations

import copy
from typing import TypeVar

from pglast import ast
from pglast.visitors import Visitor

from ..interpreter_state import InterpreterState, made_in
from ..names import PUBLIC, TEMPORARY

_N = TypeVar("_N", bound=ast.Node)
_MAKING = (ast.CreateStmt, ast.ViewStmt, ast.CreateTableAsStmt, ast.CreateSeqStmt)


def qualified(state: InterpreterState, node: _N) -> _N:
    """The node; a copy where a search path leads elsewhere than to ``public``."""
    if not state.search_path:
        return node
    copied: _N = copy.deepcopy(node)
    common = _Common()
    common(copied)
    made = getattr(copied, "into", copied)
    for part in ("view", "relation", "sequence", "rel"):
        if isinstance(copied, _MAKING) and isinstance(relation := getattr(made, part, None), ast.RangeVar):
            schema, _ = made_in(state, relation)
            relation.schemaname = schema if schema not in (PUBLIC, TEMPORARY) else None
    _Qualifier(state, common.names)(copied)
    return copied


class _Common(Visitor):
    """The names of WITH, which belong to no schema."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def visit_CommonTableExpr(  # noqa: N802 - pglast calls it by the node's name
        self, _ancestors: object, node: ast.CommonTableExpr
    ) -> None:
        self.names.add(node.ctename or "")


class _Qualifier(Visitor):
    def __init__(self, state: InterpreterState, common: set[str]) -> None:
        super().__init__()
        self._state, self._common = state, common

    def visit_RangeVar(  # noqa: N802 - as above
        self, _ancestors: object, node: ast.RangeVar
    ) -> None:
        if node.schemaname is None and node.relname not in self._common:
            schema, _ = self._state.name(node)
            node.schemaname = schema if schema not in (PUBLIC, TEMPORARY) else None

    def visit_TypeName(  # noqa: N802 - as above
        self, _ancestors: object, node: ast.TypeName
    ) -> None:
        name = self._state.type_name(node.names)
        if len(node.names or ()) == 1 and name[0] != PUBLIC and name in self._state.database.types:
            node.names = (ast.String(sval=name[0]), *(node.names or ()))
