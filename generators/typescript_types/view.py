"""What the templates print: each model, enum and field with its names and types as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from schemas.model import Enum, Field, Key, Model, Schema

from ..wire_format import DEPTH
from .codes import bounds, model_code
from .descriptions import field_type, model_description
from .names import SUPPORT, Names
from .types import TypeWriter, can_be_json_null

_MAPS = (
    "ModelName",
    "Models",
    "ModelsJson",
    "ModelsWithRelations",
    "ModelsWithRelationsJson",
    "ModelsCreate",
    "ModelsUpdate",
    "ModelsKey",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnView:
    """A column as a row, its JSON form and a create input have it; ``doc`` is the schema's own text."""

    doc: str | None
    name: str
    type: str
    wire_type: str
    create_type: str
    is_optional_on_create: bool
    meta_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationView:
    doc: str | None
    name: str
    type: str
    wire_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeNames:
    """The names of the types made from one model. The last three are None where there is no such type."""

    row: str
    json: str
    with_relations: str
    with_relations_json: str
    create: str | None
    update: str | None
    key: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelView:
    """``keys`` are the ways to address one row; ``related`` the models behind the relations, ``text`` the
    columns as the run-time support reads them, ``meta`` what else forms and tables show. ``decimals`` is the
    union of the names of the decimal columns, and ``has_json_null`` whether inputs can say that a Json column
    is to have no value."""

    name: str
    doc: str | None
    types: TypeNames
    columns: tuple[ColumnView, ...]
    relations: tuple[RelationView, ...]
    keys: tuple[str, ...]
    related: dict[str, str]
    text: str
    decimals: str
    has_json_null: bool
    meta: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnumView:
    """``values`` are pairs of a name and its documentation."""

    name: str
    doc: str | None
    values: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaView:
    """``maps`` holds the names given to the interfaces that go from a model's name to its types, by the name
    they'd have without a clash; ``row_types`` and ``input_types`` know what their modules import. ``support``
    is what the main entry adds, as (module, values, types), without the names that the schema itself uses."""

    models: tuple[ModelView, ...]
    enums: tuple[EnumView, ...]
    maps: dict[str, str]
    row_types: TypeWriter
    input_types: TypeWriter
    support: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]
    freeze: str
    partial: str
    bounds: tuple[tuple[str, str, str], ...]
    depth: int


def schema_view(schema: Schema) -> SchemaView:
    """The view of a whole schema, in the schema's own order."""
    names = Names(schema)
    row_types, input_types = TypeWriter(names), TypeWriter(names)
    type_names, maps = _named(schema, names)
    return SchemaView(
        models=tuple(
            _model_view(model, schema, type_names, row_types, input_types) for model in schema.models
        ),
        bounds=bounds(),
        depth=DEPTH,
        enums=tuple(_enum_view(enum) for enum in schema.enums),
        maps=maps,
        row_types=row_types,
        input_types=input_types,
        support=tuple(
            (module, _free(values, names), _free(types, names)) for module, (values, types) in SUPPORT.items()
        ),
        freeze=f"{names.ambient('Object')}.freeze",
        partial=names.ambient("Partial"),
    )


def map_names(schema: Schema) -> dict[str, str]:
    """``maps`` of the schema's view."""
    return _named(schema, Names(schema))[1]


def _named(schema: Schema, names: Names) -> tuple[dict[str, TypeNames], dict[str, str]]:
    type_names = {model.name: _type_names(model, names) for model in schema.models}
    return type_names, {name: names.derived(name) for name in _MAPS}


def _free(wanted: tuple[str, ...], names: Names) -> tuple[str, ...]:
    return tuple(name for name in wanted if not names.is_own(name))


def _type_names(model: Model, names: Names) -> TypeNames:
    return TypeNames(
        row=model.name,
        json=names.derived(f"{model.name}Json"),
        with_relations=names.derived(f"{model.name}WithRelations"),
        with_relations_json=names.derived(f"{model.name}WithRelationsJson"),
        create=names.derived(f"{model.name}Create") if model.can_be_created else None,
        update=None if model.is_view else names.derived(f"{model.name}Update"),
        key=names.derived(f"{model.name}Key") if _keys(model) else None,
    )


def _model_view(
    model: Model,
    schema: Schema,
    type_names: dict[str, TypeNames],
    row_types: TypeWriter,
    input_types: TypeWriter,
) -> ModelView:
    decimals = [f'"{column.name}"' for column in model.columns if column.type == "Decimal"]
    return ModelView(
        name=model.name,
        doc=model.documentation,
        types=type_names[model.name],
        columns=tuple(_column_view(column, row_types, input_types) for column in model.columns),
        relations=tuple(_relation_view(field, type_names[field.type]) for field in model.relations),
        keys=tuple(_key_type(model, key, input_types) for key in _keys(model)),
        related={field.name: field.type for field in model.relations},
        text=model_code(model, schema.enums_by_name),
        decimals=" | ".join(decimals) or "never",
        has_json_null=any(can_be_json_null(column) for column in model.columns),
        meta=model_description(model, schema),
    )


def _column_view(column: Field, row_types: TypeWriter, input_types: TypeWriter) -> ColumnView:
    return ColumnView(
        doc=column.documentation,
        name=column.name,
        type=row_types.value(column),
        wire_type=row_types.wire(column),
        create_type=input_types.input(column),
        is_optional_on_create=column.is_optional_on_create,
        meta_type=field_type(column),
    )


def _relation_view(field: Field, target: TypeNames) -> RelationView:
    suffix = "[]" if field.is_list else "" if field.is_required else " | null"
    return RelationView(
        doc=field.documentation,
        name=field.name,
        type=target.with_relations + suffix,
        wire_type=target.with_relations_json + suffix,
    )


def _keys(model: Model) -> tuple[Key, ...]:
    """The primary key and every unique, each once; one that holds for some rows only addresses no row."""
    primary = () if model.primary_key is None else (model.primary_key,)
    keys = (*primary, *model.uniques)
    return tuple({key.fields: key for key in keys}.values())


def _key_type(model: Model, key: Key, types: TypeWriter) -> str:
    """The key as Prisma's ``findUnique`` takes it: a compound one is nested under its name."""
    members = "; ".join(f"{name}: {types.not_null(model.field(name))}" for name in key.fields)
    return f"{{ {members} }}" if len(key.fields) == 1 else f"{{ {key.name}: {{ {members} }} }}"


def _enum_view(enum: Enum) -> EnumView:
    return EnumView(
        name=enum.name,
        doc=enum.documentation,
        values=tuple((value.name, value.documentation) for value in enum.values),
    )
