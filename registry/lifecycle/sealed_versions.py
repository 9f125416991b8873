"""Versions that another machine published, as their seals in the workspace and the registries tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from generators.revisions import FIRST
from schemas.versions import SchemaVersion
from schemas.workspace.release_lock import LockedArtifact, ReleaseLock
from schemas.workspace.version_source import VersionSource
from schemas.workspace.workspace import Workspace

from ..catalogue import PublishedArtifact, PublishedVersion
from ..release.context import ReleaseContext
from ..validation.published_versions import input_digest


def unrecorded_versions(workspace: Workspace, context: ReleaseContext) -> list[VersionSource]:
    """Sealed here, unedited since, and missing in the catalogue; oldest first. Raises WorkspaceError."""
    known = set(context.catalogue.versions())
    sources = [workspace.load(each) for each in workspace.versions() if each not in known]
    return [source for source in sources if source.lock is not None and source.seal_problem is None]


def as_published(source: VersionSource, lock: ReleaseLock, context: ReleaseContext) -> PublishedVersion:
    """What the catalogue would have of it. Raises what reading its files in the registries raises."""
    settings = context.settings
    artifacts = tuple(_artifact(locked, context) for locked in lock.artifacts)
    return PublishedVersion(
        version=source.version,
        description=source.description,
        author=source.author,
        schema_text=source.schema_text,
        schema_digest=lock.schema_digest,
        input_digest=input_digest(source, settings.name, settings.packages.names()),
        changelog=source.changelog,
        published_at=_moment(lock.published_at),
        published_by="unknown",
        migrations=source.migrations,
        artifacts=artifacts,
        partial_types=source.partial_types,
        notes=source.notes,
        generators=lock.generators or FIRST,
        packages=lock.packages,
        renames=source.renames,
        inputs=lock.inputs,
        follows=source.origin.from_,
        takes=source.origin.taken_over,
    )


def in_release_order(versions: list[PublishedVersion]) -> list[SchemaVersion]:
    """As they were published, one after the other."""
    return [each.version for each in sorted(versions, key=lambda each: (each.published_at, each.version))]


def _artifact(locked: LockedArtifact, context: ReleaseContext) -> PublishedArtifact:
    """Its size is that of the published file; 0 while no registry has it."""
    artifact = PublishedArtifact.from_lock(locked)
    file = artifact.name, artifact.version, artifact.filename
    having = (each for each in context.publishers[artifact.kind].registries if each.lookup(*file) is not None)
    return replace(artifact, size=next((len(each.download(*file)) for each in having), 0))


def _moment(text: str | None) -> datetime:
    return datetime.fromisoformat(text) if text else datetime.now(UTC)
