"""Rewrite: changes that the engine passes over: another time as a default, another type that Prisma doesn't
know. Their SQL is what the engine writes for an empty database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pglast import ast, enums
from pglast.stream import RawStream

from schemas.model import Field, LiteralDefault

from ...ddl.names import Name, name_of, sql_name
from ...identifiers import quoted
from ..context import Context, table_name
from ..script import ALTER_TABLE, DraftStatement


def unseen_changes(context: Context, made: Sequence[DraftStatement]) -> Iterator[DraftStatement]:
    """The statements that are missing; ``made`` are those that make ``context.after``."""
    columns = _columns(made)
    for model in context.after.models:
        table = table_name(model)
        for field in model.fields:
            before = None if field.is_relation else context.old_column(table, field.column)
            column = columns.get((table, field.column))
            if before is None or column is None:
                continue
            default = _default(column)
            if default is not None and _has_another_time(before, field):
                yield _altered(table, field, f"SET DEFAULT {default}")
            if _has_another_unknown_type(before, field) and column.typeName is not None:
                yield _altered(table, field, f"SET DATA TYPE {RawStream()(column.typeName)}")


def _has_another_time(before: Field, after: Field) -> bool:
    are_times = before.type == after.type == "DateTime" and before.is_list == after.is_list
    are_literals = isinstance(before.default, LiteralDefault) and isinstance(after.default, LiteralDefault)
    return are_times and are_literals and before.default != after.default


def _has_another_unknown_type(before: Field, after: Field) -> bool:
    are_unknown = before.kind == after.kind == "unsupported"
    return are_unknown and (before.type, before.is_list) != (after.type, after.is_list)


def _altered(table: Name, field: Field, what: str) -> DraftStatement:
    sql = f"ALTER TABLE {sql_name(table)} ALTER COLUMN {quoted(field.column)} {what}"
    return DraftStatement(sql, ALTER_TABLE)


def _columns(made: Sequence[DraftStatement]) -> dict[tuple[Name, str], ast.ColumnDef]:
    tables = [statement.node for statement in made if isinstance(statement.node, ast.CreateStmt)]
    return {
        (name_of(node.relation), element.colname or ""): element
        for node in tables
        for element in node.tableElts or ()
        if isinstance(element, ast.ColumnDef)
    }


def _default(column: ast.ColumnDef) -> str | None:
    constraints = [each for each in column.constraints or () if isinstance(each, ast.Constraint)]
    found = (each for each in constraints if each.contype == enums.ConstrType.CONSTR_DEFAULT)
    return next((str(RawStream()(each.raw_expr)) for each in found if each.raw_expr is not None), None)
