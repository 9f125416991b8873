"""Which USING expressions are made of casts alone: those that Postgres, or the planner, writes by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from pglast import ast, enums

_Node: TypeAlias = Any
_OPERATOR = enums.A_Expr_Kind.AEXPR_OP


def is_cast(using: _Node, column: str) -> bool:
    """Whether USING is missing, or one that Postgres, or the planner, would write by itself for ``column``:
    casts, the first element of a list, a value as a list, as JSON or as its text, whether a number is not 0,
    UTC as the zone."""
    if using is None:
        return True
    if isinstance(using, ast.ColumnRef):
        return _last_name(using.fields) == column
    if isinstance(using, ast.TypeCast):
        return using.arg is not None and is_cast(using.arg, column)
    if isinstance(using, ast.A_Indirection):
        return [*map(_index, using.indirection or ())] == [1] and is_cast(using.arg, column)
    kind = _KINDS.get(type(using))
    return kind is not None and kind(using, column)


def _is_of_function(call: _Node, column: str) -> bool:
    match _last_name(call.funcname), list(call.args or ()):
        case "timezone", [zone, value]:
            return _text(zone) == "UTC" and is_cast(value, column)
        case "to_jsonb", [value]:
            return is_cast(value, column)
    return False


def _is_of_operator(operation: _Node, column: str) -> bool:
    """``a::numeric <> 0`` and ``a #>> '{}'``. Without a cast the first is an author's own."""
    if operation.kind != _OPERATOR:
        return False
    if _last_name(operation.name) == "<>":
        is_zero = getattr(getattr(operation.rexpr, "val", None), "ival", None) == 0
        return is_zero and isinstance(operation.lexpr, ast.TypeCast) and is_cast(operation.lexpr, column)
    is_whole = _last_name(operation.name) == "#>>" and _text(operation.rexpr) == "{}"
    return is_whole and is_cast(operation.lexpr, column)


def _is_in_list(using: _Node, column: str) -> bool:
    """``CASE WHEN a IS NULL THEN '{}'::t[] ELSE ARRAY[a]::t[] END``"""
    whens, made = list(using.args or ()), _uncast(using.defresult)
    if using.arg is not None or len(whens) != 1 or not isinstance(made, ast.A_ArrayExpr):
        return False
    is_null = isinstance(whens[0].expr, ast.NullTest) and is_cast(whens[0].expr.arg, column)
    elements = list(made.elements or ())
    return (
        is_null
        and _text(_uncast(whens[0].result)) == "{}"
        and [is_cast(e, column) for e in elements] == [True]
    )


def is_json_text(using: _Node) -> bool:
    """Whether a text becomes a JSON string as a whole, or the other way round; also as a list's element."""
    found = _uncast(using)
    if isinstance(found, ast.CaseExpr):
        made = _uncast(found.defresult)
        elements = list(made.elements or ()) if isinstance(made, ast.A_ArrayExpr) else []
        return any(map(is_json_text, elements))
    if isinstance(found, ast.FuncCall):
        return _last_name(found.funcname) == "to_jsonb"
    return isinstance(found, ast.A_Expr) and _last_name(found.name) == "#>>"


def _uncast(node: _Node) -> _Node:
    while isinstance(node, ast.TypeCast):
        node = node.arg
    return node


def _last_name(parts: _Node) -> str:
    return getattr(list(parts or ())[-1], "sval", None) or ""


def _text(node: _Node) -> str | None:
    return getattr(getattr(node, "val", None), "sval", None)


def _index(node: _Node) -> int | None:
    """The index of ``[1]``."""
    is_index = isinstance(node, ast.A_Indices) and not node.is_slice
    return getattr(getattr(node.uidx, "val", None), "ival", None) if is_index else None


_KINDS: Final[dict[type, Callable[[_Node, str], bool]]] = {
    ast.FuncCall: _is_of_function,
    ast.A_Expr: _is_of_operator,
    ast.CaseExpr: _is_in_list,
}
