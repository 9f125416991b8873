"""Turns the engine's diagnostics into problems with a location and a fix."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import Problem
from .source import character_offset, position

_ANSI = re.compile(r"\x1b\[[0-9;]*m")

_UNDERSCORED = re.compile(r"(?:(?:model|view|enum|type)\s+)?_")

_ELSEWHERE = "remove it: Prisma has it for other databases; write what PostgreSQL has instead in a migration"
_ADD_FEATURE = "add the feature to previewFeatures of the schema's generator block"
_UNKNOWN = "remove it, or write one that Prisma has at this place"
_NOT_IN_POSTGRES = (
    "current connector",
    "not supported by the provider",
    "not supported for provider",
    "not supported on Postgres",
    "not supported on the current datasource",
    "not currently supported for provider",
)

#: A part of the engine's message, our code for it, and the fix.
_KNOWN: tuple[tuple[str, str, str], ...] = (
    (
        "is no longer supported in schema files",
        "datasource-address",
        "delete this line: a published schema has no database URL; programs pass it when they connect",
    ),
    (
        "does not start with any known Prisma schema keyword",
        "schema-syntax",
        "start blocks with model, enum, view, datasource or generator, and put each field on its own line",
    ),
    (
        "not a valid field or attribute definition",
        "schema-syntax",
        "write `name Type @attributes`, one per line",
    ),
    (
        "is neither a built-in type",
        "unknown-type",
        "declare a model or an enum of that name, or use a Prisma type such as String or Int",
    ),
    ("Datasource provider not known", "datasource-provider", 'write provider = "postgresql"'),
    ("more than one datasource", "datasource-count", "keep the postgresql datasource and delete the other"),
    ("`shardKeys`", "not-in-postgres", _ELSEWHERE),
    ("only available with the", "preview-feature", _ADD_FEATURE),
    ("are a preview feature. Add", "preview-feature", _ADD_FEATURE),
    ("preview feature", "preview-feature", "remove it from previewFeatures"),
    *((part, "not-in-postgres", _ELSEWHERE) for part in _NOT_IN_POSTGRES),
    ("Attribute not known", "unknown-attribute", _UNKNOWN),
    ("No such argument", "unknown-attribute", _UNKNOWN),
    ("Argument not known", "unknown-attribute", _UNKNOWN),
    ("Property not known", "unknown-attribute", _UNKNOWN),
    ("Parse error: ", "default-not-storable", "write a value of the field's type"),
    ("Unknown function", "unknown-attribute", "write one of the functions that Prisma has, or dbgenerated"),
    (
        "is a reserved name",
        "reserved-name",
        "give it another name, and keep the database's with @map or @@map",
    ),
    (
        "is a reserved keyword",
        "reserved-name",
        "give it another name, and keep the database's with @map or @@map",
    ),
    ("missing an opposite relation field", "relation", "add the field on the other model"),
    ("Native type", "native-type", "use a native type that fits the field's type in PostgreSQL"),
    ("cannot be defined because", "duplicate-name", "rename one of the two"),
    ("is already defined", "duplicate-name", "rename one of the two"),
)
_OTHER = ("invalid-schema", "change the schema as the message says")


def problems(diagnostics: Sequence[Mapping[str, Any]], text: str, file: str) -> list[Problem]:
    """One problem per diagnostic, in the order of the text. Offsets are UTF-16 code units of ``text``."""
    found = [_problem(diagnostic, text, file) for diagnostic in diagnostics]
    return sorted(found, key=lambda problem: (problem.line or 0, problem.column or 0))


def _problem(diagnostic: Mapping[str, Any], text: str, file: str) -> Problem:
    offset = character_offset(text, diagnostic["start"])
    # A diagnostic about a whole line starts at its indentation; people look for its first word.
    rest = text[offset:].lstrip()
    line, column = position(text, len(text) - len(rest) if rest else offset)
    message = _ANSI.sub("", diagnostic["text"]).removeprefix("Error validating: ").strip()
    code, fix = next(((code, fix) for part, code, fix in _KNOWN if part in message), _OTHER)
    if code == "schema-syntax" and _UNDERSCORED.match(rest):
        message += " Names start with a letter."
        fix = "start the name with a letter, and keep the database's with @map or @@map"
    return Problem(
        code=code,
        message=message,
        fix=fix,
        file=file,
        line=line,
        column=column,
        severity="warning" if diagnostic.get("is_warning") else "error",
    )
