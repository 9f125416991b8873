"""Rewrite: an enum that loses values is swapped after everything that stops using it, and rows are mapped.

The engine swaps the type first, so that ``DROP TYPE`` fails on a column or table that is dropped later. Rows
with a removed value get the one that version.toml gives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pglast import ast, enums

from schemas.model import Enum

from ...ddl.names import Name, dropped, name_of, path_of, sql_name
from ...identifiers import literal, quoted
from ..context import Context, enum_name
from ..questions import Question
from ..script import DraftStatement

_ACTIONS = enums.AlterTableType
_USING = (_ACTIONS.AT_AddColumn, _ACTIONS.AT_ColumnDefault, _ACTIONS.AT_AlterColumnType)


@dataclass(frozen=True, slots=True)
class Swap:
    """The engine's block for one enum: create a new type, convert its columns, drop the old type."""

    enum: Name
    statements: tuple[DraftStatement, ...]


def take_swaps(statements: Sequence[DraftStatement]) -> tuple[list[Swap], list[DraftStatement]]:
    """The engine's BEGIN … COMMIT blocks, and everything else."""
    swaps: list[Swap] = []
    rest: list[DraftStatement] = []
    block: list[DraftStatement] | None = None
    for statement in statements:
        if not isinstance(statement.node, ast.TransactionStmt):
            (rest if block is None else block).append(statement)
        elif block is None:
            block = []
        else:
            swaps.append(Swap(_swapped(block), tuple(block)))
            block = None
    return swaps, rest


def swap_late(
    swaps: Sequence[Swap], statements: Sequence[DraftStatement], context: Context
) -> list[DraftStatement]:
    """``statements``, with every swap after the last one that stops using its enum."""
    rest = list(statements)
    for swap in swaps:
        rest = _placed(swap, rest, context)
    return rest


def _swapped(block: Sequence[DraftStatement]) -> Name:
    """The enum's name: that of the new type without its suffix."""
    created = next(s.node for s in block if isinstance(s.node, ast.CreateEnumStmt))
    schema, name = path_of(created.typeName)
    return schema, name.removesuffix("_new")


def _placed(swap: Swap, rest: Sequence[DraftStatement], context: Context) -> list[DraftStatement]:
    gives_up = [_gives_up(statement, swap.enum, context) for statement in rest]
    cut = max((index + 1 for index, gives in enumerate(gives_up) if gives), default=0)
    early = [s for s in rest[:cut] if not _needs_new(s, swap.enum, context)]
    late = [s for s in rest[:cut] if _needs_new(s, swap.enum, context)]
    return [*early, *_mapped(swap, context), *late, *rest[cut:]]


def _gives_up(statement: DraftStatement, enum: Name, context: Context) -> bool:
    node, alteration = statement.node, statement.alteration
    if isinstance(node, ast.DropStmt) and node.removeType == enums.ObjectType.OBJECT_TABLE:
        models = [context.old_model(table) for table in dropped(node)]
        fields = [field for model in models if model for field in model.fields]
    elif alteration is not None and alteration.kind in (_ACTIONS.AT_DropColumn, _ACTIONS.AT_AlterColumnType):
        column = context.old_column(*alteration.place)
        fields = [column] if column else []
    else:
        return False
    used = [context.enum_of(context.before, field) for field in fields]
    return any(each is not None and enum_name(each) == enum for each in used)


def _needs_new(statement: DraftStatement, enum: Name, context: Context) -> bool:
    node, alteration = statement.node, statement.alteration
    if isinstance(node, ast.CreateStmt):
        model = context.new_model(name_of(node.relation))
        fields = list(model.fields) if model else []
    elif alteration is not None and alteration.kind in _USING:
        column = context.new_column(*alteration.place)
        fields = [column] if column else []
    else:
        return False
    used = [context.enum_of(context.after, field) for field in fields]
    return any(each is not None and enum_name(each) == enum for each in used)


def _mapped(swap: Swap, context: Context) -> list[DraftStatement]:
    """The block, with a heading that says what it does, and with rows' values mapped."""
    old, new = context.old_enum(swap.enum), context.new_enum(swap.enum)
    assert old is not None, "the engine swaps an enum of both schemas"
    assert new is not None, "the engine swaps an enum of both schemas"
    mapping = value_mapping(old, new, context)
    kept = [statement for statement in swap.statements if _is_there(statement, swap.enum, context)]
    mapped = [_retyped(statement, mapping) for statement in kept]
    first = DraftStatement(mapped[0].sql, "AlterEnum (the type is swapped: its tables are rewritten)")
    return [first, *mapped[1:]]


def _is_there(statement: DraftStatement, enum: Name, context: Context) -> bool:
    """Whether the column exists at this point: the engine also converts columns that are added later."""
    alteration = statement.alteration
    if alteration is None:
        return True
    column = context.old_column(*alteration.place)
    used = context.enum_of(context.before, column) if column else None
    return used is not None and enum_name(used) == enum


def value_mapping(old: Enum, new: Enum, context: Context) -> dict[str, str]:
    """What rows get instead of each removed value, if version.toml says so, as database names."""
    names = {value.name: value.database_name for value in new.values}
    kept = set(names.values())
    mapping: dict[str, str] = {}
    for value in old.values:
        subject = f"{context.authors_names.get(old.name, old.name)}.{value.name}"
        answer = context.answers.backfill(subject)
        if value.database_name in kept or answer is None or answer.no_rows:
            continue
        if answer.constant in names:
            mapping[value.database_name] = names[str(answer.constant)]
        else:
            known = ", ".join(names)
            text = f"the [backfill] for rows with {subject} is not a value of {new.name}: {known}"
            example = f'"{next(iter(names))}"'
            context.questions.append(Question(kind="backfill", subject=subject, text=text, example=example))
    return mapping


def mapped_text(expression: str, mapping: dict[str, str]) -> str:
    """``expression``, of type text, with the values of ``mapping`` replaced."""
    if not mapping:
        return expression
    cases = " ".join(f"WHEN {literal(old)} THEN {literal(new)}" for old, new in mapping.items())
    return f"(CASE {expression} {cases} ELSE {expression} END)"


def mapped_texts(expression: str, mapping: dict[str, str]) -> str:
    """``expression``, of type text[], with the values of ``mapping`` replaced."""
    for old, new in mapping.items():
        expression = f"array_replace({expression}, {literal(old)}, {literal(new)})"
    return expression


def _retyped(statement: DraftStatement, mapping: dict[str, str]) -> DraftStatement:
    alteration = statement.alteration
    if alteration is None or alteration.column is None or alteration.column.typeName is None:
        return DraftStatement(statement.sql)
    table, column = sql_name(alteration.table), quoted(alteration.name)
    type_name = sql_name(path_of(alteration.column.typeName.names))
    if alteration.column.typeName.arrayBounds:
        type_name += "[]"
        using = f"{mapped_texts(f'{column}::text[]', mapping)}::{type_name}"
    else:
        using = f"{mapped_text(f'{column}::text', mapping)}::{type_name}"
    sql = f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {type_name} USING ({using})"
    return DraftStatement(sql, "squawk-ignore changing-column-type")
