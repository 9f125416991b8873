"""Rewrite: a column becomes required without blocking other sessions, and with a value in every row.

::

    ADD COLUMN, nullable → fill existing rows in batches → CHECK … NOT VALID (checks new rows)
    → fill rows inserted meanwhile → VALIDATE → SET NOT NULL (Postgres relies on the check) → drop the check
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pglast import ast, enums

from schemas.model import Field, Model

from ...ddl.names import Name, sql_name
from ...identifiers import fitting, quoted
from ...scripts.directives import BACKFILL
from ..context import Context, created_tables
from ..may_refuse import marked
from ..script import ALTER_TABLE, DraftStatement
from . import existing_rows
from .columns import default_of, has_volatile_default, is_not_null, type_of
from .references import points_elsewhere
from .sequences import new_sequence, next_value, serial_type

_ACTIONS = enums.AlterTableType
_BACKFILL = BACKFILL.removeprefix("-- ")


def require_in_steps(statements: Sequence[DraftStatement], context: Context) -> list[DraftStatement]:
    """Split ADD COLUMN … NOT NULL and SET NOT NULL on existing tables into steps."""
    new_tables = created_tables(statements)
    rewritten: list[DraftStatement] = []
    for statement in statements:
        alteration = statement.alteration
        if alteration is None or alteration.table in new_tables:
            rewritten.append(statement)
        elif alteration.kind == _ACTIONS.AT_AddColumn and alteration.column is not None:
            rewritten += _added(statement, alteration.table, alteration.column, context)
        elif alteration.kind == _ACTIONS.AT_SetNotNull:
            rewritten += _tightened(statement, *alteration.place, context)
        else:
            rewritten.append(statement)
    return rewritten


def _added(
    statement: DraftStatement, table: Name, column: ast.ColumnDef, context: Context
) -> Iterator[DraftStatement]:
    name = column.colname or ""
    model, field = context.new_model(table), context.new_column(table, name)
    if model is None or field is None:
        yield statement
        return
    integer, default = serial_type(column), default_of(column)
    value = existing_rows.answered(model, field, context)
    if integer is not None:
        value = value or next_value(table, name)
    elif value is None and has_volatile_default(column):
        value = default
    elif value is None and default is not None and existing_rows.is_unique(model, field):
        yield from _without_default(statement, model, field, default, context)
        return
    elif value is None and default is None and is_not_null(column):
        value = _missing(table, model, field, context)
        if value is None:
            yield marked(DraftStatement(statement.sql, _only_without_rows(statement, table)))
            return
    gets = value if value is not None else default
    if gets is not None and integer is None:
        context.new_values[existing_rows.subject(model, field)] = gets
    if value is None:
        yield statement
        return
    alter = f"ALTER TABLE {sql_name(table)}"
    yield DraftStatement(f"{alter} ADD COLUMN {quoted(name)} {integer or type_of(column)}", ALTER_TABLE)
    if integer is not None:
        yield from new_sequence(table, name, integer, context, from_rows=False)
    elif default is not None:
        yield DraftStatement(f"{alter} ALTER COLUMN {quoted(name)} SET DEFAULT {default}", ALTER_TABLE)
    yield from _filled(table, name, value)
    if is_not_null(column):
        # If the placeholder is a row of another table, there may be none.
        may_refuse = context.direction == "down" and points_elsewhere(model, field)
        yield from _required(table, name, value, may_refuse=may_refuse)


def _without_default(
    statement: DraftStatement, model: Model, field: Field, default: str, context: Context
) -> Iterator[DraftStatement]:
    """A unique column whose default is the same for all rows, so that existing ones can't have it."""
    assert statement.alteration is not None, "it adds a column"
    assert statement.alteration.column is not None, "it adds a column"
    table, column = statement.alteration.table, statement.alteration.column
    value = existing_rows.placeholder(model, field, context) if context.needs_no_answer(table) else None
    if not context.needs_no_answer(table) and not existing_rows.has_no_rows(model, field, context):
        name = existing_rows.subject(model, field)
        text = f"{name} is new and unique, with one default for all rows: what do existing rows get?"
        existing_rows.ask(model, field, text, context)
    alter = f"ALTER TABLE {sql_name(table)}"
    add = f"{alter} ADD COLUMN {quoted(field.column)} {type_of(column)}"
    if is_not_null(column) and value is None:
        yield marked(DraftStatement(f"{add} NOT NULL", _only_without_rows(statement, table)))
    else:
        yield DraftStatement(add, ALTER_TABLE)
    yield DraftStatement(f"{alter} ALTER COLUMN {quoted(field.column)} SET DEFAULT {default}", ALTER_TABLE)
    if value is not None:
        context.new_values[existing_rows.subject(model, field)] = value
        yield from _filled(table, field.column, value)
    if value is not None and is_not_null(column):
        yield from _required(table, field.column, value)


def _tightened(
    statement: DraftStatement, table: Name, name: str, context: Context
) -> Iterator[DraftStatement]:
    model, field = context.new_model(table), context.new_column(table, name)
    if model is None or field is None:
        yield statement
        return
    value = existing_rows.answered(model, field, context)
    is_said_to_fit = existing_rows.has_no_rows(model, field, context)
    if value is None and table in context.unpublished:
        value = existing_rows.placeholder(model, field, context)
    elif value is None and context.direction == "up" and not is_said_to_fit:
        text = f"{existing_rows.subject(model, field)} becomes required: what do rows without a value get?"
        existing_rows.ask(model, field, text, context)
    if value is not None:
        yield from _filled(table, name, value)
    yield from _required(table, name, value, may_refuse=is_said_to_fit)


def _missing(table: Name, model: Model, field: Field, context: Context) -> str | None:
    """Ask the author what existing rows get, or use a placeholder if nobody can have rows."""
    if context.needs_no_answer(table):
        return existing_rows.placeholder(model, field, context)
    if not existing_rows.has_no_rows(model, field, context):
        text = f"{existing_rows.subject(model, field)} is new and required: what do existing rows get?"
        existing_rows.ask(model, field, text, context)
    return None


def _filled(table: Name, column: str, value: str) -> Iterator[DraftStatement]:
    condition = existing_rows.is_null(column)
    sql = f"UPDATE {sql_name(table)} SET {quoted(column)} = {value} WHERE {condition}"  # noqa: S608 - quoted
    yield DraftStatement(sql, f"Backfill\n{_BACKFILL}")


def _required(
    table: Name, column: str, value: str | None, *, may_refuse: bool = False
) -> Iterator[DraftStatement]:
    check = quoted(fitting(table[1], column, "is_set"))
    alter = f"ALTER TABLE {sql_name(table)}"
    yield DraftStatement(
        f"{alter} ADD CONSTRAINT {check} CHECK ({quoted(column)} IS NOT NULL) NOT VALID",
        "RequireColumn (a validated check spares SET NOT NULL from reading the table)",
    )
    if value is not None:
        again = next(_filled(table, column, value))
        yield DraftStatement(again.sql, f"Backfill (rows inserted meanwhile)\n{_BACKFILL}")
    validation = DraftStatement(f"{alter} VALIDATE CONSTRAINT {check}", "ValidateConstraint")
    yield marked(validation) if may_refuse else validation
    yield DraftStatement(f"{alter} ALTER COLUMN {quoted(column)} SET NOT NULL", "SetNotNull")
    yield DraftStatement(f"{alter} DROP CONSTRAINT {check}")


def _only_without_rows(statement: DraftStatement, table: Name) -> str:
    return (
        f"{statement.heading} (only while {sql_name(table)} has no rows)\nsquawk-ignore adding-required-field"
    )
