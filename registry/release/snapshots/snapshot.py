"""The input of a release, frozen at its start.

The workflow's input is this snapshot and not the workspace, so that a release that is resumed tomorrow
finishes with the same input, whatever has been edited since.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import TypeAdapter

from generators.revisions import FIRST, carries_changelog, current_revision
from generators.target import PackageNames
from migrations.package.release_state import Release
from schemas.answers import Answers, Rename, SqlOnly
from schemas.partial_types.checking import FILE_NAME
from schemas.versions import SchemaVersion
from schemas.workspace.lines import TakenOver, VersionLine
from schemas.workspace.migration import Migration
from schemas.workspace.release_lock import LockedInput
from schemas.workspace.schema_files import SchemaFiles
from schemas.workspace.version_source import VersionSource, text_digest

from ...config.settings import Settings
from ...trust.inputs import release_inputs
from ...validation.kept_rehearsals import RehearsalSubject
from ...validation.predecessors import BaseVersion, Predecessors, built_by
from ...validation.published_versions import input_digest
from ...validation.schema_loading import SchemaTexts
from ...validation.version_check import Candidate
from ..unfinished import UnfinishedRelease

#: ``push`` ends before consumers get anything unasked, and ``promote`` goes on from there; ``publish`` is
#: both. ``draft`` uploads packages that may still change.
Mode = Literal["publish", "push", "promote", "draft"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One version of a schema, with everything that a release reads."""

    schema_name: str
    version: SchemaVersion
    description: str
    author: str | None
    changelog: str
    schema_text: str
    schema_file: str  # the name that problems show
    previous: BaseVersion | None  # the highest published version below this one
    last_stable: BaseVersion | None  # the highest below that is not a pre-release
    renames: tuple[Rename, ...]
    migrations: tuple[Migration, ...]  # all that make its database from nothing
    names: PackageNames
    input_digest: str  # covers everything that determines the packages
    releases: tuple[Release, ...] = ()  # the versions below that the packages list
    compatible_from: SchemaVersion | None = None  # the oldest version whose packages work on this database
    answers: Answers = field(default_factory=Answers)  # the author's, about the migrations
    partial_types: str = ""  # the text of partial_types.py; empty if there is none
    partial_types_file: str = FILE_NAME  # the name that problems show
    latest_sealed: SchemaVersion | None = None  # `latest` by the workspace's seals
    is_sealed: bool = False  # this version was published before, from another machine
    sql_only: SqlOnly = field(default_factory=SqlOnly)  # what schema.prisma leaves to the migrations
    inputs: tuple[LockedInput, ...] = ()  # empty: it was published before they were listed
    lines: tuple[VersionLine, ...] = ()  # of the versions that it contains, if they are not one line
    beside: tuple[Migration, ...] = ()  # those of lines that it takes over and does not run
    follows: SchemaVersion | None = None  # what version.toml says of these lines
    takes: tuple[TakenOver, ...] = ()
    taken: tuple[BaseVersion, ...] = ()  # the versions whose lines it takes over
    schema_files: SchemaFiles | None = None  # those of ``schema_text``, where it is several
    notes: str | None = None
    generators: int = FIRST  # the revision that builds it: this tool's, or the one of a sealed version
    mode: Mode = "publish"
    draft: int | None = None  # the number of a draft's packages

    @property
    def with_sbom(self) -> bool:
        """Whether its packages have a bill of materials: they came with the list of inputs."""
        return bool(self.inputs)

    @property
    def package_version(self) -> SchemaVersion:
        """What its packages are called: the version, or the number of a draft."""
        return self.version if self.draft is None else self.version.as_draft(self.draft)

    @property
    def candidate(self) -> Candidate:
        """The part that is checked."""
        return Candidate(
            version=self.version,
            texts=SchemaTexts(
                self.schema_text,
                self.schema_file,
                self.partial_types,
                self.partial_types_file,
                self.schema_files,
            ),
            renames=self.renames,
            answers=self.answers,
            history=self.migrations,
            is_published=self.is_sealed,
            names=self.names,
            lines=self.lines,
            beside=self.beside,
            is_branch=self.follows is not None,
        )

    @property
    def rehearsed(self) -> RehearsalSubject:
        """The part that is rehearsed."""
        return RehearsalSubject(
            version=self.version,
            schema_text=self.schema_text,
            schema_file=self.schema_file,
            migrations=(*self.migrations, *self.beside),
            releases=self.releases,
            answers=self.answers,
            sql_only=self.sql_only,
            lines=self.lines,
        )

    @property
    def release_id(self) -> str:
        """One id for one content: other content under the same version is another release.

        So is the same content with other answers: a release that failed for lack of an answer would otherwise
        fail on its stored result for ever.
        """
        content = f"{self.mode}:{self.schema_name}:{self.package_version}:{self._content_digest[:16]}"
        if self.answers == Answers() and not self.sql_only.inherited:
            return content
        answers = hashlib.sha256(repr((self.answers, self.sql_only.inherited)).encode()).hexdigest()
        return f"{content}:{answers[:16]}"

    @property
    def unfinished(self) -> UnfinishedRelease:
        """What is noted while it may be seen in part."""
        return UnfinishedRelease(version=str(self.version), release_id=self.release_id)

    @property
    def carried_changelog(self) -> str:
        """The changelog as the packages carry it; empty where they don't."""
        return self.changelog if carries_changelog(self.generators) else ""

    @property
    def _content_digest(self) -> str:
        carried = self.carried_changelog
        return text_digest(f"{self.input_digest}\n{carried}") if carried else self.input_digest

    @property
    def before(self) -> Predecessors:
        """The versions that it is checked against."""
        return Predecessors(previous=self.previous, last_stable=self.last_stable, taken=self.taken)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, as the workflow's database stores them."""
        stored: dict[str, Any] = _ADAPTER.dump_python(self, mode="json")
        return stored

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Snapshot:
        """The snapshot that :meth:`to_json` wrote."""
        return _ADAPTER.validate_python(stored)


_ADAPTER = TypeAdapter(Snapshot)


def snapshot_of(
    source: VersionSource,
    settings: Settings,
    before: Predecessors,
    releases: tuple[Release, ...],
    latest_sealed: SchemaVersion | None = None,
) -> Snapshot:
    """Everything that determines the packages of ``source``, and what it is compared with."""
    names = settings.packages.names()
    return Snapshot(
        schema_name=settings.name,
        version=source.version,
        description=source.description,
        author=source.author,
        changelog=source.changelog,
        schema_text=source.schema_text,
        schema_file=source.schema_path,
        previous=before.previous,
        last_stable=before.last_stable,
        taken=before.taken,
        renames=source.renames,
        answers=source.answers,
        migrations=source.history,
        lines=source.lines,
        beside=source.beside,
        follows=source.origin.from_,
        takes=source.origin.taken_over,
        releases=releases,
        compatible_from=source.compatible_from,
        names=names,
        input_digest=input_digest(source, settings.name, names),
        schema_files=source.schema_files if len(source.schema_files.files) > 1 else None,
        partial_types=source.partial_types,
        partial_types_file=source.partial_types_path,
        latest_sealed=latest_sealed,
        is_sealed=source.is_published,
        inputs=_inputs(source, settings),
        sql_only=source.sql_only,
        notes=source.notes,
        generators=built_by(source) or current_revision(),
    )


def _inputs(source: VersionSource, settings: Settings) -> tuple[LockedInput, ...]:
    """None for a version that an earlier tool has sealed: its packages shall be the same again."""
    if source.lock is not None and not source.lock.inputs:
        return ()
    return release_inputs(source, settings)
