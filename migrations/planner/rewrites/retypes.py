"""Rewrite: a column that changes its type keeps its values, if there is a cast.

For most changes (String to Int, one enum to another) the engine drops the column and adds it again; for the
others it relies on Postgres' default cast.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from pglast import ast, enums

from ...ddl.names import Name, name_of, sql_name
from ...identifiers import quoted
from ..context import Context, is_nullable
from ..join_tables import joined_keys
from ..questions import Question
from ..script import ALTER_TABLE, DraftStatement
from .casts import cast, timestamp_cast, written_cast
from .columns import default_of, is_not_null, type_of
from .existing_rows import expression, subject
from .expressions import why_no_expression, with_other_column
from .sequences import new_sequence, serial_type

_ACTIONS = enums.AlterTableType
_Column = tuple[Name, str]
_HEADING = (
    "AlterColumnType: the table is rewritten under its lock where values are stored differently.\n"
    "squawk-ignore changing-column-type"
)


def keep_values(statements: Sequence[DraftStatement], context: Context) -> list[DraftStatement]:
    """Merge DROP COLUMN and ADD COLUMN of one name into a change of type; give every change its cast."""
    additions = _by_column(statements, _ACTIONS.AT_AddColumn)
    drops = _by_column(statements, _ACTIONS.AT_DropColumn)
    conversions = {
        column: conversion
        for column in drops.keys() & additions.keys()
        if (conversion := _from_pair(column, additions[column], context))
    }
    rewritten: list[DraftStatement] = []
    for statement in _types_before_defaults(statements):
        column = _column(statement)
        if column in conversions and statement in (drops[column], additions[column]):
            rewritten += conversions[column] if statement == additions[column] else []
        elif column is not None and _kind(statement) == _ACTIONS.AT_AlterColumnType:
            rewritten += _with_cast(column, statement, context)
        else:
            rewritten.append(statement)
    lost = drops.keys() - conversions.keys()
    return _without_remade_indexes(rewritten, conversions, lost, context)


def _types_before_defaults(statements: Sequence[DraftStatement]) -> list[DraftStatement]:
    """Within one ALTER TABLE Postgres sets defaults last; in separate statements the order matters.

    NOT NULL has to come later too: the values that it needs are of the new type.
    """
    changing = _by_column(statements, _ACTIONS.AT_AlterColumnType)
    ordered: list[DraftStatement] = []
    waiting: dict[_Column, list[DraftStatement]] = {}
    for statement in statements:
        column = _column(statement)
        sets_default = _kind(statement) == _ACTIONS.AT_ColumnDefault and not _drops_default(statement)
        if column in changing and (sets_default or _kind(statement) == _ACTIONS.AT_SetNotNull):
            waiting.setdefault(column, []).append(statement)
            continue
        ordered.append(statement)
        if column in waiting and _kind(statement) == _ACTIONS.AT_AlterColumnType:
            ordered += waiting.pop(column)
    return [*ordered, *(statement for late in waiting.values() for statement in late)]


def _drops_default(statement: DraftStatement) -> bool:
    return statement.sql.endswith("DROP DEFAULT")


def _by_column(
    statements: Sequence[DraftStatement], kind: enums.AlterTableType
) -> dict[_Column, DraftStatement]:
    return {
        column: statement
        for statement in statements
        if _kind(statement) == kind and (column := _column(statement)) is not None
    }


def _kind(statement: DraftStatement) -> enums.AlterTableType | None:
    return statement.alteration.kind if statement.alteration else None


def _column(statement: DraftStatement) -> _Column | None:
    return statement.alteration.place if statement.alteration else None


def _from_pair(column: _Column, added: DraftStatement, context: Context) -> list[DraftStatement]:
    """The change of type; empty if there is no cast, so that the values are lost."""
    old, new = context.old_column(*column), context.new_column(*column)
    definition = added.alteration.column if added.alteration else None
    if old is None or new is None or definition is None:
        return []
    counted = serial_type(definition)
    sql_type = counted or type_of(definition)
    using = _authors_cast(column, context) or cast(old, new, sql_type, context)
    if using is None:
        return []
    statements = _retype(column, sql_type, using, had_default=old.default is not None)
    if counted is not None:
        statements += new_sequence(*column, counted, context, from_rows=True)
    head = f"ALTER TABLE {sql_name(column[0])} ALTER COLUMN {quoted(column[1])}"
    default = default_of(definition)
    if default is not None:
        statements.append(DraftStatement(f"{head} SET DEFAULT {default}", ALTER_TABLE))
    is_required = is_not_null(definition)
    was_required = old.is_required and not old.is_list
    if is_required != was_required:
        verb = "SET" if is_required else "DROP"
        statements.append(DraftStatement(f"{head} {verb} NOT NULL", ALTER_TABLE))
    return statements


def _with_cast(column: _Column, statement: DraftStatement, context: Context) -> list[DraftStatement]:
    """The engine's own change of type, with the cast that Prisma's values need."""
    definition = statement.alteration.column if statement.alteration else None
    old, new = context.old_column(*column), context.new_column(*column)
    if old is None or new is None or definition is None:
        return [statement]
    sql_type = type_of(definition)
    using = _authors_cast(column, context) or timestamp_cast(old, new)
    changes_shape = (old.is_list, old.kind) != (new.is_list, new.kind)
    if using is None and changes_shape:
        using = cast(old, new, sql_type, context)
    if using is None and old.is_list == new.is_list:
        using = written_cast(old, new, sql_type, context)
    if using is not None:
        return _retype(column, sql_type, using, had_default=changes_shape and old.default is not None)
    return [DraftStatement(statement.sql, _HEADING)]


def _authors_cast(column: _Column, context: Context) -> str | None:
    """The expression for the field in version.toml."""
    model, field = context.new_model(column[0]), context.new_column(*column)
    if model is None or field is None or _is_only_for_nulls(column, context):
        return None
    name = subject(model, field)
    answer = context.answers.backfill(name)
    if answer is not None and answer.sql is not None:
        return expression(answer.sql, name, context)
    return _cast_of_key(column, name, context)


def _cast_of_key(column: _Column, name: str, context: Context) -> str | None:
    """For a column of a join table, the author's expression for the key that it references."""
    joined = joined_keys(context.after).get(column)
    if joined is None:
        return None
    model, key = joined
    answer = context.answers.backfill(subject(model, key))
    if answer is None or answer.sql is None or why_no_expression(answer.sql) is not None:
        return None
    renamed = with_other_column(answer.sql, key.column, column[1])
    if renamed is None:
        text = (
            f"the [backfill] for {subject(model, key)} can't convert the same keys in {name}, as it is not "
            f"an expression on {key.column} alone: what do its rows get?"
        )
        example = json.dumps(f"an expression on {quoted(column[1])}")
        context.questions.append(
            Question(kind="backfill", subject=name, text=text, example=f"{{ sql = {example} }}")
        )
    return renamed


