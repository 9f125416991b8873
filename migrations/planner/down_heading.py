"""The comment at the top of down.sql: what it loses, can't restore, or fails on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from schemas.answers import Answers

from .losses.loss_warnings import LossWarning

FROM_NOTHING = (
    "-- Downgrade to an empty database. The runner adds BEGIN and COMMIT.\n"
    "--\n"
    "-- It drops every table, with all its rows.\n"
)
_MOVED = ("table", "column")


def heading(
    origin: str,
    losses: Sequence[LossWarning],
    taken: Sequence[LossWarning],
    new_values: Mapping[str, str],
    answers: tuple[Answers, Answers],
) -> str:
    """The comment. ``origin`` is what the downgrade leads to; ``losses`` are those of up.sql, ``taken`` those
    of down.sql; ``new_values`` is the SQL of what rows get in restored columns; ``answers`` are those for
    up.sql and for down.sql."""
    up, down = answers
    lines = [f"-- Downgrade to {origin}. The runner adds BEGIN and COMMIT."]
    gone = [loss for loss in losses if not loss.needs_value]
    facts = [_gone(loss, new_values, up) for loss in gone]
    lines += _section("It can't restore values that up.sql removed, only the columns and tables:", facts)
    if any(loss.kind in _MOVED for loss in gone):
        lines.append("-- If you let up.sql copy such values elsewhere first, copy them back here.")
    facts = [_taken(loss, down) for loss in taken if not loss.needs_value]
    lines += _section("It removes what was added after the upgrade:", facts)
    facts = [f"{loss.subject} {loss.text}" for loss in taken if loss.needs_value]
    lines += _section("It fails on rows that don't fit:", facts)
    return "\n".join([*lines, ""])


def _gone(loss: LossWarning, new_values: Mapping[str, str], answers: Answers) -> str:
    """What was removed, and what rows get instead."""
    answer = answers.backfill(loss.subject)
    if loss.kind == "type":
        return f"{loss.subject} as it was before its type changed"
    if loss.kind == "value" and answer is not None and answer.constant is not None:
        return f"{loss.subject}: its rows got {answer.constant}"
    if loss.subject in new_values:
        return f"{loss.subject}: every row gets {new_values[loss.subject]}"
    return loss.subject


def _taken(loss: LossWarning, answers: Answers) -> str:
    answer = answers.backfill(loss.subject)
    if loss.kind == "value" and answer is not None and answer.constant is not None:
        return f"{loss.subject} is removed: its rows get {answer.constant}"
    return f"{loss.subject} {loss.text}"


def _section(title: str, facts: Sequence[str]) -> list[str]:
    return ["--", f"-- {title}", *(f"--   {' '.join(fact.split())}" for fact in facts)] if facts else []
