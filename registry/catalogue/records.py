"""What the catalogue remembers of a published version, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from generators.target import Artifact, Kind, Language
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedArtifact:
    """One uploaded file. ``size`` is in bytes, ``sha256`` is what the registry gave back when read."""

    language: Language
    kind: Kind
    name: str
    version: str
    filename: str
    sha256: str
    size: int

    @classmethod
    def of(cls, artifact: Artifact) -> PublishedArtifact:
        """What is remembered of ``artifact``: everything but its bytes."""
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
class PublishedVersion:
    """A version as it was published. ``input_digest`` covers all that determined its packages;
    ``partial_types`` is the text of its partial_types.py, empty where it had none."""

    version: SchemaVersion
    description: str
    author: str | None
    schema_text: str
    schema_digest: str
    input_digest: str
    changelog: str
    published_at: datetime
    published_by: str
    migrations: tuple[Migration, ...]
    artifacts: tuple[PublishedArtifact, ...]
    partial_types: str = ""

    def artifact(self, language: Language) -> PublishedArtifact:
        """The artifact made for ``language``. Raises KeyError if the release had none."""
        for artifact in self.artifacts:
            if artifact.language == language:
                return artifact
        raise KeyError(language)
