"""Enum values on the way back: rows get the old value again, where the one that took its place is new."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.answers import Answers, Backfill
from schemas.model import Enum

from .renames.pairing import Pairing


def values_back(pairing: Pairing, answers: Answers) -> dict[str, Backfill]:
    """What [backfill] would say for the way back, by new value: rows get the old value that it stands for.

    A value that both enums have stays what it is: nobody knows any more which of its rows had another.
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
    """(old, new) enums: the same one, or the types of one column."""
    yield from pairing.enums
    before, after = pairing.before.enums_by_name, pairing.after.enums_by_name
    for models in pairing.models:
        for old, new in pairing.fields(*models):
            if old.kind == new.kind == "enum":
                yield before[old.type], after[new.type]
