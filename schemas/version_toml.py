"""``version.toml``: what people say about a version, and what its changes are called."""

from __future__ import annotations

import re
from dataclasses import dataclass

import tomlkit

from .errors import Problem, WorkspaceError
from .toml_file import parse_toml

#: An old name and its new one: ``Model``, ``Model.field``, ``Enum`` or ``Enum.VALUE``.
Rename = tuple[str, str]

_TEXTS = ("description", "author", "notes")
_SUBJECT = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionToml:
    """The file's content. All of it is untrusted text."""

    description: str = ""
    author: str | None = None
    notes: str | None = None
    renames: tuple[Rename, ...] = ()

    @classmethod
    def from_toml(cls, text: str, *, file: str) -> VersionToml:
        """Read the file. Raises WorkspaceError with every key that is unknown or of the wrong kind."""
        content = parse_toml(text, file=file)
        renames = content.pop("renames", {})
        problems = [_unknown_key(key, file) for key in content if key not in _TEXTS]
        problems += [_not_text(key, file) for key in _TEXTS if not isinstance(content.get(key, ""), str)]
        problems += _rename_problems(renames, file)
        if problems:
            raise WorkspaceError(*problems)
        return cls(
            description=content.get("description", "").strip(),
            author=content.get("author", "").strip() or None,
            notes=content.get("notes", "").strip() or None,
            renames=tuple(sorted(renames.items())),
        )

    def to_toml(self) -> str:
        """A file for people to edit."""
        document = tomlkit.document()
        document.add(tomlkit.comment("One line: what this version is about. It goes into every package."))
        document["description"] = self.description
        if self.author is not None:
            document["author"] = self.author
        if self.notes is not None:
            document["notes"] = self.notes
        if self.renames:
            document["renames"] = dict(self.renames)
        return tomlkit.dumps(document)


def _rename_problems(renames: object, file: str) -> list[Problem]:
    if not isinstance(renames, dict):
        return [_bad_rename("renames", file)]
    bad = [
        old
        for old, new in renames.items()
        if not (isinstance(new, str) and _is_subject(old) and _is_subject(new) and _same_depth(old, new))
    ]
    return [_bad_rename(old, file) for old in bad]


def _is_subject(text: str) -> bool:
    return _SUBJECT.fullmatch(text) is not None


def _same_depth(old: str, new: str) -> bool:
    return old.count(".") == new.count(".")


def _bad_rename(key: str, file: str) -> Problem:
    return Problem(
        code="invalid-rename",
        message=f"[renames] does not say what {key[:120]!r} is now called",
        fix='write the old and the new name, as in "Review.stars" = "Review.rating"',
        file=file,
    )


def _unknown_key(key: str, file: str) -> Problem:
    return Problem(
        code="unknown-key",
        message=f"{key[:120]!r} means nothing here",
        fix=f"use {', '.join(_TEXTS)} or the table [renames]",
        file=file,
    )


def _not_text(key: str, file: str) -> Problem:
    return Problem(code="not-a-text", message=f"{key} is not a text", fix=f'write {key} = "..."', file=file)
