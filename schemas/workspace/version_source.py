"""One version as it is in the workspace: every text that its packages are made from."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property

from ..answers import Answers, Rename, SqlOnly
from ..errors import Problem
from ..partial_types.checking import FILE_NAME
from ..versions import SchemaVersion
from .lines import Origin, VersionLine, taken_over
from .migration import Migration
from .release_lock import LockedInput, ReleaseLock
from .schema_files import SchemaFiles


@dataclass(frozen=True, kw_only=True)
class VersionSource:
    """A draft, or a published version once it has a ``lock``."""

    version: SchemaVersion
    #: A POSIX path relative to the workspace, as those of ``schema_files`` are, for messages.
    folder: str
    schema_files: SchemaFiles
    #: From version.toml, as are the next four.
    description: str
    author: str | None
    notes: str | None
    answers: Answers
    #: The oldest version whose packages work on a database at this one (itself: no other version's do); None
    #: where the version numbers decide.
    compatible_from: SchemaVersion | None
    changelog: str
    #: All migrations that make its database from nothing, its own included, in order.
    history: tuple[Migration, ...]
    lock: ReleaseLock | None
    #: The text of partial_types.py; empty where there is none.
    partial_types: str = ""
    #: What versions before this one left to SQL.
    inherited_sql_only: tuple[str, ...] = ()
    #: The versions that it contains, without itself, oldest first; and the one of them that it follows.
    ancestors: tuple[SchemaVersion, ...] = ()
    base: SchemaVersion | None = None
    #: The lines of all versions that it contains and its own; empty where they are one line.
    lines: tuple[VersionLine, ...] = ()
    #: The migrations of lines that it takes over and does not run.
    beside: tuple[Migration, ...] = ()
    #: What version.toml says about the lines.
    origin: Origin = field(default_factory=Origin)

    @cached_property
    def schema_text(self) -> str:
        """The whole schema, whether in one file or in several."""
        return self.schema_files.text

    @property
    def schema_path(self) -> str:
        """The path of schema.prisma."""
        return self.schema_files.files[0].path

    @property
    def partial_types_path(self) -> str:
        """The path of partial_types.py, whether it exists or not."""
        return f"{self.folder}/{FILE_NAME}"

    @property
    def migrations(self) -> tuple[Migration, ...]:
        """The migrations that this version adds."""
        return tuple(migration for migration in self.history if migration.version == self.version)

    @property
    def changes_database(self) -> bool:
        """Whether it adds migrations, its own or those of a line that it takes over."""
        return bool(self.migrations or self.origin.takes)

    @property
    def taken(self) -> tuple[Migration, ...]:
        """The migrations of other lines that run here as they are, and not before this version."""
        return taken_over(self.version, self.lines, self.history)

    @property
    def renames(self) -> tuple[Rename, ...]:
        """What has another name than in the previous version."""
        return self.answers.renames

    @property
    def sql_only(self) -> SqlOnly:
        """What schema.prisma leaves to the migrations."""
        declared = tuple(key for key, _reason in self.answers.sql_only)
        return SqlOnly(
            declared=declared, inherited=self.inherited_sql_only, file=f"{self.folder}/version.toml"
        )

    @property
    def is_published(self) -> bool:
        return self.lock is not None

    @cached_property
    def digest(self) -> str:
        """sha256 (hex) of everything that determines the packages.

        Texts are used as they were read, so line ends and the layout of version.toml don't matter. Notes and
        answers are not part of any package and therefore not included; nor is the changelog, which is written
        only when a version is published: a lock has a digest of its own for it.
        """
        content: dict[str, object] = {
            "version": str(self.version),
            "schema": self.schema_text,
            "description": self.description,
            "author": self.author,
            "migrations": [
                [migration.id, str(migration.version), migration.up, migration.down]
                for migration in self.history
            ],
        }
        if self.compatible_from is not None:
            content["compatible_from"] = str(self.compatible_from)
        if self.lines:
            content["lines"] = self._sealed_lines()
        if self.partial_types:  # versions without any keep the digest that they were sealed with
            content["partial_types"] = self.partial_types
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def _sealed_lines(self) -> dict[str, object]:
        """Of versions with migrations: others that are published later change no package of this one."""
        adding = {migration.version for migration in (*self.history, *self.beside)} | {self.version}
        return {
            "versions": [
                [str(line.version), line.history, line.beside]
                for line in self.lines
                if line.version in adding
            ],
            "beside": [[each.id, str(each.version), each.up, each.down] for each in self.beside],
        }

    @property
    def inputs(self) -> tuple[LockedInput, ...]:
        """The files that :attr:`digest` covers, each with a digest of its own: one that differs is named."""
        settings: dict[str, object] = {"description": self.description, "author": self.author}
        if self.compatible_from is not None:
            settings["compatible_from"] = str(self.compatible_from)
        found = [
            *(LockedInput.of_text(file.path, file.text) for file in self.schema_files.files),
            LockedInput.of_settings(f"{self.folder}/version.toml", settings),
        ]
        if self.partial_types:
            found.append(LockedInput.of_text(self.partial_types_path, self.partial_types))
        for migration in self.history:
            found.append(LockedInput.of_text(migration.script_path("up"), migration.up))
            if migration.down is not None:
                found.append(LockedInput.of_text(migration.script_path("down"), migration.down))
        return tuple(sorted(found, key=lambda each: each.path))

    @property
    def seal_problem(self) -> Problem | None:
        """The problem if a published version was edited afterwards."""
        if self.lock is None:
            return None
        if (self.lock.input_digest, self.lock.version) == (self.digest, self.version):
            return self._changelog_problem(self.lock.changelog_digest)
        return Problem(
            code="sealed-version-edited",
            message=f"{self.version} was edited after it was published",
            fix=f"restore {self.folder} (and the migrations before it) from version control, "
            "and put the change in a new version",
            file=self.folder,
        )

    def _changelog_problem(self, sealed: str | None) -> Problem | None:
        if sealed in (None, text_digest(self.changelog)):
            return None
        return Problem(
            code="sealed-version-edited",
            message=f"the changelog of {self.version} was edited after it was published in the packages",
            fix=f"restore it from version control; schema-service amend {self.version} --changelog FILE "
            "records a correction beside it",
            file=f"{self.folder}/CHANGELOG.md",
        )


def text_digest(text: str) -> str:
    """sha256 (hex) of a text."""
    return hashlib.sha256(text.encode()).hexdigest()
