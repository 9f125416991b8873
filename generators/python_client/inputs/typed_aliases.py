"""The names that Prisma Client Python has for a model's types, where another one is used here."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.model import Model

from ..columns import is_number
from .type_names import TypeNames
from .typed_view import TypedDictView


def type_aliases(model: Model, names: TypeNames, *, is_target: bool) -> Iterator[TypedDictView]:
    """All of them for one model."""
    relations, own = tuple(field.name for field in model.relations), names.of("relation_keys", model.name)
    keys = [names.of("fields", model.name)] * bool(model.columns) + [own] * bool(relations)
    yield TypedDictView(name=names.of("keys", model.name), alias=tuple(keys or ["Never"]))
    yield TypedDictView(name=own, literals=relations, alias=() if relations else ("Never",))
    for kind, type_ in _aliased(model, names, is_target=is_target):
        yield TypedDictView(name=names.of(kind, model.name), alias=(type_,))


def _aliased(model: Model, names: TypeNames, *, is_target: bool) -> Iterator[tuple[str, str]]:
    if not model.is_view:
        for kind in ("optional_create", "create_below", "optional_create_below"):
            yield kind, names.of("create", model.name)
    if is_target:
        yield "find_first", names.of("find_many", model.name)
        yield "find_many_below", names.of("find_many", model.name)
        yield "one_below", names.of("one", model.name)
        yield "include_below", names.of("include", model.name)
    yield "least", names.of("extremes", model.name)
    yield "greatest", names.of("extremes", model.name)
    yield "counts", "dict[str, int]"
    if model.columns:
        fields = names.of("fields", model.name)
        yield "ask_counts", f"Mapping[{fields} | Literal['_all'], bool]"
        yield "ask_least", f"Mapping[{fields}, bool]"
        yield "ask_greatest", f"Mapping[{fields}, bool]"
    if any(is_number(field) for field in model.columns):
        for kind in ("ask_numbers", "ask_averages", "ask_sums"):
            yield kind, f"Mapping[{names.of('numbers', model.name)}, bool]"
