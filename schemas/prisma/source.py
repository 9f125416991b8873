"""Reads schema.prisma as text, for what the engines don't return.

Prisma's datamodel does not say which models are views, and leaves out an enum's ``@@schema``, ``Unsupported``
columns, the digits of a Decimal default and every position. In a text that the engine has accepted, all of
that can be found by splitting it into tokens; nothing here decides whether a schema is valid.

The grammar: strings with backslash escapes, ``//`` and ``/* */`` comments, blocks in braces, one statement
per line (parentheses and brackets continue a line).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

TokenKind = Literal["string", "comment", "number", "word", "newline", "space", "mark"]

_TOKEN = re.compile(
    r"""
      (?P<string>  "(?:\\.|[^"\\\n])*" )
    | (?P<comment> //[^\n]* | /\*.*?\*/ )
    | (?P<number>  -?[0-9]+(?:\.[0-9]+)?(?![\w-]) )
    | (?P<word>    \w[\w-]* )
    | (?P<newline> \n )
    | (?P<space>   [^\S\n]+ )
    | (?P<mark>    @@ | . )
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """``offset`` counts characters from the start of the text."""

    kind: TokenKind
    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class SchemaStatement:
    """A field, an enum value, a setting, or a block attribute (``name`` is then ``@@map`` and so on)."""

    name: str
    offset: int
    tokens: tuple[Token, ...]

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(token.text for token in self.tokens)

    @property
    def end(self) -> int:
        """The offset after its last character."""
        return self.tokens[-1].offset + len(self.tokens[-1].text)

    @property
    def is_attribute(self) -> bool:
        return self.name.startswith("@@")

    def arguments(self, *path: str) -> tuple[Token, ...] | None:
        """The tokens in the parentheses after ``path``, e.g. ``("@", "default")``; None if there are none."""
        words = self.words
        for start in range(1, len(words) - len(path)):
            end = start + len(path)
            if words[start:end] == path and words[end] == "(":
                return self._until_closed(end + 1)
        return None

    def has(self, *path: str) -> bool:
        """Whether the words of ``path`` follow each other somewhere after the name."""
        words = self.words
        return any(words[i : i + len(path)] == path for i in range(1, len(words) - len(path) + 1))

    def _until_closed(self, start: int) -> tuple[Token, ...]:
        depth = 1
        for index in range(start, len(self.tokens)):
            depth += {"(": 1, ")": -1}.get(self.tokens[index].text, 0)
            if depth == 0:
                return self.tokens[start:index]
        return self.tokens[start:]


@dataclass(frozen=True, slots=True)
class Block:
    """``model``, ``view``, ``enum``, ``type``, ``datasource`` or ``generator``; ``offset`` is the name's."""

    keyword: str
    name: str
    offset: int
    statements: tuple[SchemaStatement, ...]

    def statement(self, name: str) -> SchemaStatement | None:
        """The first statement called ``name``."""
        return next((statement for statement in self.statements if statement.name == name), None)


def tokens(text: str) -> Iterator[Token]:
    """All tokens of ``text``; together they are the whole text."""
    for match in _TOKEN.finditer(text):
        kind: TokenKind = match.lastgroup  # type: ignore[assignment]  # the group names are the kinds
        yield Token(kind, match[0], match.start())


@lru_cache(16)  # each of a version's checks asks for those of the same few texts
def blocks(text: str) -> tuple[Block, ...]:
    """The blocks of a schema; of an invalid one, those that can be found."""
    found: list[Block] = []
    stream = (token for token in tokens(text) if token.kind not in ("comment", "space"))
    heading: list[Token] = []
    for token in stream:
        if token.text == "{" and len(heading) == 2:
            keyword, name = heading
            found.append(Block(keyword.text, name.text, name.offset, tuple(_statements(stream))))
        heading = [*heading, token][-2:] if token.kind == "word" else []
    return tuple(found)


def _statements(stream: Iterator[Token]) -> Iterator[SchemaStatement]:
    line: list[Token] = []
    depth = 0
    for token in stream:
        if token.text == "}" and depth == 0:
            break
        depth = max(0, depth + {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(token.text, 0))
        if token.kind != "newline":
            line.append(token)
        elif depth == 0 and line:
            yield _statement(line)
            line = []
    if line:
        yield _statement(line)


def _statement(line: list[Token]) -> SchemaStatement:
    first = line[0]
    name = f"@@{line[1].text}" if first.text == "@@" and len(line) > 1 else first.text
    return SchemaStatement(name, first.offset, tuple(line))


def replaced(text: str, parts: Iterable[tuple[int, int, str]]) -> str:
    """``text`` with other texts in the place of some of its parts, each given by where it starts and ends."""
    for start, end, new in sorted(parts, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def string_value(token: Token) -> str:
    """The value of a string token: ``"a\\"b"`` is ``a"b``. Prisma's escapes are JSON's."""
    return re.sub(r"\\(u[0-9a-fA-F]{4}|.)", _unescape, token.text[1:-1])


def _unescape(match: re.Match[str]) -> str:
    code = match[1]
    if len(code) == 5:
        return chr(int(code[1:], 16))
    return {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}.get(code, code)


def without_comments(text: str) -> str:
    """``text`` without ``//`` comments; ``///`` and ``/* */`` stay: Prisma treats them as documentation.

    Generated packages contain the schema; its authors' notes to each other are not meant to be published.
    """
    kept = "".join("" if _is_note(token) else token.text for token in tokens(text))
    lines = (line.rstrip() for line in kept.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n") + "\n"


def _is_note(token: Token) -> bool:
    return token.kind == "comment" and token.text.startswith("//") and not token.text.startswith("///")


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column (both from 1, columns in characters) of a character offset."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def character_offset(text: str, utf16_offset: int) -> int:
    """The character offset of an offset in UTF-16 code units, as the engine's diagnostics count."""
    units = text.encode("utf-16-le", errors="surrogatepass")[: 2 * utf16_offset]
    return len(units.decode("utf-16-le", errors="surrogatepass"))
