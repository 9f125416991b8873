"""Brings column defaults that mean the same into one form."""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from pglast import ast
from pglast.parser import ParseError, parse_sql
from pglast.stream import RawStream

# Functions with several spellings; nextval means the same whatever sequence it is called with.
_ONE_SPELLING = {
    "nextval": "autoincrement()",
    "now": "now()",
    "transaction_timestamp": "now()",
    "current_timestamp": "now()",
}
#: An element that needs no quotes in a list that is written as one text.
_PLAIN = re.compile(r"[\w.+-]+")
_NUMERIC = ("smallint", "integer", "bigint", "numeric", "real", "double precision")


@lru_cache(maxsize=1024)  # most defaults of a database are its schema's, and many columns have the same
def canonical_default(expression: str | None, column_type: str) -> str | None:
    """An expression as Postgres prints it, without what depends only on how it was written.

    Casts are removed (``'{}'::json`` on a jsonb column, ``'A'::"Role"``), numbers lose their quotes and
    trailing zeros, JSON is normalised, ``nextval`` becomes autoincrement, and CURRENT_TIMESTAMP ``now()``.
    """
    if expression is None:
        return None
    node = _parsed(expression)
    if node is None:
        return expression
    node = _without_cast(node)
    if column_type.startswith(_NUMERIC):
        number = _number((_string(node) or str(RawStream()(node))).replace(" ", ""))
        if number is not None:
            return number
    text = _string(node)
    if column_type in ("json", "jsonb") and text is not None:
        return _json(text)
    if column_type.endswith("[]"):
        elements = _elements(node, text)
        if elements is not None:
            return json.dumps(elements)
    return _ONE_SPELLING.get(_function_name(node) or "") or str(RawStream()(node))


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
    """Remove the outermost casts, and those of an array's elements."""
    while isinstance(node, ast.TypeCast) and node.arg is not None:
        node = node.arg
    if isinstance(node, ast.A_ArrayExpr):
        return ast.A_ArrayExpr(elements=tuple(_without_cast(element) for element in node.elements or ()))
    return node


def _string(node: ast.Node) -> str | None:
    """The value of a string constant."""
    if isinstance(node, ast.A_Const) and isinstance(node.val, ast.String):
        return node.val.sval or ""
    return None


def _elements(node: ast.Node, text: str | None) -> list[str] | None:
    """Those of a list, in either spelling; None where one is more than a plain constant."""
    values: list[str | None] = []
    if text is not None:
        inner = text.strip().removeprefix("{").removesuffix("}").strip()
        values += [each.strip() for each in inner.split(",")] if inner else []
        if len(text.strip()) - len(inner) < len("{}"):
            return None
    elif isinstance(node, ast.A_ArrayExpr):
        values += [_string(element) or _integer(element) for element in node.elements or ()]
    else:
        return None
    elements = [value for value in values if value and _PLAIN.fullmatch(value) and value.upper() != "NULL"]
    return elements if len(elements) == len(values) else None


def _integer(node: ast.Node) -> str | None:
    if isinstance(node, ast.A_Const) and isinstance(node.val, ast.Integer):
        return str(node.val.ival or 0)
    return None


def _json(text: str) -> str:
    try:
        return json.dumps(json.loads(text), sort_keys=True)
    except ValueError:
        return text


def _number(text: str) -> str | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return format(value.normalize(), "f") if value.is_finite() else None


def _function_name(node: ast.Node) -> str | None:
    """The name in a call, or of an SQL function that is called without parentheses."""
    if isinstance(node, ast.FuncCall) and node.funcname:
        return str(node.funcname[-1].sval)
    if isinstance(node, ast.SQLValueFunction):
        return str(RawStream()(node)).lower()
    return None
