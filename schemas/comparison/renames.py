"""``[renames]``: which names of two schemas are one thing. Never guessed, always said by the author."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..errors import Problem
from ..model import Enum, Model, Schema
from ..version_toml import Rename


class Renames:
    """Old names to new ones. Whatever is not renamed is called what it was."""

    def __init__(self, renames: Sequence[Rename]) -> None:
        self._new = dict(renames)
        self._targets = set(self._new.values())

    def top(self, old: str) -> str:
        """The new name of a model or an enum."""
        return self._new.get(old, old)

    def member(self, owner: str, old: str) -> str:
        """The new name of a field or a value of the model or enum that was called ``owner``."""
        new = self._new.get(f"{owner}.{old}")
        return new.partition(".")[2] if new else old

    def is_target(self, new: str) -> bool:
        """Whether something was renamed to ``new``."""
        return new in self._targets


def rename_problems(
    before: Schema | None, after: Schema, renames: Sequence[Rename], *, file: str
) -> list[Problem]:
    """What in ``[renames]`` of ``file`` contradicts the two schemas."""
    old_names = _names(before) if before else {}
    new_names = _names(after)
    lookup = Renames(renames)
    times = Counter(new for _, new in renames)
    problems = []
    for old, new in renames:
        if old not in old_names:
            problems.append(_problem(file, old, new, f"the version before has no {old}"))
        elif new not in new_names:
            problems.append(_problem(file, old, new, f"this version has no {new}"))
        elif old_names[old] != new_names[new]:
            problems.append(
                _problem(file, old, new, f"{old} is {old_names[old]}, and {new} is {new_names[new]}")
            )
        elif old in new_names and not lookup.is_target(old):
            problems.append(_problem(file, old, new, f"{old} still exists"))
        elif new in old_names and new not in dict(renames):
            problems.append(_problem(file, old, new, f"{new} existed before"))
        elif times[new] > 1:
            problems.append(_problem(file, old, new, f"{new} is the new name of {times[new]} things"))
        elif "." in old and lookup.top(_owner(old)) != _owner(new):
            problems.append(
                _problem(file, old, new, f"{_owner(old)} and {_owner(new)} are not the same thing")
            )
    return problems


def _names(schema: Schema) -> dict[str, str]:
    """Every name in the schema, with the word for what it names."""
    tops: list[Model | Enum] = [*schema.models, *schema.enums]
    names = {top.name: "a model" if isinstance(top, Model) else "an enum" for top in tops}
    for model in schema.models:
        for field in model.fields:
            word = "a relation" if field.is_relation else "a field"
            names[f"{model.name}.{field.name}"] = word
    for enum in schema.enums:
        names |= {f"{enum.name}.{value.name}": "a value" for value in enum.values}
    return names


def _owner(name: str) -> str:
    return name.partition(".")[0]


def _problem(file: str, old: str, new: str, why: str) -> Problem:
    return Problem(
        code="wrong-rename",
        message=f'[renames] "{old}" = "{new}" is not so: {why}',
        fix="correct the line, or remove it",
        file=file,
    )
