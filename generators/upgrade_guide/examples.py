"""For a change, the code that names its subject before and after: where both are equal, no example."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from schemas.comparison.change import Change
from schemas.comparison.consumers import effects
from schemas.model import Schema

from ..target import PackageNames
from .python_code import PythonCode
from .typescript_code import TypeScriptCode

CodeLanguage: TypeAlias = Literal["python", "typescript"]
CODE_LANGUAGES: Final[tuple[CodeLanguage, ...]] = ("python", "typescript")


@dataclass(frozen=True, slots=True)
class Example:
    """One line of code each; None before what is new, and after what is removed."""

    before: str | None
    after: str | None


Examples: TypeAlias = Mapping[CodeLanguage, Example]


def code_examples(
    before: Schema | None, after: Schema, changes: Sequence[Change], names: PackageNames
) -> Mapping[Change, Examples]:
    """The examples of each change. ``row`` and the like stand for a row, and ``db`` for the client."""
    old = before or Schema(text="", models=(), enums=())
    is_asyncio = names.python_interface == "asyncio"
    sides: dict[CodeLanguage, tuple[PythonCode | TypeScriptCode, PythonCode | TypeScriptCode]] = {
        "python": (PythonCode(old, is_asyncio=is_asyncio), PythonCode(after, is_asyncio=is_asyncio)),
        "typescript": (
            TypeScriptCode(old, names.typescript_types),
            TypeScriptCode(after, names.typescript_types),
        ),
    }
    found: dict[Change, Examples] = {}
    for change in changes:
        # What concerns databases alone changes no code, though a rename beside it may.
        languages = [each for each in CODE_LANGUAGES if effects(change)[each] != "none"]
        examples = {language: _example(change, *sides[language]) for language in languages}
        found[change] = {language: each for language, each in examples.items() if each.before != each.after}
    return found


def _example(change: Change, old: PythonCode | TypeScriptCode, new: PythonCode | TypeScriptCode) -> Example:
    is_there_before = change.kind != "added"
    is_there_after = change.kind != "removed"
    return Example(
        before=old.of(change.subject, change.was or change.name, change.old) if is_there_before else None,
        after=new.of(change.subject, change.name, change.new) if is_there_after else None,
    )
