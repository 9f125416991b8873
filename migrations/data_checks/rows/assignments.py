"""What an UPDATE assigns, as expressions on its table alone: those of UPDATE … FROM are subqueries."""

from __future__ import annotations

from typing import Any, TypeAlias

from pglast import ast, enums

_Node: TypeAlias = Any


def row_alias(node: _Node) -> str:
    """The name of the table in the expressions of a statement."""
    return str(node.relation.alias.aliasname if node.relation.alias else node.relation.relname)


def condition_of(node: _Node) -> _Node:
    """Which rows an UPDATE changes; None for all."""
    if not node.fromClause:
        return node.whereClause
    found = _select(node, ast.A_Const(isnull=False, val=ast.Integer(ival=1)))
    return ast.SubLink(subLinkType=enums.SubLinkType.EXISTS_SUBLINK, subLinkId=0, subselect=found)


def assigned_value(node: _Node, target: _Node) -> _Node:
    """What a row gets. Of several rows that FROM finds, Postgres takes any: here, one that has a value."""
    if not node.fromClause:
        return target.val
    found = _select(node, target.val)
    is_null = ast.NullTest(arg=target.val, nulltesttype=enums.NullTestType.IS_NULL, argisrow=False)
    found.sortClause = (
        ast.SortBy(
            node=is_null,
            sortby_dir=enums.SortByDir.SORTBY_DEFAULT,
            sortby_nulls=enums.SortByNulls.SORTBY_NULLS_DEFAULT,
        ),
    )
    found.limitCount = ast.A_Const(isnull=False, val=ast.Integer(ival=1))
    found.limitOption = enums.LimitOption.LIMIT_OPTION_COUNT
    return ast.SubLink(subLinkType=enums.SubLinkType.EXPR_SUBLINK, subLinkId=0, subselect=found)


def _select(node: _Node, value: _Node) -> ast.SelectStmt:
    return ast.SelectStmt(
        targetList=(ast.ResTarget(val=value),),
        fromClause=node.fromClause,
        whereClause=node.whereClause,
        groupDistinct=False,
        limitOption=enums.LimitOption.LIMIT_OPTION_DEFAULT,
        op=enums.SetOperation.SETOP_NONE,
        all=False,
    )
