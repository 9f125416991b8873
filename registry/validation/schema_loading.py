"""A version's schema and partial types, with all problems of either."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from generators.names.naming import name_problems
from generators.precision import precision_problems
from migrations.schema_check.schema_check import schema_problems
from schemas.errors import InvalidSchemaError, Problem
from schemas.model import Schema
from schemas.partial_types.checking import read_partial_types, with_partial_types
from schemas.prisma.bridge import PrismaBridge
from schemas.workspace.schema_files import SchemaFiles
from schemas.workspace.version_source import VersionSource


class SchemaTexts(NamedTuple):
    """The texts of a version's schema, and the file names that problems show for them; ``partial_types`` is
    empty if there is no such file. ``files`` are those that the schema is made of, where it is several."""

    schema: str
    schema_file: str
    partial_types: str
    partial_types_file: str
    files: SchemaFiles | None = None

    @classmethod
    def of(cls, source: VersionSource) -> SchemaTexts:
        """Those of a version of the workspace."""
        return cls(
            source.schema_text,
            source.schema_path,
            source.partial_types,
            source.partial_types_path,
            source.schema_files,
        )

    def located(self, problems: Iterable[Problem]) -> list[Problem]:
        """The problems, each with the file of the schema that it is in."""
        return [self.files.located(problem) if self.files else problem for problem in problems]


class SchemaRead(NamedTuple):
    """A schema with its partial types (None if no database can have it), and the problems of either. Without
    ``has_partials`` the partial types couldn't be read, and must not be compared."""

    schema: Schema | None
    problems: list[Problem]
    has_partials: bool = False


def read_schema(texts: SchemaTexts, bridge: PrismaBridge) -> SchemaRead:
    """The schema, what Postgres can hold of it, its names in every language, and its partial types."""
    read = _read(texts, bridge)
    return read._replace(problems=texts.located(read.problems))


def _read(texts: SchemaTexts, bridge: PrismaBridge) -> SchemaRead:
    try:
        schema = bridge.parse(texts.schema, texts.schema_file)
    except InvalidSchemaError as error:
        unread = read_partial_types(texts.partial_types, None, texts.partial_types_file)
        return SchemaRead(None, [*error.problems, *unread.problems])
    partials = read_partial_types(texts.partial_types, schema, texts.partial_types_file)
    in_schema = schema_problems(schema, texts.schema_file, texts.schema)
    problems = [
        *in_schema,
        *name_problems(schema, texts.schema_file, texts.schema, texts.files.shown if texts.files else None),
        *precision_problems(schema, texts.schema_file, texts.schema),
        *partials.problems,
    ]
    if any(problem.severity == "error" for problem in in_schema):
        return SchemaRead(None, problems)  # its SQL can't be planned, nor compared with scripts
    return SchemaRead(replace(schema, partials=partials.types), problems, not partials.problems)


def parsed_schema(text: str, file: str, partial_types: str, bridge: PrismaBridge) -> Schema:
    """A schema with its valid partial types; problems of the others are reported elsewhere. Raises
    InvalidSchemaError."""
    return with_partial_types(bridge.parse(text, file), partial_types)
