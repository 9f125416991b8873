"""The changes of foreign keys and join tables, and what they break."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..model import Field, Model, ReferentialAction, Schema
from .change import Change, Compatibility
from .renames import Renames

_REFUSING: set[ReferentialAction] = {"Restrict", "NoAction"}


def relation_changes(before: Model, after: Model, renames: Renames) -> Iterator[Change]:
    """The foreign keys of one model: their fields, and what happens when their target is deleted."""
    for old in before.relations:
        new = _by_name(after, renames.member(before.name, old.name))
        if new is None or old.relation is None or new.relation is None:
            continue
        name, was = f"{after.name}.{new.name}", f"{before.name}.{old.name}"
        if renames.top(old.type) == new.type and _key(before, old, renames) != _key(after, new, Renames(())):
            text = f"the foreign key of {name} is on other fields"
            yield Change("changed", "relation", name, "breaking", text, "foreign-key", was)
        elif new.relation.fields:
            for change in _deletion_changes(name, _on_delete(before, old), _on_delete(after, new)):
                yield replace(change, was=was)


def join_table_changes(before: Schema, after: Schema, renames: Renames) -> Iterator[Change]:
    """Implicit many-to-many relations are stored in a table that Prisma names after the relation."""
    old_tables = join_tables(before)
    new_tables = join_tables(after)
    reported = set()
    for (owner, field), old in old_tables.items():
        place = (renames.top(owner), renames.member(owner, field))
        new = new_tables.get(place, old)
        if new != old and new not in reported:
            reported.add(new)
            name = ".".join(place)
            text = f"the rows of {name} are in another table, and earlier clients use the old one"
            yield Change("changed", "relation", name, "breaking", text, "join-table", f"{owner}.{field}")


def _deletion_changes(name: str, was: ReferentialAction, now: ReferentialAction) -> Iterator[Change]:
    if was == now:
        return
    compatibility: Compatibility = "breaking"
    if {was, now} == _REFUSING:
        compatibility = "internal"
    elif was in _REFUSING:
        compatibility = "additive"  # what used to be refused now works
    text = f"when the target of {name} is deleted, the rule was {was} and is {now}"
    yield Change("changed", "relation", name, compatibility, text, f"on-delete-{compatibility}")


def _on_delete(model: Model, field: Field) -> ReferentialAction:
    """Prisma's documented default: SetNull where every field of the key is optional, else Restrict."""
    assert field.relation is not None
    if field.relation.on_delete is not None:
        return field.relation.on_delete
    optional = all(not model.field(name).is_required for name in field.relation.fields)
    return "SetNull" if optional else "Restrict"


def _key(model: Model, field: Field, renames: Renames) -> tuple[tuple[str, ...], tuple[str, ...]]:
    assert field.relation is not None
    return (
        tuple(renames.member(model.name, name) for name in field.relation.fields),
        tuple(renames.member(field.type, name) for name in field.relation.references),
    )


def join_tables(schema: Schema) -> dict[tuple[str, str], str]:
    """The join table of each list field whose other side is a list too."""
    lists = [(model, field) for model in schema.models for field in model.relations if field.is_list]
    sides: dict[str, list[tuple[str, str]]] = {}
    for model, field in lists:
        assert field.relation is not None
        sides.setdefault(field.relation.name, []).append((model.name, field.name))
    return {place: f"_{name}" for name, places in sides.items() if len(places) > 1 for place in places}


def _by_name(model: Model, name: str) -> Field | None:
    return next((field for field in model.fields if field.name == name), None)
