"""The types of ``where``, ``data``, ``include`` and ``order``: a few for each model, none per pair."""

from __future__ import annotations

from schemas.model import Schema

from .type_names import TypeNames
from .typed_aliases import type_aliases
from .typed_groups import group_types
from .typed_inputs import enum_filters, inputs
from .typed_relations import relation_types
from .typed_view import TypedDictView


def typed_dicts(schema: Schema) -> list[TypedDictView]:
    """Everything in types.py, in the schema's order."""
    names = TypeNames(schema)
    of_enums = [field for model in schema.models for field in model.columns if field.kind == "enum"]
    used, listed = ({field.type for field in of_enums if field.is_list or not only} for only in (False, True))
    views = [
        typed
        for enum in schema.enums
        if enum.name in used
        for typed in enum_filters(enum, has_lists=enum.name in listed)
    ]
    targets = {field.type for model in schema.models for field in model.relations}
    for model in schema.models:
        views += inputs(model, names)
        views += group_types(model, names)
        views += relation_types(model, names, is_target=model.name in targets)
        views += type_aliases(model, names, is_target=model.name in targets)
    return views
