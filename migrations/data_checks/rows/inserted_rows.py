"""The rows that an INSERT adds, as far as a query before the script can tell them."""

from __future__ import annotations

import copy
from typing import Any, TypeAlias

from pglast import ast

from ...ddl.catalog_model import Column
from ...identifiers import quoted
from .row_states import Inserted, Rows, Value
from .row_tracker import Prior, RowTracker

_Node: TypeAlias = Any


def inserted_rows(tracker: RowTracker, node: _Node, prior: Prior, rows: Rows) -> Inserted | None:
    """None if only running the script can tell."""
    if node.withClause or tracker.is_opaque or node.selectStmt is None or not prior.relation.is_complete:
        return None
    if any(target.indirection for target in node.cols or ()):
        return None
    named = [target.name for target in node.cols or ()] or [*prior.columns]
    if not set(named) <= prior.columns.keys():
        return None
    named, query = _without_defaults(named, node.selectStmt)
    found = tracker.expressions.query(query) if query is not None else None
    given = (_width(query) if not node.cols else len(named)) if query is not None else None
    if found is None or given is None:
        return None
    targets = {name: prior.columns[name] for name in named[:given]}
    source = f"({found.sql}) AS inserted ({', '.join(map(quoted, targets))})"
    values = {column: _given(tracker, rows, name, column) for name, column in targets.items()}
    for column in prior.columns.values():
        if column not in values:
            values[column] = _default(tracker, rows, column)
    return Inserted(source, values, found.reads, is_constant=bool(node.selectStmt.valuesLists))


def _without_defaults(named: list[str], query: _Node) -> tuple[list[str], _Node]:
    """The columns and rows of VALUES without those that are DEFAULT in every row; no rows if only in some."""
    lists = query.valuesLists or ()
    if not any(isinstance(value, ast.SetToDefault) for row in lists for value in row):
        return named, query
    is_default = [
        {isinstance(value, ast.SetToDefault) for value in column} for column in zip(*lists, strict=True)
    ]
    kept = [at for at, found in enumerate(is_default) if found == {False}]
    if not kept or {True, False} in is_default:
        return named, None
    trimmed = copy.copy(query)
    trimmed.valuesLists = tuple(tuple(row[at] for at in kept) for row in lists)
    return [named[at] for at in kept], trimmed


def _width(query: _Node) -> int | None:
    """How many columns a query gives."""
    if query.valuesLists:
        return len(query.valuesLists[0])
    targets = query.targetList or ()
    is_open = any(isinstance(each.val, ast.ColumnRef) and _is_star(each.val) for each in targets)
    return None if is_open or not targets else len(targets)


def _is_star(column: ast.ColumnRef) -> bool:
    return isinstance((column.fields or ())[-1], ast.A_Star)


def _given(tracker: RowTracker, rows: Rows, name: str, column: Column) -> Value:
    old = rows.value(column)
    if column.type is None or column in tracker.rules.generated:
        return Value(None)
    is_known = tracker.expressions.is_known(column.type)
    sql = f"CAST({quoted(name)} AS {column.type if is_known and old.is_exact else 'text'})"
    sql = tracker.rules.collated(sql, column, column.type)
    reads = tracker.expressions.types_of(column.type)
    return Value(sql, is_exact=is_known and old.is_exact, reads=reads)


def _default(tracker: RowTracker, rows: Rows, column: Column) -> Value:
    """What a row has in a column that the statement leaves out. NULL stands for a value of its own."""
    if column not in tracker.rules.fills and column.origin is not None and not column.type:
        return Value(None)
    fill = tracker.rules.fills.get(column)
    is_open = column in tracker.rules.fills and fill is None
    value = Value(None) if is_open else tracker.filled_in(rows, column, fill)
    if value.sql is not None or column.type is None:
        return value
    is_known = tracker.expressions.is_known(column.type) and (rows.is_empty or rows.value(column).is_exact)
    type_text = column.type if is_known else "text"
    return Value(
        f"NULL::{type_text}", is_exact=is_known, is_partial=True, is_never_null=is_open or value.is_never_null
    )
