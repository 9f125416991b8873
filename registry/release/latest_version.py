"""Which version is `latest`, the one that consumers get when they don't ask for any.

The state of one machine is not enough: another one may have published since, or this one may have been set
up a minute ago. So the catalogue, the workspace's seals and the registries are all read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from schemas.errors import InvalidVersionError
from schemas.versions import SchemaVersion
from schemas.workspace.workspace import Workspace

from ..catalogue import PublishedArtifact
from ..publishers.publisher import Publisher
from .context import ReleaseContext


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


def settle_latest(
    context: ReleaseContext,
    artifacts: Sequence[PublishedArtifact],
    published: SchemaVersion,
    sealed: SchemaVersion | None,
) -> SchemaVersion:
    """Let every registry that has the latest version agree on it, whatever they had before; returns it.

    It is the highest of what the catalogue, the seals (``sealed``) and the registries' own tags say, once
    ``published`` is published. A tag that would have to move to a lower version stays where it is.
    """
    places = [(packed, each) for packed in artifacts for each in context.publishers[packed.kind].registries]
    tags = [_tagged_latest(registry, packed) for packed, registry in places]
    known = filter(None, {context.catalogue.latest(), sealed, *tags})
    latest = latest_of([*sorted(known), published]) or published
    for (packed, publisher), tag in zip(places, tags, strict=True):
        if tag is None or (tag != latest and takes_over(latest, tag)):
            publisher.set_latest(packed.name, _spelled(latest, packed))
        if tag is None and latest != published and publisher.latest(packed.name) is None:
            # It hasn't got the latest version, as one that is named otherwise since.
            publisher.set_latest(packed.name, _spelled(published, packed))
    for packed, publisher in places:  # consumers don't see these: first of all the tags have to agree
        publisher.end_staging(packed.name)
    return latest


def _tagged_latest(registry: Publisher, packed: PublishedArtifact) -> SchemaVersion | None:
    """The registry's `latest`, or None if that isn't a version number that this tool could have published."""
    tag = registry.latest(packed.name)
    try:
        return SchemaVersion.parse(tag) if tag is not None else None
    except InvalidVersionError:
        return None


def _spelled(version: SchemaVersion, packed: PublishedArtifact) -> str:
    return version.pep440 if packed.kind == "wheel" else str(version)
