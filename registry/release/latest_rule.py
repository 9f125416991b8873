"""Which of several versions is `latest` where nobody decided it."""

from __future__ import annotations

from collections.abc import Iterable

from schemas.versions import SchemaVersion
from schemas.workspace.workspace import Workspace


def takes_over(version: SchemaVersion, latest: SchemaVersion) -> bool:
    """Whether ``version``, published after ``latest``, becomes `latest`: a pre-release never replaces a
    release, and no version replaces a higher one."""
    return version >= latest and (latest.is_prerelease or not version.is_prerelease)


def latest_of(versions: Iterable[SchemaVersion]) -> SchemaVersion | None:
    """The version that is `latest` once ``versions`` were published in this order; None if there are none."""
    latest = None
    for version in versions:
        if latest is None or takes_over(version, latest):
            latest = version
    return latest


def latest_sealed(workspace: Workspace) -> SchemaVersion | None:
    """`latest` by the seals of ``workspace``, without what waits to be promoted; None without any. Raises
    WorkspaceError for a damaged seal."""
    locks = [
        lock
        for version in workspace.versions()
        if (lock := workspace.release_lock(version)) and not lock.is_staged
    ]
    return latest_of(lock.version for lock in sorted(locks, key=lambda lock: lock.published_at or ""))
