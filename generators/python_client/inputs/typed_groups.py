"""The types of ``aggregate`` and ``group_by``: conditions on groups, and their aggregates."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.model import Field, Model

from ..columns import is_number, python_type
from .type_names import TypeNames
from .typed_view import Entry, TypedDictView

_AGGREGATES = {
    "String": "String", "Boolean": "Boolean", "Int": "Int", "BigInt": "Int", "Float": "Float",
    "Decimal": "Decimal", "DateTime": "DateTime", "Json": "Json", "Bytes": "Bytes",
}  # fmt: skip


def group_types(model: Model, names: TypeNames) -> Iterator[TypedDictView]:
    """All of them for one model."""
    numbers = [field for field in model.columns if is_number(field)]
    if numbers:
        yield TypedDictView(
            name=names.of("numbers", model.name), literals=tuple(field.name for field in numbers)
        )
    yield _having(model, names)
    parts = [("_count", "dict[str, int]")]
    if numbers:
        yield TypedDictView(
            name=names.of("averages", model.name),
            documentation=f"Averages of ``{model.name}`` rows; None where no row has a value.",
            entries=tuple((field.name, f"{_average(field)} | None") for field in numbers),
            is_total=True,
        )
        yield TypedDictView(
            name=names.of("sums", model.name),
            documentation=f"Sums of ``{model.name}`` rows; None where no row has a value.",
            entries=tuple((field.name, f"{_value(field)} | None") for field in numbers),
            is_total=True,
        )
        parts += [("_avg", names.of("averages", model.name)), ("_sum", names.of("sums", model.name))]
    extremes = names.of("extremes", model.name)
    yield TypedDictView(
        name=extremes,
        documentation=f"The least or greatest values of ``{model.name}`` rows.",
        entries=tuple(
            (field.name, f"{_value(field)} | None") for field in model.columns if not field.is_list
        ),
        is_total=True,
    )
    yield from _outputs(model, names, (*parts, ("_min", extremes), ("_max", extremes)))


def _outputs(model: Model, names: TypeNames, parts: tuple[Entry, ...]) -> Iterator[TypedDictView]:
    aggregate = names.of("aggregate", model.name)
    yield TypedDictView(
        name=aggregate,
        documentation=f"Numbers about ``{model.name}`` rows: those that were asked for.",
        entries=parts,
        is_total=True,
    )
    fields = tuple((field.name, _row(field)) for field in model.columns)
    group = TypedDictView(
        name=names.of("groups", model.name),
        documentation=f"A group of ``{model.name}`` rows: the fields it is made by, and what was asked for.",
        entries=fields,
        is_total=True,
        base=aggregate,
    )
    if group.is_functional:
        yield TypedDictView(name=group.name, entries=(*parts, *fields), is_total=True)
    else:
        yield group


def _having(model: Model, names: TypeNames) -> TypedDictView:
    name = names.of("having", model.name)
    return TypedDictView(
        name=name,
        documentation=f"Conditions on groups of ``{model.name}`` rows.",
        entries=(
            *((word, f"list[{name}]") for word in ("AND", "OR", "NOT")),
            *((field.name, _condition(field)) for field in model.columns if not field.is_list),
        ),
    )


def _condition(field: Field) -> str:
    item = python_type(field)
    if field.kind == "enum":
        return f"{item.data} | {item.filter} | filters.CountAggregates" + _or_none(field)
    return f"{item.data} | filters.{_AGGREGATES[field.type]}Aggregates" + _or_none(field)


def _average(field: Field) -> str:
    return "Decimal" if field.type == "Decimal" else "float"


def _value(field: Field) -> str:
    """The Python type of a value that is read."""
    if field.kind == "enum":
        return f"enums.{field.type}"
    return _READ.get(field.type, python_type(field).data)


def _row(field: Field) -> str:
    return f"list[{_value(field)}]" if field.is_list else _value(field) + _or_none(field)


def _or_none(field: Field) -> str:
    return "" if field.is_required else " | None"


_READ = {"Bytes": "Base64", "DateTime": "datetime", "Decimal": "Decimal", "Json": "JsonValue"}
