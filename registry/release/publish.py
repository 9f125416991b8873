"""Publishing a version of a workspace: from its files to a sealed version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from schemas.comparison.changelog import changelog
from schemas.comparison.compare import compare
from schemas.errors import WorkspaceError
from schemas.model import Schema
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.release_lock import LockedArtifact, ReleaseLock
from schemas.workspace.version_source import VersionSource
from schemas.workspace.workspace import Workspace

from ..catalogue import Catalogue, PublishedVersion
from ..catalogue.catalogue import already_published
from ..catalogue.engine import state_url
from ..errors import ImmutableVersionError
from ..schema_reading import parsed_schema
from .context import ReleaseContext
from .latest_version import latest_sealed
from .publish_lock import only_publisher
from .releases_before import releases_before
from .snapshot import BaseVersion
from .step import StepResult
from .taking import input_digest, take_snapshot
from .version_before import versions_before
from .workflow import Observer, release_engine, run_release

_REGISTRY_OF_KIND = {"wheel": "pypi", "npm": "npm"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseReport:
    """``is_new`` is False where the same content was published before; ``steps`` is empty then."""

    published: PublishedVersion
    latest: SchemaVersion
    is_new: bool
    steps: Mapping[str, StepResult]


def publish(
    workspace: Workspace, version: SchemaVersion, context: ReleaseContext, observer: Observer
) -> ReleaseReport:
    """Publish ``version``, finish an interrupted attempt, or find that it is published already.

    Raises ImmutableVersionError for other content under a published version, ReleaseBusyError while another
    publisher runs, and whatever the failing step raises; nothing is half published that running it again
    would not finish.
    """
    settings, catalogue = context.settings, context.catalogue
    source = _sound(workspace.load(version))
    if (known := catalogue.find(version)) is not None:
        return _published_before(workspace, source, known, context)
    state = state_url(settings.state.url, workspace.root)
    with only_publisher(state, settings.name):
        before = versions_before(workspace, catalogue, version)
        source = _with_changelog(source, before.previous, context.bridge)
        releases = releases_before(workspace, source, context.bridge)
        snapshot = take_snapshot(source, settings, before, releases, latest_sealed(workspace))
        with release_engine(state, context):
            steps = run_release(snapshot, observer)
    published = _recorded(catalogue, version)
    _seal(workspace, source, published)
    return ReleaseReport(published=published, latest=catalogue.latest() or version, is_new=True, steps=steps)


def _sound(source: VersionSource) -> VersionSource:
    if source.seal_problem is not None:
        raise WorkspaceError(source.seal_problem)
    return source


def _published_before(
    workspace: Workspace, source: VersionSource, known: PublishedVersion, context: ReleaseContext
) -> ReleaseReport:
    settings = context.settings
    if input_digest(source, settings.name, settings.packages.names()) != known.input_digest:
        raise ImmutableVersionError(already_published(source.version))
    _seal(workspace, source, known)
    latest = context.catalogue.latest() or source.version
    return ReleaseReport(published=known, latest=latest, is_new=False, steps={})


def _with_changelog(
    source: VersionSource, previous: BaseVersion | None, bridge: PrismaBridge
) -> VersionSource:
    """The draft with a changelog: the author's, or one made from the changes."""
    if source.changelog.strip() or source.is_published:
        return source
    before = _parsed(previous, source.schema_path, bridge) if previous else None
    changes = compare(before, _parsed(source, source.schema_path, bridge), source.renames)
    since = previous.version if previous else None
    return replace(source, changelog=changelog(source.version, since, changes, source.description))


def _parsed(version: BaseVersion | VersionSource, file: str, bridge: PrismaBridge) -> Schema:
    return parsed_schema(version.schema_text, file, version.partial_types, bridge)


def _recorded(catalogue: Catalogue, version: SchemaVersion) -> PublishedVersion:
    published = catalogue.find(version)
    if published is None:
        raise AssertionError(f"the release of {version} ended without a record")
    return published


def _seal(workspace: Workspace, source: VersionSource, published: PublishedVersion) -> None:
    """Keep what was published with the workspace's version. Until then a release changes no file of it."""
    draft = workspace.load(published.version)
    if not draft.is_published and not draft.changelog.strip():
        workspace.write_changelog(published.version, published.changelog)
    lock = ReleaseLock(
        version=published.version,
        schema_digest=published.schema_digest,
        input_digest=source.digest,
        published_at=published.published_at.isoformat(),
        artifacts=tuple(
            LockedArtifact(
                language=artifact.language,
                registry=_REGISTRY_OF_KIND[artifact.kind],
                name=artifact.name,
                version=artifact.version,
                filename=artifact.filename,
                sha256=artifact.sha256,
            )
            for artifact in published.artifacts
        ),
    )
    workspace.seal(published.version, lock)
