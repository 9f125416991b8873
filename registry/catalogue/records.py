"""What the catalogue stores about a published version, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from generators.target import Artifact, Kind, Language
from schemas.versions import SchemaVersion
from schemas.workspace.lines import TakenOver
from schemas.workspace.migration import Migration


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

    def artifact(self, language: Language) -> PublishedArtifact:
        """The artifact made for ``language``. Raises KeyError if the release had none."""
        for artifact in self.artifacts:
            if artifact.language == language:
                return artifact
        raise KeyError(language)
