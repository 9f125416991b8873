"""The names that Postgres gives to what a statement leaves unnamed: each is free in the model."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias

from pglast import ast

from ...identifiers import MOST_BYTES
from ..catalog_model import INDEXED_KINDS, ConstraintKind, Database
from ..names import Name, path_of
from .read_columns import KINDS, constrained_columns, constraint_columns

_Node: TypeAlias = Any
_LABELS: Final[dict[ConstraintKind, str]] = {
    "primary key": "pkey",
    "unique": "key",
    "exclusion": "excl",
    "foreign key": "fkey",
    "check": "check",
}
_EXPRESSION = ast.String(sval="expr")


def constraint_name(database: Database, table_name: Name, node: _Node, column_name: str | None = None) -> str:
    """The name that a constraint gets; ``column_name`` is the one in whose definition it is."""
    if node.conname or node.indexname:
        return str(node.conname or node.indexname)
    schema, table = table_name
    kind = KINDS[node.contype]
    columns = constraint_columns(node, column_name)
    if kind == "primary key":
        columns = []
    elif kind == "unique":
        columns = constrained_columns(node, column_name)
    elif kind == "exclusion":
        columns = _index_parts(pair[0] for pair in node.exclusions)
    elif kind == "check" and len(columns) > 1:
        columns = []
    parts = [table, "_".join(columns)] if columns else [table]
    is_index = kind in INDEXED_KINDS

    def is_taken(name: str) -> bool:
        return (is_index and (schema, name) in database.relations) or _is_constraint(database, schema, name)

    return _first_free(parts, _LABELS[kind], is_taken)


def index_name(database: Database, table_name: Name, node: _Node) -> Name:
    """The name that CREATE INDEX gives. Source: Postgres, ChooseIndexName."""
    parts = _index_parts((*node.indexParams, *(node.indexIncludingParams or ())))
    return free_name(database, table_name[0], table_name[1], "_".join(parts), label="idx")


def free_name(database: Database, schema: str, *parts: str, label: str) -> Name:
    """The name that Postgres gives an index or a sequence without one. Source: ChooseRelationName."""
    return schema, _first_free(parts, label, lambda name: (schema, name) in database.relations)


def object_name(*parts: str, label: str) -> str:
    """Names joined by underscores, the longer one cut until all fits. Source: Postgres, makeObjectName."""
    room = MOST_BYTES - len(label.encode()) - len(parts)
    kept = [part.encode() for part in parts]
    while sum(map(len, kept)) > room:
        longest = max(kept, key=len)
        kept[kept.index(longest)] = longest[:-1]
    return "_".join([*(part.decode(errors="ignore") for part in kept), label])


def _first_free(parts: Iterable[str], label: str, is_taken: Callable[[str], bool]) -> str:
    parts = tuple(parts)
    names = (object_name(*parts, label=f"{label}{number or ''}") for number in itertools.count())
    return next(name for name in names if not is_taken(name))


def _is_constraint(database: Database, schema: str, name: str) -> bool:
    return any(name in each.constraints for place, each in database.relations.items() if place[0] == schema)


def _index_parts(elements: Iterable[_Node]) -> list[str]:
    """What an index's columns and expressions are called in its name. Source: ChooseIndexColumnNames."""
    parts: list[str] = []
    for each in elements:
        base = each.indexcolname or each.name or _expression_name(each.expr)
        tried = (f"{base}{number or ''}" for number in range(len(parts) + 1))
        parts.append(next(name for name in tried if name not in parts))
    return parts


def _expression_name(node: _Node) -> str:
    """Source: FigureIndexColname."""
    if isinstance(node, ast.TypeCast):
        name = _expression_name(node.arg)
        return path_of(getattr(node.typeName, "names", None))[1] if name == "expr" else name
    if isinstance(node, ast.CoalesceExpr):
        return "coalesce"
    return path_of(getattr(node, "funcname", None) or getattr(node, "fields", None) or (_EXPRESSION,))[1]
