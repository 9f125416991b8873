"""Labels of enums that Postgres refuses: it cuts none, takes none twice, and compares with no other."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.errors import Problem
from schemas.model import Schema
from schemas.prisma.attributes import condition_fields, key_arguments, named_arguments
from schemas.prisma.source import Block, SchemaStatement, Token, string_value

from ..identifiers import MOST_BYTES
from .places import Places

_FIX = "write another name in @map, and rename the value in the database with a migration"


def enum_label_problems(schema: Schema, places: Places) -> Iterator[Problem]:
    """Every value that is stored under a label of another, or under one that is too long."""
    blocks = {block.name: block for block in places.blocks if block.keyword == "enum"}
    for enum in schema.enums:
        known: dict[str, str] = {}
        for value in enum.values:
            statement = blocks[enum.name].statement(value.name)
            assert statement is not None
            label = value.database_name
            first = known.setdefault(label, value.name)
            if first != value.name:
                message = f"values {value.name!r} and {first!r} are both {label!r} in the database"
                yield places.problem("enum-label", message, _FIX, statement)
            elif len(label.encode()) > MOST_BYTES:
                message = f"a value's name in the database has at most {MOST_BYTES} bytes, {label!r} has more"
                yield places.problem("enum-label", message, _FIX, statement)


def condition_label_problems(schema: Schema, places: Places) -> Iterator[Problem]:
    """Every partial index that compares an enum with what is none of its labels: Prisma writes the text of a
    condition as it is given, and not the label that a value's name stands for."""
    for block in places.models:
        for statement in block.statements:
            for field, literal in _compared(statement):
                enum = schema.enums_by_name.get(_type(block, field))
                labels = {value.name: value.database_name for value in enum.values} if enum else {}
                written = string_value(literal)
                if labels and written not in labels.values():
                    known = labels.get(written)
                    told = (
                        f'"{known}", as its database has it'
                        if known
                        else f"one of {', '.join(labels.values())}"
                    )
                    yield places.problem(
                        "unknown-enum-label",
                        f"no value of {_type(block, field)} is called {written!r} in the database",
                        f"write {told}",
                        literal,
                    )


def _compared(statement: SchemaStatement) -> Iterator[tuple[str, Token]]:
    """The fields and strings of a partial index's condition."""
    for kind in ("unique", "index"):
        arguments = key_arguments(statement, kind) or {}
        if condition_fields(arguments):
            for field, value in named_arguments(arguments["where"][1:-1]).items():
                yield from ((field, token) for token in value if token.kind == "string")


def _type(block: Block, field: str) -> str:
    statement = block.statement(field)
    return statement.tokens[1].text if statement is not None else ""
