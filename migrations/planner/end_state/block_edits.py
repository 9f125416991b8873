"""Edits of one block of a schema.prisma: fields and attributes are removed, changed and added."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from schemas.prisma.attributes import key_arguments, key_fields
from schemas.prisma.source import Block, SchemaStatement

_DEPTHS = {"(": 1, "[": 1, ")": -1, "]": -1}


class BlockEdits:
    """The statements of ``block``, as texts. Nothing that is not edited changes."""

    def __init__(self, block: Block) -> None:
        self.block = block
        self._replaced: dict[SchemaStatement, list[str]] = {}  # their words; without any they are removed
        self._added: list[str] = []

    def remove(self, statement: SchemaStatement) -> None:
        """A field, a value or a block attribute."""
        self._replaced[statement] = []

    def is_removed(self, statement: SchemaStatement) -> bool:
        """Whether nothing is left of it."""
        return self._replaced.get(statement) == []

    def add(self, line: str) -> None:
        """A field, a value or a block attribute, at the end."""
        self._added.append(line)

    def set_type(self, statement: SchemaStatement, written: str, *, keeps_native: bool = False) -> None:
        """The type of a field, with its ``?`` or ``[]``; it replaces the native type as well."""
        words = self._words(statement)
        end = _type_end(words)
        rest = words[end:] if keeps_native else _without(words[end:], "db")
        self._write(statement, [words[0], written, *rest])

    def set_optional(self, statement: SchemaStatement, *, is_optional: bool) -> None:
        """Add or remove the ``?``."""
        words = self._words(statement)
        end = _type_end(words)
        kind = "".join(words[1:end]).removesuffix("?")
        self.set_type(statement, f"{kind}{'?' if is_optional else ''}", keeps_native=True)

    def set_attribute(self, statement: SchemaStatement, name: str, written: str) -> None:
        """The attribute ``@name`` of a field; empty: it has none."""
        words = _without(self._words(statement), name)
        self._write(statement, [*words, written] if written else words)

    def key_statement(self, kind: str, fields: Sequence[str]) -> SchemaStatement | None:
        """The statement with ``@unique``, ``@@unique``, ``@@index`` or ``@@id`` on the fields."""
        for statement in self.block.statements:
            arguments = key_arguments(statement, kind)
            if arguments is not None and not self.is_removed(statement):
                named = [part[0].text for part in key_fields(statement, arguments)]
                if named == list(fields):
                    return statement
        return None

    def parts(self, text: str) -> Iterable[tuple[int, int, str]]:
        """Where ``text`` is replaced, and by what."""
        for statement, words in self._replaced.items():
            yield statement.offset, statement.end, _written(words)
        if self._added:
            last = self.block.statements[-1].end if self.block.statements else self.block.offset
            end = text.index("}", last)
            lines = "".join(f"\n{line}" for line in self._added)
            yield end, end, f"{lines.lstrip(chr(10))}\n"

    def _words(self, statement: SchemaStatement) -> list[str]:
        return self._replaced.get(statement, list(statement.words))

    def _write(self, statement: SchemaStatement, words: list[str]) -> None:
        self._replaced[statement] = words


def _written(words: Sequence[str]) -> str:
    return f"{words[0]} {''.join(f' {word}' if word == '@' else word for word in words[1:])}" if words else ""


def _type_end(words: Sequence[str]) -> int:
    """The index after a field's type."""
    depth = 0
    for at, word in enumerate(words[1:], start=1):
        if depth == 0 and word == "@":
            return at
        depth += _DEPTHS.get(word, 0)
    return len(words)


def _without(words: Sequence[str], attribute: str) -> list[str]:
    """``words`` without ``@attribute`` and its arguments; ``db`` stands for ``@db.Type``."""
    for start in range(len(words) - 1):
        if words[start] == "@" and words[start + 1] == attribute:
            end = start + (4 if attribute == "db" else 2)
            if end < len(words) and words[end] == "(":
                end = _closed(words, end)
            return [*words[:start], *words[end:]]
    return list(words)


def _closed(words: Sequence[str], start: int) -> int:
    depth = 0
    for at in range(start, len(words)):
        depth += _DEPTHS.get(words[at], 0)
        if depth == 0:
            return at + 1
    return len(words)
