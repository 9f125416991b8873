"""Uniques that hold for some rows only: Prisma's client takes them for keys, and would write to several rows.

So its client is generated from the schema without them. Prisma needs some: the only unique of a model, and
that of a one-to-one relation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from schemas.errors import InvalidSchemaError
from schemas.model import Schema
from schemas.prisma.attributes import key_arguments, key_fields
from schemas.prisma.bridge import PrismaBridge
from schemas.prisma.source import SchemaStatement, blocks, replaced


class WithoutPartialUniques(NamedTuple):
    """The schema's text, and the uniques for some rows that had to stay, as ``Model.field`` or
    ``Model.[one, other]``."""

    text: str
    kept: tuple[str, ...]


class _Unique(NamedTuple):
    name: str
    start: int
    end: int


def without_partial_uniques(schema: Schema, bridge: PrismaBridge) -> WithoutPartialUniques:
    """The schema without each unique for some rows that Prisma can do without. Raises BridgeError."""
    removed: list[_Unique] = []
    kept: list[str] = []
    for unique in _partial_uniques(schema.text):
        try:
            bridge.parse(_without(schema.text, [*removed, unique]))
        except InvalidSchemaError:
            kept.append(unique.name)
        else:
            removed.append(unique)
    return WithoutPartialUniques(_without(schema.text, removed), tuple(kept))


def _without(text: str, uniques: list[_Unique]) -> str:
    return replaced(text, ((unique.start, unique.end, "") for unique in uniques))


def _partial_uniques(text: str) -> Iterator[_Unique]:
    for block in blocks(text):
        for statement in block.statements if block.keyword == "model" else ():
            arguments = key_arguments(statement, "unique")
            if arguments is not None and "where" in arguments:
                names = [field[0].text for field in key_fields(statement, arguments)]
                shown = names[0] if len(names) == 1 else f"[{', '.join(names)}]"
                yield _Unique(f"{block.name}.{shown}", *_place(statement))


def _place(statement: SchemaStatement) -> tuple[int, int]:
    """Where the attribute starts and ends."""
    if statement.is_attribute:
        return statement.offset, statement.end
    words = statement.words
    at = next(index for index in range(len(words)) if words[index : index + 3] == ("@", "unique", "("))
    inside = statement.arguments("@", "unique") or ()
    return statement.tokens[at].offset, statement.tokens[at + 3 + len(inside)].offset + 1
