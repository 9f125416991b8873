"""Results of rehearsals, kept by content: what was rehearsed once needs no second time.

The key covers everything that a rehearsal depends on: the scripts of all versions, the schema, the answers,
the releases before, the code of this tool with its engines, and the server with its settings. The folder is a
cache and may be deleted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from importlib import metadata, resources
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from migrations.package.release_state import Release, ReleaseState
from migrations.scratch.server_identity import server_identity
from schemas.answers import Answers, SqlOnly
from schemas.errors import Problem
from schemas.versions import SchemaVersion
from schemas.workspace.files import private_folder, write_atomically
from schemas.workspace.lines import VersionLine
from schemas.workspace.migration import Migration
from schemas.workspace.version_source import VersionSource

_FOLDER = "rehearsals"
_MOST = 100
# What runs and judges a rehearsal.
_CODE = ("migrations", "schemas")
_CODE_FILES = (".py", ".mjs", ".json")
_LIBRARIES = ("pglast", "psycopg")
_COMPARED = ("drift", "round-trip", "sql-only-unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsalSubject:
    """What is rehearsed. ``migrations`` are all that ``version`` contains, ``releases`` the versions before
    it, ``lines`` those of the versions that it contains, if they are not one line."""

    version: SchemaVersion
    schema_text: str
    schema_file: str
    migrations: tuple[Migration, ...]
    releases: tuple[Release, ...]
    answers: Answers
    sql_only: SqlOnly
    lines: tuple[VersionLine, ...] = ()

    @classmethod
    def of(cls, source: VersionSource, releases: tuple[Release, ...]) -> RehearsalSubject:
        """A version of the workspace."""
        return cls(
            version=source.version,
            schema_text=source.schema_text,
            schema_file=source.schema_path,
            migrations=(*source.history, *source.beside),
            releases=releases,
            answers=source.answers,
            sql_only=source.sql_only,
            lines=source.lines,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsalReport:
    """What a rehearsal found that succeeded. ``losses`` are lines for people, ``document`` is the record in
    JSON values, and ``history`` what each version consists of. ``is_kept``: it was rehearsed earlier."""

    summary: str
    losses: tuple[str, ...]
    warnings: tuple[Problem, ...]
    document: dict[str, Any]
    history: tuple[ReleaseState, ...]
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class FailedRehearsal:
    """A rehearsal that failed, and would fail again."""

    problems: tuple[Problem, ...]


def is_compared(problems: Sequence[Problem]) -> bool:
    """Whether a failure was found by comparing databases, so that it would be found again. A statement can
    also fail for a reason of the machine: a full disk, a timeout."""
    return all(problem.code in _COMPARED for problem in problems)


class KeptRehearsal:
    """The place of one subject's result."""

    def __init__(self, root: Path, subject: RehearsalSubject, url: str | None) -> None:
        """``url`` is the server that it is rehearsed on; None: the embedded one. Raises ScratchServerError if
        the server can't be asked, and WorkspaceError."""
        self._file = private_folder(root, _FOLDER) / f"{_key(subject, url)}.json"

    def find(self) -> RehearsalReport | FailedRehearsal | None:
        """The result; a damaged one counts as absent."""
        try:
            stored = json.loads(self._file.read_text("utf-8"))
            content, digest = stored["content"], stored["digest"]
            if digest != _digest(content):
                return None
            found = _RESULTS.validate_json(content)
        except (OSError, ValueError, KeyError, TypeError, ValidationError):
            return None
        return replace(found, is_kept=True) if isinstance(found, RehearsalReport) else found

    def keep(self, result: RehearsalReport | FailedRehearsal) -> None:
        """Store the result, and delete the oldest ones where there are too many. A folder that can't be
        written keeps nothing."""
        content = _RESULTS.dump_json(result).decode()
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self._file, json.dumps({"digest": _digest(content), "content": content}))
            _prune(self._file.parent)


_RESULTS: TypeAdapter[RehearsalReport | FailedRehearsal] = TypeAdapter(RehearsalReport | FailedRehearsal)


def _prune(folder: Path) -> None:
    by_age = sorted(folder.glob("*.json"), key=lambda file: (file.stat().st_mtime, file.name))
    for file in by_age[:-_MOST]:
        file.unlink(missing_ok=True)


def _key(subject: RehearsalSubject, url: str | None) -> str:
    return _digest(repr((_code_digest(), server_identity(url), subject)))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _code_digest() -> str:
    """Of all code that takes part, and of the libraries it stands on: after any change of it, a version is
    rehearsed again."""
    digest = hashlib.sha256(repr([metadata.version(name) for name in _LIBRARIES]).encode())
    for package in _CODE:
        folder = Path(str(resources.files(package)))
        for file in sorted(each for each in folder.rglob("*") if each.suffix in _CODE_FILES):
            digest.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
