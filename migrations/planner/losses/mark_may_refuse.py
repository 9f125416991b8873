"""Rewrite: what the author accepts to fail on rows that don't fit says so, to the rehearsal and to readers.

A value that leaves its enum while nothing says what its rows get, and a change of type that doesn't hold
every value, stop the migration where such rows are.
"""

from __future__ import annotations

from collections.abc import Sequence

from schemas.answers import Answers
from schemas.model import Schema

from ..may_refuse import marked
from ..reading import Effect
from ..script import Statement
from .author_names import AuthorNames
from .loss_warnings import CreationEngine, reader_of


def mark_refusals(
    statements: Sequence[Statement],
    before: Schema,
    after: Schema,
    bridge: CreationEngine,
    answers: Answers,
) -> list[Statement]:
    """Those that Postgres may refuse because of rows, with the mark above them. Raises BridgeError."""
    reader, names = reader_of(before, bridge), AuthorNames(before, after)

    def refuses(effect: Effect) -> bool:
        answer = answers.backfill(names.subject(effect, ""))
        if effect.kind == "value":
            return answer is None or answer.constant is None
        is_converted = names.is_convertible(effect) and answer is not None and answer.sql is not None
        return effect.kind == "type" and not is_converted

    return [
        marked(statement) if any(map(refuses, reader.read(statement.node))) else statement
        for statement in statements
    ]
