"""The types for relations. They belong to the target model, so there is none for each pair of models."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.model import Model

from ..model_keys import model_keys
from .type_names import TypeNames
from .typed_view import TypedDictView


def relation_types(model: Model, names: TypeNames, *, is_target: bool) -> Iterator[TypedDictView]:
    """All of them for one model; most only if a relation leads to it (``is_target``)."""
    yield from _include(model, names)
    if is_target:
        yield from _filters(model, names)
        yield from _arguments(model, names)
        yield from _nested_create(model, names)
        yield from _nested_update(model, names)


def _include(model: Model, names: TypeNames) -> Iterator[TypedDictView]:
    lists = [field.name for field in model.relations if field.is_list]
    entries = [
        (field.name, f"bool | {names.of('find_many' if field.is_list else 'one', field.type)}")
        for field in model.relations
    ]
    if lists:
        count = names.of("count", model.name)
        yield TypedDictView(
            name=count,
            documentation=f"Which relations of ``{model.name}`` to count, all rows or those that match.",
            entries=tuple(
                (field.name, f"bool | filters.CountWhere[{names.of('where', field.type)}]")
                for field in model.relations
                if field.is_list
            ),
        )
        entries.append(("_count", f"bool | {count}"))
    yield TypedDictView(
        name=names.of("include", model.name),
        documentation=f"What to read with a ``{model.name}``.",
        entries=tuple(entries),
    )


def _filters(model: Model, names: TypeNames) -> Iterator[TypedDictView]:
    where = names.of("where", model.name)
    yield TypedDictView(
        name=names.of("relation_filter", model.name),
        entries=tuple((word, f"{where} | None") for word in ("is", "is_not", "isNot")),
    )
    yield TypedDictView(
        name=names.of("list_filter", model.name),
        documentation=f"Conditions on all, some or none of the ``{model.name}`` rows of a relation.",
        entries=(("some", where), ("none", where), ("every", where)),
    )


def _arguments(model: Model, names: TypeNames) -> Iterator[TypedDictView]:
    order, fields = names.of("order", model.name), names.of("fields", model.name)
    below = (("include", names.of("include", model.name)), ("omit", f"Sequence[{fields}]"))
    unique = (("cursor", names.of("unique", model.name)),) if model_keys(model) else ()
    yield TypedDictView(
        name=names.of("one", model.name),
        documentation=f"What to read of a related ``{model.name}``.",
        entries=below,
    )
    yield TypedDictView(
        name=names.of("find_many", model.name),
        documentation=f"Which related ``{model.name}`` rows to read, and what of them.",
        entries=(
            ("take", "int"),
            ("skip", "int"),
            ("where", names.of("where", model.name)),
            *unique,
            ("order", f"{order} | list[{order}]"),
            ("order_by", f"{order} | list[{order}]"),
            ("distinct", f"Sequence[{fields}]"),
            *below,
        ),
    )


def _nested_create(model: Model, names: TypeNames) -> Iterator[TypedDictView]:
    create, unique = names.of("create", model.name), names.of("unique", model.name)
    either = names.of("connect_or_create", model.name)
    yield TypedDictView(
        name=either,
        documentation=f"A ``{model.name}`` to link, made if it does not exist.",
        entries=(("where", unique), ("create", create)),
        is_total=True,
    )
    yield TypedDictView(
        name=names.of("create_one", model.name),
        documentation=f"The ``{model.name}`` of a new row.",
        entries=(("create", create), ("connect", unique), ("connect_or_create", either)),
    )
    yield TypedDictView(
        name=names.of("create_list", model.name),
        documentation=f"The ``{model.name}`` rows of a new row.",
        entries=(
            ("create", _one_or_more(create)),
            ("connect", _one_or_more(unique)),
            ("connect_or_create", _one_or_more(either)),
        ),
    )


def _nested_update(model: Model, names: TypeNames) -> Iterator[TypedDictView]:
    create, unique = names.of("create", model.name), names.of("unique", model.name)
    update, where = names.of("update", model.name), names.of("where", model.name)
    by_key, by_where = names.of("update_where", model.name), names.of("update_many_where", model.name)
    upsert_by_key = names.of("upsert_where", model.name)
    yield TypedDictView(
        name=by_key,
        documentation=f"Changes to one of the linked ``{model.name}`` rows.",
        entries=(("where", unique), ("data", update)),
        is_total=True,
    )
    yield TypedDictView(
        name=by_where,
        documentation=f"Changes to those linked ``{model.name}`` rows that match.",
        entries=(("where", where), ("data", names.of("update_many", model.name))),
        is_total=True,
    )
    yield TypedDictView(
        name=upsert_by_key,
        documentation=f"Changes to one of the linked ``{model.name}`` rows, or a new one.",
        entries=(("where", unique), ("create", create), ("update", update)),
        is_total=True,
    )
    yield TypedDictView(
        name=names.of("update_one", model.name),
        documentation=f"Changes to the ``{model.name}`` of a row, or which it is.",
        entries=(
            *_linking(create, unique, names.of("connect_or_create", model.name)),
            ("disconnect", "bool"),
            ("delete", "bool"),
            ("update", update),
            ("upsert", names.of("upsert", model.name)),
        ),
    )
    several = [
        (key, _one_or_more(type_))
        for key, type_ in (
            *_linking(create, unique, names.of("connect_or_create", model.name)),
            ("set", unique),
            ("disconnect", unique),
            ("delete", unique),
            ("update", by_key),
            ("upsert", upsert_by_key),
            ("update_many", by_where),
            ("delete_many", where),
        )
    ]
    yield TypedDictView(
        name=names.of("update_list", model.name),
        documentation=f"Changes to the ``{model.name}`` rows of a row, or which they are.",
        entries=tuple(several),
    )


def _linking(create: str, unique: str, either: str) -> tuple[tuple[str, str], ...]:
    return (("create", create), ("connect", unique), ("connect_or_create", either))


def _one_or_more(type_: str) -> str:
    return f"filters.OneOrMore[{type_}]"
