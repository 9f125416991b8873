"""``generated.toml``, next to a migration's scripts: what they were written from.

Scripts are text to edit, and version.toml may be answered otherwise later: this tells one from the other.
Without the file a migration counts as written by hand.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import tomlkit

from ..answers import Answers
from ..errors import WorkspaceError
from ..toml.answers_toml import TABLES, read_answers, write_answers
from ..toml.toml_file import parse_toml
from ..toml.toml_locations import with_location
from .migration import Migration

_COMMENT = "What `migration new` wrote these scripts from. Without this file they count as written by hand."


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """The ``answers`` of version.toml at that time, and the digest of the scripts as they were written."""

    answers: Answers
    digest: str

    @classmethod
    def of(cls, up: str, down: str | None, answers: Answers) -> Generated:
        """For scripts that were just written."""
        return cls(answers=answers, digest=_digest(up, down))

    @classmethod
    def from_toml(cls, text: str, *, file: str) -> Generated:
        """Read the file. Raises WorkspaceError."""
        content = parse_toml(text, file=file)
        tables = {name: content[name] for name in TABLES if name in content}
        answers, wrong = read_answers(tables, file=file)
        if wrong:
            raise WorkspaceError(*(with_location(problem, text, path) for path, problem in wrong))
        return cls(answers=answers, digest=str(content.get("scripts", "")))

    def to_toml(self) -> str:
        """The file."""
        document = tomlkit.document()
        document.add(tomlkit.comment(_COMMENT))
        document["scripts"] = self.digest
        write_answers(document, self.answers)
        return tomlkit.dumps(document)

    def is_edited(self, migration: Migration) -> bool:
        """Whether somebody has changed the scripts since."""
        return _digest(migration.up, migration.down) != self.digest


def _digest(up: str, down: str | None) -> str:
    content = "\0".join(text.replace("\r\n", "\n") for text in (up, down or ""))
    return f"sha256:{hashlib.sha256(content.encode()).hexdigest()}"
