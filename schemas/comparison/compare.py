"""Schema x Schema -> classified changes.

A change is classified by its effect on code that is compiled against the client, and on services that stay
on an earlier client while the database is upgraded. Renames are taken from ``version.toml``, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from ..answers import Rename
from ..model import Model, Schema
from ..prisma.python_extensions import without_extensions
from .change import Change
from .enums import enum_changes
from .fields import added_field, field_changes, removed_field
from .keys import key_changes
from .partials import partial_changes
from .python_client import attribute_changes
from .relations import join_table_changes, join_tables, relation_changes
from .renames import Renames


def compare(before: Schema | None, after: Schema, renames: Sequence[Rename] = ()) -> tuple[Change, ...]:
    """What changed, in schema order: first what existed before, then what is new.

    ``before`` is None for the first version. Check ``renames`` with ``rename_problems`` first.
    """
    old = before or Schema(text="", models=(), enums=())
    lookup = Renames(renames)
    tables = join_tables(old).keys() | join_tables(after).keys()
    return tuple(_with_its_table(change, tables) for change in _all_changes(old, after, lookup))


def _all_changes(before: Schema, after: Schema, renames: Renames) -> Iterator[Change]:
    yield from _model_changes(before, after, renames)
    yield from join_table_changes(before, after, renames)
    yield from _enum_changes(before, after, renames)
    yield from partial_changes(before, after, renames)


def _model_changes(before: Schema, after: Schema, renames: Renames) -> Iterator[Change]:
    kept = set()
    for old in before.models:
        new = after.models_by_name.get(renames.top(old.name))
        if new is None:
            yield Change("removed", "model", old.name, "breaking", f"{old.name} is removed", was=old.name)
        else:
            kept.add(new.name)
            yield from (_from(change, old.name) for change in _one_model(old, new, renames))
    for model in after.models:
        if model.name not in kept:
            yield Change("added", "model", model.name, "additive", f"{model.name} is new")


def _enum_changes(before: Schema, after: Schema, renames: Renames) -> Iterator[Change]:
    kept = set()
    for old in before.enums:
        new = after.enums_by_name.get(renames.top(old.name))
        if new is None:
            yield Change("removed", "enum", old.name, "breaking", f"{old.name} is removed", was=old.name)
        else:
            kept.add(new.name)
            yield from enum_changes(old, new, renames)
    for enum in after.enums:
        if enum.name not in kept:
            yield Change("added", "enum", enum.name, "additive", f"{enum.name} is new")


def _one_model(old: Model, new: Model, renames: Renames) -> Iterator[Change]:
    name = new.name
    if old.name != name:
        yield Change("renamed", "model", name, "breaking", f"{old.name} is now called {name}")
    if (old.table, old.database_schema) != (new.table, new.database_schema):
        text = f"the table of {name} has another name, and earlier clients use the old one"
        yield Change("changed", "model", name, "breaking", text, "table-name")
    if old.is_view != new.is_view:
        text = f"{name} is now a {'view' if new.is_view else 'table'}"
        yield Change("changed", "model", name, "breaking", text, "view")
    yield from attribute_changes(old, new)
    if without_extensions(old.documentation) != without_extensions(new.documentation):
        yield Change("documented", "model", name, "internal", f"the description of {name} changed")
    yield from _fields_of(old, new, renames)
    yield from key_changes(old, new, renames)
    yield from relation_changes(old, new, renames)


def _fields_of(old: Model, new: Model, renames: Renames) -> Iterator[Change]:
    fields = {field.name: field for field in new.fields}
    kept = set()
    for before in old.fields:
        after = fields.get(renames.member(old.name, before.name))
        if after is None:
            yield replace(removed_field(new.name, before), was=f"{old.name}.{before.name}")
        else:
            kept.add(after.name)
            was = f"{old.name}.{before.name}"
            yield from (_from(change, was) for change in field_changes(new.name, before, after, renames))
    for field in new.fields:
        if field.name not in kept:
            yield added_field(new, field)


def _with_its_table(change: Change, tables: AbstractSet[tuple[str, str]]) -> Change:
    """A relation that comes or goes together with the table of its rows."""
    model, _, field = (change.was or change.name).partition(".")
    if change.subject == "relation" and change.kind in ("added", "removed") and (model, field) in tables:
        return replace(change, rule=f"relation-{change.kind}-with-its-table")
    return change


def _from(change: Change, was: str) -> Change:
    """``change`` of what was called ``was``, unless it says so itself or is of something new."""
    return change if change.was or change.kind == "added" else replace(change, was=was)
