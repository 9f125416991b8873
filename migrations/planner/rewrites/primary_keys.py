"""Rewrite: a primary key is not dropped and recreated, and a new one is built without blocking anybody.

When the type of a key's column changes, Postgres rebuilds the key by itself; the engine drops and adds it. A
key on other columns is built as a unique index CONCURRENTLY, and only then replaces the old one. A key that
also gets another name is created with that name: the engine would rename the key that it has dropped.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pglast import ast, enums

from ...ddl.names import Name, name_of, sql_name
from ...identifiers import fitting, quoted
from ..context import Context, created_tables
from ..script import ALTER_TABLE, DraftStatement

_ACTIONS = enums.AlterTableType
# Changes that a table's old key does not prevent.
_HARMLESS = (
    _ACTIONS.AT_AddColumn,
    _ACTIONS.AT_ColumnDefault,
    _ACTIONS.AT_SetNotNull,
    _ACTIONS.AT_AddConstraint,
    _ACTIONS.AT_ValidateConstraint,
)


def keep_primary_keys(statements: Sequence[DraftStatement], context: Context) -> list[DraftStatement]:
    """Remove the drop and add of a key on the same columns."""
    unchanged = {
        (table, constraint.conname)
        for statement in statements
        if (found := _added_key(statement)) is not None
        for table, constraint in [found]
        if _old_key(context, table) == _columns(constraint) and not _comes_anew(statements, table, constraint)
    }
    return [statement for statement in statements if not _is_about(statement, unchanged)]


def build_primary_keys(
    statements: Sequence[DraftStatement], partitioned: Collection[Name] = ()
) -> list[DraftStatement]:
    """Build the index of each new key before the key, where a table can take one that is built."""
    built: list[DraftStatement] = []
    new_tables = created_tables(statements) | {*partitioned}
    for statement in statements:
        found = _added_key(statement)
        if found is None or found[0] in new_tables:
            if not _renames_dropped_key(statement, built):
                built.append(statement)
            continue
        table, constraint = found
        name = constraint.conname or fitting(table[1], "pkey")
        index = fitting(name, "new")
        columns = ", ".join(map(quoted, _columns(constraint)))
        create = f"CREATE UNIQUE INDEX CONCURRENTLY {quoted(index)} ON {sql_name(table)}({columns})"
        add = f"ADD CONSTRAINT {quoted(name)} PRIMARY KEY USING INDEX {quoted(index)}"
        dropped = _taken_off(table, built)
        built.append(DraftStatement(create, "CreateIndex (of the primary key)"))
        built += dropped
        built.append(DraftStatement(f"ALTER TABLE {sql_name(table)} {add}", "AddPrimaryKey"))
    return built


def _taken_off(table: Name, built: list[DraftStatement]) -> list[DraftStatement]:
    """Take the drop of the table's old key out of ``built``, so that the table keeps it until the new one is
    ready. Nothing is taken if a later statement may depend on the drop."""
    at = next((n for n, statement in enumerate(built) if _drops_key(statement, table)), None)
    if at is None or not all(_leaves_key(statement, table) for statement in built[at + 1 :]):
        return []
    return [built.pop(at)]


def _drops_key(statement: DraftStatement, table: Name) -> bool:
    """Under this heading the engine only drops primary keys."""
    alteration = statement.alteration
    is_drop = alteration is not None and alteration.kind == _ACTIONS.AT_DropConstraint
    return (
        is_drop and statement.heading == ALTER_TABLE and alteration is not None and alteration.table == table
    )


def _leaves_key(statement: DraftStatement, table: Name) -> bool:
    alteration = statement.alteration
    if alteration is None or alteration.table != table:
        return not isinstance(statement.node, ast.RenameStmt | ast.DropStmt)
    return alteration.kind in _HARMLESS


def _renames_dropped_key(statement: DraftStatement, built: Sequence[DraftStatement]) -> bool:
    node = statement.node
    if not isinstance(node, ast.RenameStmt) or node.renameType != enums.ObjectType.OBJECT_TABCONSTRAINT:
        return False
    dropped = (each.alteration for each in built if each.heading == ALTER_TABLE)
    return any(
        alteration is not None
        and alteration.kind == _ACTIONS.AT_DropConstraint
        and alteration.place == (name_of(node.relation), node.subname)
        for alteration in dropped
    )


def _added_key(statement: DraftStatement) -> tuple[Name, ast.Constraint] | None:
    alteration = statement.alteration
    constraint = alteration.constraint if alteration else None
    if alteration is None or constraint is None or constraint.indexname:
        return None
    is_key = constraint.contype == enums.ConstrType.CONSTR_PRIMARY
    return (alteration.table, constraint) if is_key else None


def _columns(constraint: ast.Constraint) -> tuple[str, ...]:
    return tuple(key.sval or "" for key in constraint.keys or () if isinstance(key, ast.String))


def _old_key(context: Context, table: Name) -> tuple[str, ...] | None:
    model = context.old_model(table)
    if model is None or model.primary_key is None:
        return None
    return tuple(model.field(name).column for name in model.primary_key.fields)


def _comes_anew(statements: Sequence[DraftStatement], table: Name, key: ast.Constraint) -> bool:
    """Whether one of the key's columns is dropped, and with it the key."""
    alterations = filter(None, (statement.alteration for statement in statements))
    return any(
        alteration.kind == _ACTIONS.AT_DropColumn
        and alteration.table == table
        and alteration.name in _columns(key)
        for alteration in alterations
    )


def _is_about(statement: DraftStatement, constraints: set[tuple[Name, str | None]]) -> bool:
    alteration = statement.alteration
    if alteration is None:
        return False
    is_dropped = alteration.kind == _ACTIONS.AT_DropConstraint
    return (is_dropped or _added_key(statement) is not None) and alteration.place in constraints
