"""Rewrite: new enum values are added first, each at its position among the others.

A value can't be used before it is committed: the splitter makes a step of the ``ALTER TYPE`` statements at
the script's start. The engine appends values, wherever they are in schema.prisma, but comparisons and ORDER
BY use the type's order. Values that are only reordered stay where they are, as with Prisma: moving them would
rewrite every table.
"""

from __future__ import annotations

from collections.abc import Sequence

from pglast import ast

from schemas.model import Enum

from ...ddl.names import Name, path_of, sql_name
from ...identifiers import literal
from ..context import Context
from ..script import DraftStatement


def add_values_first(statements: Sequence[DraftStatement], context: Context) -> list[DraftStatement]:
    """ALTER TYPE … ADD VALUE at the start, with BEFORE or AFTER."""
    added: dict[Name, set[str]] = {}
    rest: list[DraftStatement] = []
    for statement in statements:
        node = statement.node
        if isinstance(node, ast.AlterEnumStmt) and node.oldVal is None:
            added.setdefault(path_of(node.typeName), set()).add(node.newVal or "")
        else:
            rest.append(statement)
    placed: list[DraftStatement] = []
    for name, values in added.items():
        enum = context.new_enum(name)
        assert enum is not None  # the engine adds values to enums of the new schema only
        placed += _placed(enum, values, sql_name(name))
    return placed + rest


def _placed(enum: Enum, new: set[str], type_name: str) -> list[DraftStatement]:
    order = [value.database_name for value in enum.values]
    statements: list[DraftStatement] = []
    first_known = next((value for value in order if value not in new), None)
    for position, value in enumerate(order):
        if value not in new:
            continue
        where = ""
        if position > 0:
            where = f" AFTER {literal(order[position - 1])}"
        elif first_known is not None:
            where = f" BEFORE {literal(first_known)}"
        statements.append(
            DraftStatement(f"ALTER TYPE {type_name} ADD VALUE {literal(value)}{where}", "AlterEnum")
        )
    return statements
