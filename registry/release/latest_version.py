"""Which version is `latest`, the one that consumers get when they don't ask for any.

No machine's own state can tell: another one may have published since, or this one may have been set up a
minute ago. So the catalogue, the workspace's seals and the registries are all asked.
"""

from __future__ import annotations

from collections.abc import Iterable

from schemas.versions import SchemaVersion
from schemas.workspace.workspace import Workspace


def takes_over(version: SchemaVersion, latest: SchemaVersion) -> bool:
    """Whether ``version``, published after ``latest``, becomes it: no pre-release takes over from a release,
    and nothing from what is higher."""
    return version >= latest and (latest.is_prerelease or not version.is_prerelease)


def latest_of(versions: Iterable[SchemaVersion]) -> SchemaVersion | None:
    """The one that is `latest` once ``versions`` were published in this order; None where there are none."""
    latest = None
    for version in versions:
        if latest is None or takes_over(version, latest):
            latest = version
    return latest


def latest_sealed(workspace: Workspace) -> SchemaVersion | None:
    """The one that is `latest` by the seals of ``workspace``. Raises WorkspaceError for a damaged seal."""
    locks = [lock for version in workspace.versions() if (lock := workspace.release_lock(version))]
    return latest_of(lock.version for lock in sorted(locks, key=lambda lock: lock.published_at or ""))
