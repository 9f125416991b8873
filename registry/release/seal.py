"""The end of a release in the workspace: the version is sealed for good."""

from __future__ import annotations

from generators.revisions import carries_changelog
from schemas.workspace.release_lock import ReleaseLock
from schemas.workspace.version_source import text_digest
from schemas.workspace.workspace import Workspace

from ..catalogue import PublishedVersion


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
        generators=published.generators if published.packages else None,
        changelog_digest=text_digest(published.changelog)
        if carries_changelog(published.generators)
        else None,
        packages=published.packages,
        follows=published.follows,
        takes=tuple(dict.fromkeys(each.version for each in published.takes)),
        artifacts=tuple(artifact.locked() for artifact in published.artifacts),
        inputs=published.inputs,
        is_staged=is_staged,
    )
    workspace.seal(published.version, lock)
