"""Reads a column's definition in ADD COLUMN."""

from __future__ import annotations

from pglast import ast, enums
from pglast.stream import RawStream

from ...ddl.function_calls import called_functions

# Functions with the same value during a whole statement, so that Postgres stores it once for all rows.
_STABLE = {"now", "transaction_timestamp", "statement_timestamp"}


def type_of(column: ast.ColumnDef) -> str:
    """The column's type as SQL."""
    assert column.typeName is not None  # ADD COLUMN always has one
    return RawStream()(column.typeName)


def default_of(column: ast.ColumnDef) -> str | None:
    """The default as SQL; None where there is none."""
    expression = _default(column)
    return RawStream()(expression) if expression is not None else None


def is_not_null(column: ast.ColumnDef) -> bool:
    """Whether the definition has NOT NULL."""
    return any(each.contype == enums.ConstrType.CONSTR_NOTNULL for each in _constraints(column))


def has_volatile_default(column: ast.ColumnDef) -> bool:
    """Whether rows may get different values, so that Postgres would rewrite the table for ADD COLUMN."""
    expression = _default(column)
    if expression is None:
        return False
    return bool(called_functions(expression) - _STABLE)


def _default(column: ast.ColumnDef) -> ast.Node | None:
    defaults = (
        each.raw_expr for each in _constraints(column) if each.contype == enums.ConstrType.CONSTR_DEFAULT
    )
    return next(defaults, None)


def _constraints(column: ast.ColumnDef) -> list[ast.Constraint]:
    return [each for each in column.constraints or () if isinstance(each, ast.Constraint)]
