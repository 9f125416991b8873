"""The columns whose values a statement changes."""

from __future__ import annotations

from typing import Any, TypeAlias

from pglast import ast, enums

from ...ddl.catalog_model import Column
from .row_tracker import Prior

_Node: TypeAlias = Any
_RETYPE = enums.AlterTableType.AT_AlterColumnType


def changed_columns(node: _Node, prior: Prior) -> set[Column]:
    """Those that get other values, values that compare otherwise, or rows that were not there."""
    if isinstance(node, ast.UpdateStmt):
        names = [target.name for target in node.targetList or ()]
    elif isinstance(node, ast.InsertStmt):
        given = [target.name for target in node.cols or ()] or [*prior.columns]
        names = [] if node.onConflictClause else given
    elif isinstance(node, ast.AlterTableStmt):
        names = [each.name for each in node.cmds or () if each.subtype == _RETYPE]
    else:
        names = []
    return {prior.columns[name] for name in names if name in prior.columns}
