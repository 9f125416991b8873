"""What a rewrite knows besides the statements: the schemas on both sides, and the author's answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pglast import ast

from schemas.answers import Answers
from schemas.model import Enum, Field, Model, Schema

from ..ddl.names import Name, name_of
from .questions import Question
from .script import DraftStatement


@dataclass(frozen=True, kw_only=True)
class Context:
    """One direction, from ``before`` to ``after``."""

    #: With the names that things have after the renames.
    before: Schema
    after: Schema
    answers: Answers
    direction: Literal["up", "down"]
    #: The join tables of implicit many-to-many relations as models, before and afterwards.
    join_models: tuple[Mapping[Name, Model], Mapping[Name, Model]] = ({}, {})
    #: The author's names of enums in ``before`` that were renamed because something else took their name.
    authors_names: Mapping[str, str] = field(default_factory=dict)
    #: Tables that no published version has, so that nobody has rows in them.
    unpublished: Collection[Name] = ()
    #: Partitioned tables and their indexes, which take neither CONCURRENTLY nor a key NOT VALID.
    partitioned: Collection[Name] = ()
    #: The sequences that the migrations so far have made, and not dropped.
    sequences: Collection[Name] = ()
    #: Collects questions without an answer.
    questions: list[Question] = field(default_factory=list)
    #: Collects the SQL of what existing rows get in new columns, by field.
    new_values: dict[str, str] = field(default_factory=dict)

    def needs_no_answer(self, table: Name) -> bool:
        """Whether a placeholder will do: in a downgrade, and where nobody has rows."""
        return self.direction == "down" or table in self.unpublished

    def old_model(self, table: Name) -> Model | None:
        """The model of a table that existed before, also of a relation's join table; None for a new table."""
        return _model(self.before, table) or self.join_models[0].get(table)

    def new_model(self, table: Name) -> Model | None:
        """The model of a table that exists afterwards."""
        return _model(self.after, table) or self.join_models[1].get(table)

    def old_column(self, table: Name, column: str) -> Field | None:
        """The field of a column before."""
        return _field(self.old_model(table), column)

    def new_column(self, table: Name, column: str) -> Field | None:
        """The field of a column afterwards."""
        return _field(self.new_model(table), column)

    def old_enum(self, name: Name) -> Enum | None:
        """The enum with that database name before."""
        return _enum(self.before, name)

    def new_enum(self, name: Name) -> Enum | None:
        """The enum with that database name afterwards."""
        return _enum(self.after, name)

    def enum_of(self, schema: Schema, used: Field) -> Enum | None:
        """The enum that is a field's type, if it is one."""
        return schema.enums_by_name.get(used.type) if used.kind == "enum" else None


def created_tables(statements: Sequence[DraftStatement]) -> set[Name]:
    """The tables that the statements create, which nobody uses yet."""
    nodes = (statement.node for statement in statements)
    return {name_of(node.relation) for node in nodes if isinstance(node, ast.CreateStmt)}


def enum_name(enum: Enum) -> Name:
    """The enum's schema and name in Postgres."""
    return enum.database_schema or "public", enum.database_name


def table_name(model: Model) -> Name:
    """The schema and name of the model's table in Postgres."""
    return model.database_schema or "public", model.table


def is_nullable(field: Field) -> bool:
    """Whether the column is nullable in Postgres: Prisma's lists always are."""
    return not field.is_required or field.is_list


def _model(schema: Schema, table: Name) -> Model | None:
    return next((m for m in schema.models if table_name(m) == table and not m.is_view), None)


def _field(model: Model | None, column: str) -> Field | None:
    stored = (f for f in model.fields if not f.is_relation and f.column == column) if model else ()
    return next(iter(stored), None)


def _enum(schema: Schema, name: Name) -> Enum | None:
    return next((enum for enum in schema.enums if enum_name(enum) == name), None)
