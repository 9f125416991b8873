"""The names that version.toml uses for the objects that a script affects."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.answers import Answers
from schemas.model import Field, Model, Schema

from ...ddl.effects import Effect
from ...ddl.names import Name
from ..context import enum_name, is_nullable, table_name
from ..join_tables import join_models, joined_keys


class AuthorNames:
    """Maps the database's names to the schema's; keeps the database's for what neither schema has."""

    def __init__(self, before: Schema, after: Schema | None) -> None:
        self._before = _models(before)
        self._after = _models(after) if after else {}
        self._joined = joined_keys(before)
        self._enums = {enum_name(enum): enum for enum in before.enums}
        self._new_enums = after.enums if after else ()

    def subject(self, effect: Effect, file: str) -> str:
        """The key in version.toml for what ``effect`` is about."""
        if effect.enum is not None:
            enum = self._enums.get(effect.enum)
            values = {value.database_name: value.name for value in enum.values} if enum else {}
            owner = enum.name if enum else _plain(effect.enum)
            return f"{owner}.{values.get(effect.value or '', effect.value or '')}"
        if effect.table is None:
            return _migration(file)
        joined = self._joined.get((effect.table, effect.column or "")) if effect.kind == "type" else None
        if joined is not None:  # a join table's column has to follow the key that it references
            return f"{joined[0].name}.{joined[1].name}"
        return self._member(effect, effect.table)

    def _member(self, effect: Effect, table: Name) -> str:
        """The key for a table of the database, or a column of it."""
        if effect.now is not None and (model := self._after.get(effect.now[0])) is not None:
            demanding = _field(model, effect.now[1])
            if demanding is not None:
                return f"{model.name}.{demanding.name}"
        known = (self._after | self._before).get(table)
        owner = known.name if known else _plain(table)
        if effect.kind == "rows":
            return f"{owner}.*"
        if effect.column is None:
            return owner
        return f"{owner}.{self._field_name(table, known, effect.column)}"

    def values(self, stored: Sequence[str]) -> tuple[str, ...]:
        """The new schema's names of the enum values ``stored``; the stored ones if it has no such enum."""
        for enum in self._new_enums:
            known = {value.database_name: value.name for value in enum.values}
            if known.keys() == set(stored):
                return tuple(known[value] for value in stored)
        return tuple(stored)

    def is_convertible(self, effect: Effect) -> bool:
        """Whether an expression in [backfill] can convert the values of a column whose type changes.

        If NULLs need a value too, the expression is for them instead.
        """
        if effect.table is None or effect.kind != "type":
            return False
        old = _field(self._before.get(effect.table), effect.column)
        new = _field(self._after.get(effect.table), effect.column)
        return old is not None and new is not None and (is_nullable(new) or not is_nullable(old))

    def is_converted(self, effect: Effect, answers: Answers) -> bool:
        """Whether an expression of the author's converts the values of a column whose type changes."""
        answer = answers.backfill(self.subject(effect, ""))
        return answer is not None and answer.sql is not None and self.is_convertible(effect)

    def _field_name(self, table: Name, model: Model | None, column: str) -> str:
        found = _field(model, column) or _field(self._after.get(table), column)
        return found.name if found else column


def _models(schema: Schema) -> dict[Name, Model]:
    return {**join_models(schema), **{table_name(model): model for model in schema.models}}


def _field(model: Model | None, column: str | None) -> Field | None:
    stored = (field for field in model.fields if not field.is_relation) if model else ()
    return next((field for field in stored if field.column == column), None)


def _plain(name: Name) -> str:
    return name[1] if name[0] == "public" else f"{name[0]}.{name[1]}"


def _migration(file: str) -> str:
    """The migration that a script's path names."""
    parts = file.split("/")
    return parts[-2] if len(parts) > 1 else file
