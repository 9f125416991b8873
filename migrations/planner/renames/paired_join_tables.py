"""The join tables of two schemas that are the same, as their relations are."""

from __future__ import annotations

from collections.abc import Iterator

from ..join_tables import JoinTable, Side, join_tables
from .pairing import Pairing


def paired_join_tables(pairing: Pairing) -> Iterator[tuple[JoinTable, JoinTable]]:
    """Old and new tables of relations between the same models that have a field in common: the field at the
    other end may have got a new name along with its model."""
    moved, models = moved_fields(pairing), {old.name: new.name for old, new in pairing.models}
    old_tables, new_tables = join_tables(pairing.before), join_tables(pairing.after)
    sides = {table.name: [moved.get(side) for side in table.sides] for table in old_tables}
    for old in old_tables:
        ends = sorted(models.get(model, "") for model, _ in old.sides)
        alike = [new for new in new_tables if not set(new.sides).isdisjoint(sides[old.name])]
        if len(alike) == 1 and ends == sorted(model for model, _ in alike[0].sides):
            rivals = [name for name, places in sides.items() if not set(alike[0].sides).isdisjoint(places)]
            if rivals == [old.name]:
                yield old, alike[0]


def is_swapped(old: JoinTable, new: JoinTable, pairing: Pairing) -> bool:
    """Whether A is now B: the sides are in alphabetical order."""
    moved = moved_fields(pairing)
    first, second = (moved.get(side) for side in old.sides)
    return first == new.sides[1] or second == new.sides[0]


def moved_fields(pairing: Pairing) -> dict[Side, Side]:
    """The relation fields that both schemas have, from old to new."""
    return {
        (old.name, before.name): (new.name, after.name)
        for old, new in pairing.models
        for before, after in pairing.relations(old, new)
    }
