"""What down.sql says at its top: all that nobody should find out afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from schemas.answers import Answers

from .losses.loss_warnings import Loss

FROM_NOTHING = (
    "-- The way back to an empty database. BEGIN and COMMIT are the runner's.\n"
    "--\n"
    "-- It takes away every table, with all its rows.\n"
)
_MOVED = ("table", "column")


def heading(
    origin: str,
    losses: Sequence[Loss],
    taken: Sequence[Loss],
    made_up: Mapping[str, str],
    answers: tuple[Answers, Answers],
) -> str:
    """Comments. ``origin`` says where the way leads to, ``losses`` are those of the way up, ``taken`` those
    of the way back, ``made_up`` has the SQL of what rows get in columns that come back, and ``answers`` are
    those for the way up and for the way back."""
    up, down = answers
    lines = [f"-- The way back to {origin}. BEGIN and COMMIT are the runner's."]
    gone = [loss for loss in losses if not loss.is_demand]
    facts = [_gone(loss, made_up, up) for loss in gone]
    lines += _section("It can't restore what the way up took away, only its shape:", facts)
    if any(loss.kind in _MOVED for loss in gone):
        lines.append("-- Where you let up.sql move such values elsewhere first, move them back here.")
    facts = [_taken(loss, down) for loss in taken if not loss.is_demand]
    lines += _section("It takes away what came after the way up:", facts)
    facts = [f"{loss.subject} {loss.text}" for loss in taken if loss.is_demand]
    lines += _section("It fails while rows contradict it:", facts)
    return "\n".join([*lines, ""])


def _gone(loss: Loss, made_up: Mapping[str, str], answers: Answers) -> str:
    """What rows have instead of what went."""
    answer = answers.backfill(loss.subject)
    if loss.kind == "type":
        return f"{loss.subject} as it was before its type changed"
    if loss.kind == "value" and answer is not None and answer.constant is not None:
        return f"{loss.subject}: its rows got {answer.constant}"
    if loss.subject in made_up:
        return f"{loss.subject}: every row gets {made_up[loss.subject]}"
    return loss.subject


def _taken(loss: Loss, answers: Answers) -> str:
    answer = answers.backfill(loss.subject)
    if loss.kind == "value" and answer is not None and answer.constant is not None:
        return f"{loss.subject} goes: its rows get {answer.constant}"
    return f"{loss.subject} {loss.text}"


def _section(title: str, facts: Sequence[str]) -> list[str]:
    return ["--", f"-- {title}", *(f"--   {' '.join(fact.split())}" for fact in facts)] if facts else []
