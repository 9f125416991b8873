"""Column defaults that mean the same, made equal."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation

from pglast import ast
from pglast.parser import ParseError, parse_sql
from pglast.stream import RawStream

_AUTOINCREMENT = "autoincrement()"
_NOW = "now()"
_NOW_FUNCTIONS = frozenset({"now", "transaction_timestamp"})


def canonical_default(expression: str | None, column_type: str) -> str | None:
    """An expression as Postgres prints it, without what depends only on how it was once written.

    Casts go (``'{}'::json`` on a jsonb column, ``'A'::"Role"``), numbers lose their quotes and trailing
    zeros, JSON is compared as JSON, any ``nextval`` is autoincrement, and ``now()`` is CURRENT_TIMESTAMP.
    """
    if expression is None:
        return None
    node = _parsed(expression)
    if node is None:
        return expression
    node = _without_cast(node)
    if isinstance(node, ast.A_Const):
        return _constant(node, column_type)
    if _is_now(node):
        return _NOW
    if _function_name(node) == "nextval":
        return _AUTOINCREMENT
    return str(RawStream()(node))


def _parsed(expression: str) -> ast.Node | None:
    try:
        (raw,) = parse_sql(f"SELECT {expression}")
    except (ParseError, ValueError):
        return None
    select = raw.stmt
    if not isinstance(select, ast.SelectStmt) or not select.targetList:
        return None
    value = select.targetList[0].val
    return value if isinstance(value, ast.Node) else None


def _without_cast(node: ast.Node) -> ast.Node:
    """Outermost casts, and those of an array's elements."""
    while isinstance(node, ast.TypeCast) and node.arg is not None:
        node = node.arg
    if isinstance(node, ast.A_ArrayExpr):
        return ast.A_ArrayExpr(elements=tuple(_without_cast(element) for element in node.elements or ()))
    return node


def _constant(node: ast.A_Const, column_type: str) -> str:
    value = node.val
    if isinstance(value, ast.String):
        text = value.sval or ""
        return _json(text) if column_type in ("json", "jsonb") else _number(text) or repr(text)
    text = str(RawStream()(node))
    return _number(text) or text


def _json(text: str) -> str:
    try:
        return json.dumps(json.loads(text), sort_keys=True)
    except ValueError:
        return repr(text)


def _number(text: str) -> str | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return format(value.normalize(), "f") if value.is_finite() else None


def _is_now(node: ast.Node) -> bool:
    if isinstance(node, ast.SQLValueFunction):
        return "CURRENT_TIMESTAMP" in str(RawStream()(node)).upper()
    return _function_name(node) in _NOW_FUNCTIONS


def _function_name(node: ast.Node) -> str | None:
    if isinstance(node, ast.FuncCall) and node.funcname:
        return str(node.funcname[-1].sval)
    return None
