"""Arguments that Prisma's parser takes and passes over, so that no database would have what they say."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.errors import Problem
from schemas.prisma.attributes import key_arguments, key_fields, separated
from schemas.prisma.source import Block, SchemaStatement, Token

from .places import Places

_KNOWN = ("sort", "length", "ops")
_OF_FOREIGN_KEYS = ("map", "onDelete", "onUpdate")
_FIX = "remove it, and write an index that Prisma has no words for in a migration"


def ignored_argument_problems(places: Places) -> Iterator[Problem]:
    """Every argument that Prisma doesn't read: of a key's field, of ``raw``, and of a relation that has no
    foreign key."""
    for block in places.models:
        for statement in block.statements:
            found = [*_ignored(statement)]
            if places.is_relation(statement):
                found += _without_foreign_key(statement, block)
            for name, argument in found:
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


def _without_foreign_key(statement: SchemaStatement, block: Block) -> Iterator[tuple[str, tuple[Token, ...]]]:
    """What only a foreign key could have: a view has none, nor has a relation's other side."""
    arguments = [tuple(each) for each in separated(statement.arguments("@", "relation") or ())]
    named = {each[0].text: each for each in arguments if len(each) > 1 and each[1].text == ":"}
    if block.keyword == "view" or "fields" not in named:
        yield from (("@relation", named[name]) for name in _OF_FOREIGN_KEYS if name in named)
