"""Rewrite: marks the statements that may fail on rows that don't fit, as the author has accepted.

They are the removal of an enum value without a replacement for its rows, and a change to a type that can't
hold every value: the migration fails on such rows. The rehearsal and people read the mark.
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


def mark_may_refuse(
    statements: Sequence[Statement],
    before: Schema,
    after: Schema,
    bridge: CreationEngine,
    answers: Answers,
) -> list[Statement]:
    """``statements``, with the mark on those that may fail because of rows. Raises BridgeError."""
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
