"""What scripts made, after something got another name: the name changes that the interpreter tells."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from pglast import ast

from ...ddl.names import PUBLIC
from ...ddl.renamed import NameChange, NamedKind
from .made import Key, Kind, Made, printed
from .renaming import ColumnRenaming, TableRenaming, TypeNames


def with_new_names(known: Mapping[Key, Made], change: NameChange) -> dict[Key, Made]:
    """All of ``known``, after a change of a name."""
    renamed = _CHANGED.get(change.kind)
    changed = [renamed(each, change) for each in known.values()] if renamed else [*known.values()]
    return {each.key: each for each in changed}


def _with_new_table(made: Made, change: NameChange) -> Made:
    (old_schema, old), (new_schema, new) = change.old, change.new
    if made.table != change.old and all(table != change.old for table, _ in made.reads):
        return made
    own = copy.deepcopy(made.node)
    TableRenaming((old_schema, old), (new_schema, new))(own)
    reads = frozenset(
        ((new_schema, new) if table == change.old else table, column) for table, column in made.reads
    )
    table = (new_schema, new) if made.table == change.old else made.table
    name = printed(own) if made.kind == "setting" else made.name
    return replace(made, table=table, name=name, node=own, reads=reads)


def _with_new_column(made: Made, change: NameChange) -> Made:
    schema, table_name, old = change.old
    table, new = (schema, table_name), change.new[-1]
    is_own = made.key == ("column", table, old)
    if not is_own and (table, old) not in made.reads:
        return made
    own = copy.deepcopy(made.node)
    renaming = ColumnRenaming(table, old, new, None if made.kind == "view" else made.table)
    renaming.begin(own)
    if is_own:
        own.colname = new
    reads = frozenset((table, new) if place == (table, old) else place for place in made.reads)
    is_known = made.is_known and renaming.is_certain
    return replace(made, name=new if is_own else made.name, node=own, reads=reads, is_known=is_known)


def _with_new_type(made: Made, change: NameChange) -> Made:
    (old_schema, old), (new_schema, new) = change.old, change.new
    found = TypeNames((old_schema, old))
    found(made.node)
    if not found.nodes:
        return made
    own = copy.deepcopy(made.node)
    copied = TypeNames((old_schema, old))
    copied(own)
    for each in copied.nodes:
        parts = (new_schema, new) if new_schema != PUBLIC else (new,)
        each.names = tuple(ast.String(sval=part) for part in parts)
    return replace(made, node=own)


def _with_new_name(kind: Kind, attribute: str) -> Callable[[Made, NameChange], Made]:
    """An index is known by its schema, everything else by its table."""

    def renamed(made: Made, change: NameChange) -> Made:
        place = made.table[0] if kind == "index" else made.table
        if made.kind != kind or (made.name, place) != (change.old[-1], _place(change, kind)):
            return made
        own = copy.deepcopy(made.node)
        setattr(own, attribute, change.new[-1])
        return replace(made, name=change.new[-1], node=own)

    return renamed


def _place(change: NameChange, kind: Kind) -> object:
    return change.old[0] if kind == "index" else change.old[:2]


_CHANGED: Final[dict[NamedKind, Callable[[Made, NameChange], Made]]] = {
    "relation": _with_new_table,
    "column": _with_new_column,
    "type": _with_new_type,
    "index": _with_new_name("index", "idxname"),
    "constraint": _with_new_name("constraint", "conname"),
    "trigger": _with_new_name("trigger", "trigname"),
    "policy": _with_new_name("policy", "policy_name"),
}
