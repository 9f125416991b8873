"""What the catalogue stores about a published version, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from generators.revisions import current_revision
from generators.target import Artifact, Kind, Language
from schemas.answers import Rename
from schemas.versions import SchemaVersion
from schemas.workspace.lines import TakenOver
from schemas.workspace.migration import Migration
from schemas.workspace.release_lock import LockedArtifact, LockedInput


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedArtifact:
    """One uploaded file."""

    language: Language
    kind: Kind
    name: str  # the package's
    version: str  # as the package manager spells it
    filename: str
    sha256: str  # hex, of the bytes that the registry returned
    size: int  # bytes

    @classmethod
    def of(cls, artifact: Artifact) -> PublishedArtifact:
        """What is stored about ``artifact``: everything but its bytes."""
        return cls(
            language=artifact.language,
            kind=artifact.kind,
            name=artifact.name,
            version=artifact.version,
            filename=artifact.filename,
            sha256=artifact.sha256,
            size=len(artifact.content),
        )

    @classmethod
    def from_row(cls, row: Any) -> PublishedArtifact:
        """As the catalogue has it."""
        return cls(
            language=row["language"],
            kind=row["kind"],
            name=row["name"],
            version=row["package_version"],
            filename=row["filename"],
            sha256=row["sha256"],
            size=row["size"],
        )

    @classmethod
    def from_lock(cls, locked: LockedArtifact) -> PublishedArtifact:
        """As release.lock lists it, which has no size."""
        return cls(
            language=cast("Language", locked.language),
            kind="wheel" if locked.registry == "pypi" else "npm",
            name=locked.name,
            version=locked.version,
            filename=locked.filename,
            sha256=locked.sha256,
            size=0,
        )

    def locked(self) -> LockedArtifact:
        """As release.lock lists it."""
        return LockedArtifact(
            language=self.language,
            registry="pypi" if self.kind == "wheel" else "npm",
            name=self.name,
            version=self.version,
            filename=self.filename,
            sha256=self.sha256,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionSummary:
    """What a list of versions tells about one."""

    version: SchemaVersion
    description: str
    author: str | None
    schema_digest: str
    published_at: datetime
    published_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionTexts:
    """The texts of a version as they were published."""

    schema_text: str
    partial_types: str
    changelog: str
    notes: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedVersion:
    """A version as it was published."""

    version: SchemaVersion
    description: str
    author: str | None
    schema_text: str
    schema_digest: str
    input_digest: str  # covers everything that determined its packages
    changelog: str
    published_at: datetime
    published_by: str
    migrations: tuple[Migration, ...]  # those that it added
    artifacts: tuple[PublishedArtifact, ...]
    follows: SchemaVersion | None = None  # what version.toml names, on a maintenance line
    takes: tuple[TakenOver, ...] = ()  # of the lines that it takes over
    partial_types: str = ""  # the text of its partial_types.py; empty if it had none
    notes: str | None = None
    generators: int = field(default_factory=current_revision)  # the revision that built its packages
    packages: tuple[tuple[str, str], ...] = ()  # [packages] as they were set; empty where nobody recorded it
    renames: tuple[Rename, ...] = ()  # since the version before
    rehearsed_ms: tuple[tuple[str, float], ...] = ()  # how long each of its migrations took in the rehearsal
    inputs: tuple[LockedInput, ...] = ()  # empty if an earlier tool has published it

    def artifact(self, language: Language) -> PublishedArtifact:
        """The artifact made for ``language``. Raises KeyError if the release had none."""
        for artifact in self.artifacts:
            if artifact.language == language:
                return artifact
        raise KeyError(language)
