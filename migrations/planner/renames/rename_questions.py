"""Something that is dropped while something similar is added may be a rename: only the author knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace

from schemas.answers import Answers
from schemas.model import Enum, Field, Model

from ..join_tables import join_tables
from ..questions import Question
from .paired_join_tables import moved_fields, paired_join_tables
from .pairing import Pairing

#: The share that has to be equal in two things: of their names, or if no names match, of their types.
_ALIKE, _ALIKE_IN_TYPE = 0.5, 0.75
#: Types that people change between when they rename.
_NUMBERS = ("Int", "BigInt", "Float", "Decimal")


def rename_questions(pairing: Pairing, answers: Answers) -> list[Question]:
    """One for each thing that is dropped while something similar is added, unless ``answers`` accept it."""
    asked = [*_models(pairing), *_fields(pairing), *_joins(pairing), *_enums(pairing), *_values(pairing)]
    return [
        question
        for question in asked
        if not answers.accepts(question.subject)
        and not (question.replacements and answers.backfill(question.subject))
    ]


def _models(pairing: Pairing) -> Iterator[Question]:
    kept = {old.name for old, _ in pairing.models}
    known = {new.name for _, new in pairing.models}
    added = [model for model in pairing.after.models if not model.is_view and model.name not in known]
    for model in pairing.before.models:
        if not model.is_view and model.name not in kept:
            alike = [new.name for new in added if _likeness(_named(model), _named(new)) >= _ALIKE]
            of_types = [new.name for new in added if _likeness(_typed(model), _typed(new)) >= _ALIKE_IN_TYPE]
            yield from _question(model.name, alike or of_types)


def _fields(pairing: Pairing) -> Iterator[Question]:
    for old, new in pairing.models:
        pairs = pairing.fields(old, new)
        kept, known = {before.name for before, _ in pairs}, {after.name for _, after in pairs}
        added = [field for field in new.fields if not field.is_relation and field.name not in known]
        for field in old.fields:
            if not field.is_relation and field.name not in kept:
                same = [each for each in added if _is_same_type(field, each, pairing)]
                alike = same or [
                    each for each in added if field.kind != "enum" and _kind(each) == _kind(field)
                ]
                yield from _question(
                    f"{old.name}.{field.name}", [f"{new.name}.{each.name}" for each in alike]
                )


def _is_same_type(old: Field, new: Field, pairing: Pairing) -> bool:
    if (old.kind, old.is_list) != (new.kind, new.is_list):
        return False
    if old.kind != "enum":
        return old.type == new.type
    renamed = {before.name: after.name for before, after in pairing.enums}
    return renamed.get(old.type) == new.type or not (old.type in renamed or new.type in renamed.values())


def _joins(pairing: Pairing) -> Iterator[Question]:
    """Many-to-many relations that go while others come between the same models, with other fields."""
    models, moved = {old.name: new.name for old, new in pairing.models}, moved_fields(pairing)
    paired = {new.name for _, new in paired_join_tables(pairing)}
    tables = join_tables(pairing.after)
    added = [new for new in tables if new.name not in paired]
    for old in join_tables(pairing.before):
        ends = [models.get(model, "") for model, _ in old.sides]
        fields = [
            f"{model}.{field}"
            for new in added
            if sorted(model for model, _ in new.sides) == sorted(ends)
            for model, field in new.sides
            if model == ends[0]
        ]
        if moved.keys().isdisjoint(old.sides) and old.name not in {new.name for new in tables}:
            for question in _question(".".join(old.sides[0]), fields):
                yield replace(question, subject=old.name[1], renamed=question.subject)


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
                names = tuple(each.name for each in new.values)
                for question in _question(f"{old.name}.{value.name}", added):
                    text = (
                        f"{question.text} Rows that have it may also get another value ({', '.join(names)})."
                    )
                    yield replace(question, text=text, replacements=names)


def _question(subject: str, candidates: Sequence[str]) -> Iterator[Question]:
    if candidates:
        names = " or ".join(candidates)
        yield Question(
            kind="rename",
            subject=subject,
            text=f"{subject} is removed and {names} added: was it renamed, or is it dropped with its data?",
            candidates=tuple(candidates),
        )


def _enum_likeness(old: Enum, new: Enum) -> float:
    return _likeness(
        Counter(value.database_name for value in old.values),
        Counter(value.database_name for value in new.values),
    )


def _likeness(ours: Counter[Hashable], theirs: Counter[Hashable]) -> float:
    return (ours & theirs).total() / max(ours.total(), theirs.total(), 1)


def _named(model: Model) -> Counter[Hashable]:
    return Counter((field.column, *_kind(field)) for field in model.columns)


def _typed(model: Model) -> Counter[Hashable]:
    return Counter(map(_kind, model.columns))


def _kind(field: Field) -> tuple[str, bool]:
    """The field's type, as far as it usually stays the same in a rename."""
    if field.kind == "enum":
        return "enum", field.is_list
    return "number" if field.type in _NUMBERS else field.type, field.is_list
