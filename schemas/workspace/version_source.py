"""One version as it lies in the workspace: every text that its packages are made from."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property

from ..answers import Answers, Rename
from ..errors import Problem
from ..partial_types.checking import FILE_NAME
from ..versions import SchemaVersion
from .migration import Migration
from .release_lock import ReleaseLock


@dataclass(frozen=True, kw_only=True)
class VersionSource:
    """A draft, or a published version once it has a ``lock``.

    ``folder`` and ``schema_path`` are POSIX paths relative to the workspace, for messages. ``history`` are
    all migrations up to and including this version, in order. ``compatible_from`` is the oldest version whose
    packages work on a database at this one (itself: no other's), None where its number says so.
    ``partial_types`` is the text of partial_types.py, empty where there is none.
    """

    version: SchemaVersion
    folder: str
    schema_path: str
    schema_text: str
    description: str
    author: str | None
    notes: str | None
    answers: Answers
    compatible_from: SchemaVersion | None
    changelog: str
    history: tuple[Migration, ...]
    lock: ReleaseLock | None
    partial_types: str = ""

    @property
    def partial_types_path(self) -> str:
        """Where partial_types.py is, or would be."""
        return f"{self.folder}/{FILE_NAME}"

    @property
    def migrations(self) -> tuple[Migration, ...]:
        """The migrations that this version adds."""
        return tuple(migration for migration in self.history if migration.version == self.version)

    @property
    def renames(self) -> tuple[Rename, ...]:
        """What is now called otherwise than in the version before."""
        return self.answers.renames

    @property
    def is_published(self) -> bool:
        return self.lock is not None

    @cached_property
    def digest(self) -> str:
        """sha256 (hex) over everything that determines the packages.

        Texts count as they were read: line ends and the layout of version.toml don't matter. Notes, answers
        and the changelog go into no package, so a clone that lacks a drafted changelog is the same version.
        """
        content = {
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
        if self.partial_types:  # a version without any keeps the digest that it was sealed with
            content["partial_types"] = self.partial_types
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    @property
    def seal_problem(self) -> Problem | None:
        """What is wrong where a published version was edited afterwards."""
        if self.lock is None or (self.lock.input_digest, self.lock.version) == (self.digest, self.version):
            return None
        return Problem(
            code="sealed-version-edited",
            message=f"{self.version} is published, and was edited afterwards",
            fix=f"restore {self.folder} (and the migrations before it) from version control, "
            "and put the change in a new version",
            file=self.folder,
        )
