"""Which versions a version's packages tell of, besides itself.

The answer depends on the workspace's seals alone, so that the same version is built from the same list at
any time: a version below that was published later is none of them.
"""

from __future__ import annotations

from migrations.package.release_state import Release
from schemas.prisma.bridge import PrismaBridge
from schemas.workspace.version_source import VersionSource
from schemas.workspace.workspace import Workspace


def releases_before(workspace: Workspace, source: VersionSource, bridge: PrismaBridge) -> tuple[Release, ...]:
    """The versions below ``source`` that were published before it, and those with migrations, which run
    before its own whether published or not. Raises WorkspaceError, InvalidSchemaError."""
    below = [workspace.load(version) for version in workspace.versions() if version < source.version]
    return tuple(
        Release(
            version=each.version,
            schema_digest=_schema_digest(each, bridge),
            compatible_from=each.compatible_from,
        )
        for each in below
        if each.migrations or _came_before(each, source)
    )


def _came_before(each: VersionSource, source: VersionSource) -> bool:
    if each.lock is None:
        return False
    ours = source.lock.published_at if source.lock else None
    theirs = each.lock.published_at
    return ours is None or theirs is None or theirs <= ours


def _schema_digest(source: VersionSource, bridge: PrismaBridge) -> str:
    if source.lock is not None:
        return source.lock.schema_digest
    return bridge.parse(source.schema_text, source.schema_path).digest
