"""Arguments that Prisma's parser takes and passes over, so that no database would have what they say."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.errors import Problem
from schemas.prisma.attributes import key_arguments, key_fields, separated
from schemas.prisma.source import SchemaStatement, Token

from .places import Places

_KNOWN = ("sort", "length", "ops")
_FIX = "remove it, and write an index that Prisma has no words for in a migration"


def ignored_argument_problems(places: Places) -> Iterator[Problem]:
    """Every argument of a key's field, and of ``raw``, that Prisma doesn't read."""
    for block in places.models:
        for statement in block.statements:
            for name, argument in _ignored(statement):
                written = "".join(f"{token.text} " if token.text == ":" else token.text for token in argument)
                message = f"Prisma takes no notice of {written} in {name}(…): no database would have it"
                yield places.problem("ignored-argument", message, _FIX, argument[0])


def _ignored(statement: SchemaStatement) -> Iterator[tuple[str, tuple[Token, ...]]]:
    for kind in ("id", "unique", "index"):
        arguments = key_arguments(statement, kind)
        if arguments is None:
            continue
        where = arguments.get("where", ())
        if where and where[0].text == "raw":
            yield from (("raw", tuple(each)) for each in list(separated(where[2:-1]))[1:])
        for field in key_fields(statement, arguments):
            seen: set[str] = set()
            for argument in separated(field[2:-1]):
                name = argument[0].text if len(argument) > 1 and argument[1].text == ":" else ""
                if name not in _KNOWN or name in seen:
                    yield field[0].text, tuple(argument)
                seen.add(name)
