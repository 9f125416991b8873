"""A drop beside an add of the same shape may be a rename: only the author knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schemas.model import Enum, Field, Model

from .pairing import Pairing
from .questions import Question

_ALIKE = 0.5


def rename_questions(pairing: Pairing, accepted: Sequence[str]) -> list[Question]:
    """One for each thing that goes while something like it comes; none for an ``accepted`` loss."""
    asked = [*_models(pairing), *_fields(pairing), *_enums(pairing), *_values(pairing)]
    return [question for question in asked if question.subject not in accepted]


def _models(pairing: Pairing) -> Iterator[Question]:
    kept = {old.name for old, _ in pairing.models}
    known = {new.name for _, new in pairing.models}
    added = [model for model in pairing.after.models if not model.is_view and model.name not in known]
    for model in pairing.before.models:
        if not model.is_view and model.name not in kept:
            alike = [new.name for new in added if _model_likeness(model, new) >= _ALIKE]
            yield from _question(model.name, alike)


def _fields(pairing: Pairing) -> Iterator[Question]:
    enums = {old.name: new.name for old, new in pairing.enums}
    for old, new in pairing.models:
        pairs = pairing.fields(old, new)
        kept, known = {before.name for before, _ in pairs}, {after.name for _, after in pairs}
        added = [field for field in new.fields if not field.is_relation and field.name not in known]
        for field in old.fields:
            if not field.is_relation and field.name not in kept:
                wanted = (field.kind, enums.get(field.type, field.type), field.is_list)
                alike = [each.name for each in added if (each.kind, each.type, each.is_list) == wanted]
                yield from _question(f"{old.name}.{field.name}", [f"{new.name}.{name}" for name in alike])


def _enums(pairing: Pairing) -> Iterator[Question]:
    kept = {old.name for old, _ in pairing.enums}
    known = {new.name for _, new in pairing.enums}
    added = [enum for enum in pairing.after.enums if enum.name not in known]
    for enum in pairing.before.enums:
        if enum.name not in kept:
            alike = [new.name for new in added if _enum_likeness(enum, new) >= _ALIKE]
            yield from _question(enum.name, alike)


def _values(pairing: Pairing) -> Iterator[Question]:
    for old, new in pairing.enums:
        pairs = pairing.values(old, new)
        kept, known = {before.name for before, _ in pairs}, {after.name for _, after in pairs}
        added = [f"{new.name}.{value.name}" for value in new.values if value.name not in known]
        for value in old.values:
            if value.name not in kept:
                yield from _question(f"{old.name}.{value.name}", added)


def _question(subject: str, candidates: Sequence[str]) -> Iterator[Question]:
    if candidates:
        names = " or ".join(candidates)
        yield Question(
            kind="rename",
            subject=subject,
            text=f"{subject} goes and {names} comes: was it renamed, or is it dropped with all it holds?",
            candidates=tuple(candidates),
        )


def _model_likeness(old: Model, new: Model) -> float:
    return _likeness(map(_shape, old.columns), map(_shape, new.columns))


def _enum_likeness(old: Enum, new: Enum) -> float:
    return _likeness((v.database_name for v in old.values), (v.database_name for v in new.values))


def _likeness(old: Iterator[object], new: Iterator[object]) -> float:
    ours, theirs = set(old), set(new)
    return len(ours & theirs) / max(len(ours), len(theirs), 1)


def _shape(field: Field) -> tuple[str, str, bool]:
    return field.column, field.type, field.is_list
