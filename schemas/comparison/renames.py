"""``[renames]``: which names of two schemas mean the same thing. The author says so; nothing is guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..answers import Rename
from ..errors import Problem
from ..model import Enum, Model, Schema

_Names = Mapping[str, str]  # a schema name -> "a model", "a field", …


class Renames:
    """Old names to new ones. What is not renamed keeps its name, unless something else has that name now:
    then it was removed, and its new name is empty."""

    def __init__(self, renames: Sequence[Rename]) -> None:
        self._new = dict(renames)
        self._targets = set(self._new.values())

    def top(self, old: str) -> str:
        """The new name of a model or an enum."""
        return self._new.get(old, "" if old in self._targets else old)

    def member(self, owner: str, old: str) -> str:
        """The new name of a field or value of the model or enum whose old name is ``owner``."""
        new = self._new.get(f"{owner}.{old}")
        if new is not None:
            return new.partition(".")[2]
        return "" if f"{self.top(owner)}.{old}" in self._targets else old

    def is_target(self, new: str) -> bool:
        """Whether something was renamed to ``new``."""
        return new in self._targets

    def is_source(self, old: str) -> bool:
        """Whether ``old`` was renamed."""
        return old in self._new


def rename_problems(
    before: Schema | None, after: Schema, renames: Sequence[Rename], *, file: str
) -> list[Problem]:
    """Every line in ``[renames]`` of ``file`` that contradicts the two schemas."""
    old_names = _names(before) if before else {}
    new_names = _names(after)
    reasons = ((old, new, _contradiction(old, new, old_names, new_names, renames)) for old, new in renames)
    return [_problem(file, old, new, why) for old, new, why in reasons if why]


def _contradiction(
    old: str, new: str, old_names: _Names, new_names: _Names, renames: Sequence[Rename]
) -> str | None:
    """Why ``old`` can't have become ``new``; None if it can."""
    lookup = Renames(renames)
    # Unless what had the new name was renamed itself, or something else takes the old one.
    both_stay = old in new_names and new in old_names and not (lookup.is_target(old) or lookup.is_source(new))
    reasons = (
        (old not in old_names, f"the previous version has no {old}"),
        (new not in new_names, f"this version has no {new}"),
        (old_names.get(old) != new_names.get(new), f"one is {old_names.get(old)}, one {new_names.get(new)}"),
        (both_stay, f"{old} still exists, and {new} existed before"),
        ("." in old and lookup.top(_owner(old)) != _owner(new), f"{_owner(old)} is not {_owner(new)}"),
    )
    return next((reason for applies, reason in reasons if applies), None)


def _names(schema: Schema) -> _Names:
    """Every name in the schema, and what it names."""
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
        message=f'[renames] "{old}" = "{new}" is wrong: {why}',
        fix="correct the line, or remove it",
        file=file,
    )


def composed(schema: Schema, steps: Sequence[Sequence[Rename]]) -> tuple[Rename, ...]:
    """The renames of several versions in a row as one: from the names of ``schema``, which is before the
    first step. What was removed on the way has no new name."""
    lookups = [Renames(step) for step in steps]
    found: list[Rename] = []
    for name in _names(schema):
        owner, _, member = name.partition(".")
        for lookup in lookups:
            member = lookup.member(owner, member) if member else ""
            owner = lookup.top(owner)
            if not owner or ("." in name and not member):
                break
        else:
            now = f"{owner}.{member}" if member else owner
            # A member of a renamed model has no rename of its own while its name stays.
            if now != name and ("." not in name or member != name.partition(".")[2]):
                found.append((name, now))
    return tuple(found)
