"""Rewrite: what may fail on rows is done before anything gets another name.

Unique indexes are built, foreign keys validated, and columns required that get no value. Where rows
are in their way, the migration stops before it has changed what the services of the version before use. These
statements are written with the names that tables and columns have until then.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pglast import ast, enums
from pglast.stream import RawStream

from ...ddl.names import name_of
from ..history.renaming import ColumnRenaming, TableRenaming
from ..script import DraftStatement
from .footprints import footprint
from .known_objects import KnownObjects

_ACTIONS, _OBJECTS = enums.AlterTableType, enums.ObjectType
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


def validated_first(
    statements: Sequence[DraftStatement], renames: Sequence[DraftStatement], known: KnownObjects
) -> tuple[list[DraftStatement], list[DraftStatement]]:
    """The constraints among ``statements`` that can be validated before ``renames``, and the rest.

    Those stay that need what other statements do before them.
    """
    early: list[DraftStatement] = []
    rest: list[DraftStatement] = []
    waiting = [*statements]
    while waiting:
        group = _constraint(waiting) if renames else []
        if group and _is_free_of(group, rest, known) and _has_free_name(group[0], renames):
            early += [replace(each, sql=_with_old_names(each.node, renames)) for each in group]
            del waiting[: len(group)]
        else:
            rest.append(waiting.pop(0))
    return early, rest


def _constraint(statements: Sequence[DraftStatement]) -> list[DraftStatement]:
    """The statements at the start that add a constraint, validate it, and go on with what it shows."""
    first = statements[0].alteration
    if first is None or first.constraint is None or not first.constraint.skip_validation:
        return []
    kinds = [_ACTIONS.AT_AddConstraint, _ACTIONS.AT_ValidateConstraint]
    if first.constraint.contype == enums.ConstrType.CONSTR_CHECK:
        kinds += [_ACTIONS.AT_SetNotNull, _ACTIONS.AT_DropConstraint]
    group = [*statements[: len(kinds)]]
    found = [each.alteration.kind if each.alteration is not None else None for each in group]
    tables = {each.alteration.table for each in group if each.alteration is not None}
    return group if found == kinds and len(tables) == 1 else []


def _is_free_of(group: Sequence[DraftStatement], rest: Sequence[DraftStatement], known: KnownObjects) -> bool:
    own = footprint(group, known)
    return not any(footprint([each], known).conflicts(own) for each in rest)


def _has_free_name(statement: DraftStatement, renames: Sequence[DraftStatement]) -> bool:
    """Whether no constraint of the table has the new one's name until the renames."""
    added = statement.alteration
    named = (_OBJECTS.OBJECT_TABCONSTRAINT, _OBJECTS.OBJECT_INDEX)
    renamed = (each.node for each in renames)
    return added is not None and not any(
        isinstance(node, ast.RenameStmt)
        and node.renameType in named
        and added.name in (node.subname, node.relation.relname if node.relation else None)
        for node in renamed
    )


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


def _with_old_names(statement: ast.Node, renames: Sequence[DraftStatement]) -> str:
    own: Any = copy.deepcopy(statement)
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
            for command in getattr(own, "cmds", None) or ():
                is_its = command.subtype == _ACTIONS.AT_SetNotNull and name_of(own.relation) == old
                command.name = node.subname if is_its and command.name == node.newname else command.name
    return str(RawStream()(own)).strip()
