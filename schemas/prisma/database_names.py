"""Refuses database names that Postgres hasn't, or that Prisma's engine would write into SQL unescaped.

``@@map("x\\" (a int); DROP TABLE users; --")`` would become a statement of its own. Postgres allows such
names if they are quoted correctly, but the engine does not quote them, so no schema may use them.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import Problem
from .source import Block, SchemaStatement, Token, blocks, position, string_value

_BLOCKS = ("model", "view", "enum", "datasource")
#: Attributes whose strings are names. A relation's name is that of a table, if it is a many-to-many one.
_NAMING = ("map", "schema", "relation")


def database_name_problems(text: str, file: str) -> list[Problem]:
    """Every such name in ``text``, with its location. The text need not be valid."""
    found = (
        (token, _forbidden(string_value(token), is_label=is_label))
        for block in blocks(text)
        if block.keyword in _BLOCKS
        for token, is_label in _names(block)
    )
    return [_problem(token, character, text, file) for token, character in found if character is not None]


def _names(block: Block) -> Iterator[tuple[Token, bool]]:
    """The strings of a block that name something in the database, and whether it is an enum value."""
    for statement in block.statements:
        if block.keyword == "datasource":
            if statement.name in ("schemas", "extensions"):
                yield from ((token, False) for token in statement.tokens if token.kind == "string")
        else:
            is_label = block.keyword == "enum" and not statement.is_attribute
            yield from ((token, is_label) for token in _in_attributes(statement))


def _in_attributes(statement: SchemaStatement) -> Iterator[Token]:
    tokens = statement.tokens
    attribute, depth = "", 0
    for at, token in enumerate(tokens):
        if depth == 0 and at and tokens[at - 1].text in ("@", "@@"):
            attribute = token.text
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token.kind == "string" and depth:
            follows_map = at >= 2 and [t.text for t in tokens[at - 2 : at]] == ["map", ":"]
            if follows_map or attribute in _NAMING:
                yield token


def _forbidden(name: str, *, is_label: bool) -> str | None:
    """The first character that the engine can't write. Labels are in single quotes, other names in double.

    ``""`` for a name without any, which only a label can be.
    """
    if not name and not is_label:
        return ""
    quote = "'" if is_label else '"'
    return next((c for c in name if c == quote or ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0), None)


def _problem(token: Token, character: str, text: str, file: str) -> Problem:
    line, column = position(text, token.offset)
    return Problem(
        code="database-name",
        message=_told(character),
        fix="rename it in the database with a migration, and write the new name here",
        file=file,
        line=line,
        column=column,
    )


def _told(character: str) -> str:
    if not character:
        return "a name in the database can't be empty"
    shown = character if character.isprintable() else f"U+{ord(character):04X}"
    return f"a name in the database can't contain {shown}: Prisma does not escape it in SQL"
