"""The join tables of two schemas that are the same, as their relations are."""

from __future__ import annotations

from collections.abc import Iterator

from ..join_tables import JoinTable, Side, join_tables
from .pairing import Pairing


def paired_join_tables(pairing: Pairing) -> Iterator[tuple[JoinTable, JoinTable]]:
    """Old and new tables of relations whose fields are the same."""
    moved = _moved_fields(pairing)
    new_tables = {frozenset(table.sides): table for table in join_tables(pairing.after)}
    for old in join_tables(pairing.before):
        places = frozenset(moved.get(side, side) for side in old.sides)
        if places in new_tables:
            yield old, new_tables[places]


def is_swapped(old: JoinTable, new: JoinTable, pairing: Pairing) -> bool:
    """Whether A is now B: the sides are in alphabetical order."""
    return _moved_fields(pairing).get(old.sides[0]) != new.sides[0]


def _moved_fields(pairing: Pairing) -> dict[Side, Side]:
    return {
        (old.name, before.name): (new.name, after.name)
        for old, new in pairing.models
        for before, after in pairing.relations(old, new)
    }
