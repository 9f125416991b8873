"""The changes of an enum, and what they break."""

from __future__ import annotations

from collections.abc import Iterator

from ..model import Enum
from .change import Change
from .renames import Renames


def enum_changes(before: Enum, after: Enum, renames: Renames) -> Iterator[Change]:
    """The changes of one enum, which may have been renamed."""
    name, name_before = after.name, before.name
    if name_before != name:
        text = f"{name_before} is now called {name}"
        yield Change("renamed", "enum", name, "breaking", text, was=name_before)
    if _type(before) != _type(after):
        text = f"the type of {name} has another name in the database, and earlier clients use the old one"
        yield Change("changed", "enum", name, "breaking", text, "type-name", name_before)
    if before.documentation != after.documentation:
        text = f"the description of {name} changed"
        yield Change("documented", "enum", name, "internal", text, was=name_before)
    yield from _value_changes(before, after, renames)


def _value_changes(before: Enum, after: Enum, renames: Renames) -> Iterator[Change]:
    new = {value.name: value for value in after.values}
    kept = set()
    for value in before.values:
        now, was = renames.member(before.name, value.name), f"{before.name}.{value.name}"
        name = f"{after.name}.{now or value.name}"
        if now not in new:
            yield Change("removed", "value", name, "breaking", f"{name} is removed", was=was)
            continue
        kept.add(now)
        if now != value.name:
            text = f"{after.name}.{value.name} is now called {now}"
            yield Change("renamed", "value", name, "breaking", text, was=was)
        if new[now].database_name != value.database_name:
            text = f"{name} is stored under another name, and earlier clients use the old one"
            yield Change("changed", "value", name, "breaking", text, "stored-value", was)
        if new[now].documentation != value.documentation:
            text = f"the description of {name} changed"
            yield Change("documented", "value", name, "internal", text, was=was)
    for value in after.values:
        if value.name not in kept:
            name = f"{after.name}.{value.name}"
            text = f"{name} is new: upgrade code that reads it before any code writes it"
            yield Change("added", "value", name, "additive", text)


def _type(enum: Enum) -> tuple[str | None, str]:
    return enum.database_schema, enum.database_name
