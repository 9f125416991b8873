"""The one check of what Postgres can hold, over a schema that Prisma has accepted."""

from __future__ import annotations

from schemas.errors import InvalidSchemaError, Problem
from schemas.model import Schema

from .defaults import default_problems
from .enum_labels import condition_label_problems, enum_label_problems
from .ignored_arguments import ignored_argument_problems
from .places import Places
from .relation_mode import relation_mode_problems
from .sizes import size_problems
from .sql_texts import sql_text_problems


def schema_problems(schema: Schema, file: str, text: str | None = None) -> list[Problem]:
    """All problems, in the order of the text.

    ``text`` is the file as the user wrote it; without it places are those in the formatted text.
    """
    places = Places(schema.text if text is None else text, file)
    problems = [
        *sql_text_problems(places),
        *ignored_argument_problems(places),
        *size_problems(places),
        *default_problems(schema, places),
        *enum_label_problems(schema, places),
        *condition_label_problems(schema, places),
        *relation_mode_problems(places),
    ]
    return sorted(problems, key=lambda problem: (problem.line or 0, problem.column or 0))


def storable(schema: Schema, file: str, text: str) -> Schema:
    """The same schema. Raises InvalidSchemaError for one that no database can have."""
    errors = [each for each in schema_problems(schema, file, text) if each.severity == "error"]
    if errors:
        raise InvalidSchemaError(*errors)
    return schema
