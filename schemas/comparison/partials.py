"""The changes of the partial types that Python services import, and what they break.

A model's own change (a field is removed, or became optional) is not repeated for each partial type that has
the field.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..model import Field, Model, PartialField, PartialType, Schema
from .change import Change
from .renames import Renames


def partial_changes(before: Schema, after: Schema, renames: Renames) -> Iterator[Change]:
    """The changes of all partial types: first of those that existed before, then the new ones."""
    new = {partial.name: partial for partial in after.partials}
    old = {partial.name for partial in before.partials}
    for partial in before.partials:
        name = partial.name
        if name not in new:
            text = f"the partial type {name} is removed"
            yield Change("removed", "partial", name, "breaking", text, was=name)
        elif new[name].model != renames.top(partial.model):
            text = f"the partial type {name} was of {partial.model} and is of {new[name].model}"
            yield Change("changed", "partial", name, "breaking", text, was=name)
        else:
            models = before.models_by_name[partial.model], after.models_by_name[new[name].model]
            yield from _field_changes(partial, new[name], models, renames)
    for name in new:
        if name not in old:
            yield Change("added", "partial", name, "additive", f"the partial type {name} is new")


def _field_changes(
    before: PartialType, after: PartialType, models: tuple[Model, Model], renames: Renames
) -> Iterator[Change]:
    new = {field.name: field for field in after.fields}
    names = {field.name: renames.member(before.model, field.name) for field in models[0].row_fields}
    in_model = {field.name: field for field in models[1].row_fields}
    kept = set()
    for field in before.fields:
        now = new.get(names[field.name])
        if now is not None:
            kept.add(now.name)
            was_in_model = models[0].field(field.name)
            yield from _one_field(before.name, (field, now), (was_in_model, in_model[now.name]))
        elif names[field.name] in in_model:
            text = f"the partial type {before.name} no longer has {field.name}"
            yield Change("changed", "partial", before.name, "breaking", text, was=before.name)
    for name in new:
        if name not in kept and name in names.values():
            text = f"the partial type {before.name} now has {name}"
            yield Change("changed", "partial", before.name, "additive", text, "partial-grown", before.name)


def _one_field(
    partial: str, fields: tuple[PartialField, PartialField], in_models: tuple[Field, Field]
) -> Iterator[Change]:
    was, now = fields
    name = f"{partial}.{now.name}"
    follows = (was.is_required, now.is_required) == tuple(each.is_always_there for each in in_models)
    if was.is_required and not now.is_required and not follows:
        text = f"{name} became optional: code that reads it may now get no value"
        yield Change("changed", "partial", partial, "breaking", text, was=partial)
    elif now.is_required and not was.is_required and not follows:
        text = f"{name} became required: code that leaves it out fails"
        yield Change("changed", "partial", partial, "breaking", text, was=partial)
    if was.partial != now.partial:
        old, new = was.partial or in_models[0].type, now.partial or in_models[1].type
        text = f"the rows of {name} were read as {old} and are read as {new}"
        yield Change("changed", "partial", partial, "breaking", text, was=partial)
