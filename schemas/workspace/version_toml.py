"""``version.toml``: a version's description, author and notes, and the answers about its changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import tomlkit

from ..answers import Answers, Rename
from ..errors import InvalidVersionError, Problem, WorkspaceError
from ..toml.answers_toml import TABLES, LocatedProblem, read_answers, write_answers
from ..toml.toml_file import parse_toml
from ..toml.toml_locations import with_location
from ..versions import SchemaVersion

_TEXTS = ("description", "author", "notes", "compatible_from")
#: A value of ``compatible_from``: packages of no other version work on a database at this one.
NO_OTHER: Final = "none"


@dataclass(frozen=True, kw_only=True)
class VersionToml:
    """The file's content; all of it is untrusted text. ``compatible_from`` is the oldest version whose
    packages work on a database at this one, if the author declares it: a version, or NO_OTHER."""

    description: str = ""
    author: str | None = None
    notes: str | None = None
    compatible_from: SchemaVersion | Literal["none"] | None = None
    answers: Answers = field(default_factory=Answers)

    @property
    def renames(self) -> tuple[Rename, ...]:
        """The table [renames]."""
        return self.answers.renames

    @classmethod
    def from_toml(cls, text: str, *, file: str) -> VersionToml:
        """Read the file. Raises WorkspaceError with every key that is unknown or has a wrong value."""
        content = parse_toml(text, file=file)
        tables = {name: content.pop(name) for name in TABLES if name in content}
        unknown = [key for key in content if key not in _TEXTS]
        not_texts = [key for key in _TEXTS if not isinstance(content.get(key, ""), str)]
        wrong: list[LocatedProblem] = [([key], _unknown_key(key, file)) for key in unknown]
        wrong += [([key], _not_text(key, file)) for key in not_texts]
        answers, wrong_answers = read_answers(tables, file=file)
        compatible_from, wrong_version = _compatible_from(content, file)
        if problems := [*wrong, *wrong_answers, *wrong_version]:
            raise WorkspaceError(*(with_location(problem, text, path) for path, problem in problems))
        return cls(
            description=content.get("description", "").strip(),
            author=content.get("author", "").strip() or None,
            notes=content.get("notes", "").strip() or None,
            compatible_from=compatible_from,
            answers=answers,
        )

    def to_toml(self) -> str:
        """A file for people to edit."""
        document = tomlkit.document()
        document.add(tomlkit.comment("One line: what this version is about. It is part of every package."))
        document["description"] = self.description
        if self.author is not None:
            document["author"] = self.author
        if self.notes is not None:
            document["notes"] = self.notes
        if self.compatible_from is not None:
            document["compatible_from"] = str(self.compatible_from)
        write_answers(document, self.answers)
        return tomlkit.dumps(document)


def with_answers(text: str, answers: Answers) -> str:
    """``text``, a version.toml, with ``answers`` added; comments and everything else are unchanged."""
    document = tomlkit.parse(text)
    write_answers(document, answers)
    return tomlkit.dumps(document)


def _compatible_from(
    content: Mapping[str, object], file: str
) -> tuple[SchemaVersion | Literal["none"] | None, list[LocatedProblem]]:
    text = content.get("compatible_from")
    if text == NO_OTHER or not isinstance(text, str):
        return NO_OTHER if text == NO_OTHER else None, []
    try:
        return SchemaVersion.parse(text), []
    except InvalidVersionError as error:
        return None, [(["compatible_from"], replace(problem, file=file)) for problem in error.problems]


def _unknown_key(key: str, file: str) -> Problem:
    tables = ", ".join(f"[{name}]" for name in TABLES)
    return Problem(
        code="unknown-key",
        message=f"unknown key {key[:120]!r}",
        fix=f"use {', '.join(_TEXTS)} or one of the tables {tables}",
        file=file,
    )


def _not_text(key: str, file: str) -> Problem:
    return Problem(code="not-a-text", message=f"{key} is not a string", fix=f'write {key} = "..."', file=file)
