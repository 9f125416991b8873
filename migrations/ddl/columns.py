"""A column or constraint that a statement adds, with the indexes and sequences that Postgres makes for it."""

from __future__ import annotations

from typing import Any, TypeAlias

from pglast import ast, enums

from .catalog_model import Column, Relation
from .interpreter_state import InterpreterState
from .names import Name, path_of

_Node: TypeAlias = Any
_CONSTRAINTS = enums.ConstrType
_FILLED = (_CONSTRAINTS.CONSTR_DEFAULT, _CONSTRAINTS.CONSTR_IDENTITY, _CONSTRAINTS.CONSTR_GENERATED)
_REQUIRED = (_CONSTRAINTS.CONSTR_NOTNULL, _CONSTRAINTS.CONSTR_PRIMARY, _CONSTRAINTS.CONSTR_IDENTITY)
_INDEXED = {
    _CONSTRAINTS.CONSTR_PRIMARY: "pkey",
    _CONSTRAINTS.CONSTR_UNIQUE: "key",
    _CONSTRAINTS.CONSTR_EXCLUSION: "excl",
}
_EXPRESSION = ast.String(sval="expr")
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
    name = state.database.free_name(table_name[0], table_name[1], column_name, label="seq")
    state.database.relations[name] = Relation(
        kind="sequence", origin=None, owner=table, keys=[table.column(column_name)]
    )


def add_constraint(
    state: InterpreterState, table_name: Name, constraint: _Node, column_name: str | None = None
) -> None:
    """A table's, or a column's."""
    table = state.database.relations[table_name]
    if constraint.contype == _CONSTRAINTS.CONSTR_FOREIGN:
        own = [part.sval for part in constraint.fk_attrs or ()] or [column_name or ""]
        name = constraint.conname or state.database.free_name(
            table_name[0], table_name[1], "_".join(own), label="fkey"
        )[1]  # fmt: skip
        table.references[name] = state.table(constraint.pktable)
    label = _INDEXED.get(constraint.contype)
    if label is None:
        return
    if constraint.indexname:
        _adopt_index(state, table_name, constraint)
        return
    keys = constrained_columns(constraint, column_name)
    name = constraint.conname or _constraint_index_name(state, table_name, keys, label)
    state.database.relations[table_name[0], name] = Relation(
        kind="index",
        origin=None,
        owner=table,
        keys=[table.column(key) for key in keys],
        is_unique=_is_unique(constraint),
    )
    if constraint.contype == _CONSTRAINTS.CONSTR_PRIMARY:
        for key in keys:
            table.column(key).is_required = True


def _is_unique(constraint: _Node) -> bool:
    """Whether after each statement no two rows have the same values, unless one is NULL."""
    is_key = constraint.contype in (_CONSTRAINTS.CONSTR_PRIMARY, _CONSTRAINTS.CONSTR_UNIQUE)
    is_plain = not (constraint.including or constraint.nulls_not_distinct or constraint.without_overlaps)
    return is_key and is_plain and not constraint.deferrable


def constrained_columns(constraint: _Node, column_name: str | None = None) -> list[str]:
    """The columns of a key."""
    exclusions = (pair[0].name for pair in constraint.exclusions or ())
    named = [part.sval for part in (*(constraint.keys or ()), *(constraint.including or ()))]
    return [*named, *(name for name in exclusions if name)] or ([column_name] if column_name else [])


def index_name(state: InterpreterState, table_name: Name, node: _Node, label: str) -> Name:
    """The name of an index that was given none. Source: Postgres, ChooseIndexName."""
    parts: list[str] = []
    for part in node.indexParams:
        base = part.indexcolname or part.name or expression_name(part.expr)
        tried = (f"{base}{number or ''}" for number in range(len(parts) + 1))
        parts.append(next(each for each in tried if each not in parts))
    return state.database.free_name(table_name[0], table_name[1], "_".join(parts), label=label)


def _constraint_index_name(state: InterpreterState, table_name: Name, keys: list[str], label: str) -> str:
    parts = [table_name[1]] if label == "pkey" else [table_name[1], "_".join(keys)]
    return state.database.free_name(table_name[0], *parts, label=label)[1]


def _adopt_index(state: InterpreterState, table_name: Name, constraint: _Node) -> None:
    """``USING INDEX``: the index gets the constraint's name."""
    old = table_name[0], constraint.indexname
    index = state.database.relation(old, "index")
    if constraint.conname:
        del state.database.relations[old]
        state.database.relations[table_name[0], constraint.conname] = index
    if constraint.contype == _CONSTRAINTS.CONSTR_PRIMARY:
        for key in index.keys:
            key.is_required = True


def expression_name(node: _Node) -> str:
    """What Postgres calls an expression in an index's name. Source: FigureIndexColname."""
    if isinstance(node, ast.TypeCast):
        name = expression_name(node.arg)
        return path_of(getattr(node.typeName, "names", None))[1] if name == "expr" else name
    if isinstance(node, ast.CoalesceExpr):
        return "coalesce"
    return path_of(getattr(node, "funcname", None) or getattr(node, "fields", None) or (_EXPRESSION,))[1]
