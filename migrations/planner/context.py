"""What a rewrite knows beside the statements: the schemas on both sides, and what the author answered."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pglast import ast

from schemas.answers import Answers
from schemas.model import Enum, Field, Model, Schema

from .questions import Question
from .script import Name, Statement, name_of


@dataclass(frozen=True, kw_only=True)
class Context:
    """One way from ``before`` to ``after``. ``questions`` collects what has no answer yet.

    ``before`` has the names that things have after the renames; ``authors_names`` are what its author calls
    those of its enums that had to leave their name to something else. In ``unpublished`` tables nobody has
    rows yet. ``made_up`` collects the SQL of what existing rows get in new columns, by field.
    """

    before: Schema
    after: Schema
    answers: Answers
    direction: Literal["up", "down"]
    authors_names: Mapping[str, str] = field(default_factory=dict)
    unpublished: Collection[Name] = ()
    questions: list[Question] = field(default_factory=list)
    made_up: dict[str, str] = field(default_factory=dict)

    def needs_no_answer(self, table: Name) -> bool:
        """Whether a value that has to be made up will do: on the way back, and where nobody has rows."""
        return self.direction == "down" or table in self.unpublished

    def old_model(self, table: Name) -> Model | None:
        """The model whose table was there before; None for a new table or one of a relation's."""
        return _model(self.before, table)

    def new_model(self, table: Name) -> Model | None:
        """The model whose table there is afterwards."""
        return _model(self.after, table)

    def old_column(self, table: Name, column: str) -> Field | None:
        """The field behind a column before."""
        return _field(self.old_model(table), column)

    def new_column(self, table: Name, column: str) -> Field | None:
        """The field behind a column afterwards."""
        return _field(self.new_model(table), column)

    def old_enum(self, name: Name) -> Enum | None:
        """The enum of that database name before."""
        return _enum(self.before, name)

    def new_enum(self, name: Name) -> Enum | None:
        """The enum of that database name afterwards."""
        return _enum(self.after, name)

    def enum_of(self, schema: Schema, used: Field) -> Enum | None:
        """The enum that a field's type is."""
        return schema.enums_by_name.get(used.type) if used.kind == "enum" else None


def created_tables(statements: Sequence[Statement]) -> set[Name]:
    """The tables that the statements create: nobody reads or writes them yet."""
    nodes = (statement.node for statement in statements)
    return {name_of(node.relation) for node in nodes if isinstance(node, ast.CreateStmt)}


def enum_name(enum: Enum) -> Name:
    """Where Postgres keeps the enum."""
    return enum.database_schema or "public", enum.database_name


def table_name(model: Model) -> Name:
    """Where Postgres keeps the model's rows."""
    return model.database_schema or "public", model.table


def is_nullable(field: Field) -> bool:
    """In Postgres: Prisma's lists have no NOT NULL."""
    return not field.is_required or field.is_list


def _model(schema: Schema, table: Name) -> Model | None:
    return next((m for m in schema.models if table_name(m) == table and not m.is_view), None)


def _field(model: Model | None, column: str) -> Field | None:
    stored = (f for f in model.fields if not f.is_relation and f.column == column) if model else ()
    return next(iter(stored), None)


def _enum(schema: Schema, name: Name) -> Enum | None:
    return next((enum for enum in schema.enums if enum_name(enum) == name), None)
