"""The end of a release in the workspace: the version is sealed for good."""

from __future__ import annotations

from schemas.workspace.release_lock import LockedArtifact, ReleaseLock
from schemas.workspace.workspace import Workspace

from ..catalogue import PublishedArtifact, PublishedVersion

_REGISTRY_OF_KIND = {"wheel": "pypi", "npm": "npm"}


def seal(workspace: Workspace, input_digest: str, published: PublishedVersion, *, is_staged: bool) -> None:
    """Record what was published in the version's folder. Until then a release changes no file there.

    ``input_digest`` is the version's own digest as it was released; ``is_staged``: it waits to be promoted.
    Raises WorkspaceError where it was edited in the meantime.
    """
    draft = workspace.load(published.version)
    if not draft.is_published and not draft.changelog.strip():
        workspace.write_changelog(published.version, published.changelog)
    lock = ReleaseLock(
        version=published.version,
        schema_digest=published.schema_digest,
        input_digest=input_digest,
        published_at=published.published_at.isoformat(),
        artifacts=tuple(_locked(artifact) for artifact in published.artifacts),
        is_staged=is_staged,
    )
    workspace.seal(published.version, lock)


def _locked(artifact: PublishedArtifact) -> LockedArtifact:
    return LockedArtifact(
        language=artifact.language,
        registry=_REGISTRY_OF_KIND[artifact.kind],
        name=artifact.name,
        version=artifact.version,
        filename=artifact.filename,
        sha256=artifact.sha256,
    )
