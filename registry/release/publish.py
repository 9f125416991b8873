"""Publishing a version of a workspace: from its files to a sealed version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from generators.target import PackageNames
from schemas.changelog import changelog
from schemas.changes import compare
from schemas.errors import WorkspaceError
from schemas.prisma.bridge import PrismaBridge
from schemas.release_lock import LockedArtifact, ReleaseLock
from schemas.version_source import VersionSource
from schemas.versions import SchemaVersion
from schemas.workspace import Workspace

from ..catalogue import Catalogue, PublishedVersion
from ..catalogue.catalogue import already_published
from ..catalogue.engine import state_url
from ..errors import ImmutableVersionError
from ..settings import Settings
from .context import ReleaseContext
from .publish_lock import only_publisher
from .snapshot import BaseVersion, Snapshot
from .step import StepResult
from .version_before import VersionsBefore, versions_before
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
        source = _with_changelog(workspace, source, before.previous, context.bridge)
        snapshot = take_snapshot(source, settings, before)
        with release_engine(state, context):
            steps = run_release(snapshot, observer)
    published = _recorded(catalogue, version)
    _seal(workspace, source, published)
    return ReleaseReport(published=published, latest=catalogue.latest() or version, is_new=True, steps=steps)


def take_snapshot(source: VersionSource, settings: Settings, before: VersionsBefore) -> Snapshot:
    """Freeze everything that determines the packages of ``source``, and what it is compared with."""
    names = settings.packages.names()
    return Snapshot(
        schema_name=settings.name,
        version=source.version,
        description=source.description,
        author=source.author,
        changelog=source.changelog,
        schema_text=source.schema_text,
        schema_file=source.schema_path,
        previous=before.previous,
        last_stable=before.last_stable,
        renames=source.renames,
        migrations=source.history,
        names=names,
        input_digest=input_digest(source, settings.name, names),
    )


def input_digest(source: VersionSource, schema_name: str, names: PackageNames) -> str:
    """sha256 (hex) over all that the packages of ``source`` are made from, their names included."""
    content = {"source": source.digest, "schema_name": schema_name, "names": asdict(names)}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


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
    workspace: Workspace, source: VersionSource, previous: BaseVersion | None, bridge: PrismaBridge
) -> VersionSource:
    """The draft with a changelog: the author's, or one made from the changes and kept in the draft."""
    if source.changelog.strip() or source.is_published:
        return source
    before = bridge.parse(previous.schema_text, source.schema_path) if previous else None
    changes = compare(before, bridge.parse(source.schema_text, source.schema_path), source.renames)
    since = previous.version if previous else None
    text = changelog(source.version, since, changes, source.description)
    workspace.write_changelog(source.version, text)
    return workspace.load(source.version)


def _recorded(catalogue: Catalogue, version: SchemaVersion) -> PublishedVersion:
    published = catalogue.find(version)
    if published is None:
        raise AssertionError(f"the release of {version} ended without a record")
    return published


def _seal(workspace: Workspace, source: VersionSource, published: PublishedVersion) -> None:
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
