"""The types of ``where``, ``data`` and ``order``: a few TypedDicts a model, and none for pairs of models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from schemas.model import Enum, Field, Model, Schema

from ..render import python_string
from ..reserved_names import PYTHON_KEYWORDS
from .columns import python_type
from .view import model_keys

#: What annotations in types.py name: a key of that name would hide it inside its class.
_USED_NAMES = frozenset(
    {
        "DecimalInput", "Json", "NotRequired", "Sequence", "bool", "bytes", "datetime", "enums", "filters",
        "float", "int", "list", "str",
    }
)  # fmt: skip

Entry = tuple[str, str]

_LINE_LENGTH = 110


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedDictView:
    """One TypedDict: ``(key, type)`` entries, all required if ``is_total``; or an ``alias`` of some."""

    name: str
    documentation: str = ""
    entries: tuple[Entry, ...] = ()
    is_total: bool = False
    alias: tuple[str, ...] = ()

    @property
    def alias_statement(self) -> str:
        """The alias as one statement, broken where a formatter would."""
        union = python_string(" | ".join(self.alias))
        line = f"{self.name}: TypeAlias = {union}"
        return line if len(line) <= _LINE_LENGTH else f"{self.name}: TypeAlias = (\n    {union}\n)"

    @property
    def is_functional(self) -> bool:
        """Whether a key can't stand in class syntax: a keyword, or a name that the annotations use."""
        return any(key in PYTHON_KEYWORDS or key in _USED_NAMES for key, _ in self.entries)


def typed_dicts(schema: Schema) -> list[TypedDictView]:
    """Everything in types.py, in the schema's order."""
    used = {field.type for model in schema.models for field in model.columns if field.kind == "enum"}
    filters = [typed for enum in schema.enums if enum.name in used for typed in _enum_filters(enum)]
    return filters + [typed for model in schema.models for typed in _inputs(model)]


def type_imports(typed: list[TypedDictView]) -> list[str]:
    """The import lines of types.py, in isort's order."""
    if not typed:
        return []
    text = "\n".join(" ".join(type_ for _, type_ in view.entries) for view in typed)
    words = set(text.replace("[", " ").replace("]", " ").replace(",", " ").split())
    typing = ["TypedDict"] + ["NotRequired"] * ("NotRequired" in words)
    typing += ["TypeAlias"] * any(view.alias for view in typed)
    runtime = [name for name in ("DecimalInput", "Json") if name in words]
    standard = [
        *(["from collections.abc import Sequence"] if "Sequence" in words else []),
        *(["from datetime import datetime"] if "datetime" in words else []),
        f"from typing import {', '.join(sorted(typing))}",
    ]
    uses_enums = any(word.startswith("enums.") for word in words)
    local = [
        *(["from . import enums"] if uses_enums else []),
        "from ._runtime import filters",
        *([f"from ._runtime.fields import {', '.join(runtime)}"] if runtime else []),
    ]
    return [*standard, "", *local]


def _inputs(model: Model) -> Iterator[TypedDictView]:
    yield _where(model)
    yield _order(model)
    yield from _unique(model)
    if not model.is_view:
        yield _create(model)
        yield _update(model)


def _where(model: Model) -> TypedDictView:
    name = f"{model.name}WhereInput"
    logical = tuple((word, f"list[{name}]") for word in ("AND", "OR", "NOT"))
    fields = tuple((field.name, _condition(field)) for field in model.columns)
    documentation = f"Conditions on ``{model.name}``: a value, or a dict of operators, for each field."
    return TypedDictView(name=name, documentation=documentation, entries=(*logical, *fields))


def _order(model: Model) -> TypedDictView:
    return TypedDictView(
        name=f"{model.name}OrderByInput",
        documentation=f"An order of ``{model.name}`` rows.",
        entries=tuple((field.name, "filters.SortOrder") for field in model.columns),
    )


def _unique(model: Model) -> Iterator[TypedDictView]:
    """One TypedDict a key, and their union. Numbered, because no other name is sure to be free."""
    parts: list[str] = []
    for number, (key, fields) in enumerate(model_keys(model), start=1):
        part = f"_{model.name}WhereUnique{number}"
        entries = tuple((name, python_type(model.field(name)).data) for name in fields)
        documentation = f"One ``{model.name}`` by {', '.join(fields)}."
        if fields != (key,):
            yield TypedDictView(
                name=f"{part}Key", documentation=documentation, entries=entries, is_total=True
            )
            entries = ((key, f"{part}Key"),)
        yield TypedDictView(name=part, documentation=documentation, entries=entries, is_total=True)
        parts.append(part)
    if parts:
        yield TypedDictView(name=f"{model.name}WhereUniqueInput", alias=tuple(parts))


def _create(model: Model) -> TypedDictView:
    return TypedDictView(
        name=f"{model.name}CreateInput",
        documentation=f"A new ``{model.name}``.",
        entries=tuple(
            (field.name, f"NotRequired[{_data(field)}]" if field.is_optional_on_create else _data(field))
            for field in model.columns
        ),
        is_total=True,
    )


def _update(model: Model) -> TypedDictView:
    return TypedDictView(
        name=f"{model.name}UpdateInput",
        documentation=f"Changes to a ``{model.name}``.",
        entries=tuple((field.name, _data(field)) for field in model.columns),
    )


def _data(field: Field) -> str:
    item = python_type(field).data
    if field.is_list:
        return f"list[{item}]"
    return item if field.is_required else f"{item} | None"


def _condition(field: Field) -> str:
    item = python_type(field)
    if field.is_list:
        return f"list[{item.data}]"
    return f"{item.data} | {item.filter}" + ("" if field.is_required else " | None")


def _enum_filters(enum: Enum) -> Iterator[TypedDictView]:
    """The filter of an enum; what its ``not`` takes is a type of its own, so that neither is recursive."""
    value = f"enums.{enum.name}"
    conditions = (
        ("equals", f"{value} | None"),
        ("in", f"Sequence[{value}]"),
        ("not_in", f"Sequence[{value}]"),
    )
    yield TypedDictView(name=f"{enum.name}Conditions", entries=conditions)
    negation = ("not", f"{value} | {enum.name}Conditions | None")
    yield TypedDictView(name=f"{enum.name}Filter", entries=(*conditions, negation))
