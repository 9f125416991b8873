"""The kind of a constraint, and the columns of their table that constraints and indexes read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from pglast import enums

from ..catalog_model import ConstraintKind
from ..function_calls import columns_named

_Node: TypeAlias = Any
#: Those that have a name of their own and no other form, such as NOT NULL.
KINDS: Final[Mapping[enums.ConstrType, ConstraintKind]] = {
    enums.ConstrType.CONSTR_PRIMARY: "primary key",
    enums.ConstrType.CONSTR_UNIQUE: "unique",
    enums.ConstrType.CONSTR_EXCLUSION: "exclusion",
    enums.ConstrType.CONSTR_FOREIGN: "foreign key",
    enums.ConstrType.CONSTR_CHECK: "check",
}


def constrained_columns(node: _Node, column_name: str | None = None) -> list[str]:
    """The columns of a key; ``column_name`` is the one in whose definition it is."""
    exclusions = (pair[0].name for pair in node.exclusions or ())
    named = [part.sval for part in (*(node.keys or ()), *(node.including or ()))]
    return [*named, *(name for name in exclusions if name)] or ([column_name] if column_name else [])


def constraint_columns(node: _Node, column_name: str | None = None) -> list[str]:
    """All columns of its own table that a constraint reads: it goes with any of them."""
    kind = KINDS.get(node.contype)
    if kind == "foreign key":
        return [part.sval for part in node.fk_attrs or ()] or ([column_name] if column_name else [])
    if kind == "check":
        return sorted(columns_named(node.raw_expr))
    columns = constrained_columns(node, column_name)
    return _with(columns, sorted(columns_named(node))) if kind == "exclusion" else columns


def index_columns(node: _Node) -> list[str]:
    """All columns that an index reads, its condition's too: it goes with any of them."""
    parts = (*node.indexParams, *(node.indexIncludingParams or ()))
    named = [part.name for part in parts if part.name]
    is_plain = node.whereClause is None and len(named) == len(parts)
    return named if is_plain else _with(named, sorted(columns_named(node)))


def _with(columns: list[str], more: list[str]) -> list[str]:
    return list(dict.fromkeys([*columns, *more]))
