"""Where something is in schema.prisma, and how a problem with it is reported."""

from __future__ import annotations

from schemas.errors import Problem
from schemas.prisma.source import Block, SchemaStatement, Token, blocks, position

_MODELS = ("model", "view")


class Places:
    """The blocks of a schema's text, as its author wrote it; ``file`` is its name in problems."""

    def __init__(self, text: str, file: str) -> None:
        self._text = text.removeprefix("\ufeff")
        self._file = file
        self.blocks = blocks(self._text)
        self.models = tuple(block for block in self.blocks if block.keyword in _MODELS)
        self._by_name = {block.name: block for block in self.models}

    def model(self, name: str) -> Block:
        """The block of a model or view."""
        return self._by_name[name]

    def is_relation(self, statement: SchemaStatement) -> bool:
        """Whether a field has a model's rows, so that it is no column."""
        return len(statement.tokens) > 1 and statement.tokens[1].text in self._by_name

    def problem(self, code: str, message: str, fix: str, at: Block | SchemaStatement | Token) -> Problem:
        """A problem at the place of ``at``."""
        line, column = position(self._text, at.offset)
        return Problem(code=code, message=message, fix=fix, file=self._file, line=line, column=column)
