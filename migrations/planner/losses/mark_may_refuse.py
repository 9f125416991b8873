"""Rewrite: marks the statements that may fail on rows that don't fit, as the author has accepted.

They are the removal of an enum value without a replacement for its rows, and a change to a type that can't
hold every value: the migration fails on such rows. The rehearsal and people read the mark.
"""

from __future__ import annotations

from collections.abc import Sequence

from schemas.answers import Answers
from schemas.model import Schema

from ...ddl.effects import Effect
from ..may_refuse import marked
from ..script import DraftStatement
from .author_names import AuthorNames
from .loss_warnings import CreationEngine, interpreter_of, needs_warning


def mark_may_refuse(
    statements: Sequence[DraftStatement],
    before: Schema,
    after: Schema,
    bridge: CreationEngine,
    answers: Answers,
) -> list[DraftStatement]:
    """``statements``, with the mark on those that may fail because of rows. Raises BridgeError."""
    interpreter, names = interpreter_of(before, bridge), AuthorNames(before, after)

    def refuses(effect: Effect) -> bool:
        if effect.kind == "value":
            answer = answers.backfill(names.subject(effect, ""))
            return answer is None or answer.constant is None
        return effect.kind == "type" and needs_warning(effect) and not names.is_converted(effect, answers)

    return [
        marked(statement)
        if any(map(refuses, interpreter.apply(statement.node, statement.sql)))
        else statement
        for statement in statements
    ]