def _is_only_for_nulls(column: _Column, context: Context) -> bool:
    """Whether the column also becomes required: then the backfill is for rows without a value."""
    old, new = context.old_column(*column), context.new_column(*column)
    return old is not None and is_nullable(old) and not (new is not None and is_nullable(new))


def _retype(column: _Column, sql_type: str, using: str, *, had_default: bool) -> list[DraftStatement]:
    head = f"ALTER TABLE {sql_name(column[0])} ALTER COLUMN {quoted(column[1])}"
    statements = [DraftStatement(f"{head} DROP DEFAULT", ALTER_TABLE)] if had_default else []
    return [*statements, DraftStatement(f"{head} TYPE {sql_type} USING ({using})", _HEADING)]


def _without_remade_indexes(
    statements: Sequence[DraftStatement],
    kept: Collection[_Column],
    lost: Collection[_Column],
    context: Context,
) -> list[DraftStatement]:
    """Remove the recreation of indexes that were not dropped: those on columns that keep their values."""
    return [
        statement
        for statement in statements
        if not (isinstance(statement.node, ast.IndexStmt) and _is_remade(statement.node, kept, lost, context))
    ]


def _is_remade(
    node: ast.IndexStmt, kept: Collection[_Column], lost: Collection[_Column], context: Context
) -> bool:
    table = name_of(node.relation)
    names = tuple(part.name or "" for part in node.indexParams or ())
    if not any((table, name) in kept for name in names) or any((table, name) in lost for name in names):
        return False
    model = context.old_model(table)
    if model is None:
        return False
    keys = (*model.uniques, *model.partial_uniques) if node.unique else model.indexes
    return names in [tuple(model.field(name).column for name in key.fields) for key in keys]
