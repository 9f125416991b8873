"""The names of everything in the old schema after the renames, until what is removed is dropped.

What both schemas have gets its new name. What is removed keeps its own, unless something else takes that
name: then it is first renamed, and dropped under the other name.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from itertools import count
from typing import TypeVar

from schemas.model import Model

from ...ddl.names import Name
from ...identifiers import fitting
from ..context import enum_name, table_name
from ..join_tables import join_tables
from .paired_join_tables import paired_join_tables
from .pairing import Pairing

_Side = tuple[str, str]
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNames:
    """The new names of everything, by old schema name."""

    #: Schema names of models, views and enums; a renamed enum may keep its own there.
    tops: Mapping[str, str]
    #: Database names of models' tables and of enums' types.
    tables: Mapping[str, Name]
    types: Mapping[str, Name]
    #: Schema names of fields.
    fields: Mapping[str, Mapping[str, str]]
    #: Database names of fields' columns and of enum values.
    columns: Mapping[str, Mapping[str, str]]
    values: Mapping[str, Mapping[str, str]]
    #: Database names of join tables, by their two sides.
    joins: Mapping[tuple[_Side, _Side], Name]


def new_names(pairing: Pairing) -> NewNames:
    """The names of everything in the pairing's ``before``."""
    before = pairing.before
    tables = [model for model in before.models if not model.is_view]
    models = {old.name: new for old, new in pairing.models}
    enums = {old.name: new for old, new in pairing.enums}
    kept_joins = {old.sides: new.name for old, new in paired_join_tables(pairing)}
    return NewNames(
        tops=_settled(
            {name: name for name in (*before.models_by_name, *before.enums_by_name)},
            {old: new.name for old, new in models.items()},
            _free_word,
        ),
        tables=_settled(
            {model.name: table_name(model) for model in tables},
            {old: table_name(new) for old, new in models.items()},
            _free_name,
        ),
        types=_settled(
            {enum.name: enum_name(enum) for enum in before.enums},
            {old: enum_name(new) for old, new in enums.items()},
            _free_name,
        ),
        fields={model.name: _field_names(model, models.get(model.name), pairing) for model in tables},
        columns={model.name: _columns(model, models.get(model.name), pairing) for model in tables},
        values={
            old.name: _settled(
                {value.name: value.database_name for value in old.values},
                {was.name: now.database_name for was, now in pairing.values(old, new)},
                _free_identifier,
            )
            for old, new in pairing.enums
        },
        joins=_settled({table.sides: table.name for table in join_tables(before)}, kept_joins, _free_name),
    )


def _field_names(old: Model, new: Model | None, pairing: Pairing) -> dict[str, str]:
    pairs = [*pairing.fields(old, new), *pairing.relations(old, new)] if new else []
    return _settled(
        {field.name: field.name for field in old.fields},
        {was.name: now.name for was, now in pairs},
        _free_word,
    )


def _columns(old: Model, new: Model | None, pairing: Pairing) -> dict[str, str]:
    pairs = pairing.fields(old, new) if new else []
    return _settled(
        {field.name: field.column for field in old.fields if not field.is_relation},
        {was.name: now.column for was, now in pairs},
        _free_identifier,
    )


def _settled(
    own: Mapping[_Key, _Value],
    kept: Mapping[_Key, _Value],
    elsewhere: Callable[[_Value, Collection[_Value]], _Value],
) -> dict[_Key, _Value]:
    """The names in ``kept``; everything else keeps its own, or gets another one if that is taken."""
    taken = {*own.values(), *kept.values()}
    targets = set(kept.values())
    names = dict(kept)
    for key, name in own.items():
        if key not in names:
            names[key] = elsewhere(name, taken) if name in targets else name
            taken.add(names[key])
    return names


def _free_word(word: str, taken: Collection[str]) -> str:
    """A name in a schema."""
    return next(name for number in count(1) if (name := f"{word}Dropped{number}") not in taken)


def _free_identifier(name: str, taken: Collection[str]) -> str:
    """A name in a database."""
    candidates = (fitting(name, "dropped", *([str(number)] if number else [])) for number in count())
    return next(candidate for candidate in candidates if candidate not in taken)


def _free_name(name: Name, taken: Collection[Name]) -> Name:
    schema, own = name
    return schema, _free_identifier(own, [other for home, other in taken if home == schema])
