"""What the template of bodies.py shows: pydantic models of what requests and responses carry."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from schemas.model import Field, Model, Schema

from ..names.naming import python_attribute
from ..wire_format import FINEST, UNLIMITED, WireKind, WireRule, wire_rule
from .inputs.type_names import TypeNames
from .view import row_default

#: Of the runtime's ``json_bodies``, by the rule's kind, and of numbers by Postgres' type.
_TYPES: dict[WireKind, str] = {
    "text": "Text", "uuid": "Uuid", "boolean": "Boolean", "decimal": "Decimal", "datetime": "DateTime",
    "bytes": "Bytes", "bits": "Bits",
}  # fmt: skip
_NUMBERS = {
    "Integer": "Int", "SmallInt": "SmallInt", "Oid": "Oid", "BigInt": "BigInt", "DoublePrecision": "Float",
    "Real": "Real",
}  # fmt: skip


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
    if field.is_list:
        return f"_builtins.list[{item}]" if "list" in hidden else f"list[{item}]"
    return item


def _item(field: Field, *, is_input: bool) -> str:
    if field.kind == "enum":
        return f"_enums.{field.type}"
    rule = wire_rule(field, {})
    if rule.kind == "json":
        return "_wire.JsonInput" if is_input else "_wire.JsonRow"
    if rule.kind == "bigint" and is_input:
        return "_wire.BigIntInput"
    type_ = f"_wire.{_TYPES.get(rule.kind) or _NUMBERS[rule.native or '']}"
    constraint = _constraint(rule)
    return type_ if constraint is None else f"_Annotated[{type_}, {constraint}]"


def _constraint(rule: WireRule) -> str | None:
    """What a column doesn't take of what its type has."""
    match rule.kind:
        case "text" if rule.length is not None:
            return f"_Field(max_length={rule.length})"
        case "bits":
            least = "" if rule.is_exact else "0,"
            return f'_Field(pattern="^[01]{{{least}{rule.length or ""}}}$")'
        case "decimal" if (rule.precision, rule.scale) != UNLIMITED:
            return f"_wire.Digits({', '.join((str(rule.precision), str(rule.scale), *_specials(rule)))})"
        case "datetime" if rule.part != "date" and rule.digits != FINEST:
            return f"_wire.Kept({rule.digits}{', is_clock=True' if rule.part == 'time' else ''})"
    return None


def _specials(rule: WireRule) -> tuple[str, ...]:
    return () if rule.specials == ("NaN",) else (f"specials={rule.specials!r}",)
