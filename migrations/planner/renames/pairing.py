"""Which things of two schemas are the same: by ``[renames]``, by database name, or by schema name.

A table or column that keeps its name in the database is the same whatever the schema calls it. One with
another database name is only the same if ``[renames]`` says so, or if its schema name is unchanged (an
``@map`` was changed). Nothing is guessed from similarity: that is a question (``rename_questions.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from schemas.answers import Rename
from schemas.comparison.renames import Renames
from schemas.model import Enum, EnumValue, Field, Model, Schema

from ..context import enum_name, table_name

_Thing = TypeVar("_Thing", Model, Enum, Field, EnumValue)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """Pairs of (old, new) of everything that both schemas have, under whatever name."""

    models: tuple[tuple[Model, Model], ...]
    enums: tuple[tuple[Enum, Enum], ...]
    before: Schema
    after: Schema
    renames: tuple[Rename, ...]

    def fields(self, old: Model, new: Model) -> list[tuple[Field, Field]]:
        """The stored fields of two models that are the same."""
        said = self._said(old.name, old.fields)
        return _paired(
            [field for field in old.fields if not field.is_relation],
            [field for field in new.fields if not field.is_relation],
            said,
            lambda field: field.column,
            _same_shape,
        )

    def relations(self, old: Model, new: Model) -> list[tuple[Field, Field]]:
        """The relation fields of two models that are the same; they only have a schema name."""
        names = {field.name: field for field in new.relations}
        said = self._said(old.name, old.relations)
        return [(field, names[said[field.name]]) for field in old.relations if said[field.name] in names]

    def values(self, old: Enum, new: Enum) -> list[tuple[EnumValue, EnumValue]]:
        """The values of two enums that are the same."""
        said = self._said(old.name, old.values)
        return _paired(old.values, new.values, said, lambda value: value.database_name)

    def reversed(self) -> Pairing:
        """The pairing for the opposite direction."""
        return Pairing(
            models=tuple((new, old) for old, new in self.models),
            enums=tuple((new, old) for old, new in self.enums),
            before=self.after,
            after=self.before,
            renames=tuple((new, old) for old, new in self.renames),
        )

    def _said(self, owner: str, members: Iterable[Field | EnumValue]) -> dict[str, str]:
        """The new names of members, by old name."""
        lookup = Renames(self.renames)
        return {member.name: lookup.member(owner, member.name) for member in members}


def pair(before: Schema, after: Schema, renames: Sequence[Rename]) -> Pairing:
    """Pair everything in the two schemas.

    Renames that don't fit them are ignored: in a draft's later migrations some are already done.
    """
    old_names, new_names = names_in(before), names_in(after)
    fitting = tuple((old, new) for old, new in renames if old in old_names and new in new_names)
    lookup = Renames(fitting)
    old_tables = [model for model in before.models if not model.is_view]
    new_tables = [model for model in after.models if not model.is_view]
    said = {name: lookup.top(name) for name in old_names}
    return Pairing(
        models=tuple(_paired(old_tables, new_tables, said, table_name)),
        enums=tuple(_paired(before.enums, after.enums, said, enum_name)),
        before=before,
        after=after,
        renames=fitting,
    )


def names_in(schema: Schema) -> set[str]:
    """All keys that ``[renames]`` can have."""
    members = {f"{model.name}.{field.name}" for model in schema.models for field in model.fields}
    members |= {f"{enum.name}.{value.name}" for enum in schema.enums for value in enum.values}
    return members | schema.models_by_name.keys() | schema.enums_by_name.keys()


def _paired(
    old: Sequence[_Thing],
    new: Sequence[_Thing],
    said: Mapping[str, str],
    key: Callable[[_Thing], object],
    is_same: Callable[[_Thing, _Thing], bool] = lambda _old, _new: True,
) -> list[tuple[_Thing, _Thing]]:
    by_name, by_key = {thing.name: thing for thing in new}, {key(thing): thing for thing in new}
    found: dict[str, _Thing] = {}

    def take(thing: _Thing, other: _Thing | None) -> None:
        if other is not None and thing.name not in found and other not in found.values():
            found[thing.name] = other

    for thing in old:
        if said[thing.name] != thing.name:
            take(thing, by_name.get(said[thing.name]))
    for thing in old:
        take(thing, by_key.get(key(thing)))
    for thing in old:
        other = by_name.get(thing.name)
        take(thing, other if other is not None and is_same(thing, other) else None)
    return [(thing, found[thing.name]) for thing in old if thing.name in found]


def _same_shape(old: Field, new: Field) -> bool:
    return (old.kind, old.is_list) == (new.kind, new.is_list) and (old.kind == "enum" or old.type == new.type)
