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
from .lines import Origin

_TEXTS = {
    "description": "one line: what this version is about. It is part of every package",
    "author": "who made it",
    "notes": "what others should know; shown by `show` and by the API",
    "compatible_from": 'the oldest version whose packages work on a database at this one, or `"none"`; '
    "the last breaking version if nothing is given",
}
#: A value of ``compatible_from``: packages of no other version work on a database at this one.
NO_OTHER: Final = "none"
_FROM, _TAKES = "from", "takes"
#: Every key outside of the tables of answers, and what it says.
KEYS = {
    **_TEXTS,
    _FROM: "the version that this one follows, where it isn't the one with the next lower number",
    _TAKES: '`[takes."VERSION"]`: a maintenance line that it takes over, and an answer for each migration',
}


@dataclass(frozen=True, kw_only=True)
class VersionToml:
    """The file's content; all of it is untrusted text. ``compatible_from`` is the oldest version whose
    packages work on a database at this one, if the author declares it: a version, or NO_OTHER."""

    description: str = ""
    author: str | None = None
    notes: str | None = None
    compatible_from: SchemaVersion | Literal["none"] | None = None
    answers: Answers = field(default_factory=Answers)
    #: The keys ``from`` and ``takes``: see :mod:`.lines`.
    origin: Origin = field(default_factory=Origin)

    @property
    def renames(self) -> tuple[Rename, ...]:
        """The table [renames]."""
        return self.answers.renames

    @classmethod
    def from_toml(cls, text: str, *, file: str) -> VersionToml:
        """Read the file. Raises WorkspaceError with every key that is unknown or has a wrong value."""
        content = parse_toml(text, file=file)
        tables = {name: content.pop(name) for name in TABLES if name in content}
        origin, wrong_origin = _origin(content, file)
        unknown = [key for key in content if key not in KEYS]
        not_texts = [key for key in _TEXTS if not isinstance(content.get(key, ""), str)]
        wrong: list[LocatedProblem] = [([key], _unknown_key(key, file)) for key in unknown]
        wrong += [([key], _not_text(key, file)) for key in not_texts]
        answers, wrong_answers = read_answers(tables, file=file)
        compatible_from, wrong_version = _compatible_from(content, file)
        if problems := [*wrong, *wrong_answers, *wrong_version, *wrong_origin]:
            raise WorkspaceError(*(with_location(problem, text, path) for path, problem in problems))
        return cls(
            description=content.get("description", "").strip(),
            author=content.get("author", "").strip() or None,
            notes=content.get("notes", "").strip() or None,
            compatible_from=compatible_from,
            answers=answers,
            origin=origin,
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
        if self.origin.from_ is not None:
            document[_FROM] = str(self.origin.from_)
        if self.origin.takes:
            document[_TAKES] = {str(each): dict(how) for each, how in self.origin.takes.items()}
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


def _origin(content: Mapping[str, object], file: str) -> tuple[Origin, list[LocatedProblem]]:
    wrong: list[LocatedProblem] = []

    def version(text: object, path: list[str]) -> SchemaVersion | None:
        try:
            return SchemaVersion.parse(str(text))
        except InvalidVersionError as error:
            wrong.extend((path, replace(problem, file=file)) for problem in error.problems)
            return None

    from_ = version(content[_FROM], [_FROM]) if _FROM in content else None
    takes: dict[SchemaVersion, Mapping[str, str]] = {}
    tables = content.get(_TAKES, {})
    if not isinstance(tables, Mapping):
        return Origin(from_=from_), [*wrong, ([_TAKES], _not_answers(_TAKES, file))]
    for text, answers in tables.items():
        taken = version(text, [_TAKES, text])
        if not isinstance(answers, Mapping) or not all(isinstance(how, str) for how in answers.values()):
            wrong.append(([_TAKES, text], _not_answers(f"{_TAKES}.{text}", file)))
        elif taken is not None:
            takes[taken] = {str(name): str(how) for name, how in answers.items()}
    return Origin(from_=from_, takes=takes), wrong


def _not_answers(name: str, file: str) -> Problem:
    return Problem(
        code="not-a-table",
        message=f"[{name[:120]}] is not a table of answers",
        fix='write [takes."1.1.1"], and below it a line for each migration: 006_fix = "run"',
        file=file,
    )


def _unknown_key(key: str, file: str) -> Problem:
    tables = ", ".join(f"[{name}]" for name in TABLES)
    return Problem(
        code="unknown-key",
        message=f"unknown key {key[:120]!r}",
        fix=f"use {', '.join((*_TEXTS, _FROM))} or one of the tables {tables}, [{_TAKES}]",
        file=file,
    )


def _not_text(key: str, file: str) -> Problem:
    return Problem(code="not-a-text", message=f"{key} is not a string", fix=f'write {key} = "..."', file=file)
