"""Enum values in a downgrade: rows get the old value back, if the value that replaced it is new."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.answers import Answers, Backfill
from schemas.model import Enum

from .renames.pairing import Pairing


def enum_values_down(pairing: Pairing, answers: Answers) -> dict[str, Backfill]:
    """The [backfill] of the downgrade, by new value: rows get the old value that it replaced.

    Rows with a value that both enums have keep it: it is unknown which of them had another value before.
    """
    found: dict[str, Backfill] = {}
    for old, new in _successors(pairing):
        known = {value.name for value in old.values}
        kept = {after.name for _, after in pairing.values(old, new)}
        for value in old.values:
            answer = answers.backfill(f"{old.name}.{value.name}")
            if answer is None or not isinstance(answer.constant, str):
                continue
            if answer.constant not in known | kept:
                found.setdefault(f"{new.name}.{answer.constant}", Backfill(constant=value.name))
    return found


def _successors(pairing: Pairing) -> Iterator[tuple[Enum, Enum]]:
    """Pairs of (old, new) enums: the same enum, or the types of the same column."""
    yield from pairing.enums
    before, after = pairing.before.enums_by_name, pairing.after.enums_by_name
    for models in pairing.models:
        for old, new in pairing.fields(*models):
            if old.kind == new.kind == "enum":
                yield before[old.type], after[new.type]
