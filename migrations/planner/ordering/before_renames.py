"""Rewrite: unique indexes are built before anything gets another name.

Where rows are in their way, the migration stops before it has changed what the services of the version before
use. The index is written with the names that its table and columns have until then.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from pglast import ast, enums
from pglast.stream import RawStream

from ...ddl.names import name_of
from ..history.renaming import ColumnRenaming, TableRenaming
from ..script import DraftStatement

_OBJECTS = enums.ObjectType
_OF_ENUMS = (ast.AlterEnumStmt,)


def built_first(
    statements: Sequence[DraftStatement], renames: Sequence[DraftStatement]
) -> tuple[list[DraftStatement], list[DraftStatement]]:
    """The indexes at the start of ``statements`` that can be built before ``renames``, and the rest."""
    early: list[DraftStatement] = []
    rest: list[DraftStatement] = []
    is_start = bool(renames)
    for statement in statements:
        node = statement.node
        is_index = isinstance(node, ast.IndexStmt) and node.unique and node.concurrent
        is_start = is_start and (is_index or isinstance(node, _OF_ENUMS))
        if is_start and isinstance(node, ast.IndexStmt) and _is_free(node, renames):
            early.append(DraftStatement(_with_old_names(node, renames), statement.heading))
        else:
            rest.append(statement)
    return early, rest


def _is_free(index: ast.IndexStmt, renames: Sequence[DraftStatement]) -> bool:
    """Whether nothing has its name so far, and no value in it changes its spelling."""
    named = (name_of(index.relation)[0], index.idxname)
    has_expression = index.whereClause is not None or any(part.expr for part in index.indexParams or ())
    for rename in renames:
        node = rename.node
        if not isinstance(node, ast.RenameStmt):
            if has_expression and not isinstance(node, ast.AlterObjectSchemaStmt):
                return False
        elif node.relation is None:
            if has_expression:
                return False
        elif node.renameType != _OBJECTS.OBJECT_COLUMN and name_of(node.relation) == named:
            return False
    return True


def _with_old_names(index: ast.IndexStmt, renames: Sequence[DraftStatement]) -> str:
    own: Any = copy.deepcopy(index)
    for rename in reversed(renames):
        node: Any = rename.node
        old = name_of(node.relation) if getattr(node, "relation", None) is not None else None
        if old is None:
            continue
        if getattr(node, "objectType", None) == _OBJECTS.OBJECT_TABLE:
            TableRenaming((node.newschema, old[1]), old)(own)
        elif getattr(node, "renameType", None) == _OBJECTS.OBJECT_TABLE:
            TableRenaming((old[0], node.newname), old)(own)
        elif getattr(node, "renameType", None) == _OBJECTS.OBJECT_COLUMN:
            ColumnRenaming(old, node.newname, node.subname, name_of(own.relation)).begin(own)
    return str(RawStream()(own)).strip()
