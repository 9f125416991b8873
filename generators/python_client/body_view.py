"""What the template of bodies.py shows: pydantic models of what requests and responses carry."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from schemas.model import Field, Model, Schema

from ..names.naming import python_attribute
from .inputs.type_names import TypeNames
from .view import BUILTINS, row_default

_SCALARS = {
    "String": "str", "Boolean": "_wire.Boolean", "Int": "_wire.Int", "BigInt": "_wire.BigInt",
    "Float": "_wire.Float", "Decimal": "_wire.Decimal", "DateTime": "_wire.DateTime", "Bytes": "_wire.Bytes",
}  # fmt: skip
_NATIVE = {"SmallInt": "_wire.SmallInt", "Oid": "_wire.Oid", "Uuid": "_wire.Uuid"}
_LENGTHS = frozenset({"Char", "VarChar"})


@dataclass(frozen=True, slots=True)
class BodyField:
    """A field's line, and the schema's comment on it."""

    line: str
    documentation: str | None


@dataclass(frozen=True, slots=True)
class Body:
    """A class. ``data`` is the type in types.py that ``model_dump()`` returns; rows have none."""

    name: str
    base: str
    documentation: str
    fields: tuple[BodyField, ...]
    data: str | None


def body_views(schema: Schema) -> tuple[Body, ...]:
    """Every class, in the schema's order."""
    names = TypeNames(schema)
    return tuple(body for model in schema.models for body in _bodies(model, names))


def _bodies(model: Model, names: TypeNames) -> Iterator[Body]:
    if model.can_be_created:
        yield Body(
            name=f"{model.name}Create",
            base="_wire.Body",
            documentation=f"A new ``{model.name}``: its ``model_dump()`` is ``data`` for ``create``.",
            fields=_fields(model, _created),
            data=names.of("create", model.name),
        )
    if not model.is_view:
        yield Body(
            name=f"{model.name}Update",
            base="_wire.Body",
            documentation=f"Changes to a ``{model.name}``: its ``model_dump()`` is ``data`` for ``update``.",
            fields=_fields(model, _updated),
            data=names.of("update", model.name),
        )
    yield Body(
        name=f"{model.name}Json",
        base="_wire.RowBody",
        documentation=model.documentation or f"A ``{model.name}`` in JSON.",
        fields=_fields(model, _read),
        data=None,
    )


def _fields(model: Model, typed: Callable[[Field, str], tuple[str, bool]]) -> tuple[BodyField, ...]:
    attributes = {field: python_attribute(model, field.name) for field in model.columns}
    hidden = frozenset(attributes.values())
    return tuple(_field(field, attribute, hidden, typed) for field, attribute in attributes.items())


def _field(
    field: Field, attribute: str, hidden: frozenset[str], typed: Callable[[Field, str], tuple[str, bool]]
) -> BodyField:
    type_, has_default = typed(field, _value(field, hidden, is_input=typed is not _read))
    default = row_default(field.name, attribute, has_none=has_default)
    return BodyField(f"{attribute}: {type_}{default}", field.documentation)


def _created(field: Field, value: str) -> tuple[str, bool]:
    if not field.is_required:
        return f"{value} | None", True
    return (f"_wire.OrLeftOut[{value}]", True) if field.is_optional_on_create else (value, False)


def _updated(field: Field, value: str) -> tuple[str, bool]:
    return (f"_wire.OrLeftOut[{value}]" if field.is_required else f"{value} | None"), True


def _read(field: Field, value: str) -> tuple[str, bool]:
    return (value, False) if field.is_required else (f"{value} | None", True)


def _value(field: Field, hidden: frozenset[str], *, is_input: bool) -> str:
    item = _item(field, is_input=is_input)
    item = f"_builtins.{item}" if item in hidden & BUILTINS else item
    if field.is_list:
        return f"_builtins.list[{item}]" if "list" in hidden else f"list[{item}]"
    return item


def _item(field: Field, *, is_input: bool) -> str:
    if field.kind == "enum":
        return f"_enums.{field.type}"
    if field.type == "Json":
        return "_wire.JsonInput" if is_input else "_JsonValue"
    native = field.native_type
    if native is not None and is_input and native.name in _LENGTHS and native.arguments:
        return f"_Annotated[_builtins.str, _Field(max_length={int(native.arguments[0])})]"
    return _NATIVE.get(native.name if native else "", _SCALARS[field.type])
