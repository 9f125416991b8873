"""What the template of partials.py shows: classes with some of a model's fields."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.model import Field, Model, PartialField, PartialType, Schema

from ..names.naming import python_attribute
from ..rendering.render import python_string
from .view import FieldView, row_default, row_type


@dataclass(frozen=True, slots=True)
class PartialView:
    """A class. ``targets`` are other partial types whose name one of its own fields hides inside it."""

    name: str
    model: str
    documentation: str
    fields: tuple[FieldView, ...]
    targets: tuple[str, ...]


def partial_views(schema: Schema) -> tuple[PartialView, ...]:
    """Every class, in the order of partial_types.py."""
    classes = frozenset(partial.name for partial in schema.partials)
    return tuple(_partial(schema, partial, classes) for partial in schema.partials)


def _partial(schema: Schema, partial: PartialType, classes: frozenset[str]) -> PartialView:
    model = schema.models_by_name[partial.model]
    attributes = frozenset(python_attribute(model, field.name) for field in partial.fields)
    fields = tuple(_field(model, field, attributes, classes) for field in partial.fields)
    kept = "All" if len(fields) == len(model.row_fields) else "Some"
    return PartialView(
        name=partial.name,
        model=model.name,
        documentation=f"{kept} fields of ``{model.name}``.",
        fields=fields,
        targets=tuple(sorted({field.partial for field in partial.fields if field.partial} & attributes)),
    )


def _field(
    model: Model, partial: PartialField, attributes: frozenset[str], classes: frozenset[str]
) -> FieldView:
    field = model.field(partial.name)
    attribute = python_attribute(model, field.name)
    # The module's own classes hide what is built in as well.
    type_ = row_type(field, attributes | classes, _related(field, partial, attributes))
    type_ += "" if partial.is_required else " | None"
    return FieldView(
        name=field.name,
        attribute=attribute,
        type=python_string(type_) if field.is_relation else type_,
        default=row_default(field.name, attribute, has_none=not partial.is_required),
        documentation=field.documentation,
    )


def _related(field: Field, partial: PartialField, attributes: frozenset[str]) -> str:
    if partial.partial is None:
        return f"_models.{field.type}"
    return f"_{partial.partial}_" if partial.partial in attributes else partial.partial
