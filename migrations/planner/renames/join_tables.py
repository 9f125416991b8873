"""The join tables of implicit many-to-many relations: named after the relation, with sides A and B.

Source: Prisma's documentation, "Conventions for relation tables in implicit m-n relations".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from schemas.model import Field, Model, Schema

from ...ddl.names import Name
from ..context import table_name
from .pairing import Pairing

_Side = tuple[str, str]  # a model and its field


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinTable:
    """``sides`` are the relation fields of the columns A and B; ``name`` is the table's."""

    name: Name
    sides: tuple[_Side, _Side]


def join_tables(schema: Schema) -> list[JoinTable]:
    """All of them, by name. They are in the Postgres schema of A's model."""
    sides: dict[str, list[tuple[Model, Field]]] = {}
    for model in schema.models:
        for field in model.relations:
            if field.is_list and field.relation is not None:
                sides.setdefault(field.relation.name, []).append((model, field))
    tables = []
    for relation, both in sorted(sides.items()):
        if len(both) != 2:
            continue
        first, second = sorted(both, key=lambda side: (side[0].name, side[1].name))
        schema_name, _ = table_name(first[0])
        places = (first[0].name, first[1].name), (second[0].name, second[1].name)
        tables.append(JoinTable(name=(schema_name, f"_{relation}"), sides=places))
    return tables


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


def _moved_fields(pairing: Pairing) -> dict[_Side, _Side]:
    return {
        (old.name, before.name): (new.name, after.name)
        for old, new in pairing.models
        for before, after in pairing.relations(old, new)
    }
