"""The types of conditions on a model's own fields, and of the values written to them."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.model import Enum, Field, Model

from ..columns import python_type, stored_type
from ..model_keys import model_keys
from ..runtime.arithmetic import calculations
from .type_names import TypeNames
from .typed_view import Entry, TypedDictView


def inputs(model: Model, names: TypeNames) -> Iterator[TypedDictView]:
    """All of them for one model."""
    if model.columns:
        yield TypedDictView(
            name=names.of("fields", model.name), literals=tuple(field.name for field in model.columns)
        )
    yield _where(model, names)
    yield from _order(model, names)
    yield from _unique(model, names)
    if not model.is_view:
        yield _create(model, names)
        yield from _update(model, names)


def enum_filters(enum: Enum, *, has_lists: bool) -> Iterator[TypedDictView]:
    """What stands for a value of an enum; its filter, and the same without ``not``; the operations of its
    lists, if there are any."""
    value = f"{enum.name}OrName"
    yield TypedDictView(name=f"{enum.name}Literal", literals=tuple(each.name for each in enum.values))
    yield TypedDictView(name=value, alias=(f"enums.{enum.name}", f"{enum.name}Literal"))
    conditions = (
        ("equals", f"{value} | None"),
        *((word, f"Collection[{value}]") for word in ("in", "not_in", "notIn")),
    )
    yield TypedDictView(name=f"{enum.name}Conditions", entries=conditions)
    negation = ("not", f"{value} | {enum.name}Filter | None")
    yield TypedDictView(name=f"{enum.name}Filter", entries=(*conditions, negation))
    if has_lists:
        items = f"Sequence[{value}]"
        operations = (
            ("Filter", f"ListFilter[{value}, {items}]", "Operators of"),
            ("Set", f"ListSet[{items}]", "A new row's"),
            ("Update", f"ListUpdate[{value}, {items}]", "One change to"),
        )
        for kind, base, words in operations:
            yield TypedDictView(
                name=f"{enum.name}List{kind}",
                documentation=f"{words} a list of ``{enum.name}``.",
                base=f"filters.{base}",
                is_total=kind == "Set",
            )


def _where(model: Model, names: TypeNames) -> TypedDictView:
    name = names.of("where", model.name)
    logical = tuple((word, f"filters.OneOrMore[{name}]") for word in ("AND", "OR", "NOT"))
    return TypedDictView(
        name=name,
        documentation=f"Conditions on ``{model.name}``: a value, or a dict of operators, for each field.",
        entries=(*logical, *(_condition(field, names) for field in model.fields if _is_known(field))),
    )


def _condition(field: Field, names: TypeNames) -> Entry:
    if field.is_relation:
        kind = "list_filter" if field.is_list else "relation_filter"
        return field.name, names.of(kind, field.type) + _or_none(field)
    item = python_type(field)
    if field.is_list:
        return field.name, f"{item.items} | {item.of_lists('Filter')} | None"
    return field.name, f"{item.data} | {item.filter}{_or_none(field)}"


def _order(model: Model, names: TypeNames) -> Iterator[TypedDictView]:
    texts = [field.name for field in model.columns if field.type == "String" and not field.is_list]
    entries = [_order_entry(field, names) for field in model.fields if _is_known(field)]
    if texts:
        relevance = names.of("relevance", model.name)
        yield TypedDictView(
            name=relevance,
            documentation="How well a search, in ``to_tsquery``'s syntax, finds some fields.",
            entries=(
                ("fields", f"list[{names.of('fields', model.name)}]"),
                ("search", "str"),
                ("sort", "NotRequired[filters.SortOrder]"),
            ),
            is_total=True,
        )
        entries.append(("_relevance", relevance))
    yield TypedDictView(
        name=names.of("order", model.name),
        documentation=f"An order of ``{model.name}`` rows.",
        entries=tuple(entries),
    )


def _order_entry(field: Field, names: TypeNames) -> Entry:
    if not field.is_relation:
        return field.name, "filters.SortOrder | filters.SortNulls"
    return field.name, "filters.CountOrder" if field.is_list else names.of("order", field.type)


def _unique(model: Model, names: TypeNames) -> Iterator[TypedDictView]:
    """All keys in one TypedDict, of which a row has one: checkers name no key that is wrong in a union.

    The parts are numbered, because no other name is sure to be free.
    """
    keys, name = model_keys(model), names.of("unique", model.name)
    entries: list[Entry] = []
    for number, (key, fields) in enumerate(keys, start=1):
        part = tuple((field, python_type(model.field(field)).data) for field in fields)
        if fields == (key,):
            entries += part
            continue
        compound = f"_{model.name}WhereUnique{number}Key"
        documentation = f"One ``{model.name}`` by {', '.join(fields)}."
        yield TypedDictView(name=compound, documentation=documentation, entries=part, is_total=True)
        entries.append((key, compound))
    if entries:
        documentation = f"One ``{model.name}``, by one of its keys."
        total = len(entries) == 1
        yield TypedDictView(name=name, documentation=documentation, entries=tuple(entries), is_total=total)
    elif not model.is_view:
        # A partial unique index is not a key, and may be the only one that a model has.
        yield TypedDictView(name=name, alias=("Never",))


def _create(model: Model, names: TypeNames) -> TypedDictView:
    return TypedDictView(
        name=names.of("create", model.name),
        documentation=f"A new ``{model.name}``. A required key may come from its relation instead.",
        entries=tuple(_create_entry(field, names) for field in model.fields if _is_known(field)),
        is_total=True,
    )


def _create_entry(field: Field, names: TypeNames) -> Entry:
    if field.is_relation:
        kind = "create_list" if field.is_list else "create_one"
        return field.name, f"NotRequired[{names.of(kind, field.type)}]"
    type_ = _data(field)
    is_optional = field.is_optional_on_create or field.is_foreign_key
    return field.name, f"NotRequired[{type_}]" if is_optional else type_


def _update(model: Model, names: TypeNames) -> Iterator[TypedDictView]:
    name, own = names.of("update", model.name), names.of("update_many", model.name)
    yield TypedDictView(
        name=own,
        documentation=f"Changes to the own fields of ``{model.name}`` rows.",
        entries=tuple((field.name, _changed(field)) for field in model.columns),
    )
    relations = tuple(
        (field.name, names.of("update_list" if field.is_list else "update_one", field.type))
        for field in model.relations
    )
    if relations:
        documentation = f"Changes to a ``{model.name}``, and to what is linked to it."
        below = TypedDictView(name=name, documentation=documentation, entries=relations, base=own)
        whole = (*((field.name, _changed(field)) for field in model.columns), *relations)
        yield TypedDictView(name=name, entries=whole) if below.is_functional else below
    else:
        yield TypedDictView(name=name, alias=(own,))
    yield TypedDictView(
        name=names.of("upsert", model.name),
        documentation=f"A new ``{model.name}``, or changes if it exists.",
        entries=(("create", names.of("create", model.name)), ("update", name)),
        is_total=True,
    )


def _data(field: Field) -> str:
    item = python_type(field)
    if field.is_list:
        return f"{item.items} | {item.of_lists('Set')}"
    return item.data + _or_none(field)


def _changed(field: Field) -> str:
    type_ = python_type(field)
    item = type_.data
    if field.is_list:
        return f"{type_.items} | {type_.of_lists('Update')}"
    able = calculations(stored_type(field).removesuffix("?"))
    if able:
        update = "NumberUpdate" if "multiply" in able else "AmountUpdate"
        return f"{item} | filters.{update}[{item}]{_or_none(field)}"
    if field.type == "Json":  # a dict is never read as an operation there
        return f"{item}{_or_none(field)}"
    return f"{item} | filters.ValueUpdate[{item}{_or_none(field)}]{_or_none(field)}"


def _or_none(field: Field) -> str:
    return "" if field.is_required else " | None"


def _is_known(field: Field) -> bool:
    return field.is_column or field.is_relation
