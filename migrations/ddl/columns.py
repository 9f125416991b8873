"""A column or constraint that a statement adds, with the indexes and sequences that Postgres makes for it."""

from __future__ import annotations

from typing import Any, TypeAlias

from pglast import enums

from .catalog_model import Column, Constraint, Relation
from .definitions.chosen_names import constraint_name, free_name
from .definitions.read_columns import KINDS, constraint_columns
from .interpreter_state import InterpreterState
from .names import Name, path_of

_Node: TypeAlias = Any
_CONSTRAINTS = enums.ConstrType
_FILLED = (_CONSTRAINTS.CONSTR_DEFAULT, _CONSTRAINTS.CONSTR_IDENTITY, _CONSTRAINTS.CONSTR_GENERATED)
_REQUIRED = (_CONSTRAINTS.CONSTR_NOTNULL, _CONSTRAINTS.CONSTR_PRIMARY, _CONSTRAINTS.CONSTR_IDENTITY)
_SERIALS = {
    "serial": "integer",
    "serial4": "integer",
    "bigserial": "bigint",
    "serial8": "bigint",
    "smallserial": "smallint",
    "serial2": "smallint",
}


def add_column(state: InterpreterState, table_name: Name, definition: _Node) -> Column:
    """To a table that the model knows."""
    table = state.database.relations[table_name]
    constraints = definition.constraints or ()
    kinds = {constraint.contype for constraint in constraints}
    known = table.columns.get(definition.colname)
    told = definition.typeName  # not in a partition or a typed table, where this only adds constraints
    serial = _SERIALS.get(path_of(told.names)[1]) if told is not None else None
    kind = serial or (state.type_text(told) if told is not None else known.type if known else None)
    is_required = serial is not None or bool(kinds & set(_REQUIRED))
    column = Column(
        type=kind,
        origin=None,
        is_required=is_required or (known is not None and known.is_required),
        is_filled=serial is not None or bool(kinds & set(_FILLED)),
        is_inherited=known is not None and known.is_inherited,
    )
    table.columns[definition.colname] = column
    if serial is not None or _CONSTRAINTS.CONSTR_IDENTITY in kinds:
        add_sequence(state, table_name, definition.colname)
    for constraint in constraints:
        add_constraint(state, table_name, constraint, definition.colname)
    return column


def add_sequence(state: InterpreterState, table_name: Name, column_name: str) -> None:
    """Add the sequence of a serial or identity column."""
    table = state.database.relations[table_name]
    name = free_name(state.database, table_name[0], table_name[1], column_name, label="seq")
    state.database.relations[name] = Relation(
        kind="sequence", origin=None, owner=table, keys=[table.column(column_name)]
    )


def add_constraint(
    state: InterpreterState, table_name: Name, node: _Node, column_name: str | None = None
) -> None:
    """A table's, or a column's."""
    kind = KINDS.get(node.contype)
    if kind is None:
        return
    table = state.database.relations[table_name]
    name = constraint_name(state.database, table_name, node, column_name)
    if node.indexname:
        columns = _adopt_index(state, (table_name[0], node.indexname), (table_name[0], name))
    else:
        columns = _columns(table, constraint_columns(node, column_name), is_key=kind != "check")
    made = Constraint(kind, columns)
    if kind == "foreign key":
        made.target = state.table(node.pktable)
        made.referenced = referenced_columns(made.target, node)
    elif made.has_index and not node.indexname:
        state.database.relations[table_name[0], name] = Relation(
            kind="index",
            origin=None,
            owner=table,
            keys=[*columns],
            is_unique=_is_unique(node),
        )
    if kind == "primary key":
        for column in columns:
            column.is_required = True
    table.constraints[name] = made
    state.note_added(node, name)


def referenced_columns(target: Relation, node: _Node) -> list[Column]:
    """The columns of ``target`` that a foreign key refers to: its primary key's, unless it names others."""
    return [target.column(part.sval) for part in node.pk_attrs or ()] or target.primary_key


def _columns(table: Relation, names: list[str], *, is_key: bool) -> list[Column]:
    """An expression may also name the whole row, which is no column."""
    if is_key:
        return [table.column(name) for name in names]
    return [table.columns[name] for name in names if name in table.columns]


def _is_unique(constraint: _Node) -> bool:
    """Whether after each statement no two rows have the same values, unless one is NULL."""
    is_key = constraint.contype in (_CONSTRAINTS.CONSTR_PRIMARY, _CONSTRAINTS.CONSTR_UNIQUE)
    is_plain = not (constraint.including or constraint.nulls_not_distinct or constraint.without_overlaps)
    return is_key and is_plain and not constraint.deferrable


def _adopt_index(state: InterpreterState, old: Name, new: Name) -> list[Column]:
    """``USING INDEX``: the index gets the constraint's name; returns its columns."""
    index = state.database.relation(old, "index")
    del state.database.relations[old]
    state.database.relations[new] = index
    return [*index.keys]
