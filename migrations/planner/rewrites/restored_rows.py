"""Rewrite: a table that comes back in a downgrade gets the rows that are still referenced.

The upgrade dropped the table and kept the columns that reference it, so that the foreign key would find none
of its rows. They come back with their keys and, in the other required columns, the placeholders that a
restored column gets. Where there is none, the key's validation may fail on rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pglast import ast, enums

from schemas.model import Model

from ...ddl.names import Name, name_of, sql_name
from ...identifiers import quoted
from ..context import Context
from ..may_refuse import marked
from ..script import Alteration, DraftStatement
from . import existing_rows
from .columns import default_of, is_not_null
from .sequences import counted_on, serial_type

_ACTIONS = enums.AlterTableType


@dataclass(frozen=True, slots=True)
class _Reference:
    """A foreign key of a kept table to one that comes back."""

    table: Name
    columns: tuple[str, ...]
    target: Name
    referenced: tuple[str, ...]


def restore_rows(statements: Sequence[DraftStatement], context: Context) -> list[DraftStatement]:
    """Insert what is referenced before each such key."""
    created = {
        name_of(statement.node.relation): statement.node
        for statement in statements
        if isinstance(statement.node, ast.CreateStmt)
    }
    if context.direction == "up" or not created:
        return list(statements)
    restored: list[DraftStatement] = []
    unmet: set[tuple[Name, str]] = set()
    for statement in statements:
        alteration = statement.alteration
        reference = _reference(alteration)
        if alteration is not None and reference is not None and _has_values(reference, created, context):
            rows = list(_inserted(reference, created[reference.target], context))
            restored += rows
            if not rows:
                unmet.add(alteration.place)
        is_check = alteration is not None and alteration.kind == _ACTIONS.AT_ValidateConstraint
        is_unmet = is_check and alteration is not None and alteration.place in unmet
        restored.append(marked(statement) if is_unmet else statement)
    return restored


def _has_values(reference: _Reference, created: dict[Name, ast.CreateStmt], context: Context) -> bool:
    """Whether columns that were there reference a table that was not."""
    if reference.target not in created or reference.table in created:
        return False
    return all(context.old_column(reference.table, column) is not None for column in reference.columns)


def _reference(alteration: Alteration | None) -> _Reference | None:
    constraint = alteration.constraint if alteration else None
    if alteration is None or constraint is None or constraint.contype != enums.ConstrType.CONSTR_FOREIGN:
        return None
    columns, referenced = (
        tuple(part.sval or "" for part in parts or () if isinstance(part, ast.String))
        for parts in (constraint.fk_attrs, constraint.pk_attrs)
    )
    return _Reference(alteration.table, columns, name_of(constraint.pktable), referenced)


def _inserted(reference: _Reference, table: ast.CreateStmt, context: Context) -> Iterator[DraftStatement]:
    """Nothing where a required column has no value that fits every row."""
    model = context.new_model(reference.target)
    definitions = [each for each in table.tableElts or () if isinstance(each, ast.ColumnDef)]
    if model is None:
        return
    values = dict(zip(reference.referenced, map(quoted, reference.columns), strict=True))
    for column in definitions:
        name = column.colname or ""
        if name in values or default_of(column) or serial_type(column) or not is_not_null(column):
            continue
        value = _value(model, name, context)
        if value is None:
            return
        values[name] = value
    target, source = sql_name(reference.target), sql_name(reference.table)
    are_set = " AND ".join(f"{quoted(column)} IS NOT NULL" for column in reference.columns)
    columns = ", ".join(map(quoted, values))
    query = f"SELECT DISTINCT {', '.join(values.values())} FROM {source} WHERE {are_set}"  # noqa: S608 - quoted
    named = ", ".join(f"{reference.table[1]}.{column}" for column in reference.columns)
    yield DraftStatement(
        f"INSERT INTO {target} ({columns}) {query} ON CONFLICT DO NOTHING",
        f"RestoreRows (those that {named} references: their other values are gone)",
    )
    for column in definitions:
        if column.colname in reference.referenced and serial_type(column):
            yield counted_on(reference.target, column.colname or "")


def _value(model: Model, column: str, context: Context) -> str | None:
    field = next((each for each in model.fields if each.column == column and not each.is_relation), None)
    if field is None:
        return None
    answer = existing_rows.answered(model, field, context)
    return answer or existing_rows.placeholder(model, field, context)
