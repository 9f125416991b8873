"""Publishing a version of a workspace: take a snapshot, run the release on it, seal the version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.errors import Problem
from schemas.versions import SchemaVersion
from schemas.workspace.version_source import VersionSource
from schemas.workspace.workspace import Workspace

from ..catalogue import PublishedVersion
from ..catalogue.engine import state_url
from ..errors import ImmutableVersionError, ReleaseError
from ..notify.sending import send_due
from ..trust.attesting import attest
from ..validation.published_versions import taken_problems
from .context import ReleaseContext
from .latest_version import latest_sealed, settle_latest
from .publish_lock import only_publisher
from .seal import seal
from .step import StepResult
from .unfinished import UnfinishedRelease, note_finished
from .workflow import Observer, finish_release, release_engine, run_release
from .workspace_snapshot import load_unedited, take_snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseReport:
    """``is_new`` is False if the same content was published before; ``steps`` is empty then, and
    ``announced`` says what became of announcements that waited, if any did."""

    published: PublishedVersion
    latest: SchemaVersion
    is_new: bool
    steps: Mapping[str, StepResult]
    announced: str | None = None


def publish(
    workspace: Workspace, version: SchemaVersion, context: ReleaseContext, observer: Observer
) -> ReleaseReport:
    """Publish ``version``, finish an interrupted attempt, or find that it is published already.

    Raises ImmutableVersionError for other content under a published version, ReleaseBusyError while another
    publisher runs, and whatever the failing step raises; running it again finishes whatever was published
    only in part.
    """
    source = load_unedited(workspace, version)
    known = context.catalogue.find(version)
    if problems := taken_problems(source, known, context.settings):
        raise ImmutableVersionError(*problems)
    steps = {} if known is not None else _release(workspace, source, context, observer)
    announced = None if known is None else _completed(workspace, known, context)
    published = known or _recorded(context, version)
    _close(workspace, source, published, context)
    return ReleaseReport(
        published=published,
        latest=context.catalogue.latest() or version,
        is_new=known is None,
        steps=steps,
        announced=announced,
    )


def finish(
    workspace: Workspace, unfinished: UnfinishedRelease, context: ReleaseContext, observer: Observer
) -> ReleaseReport:
    """Finish a release that was cut short, on what it began with, whatever became of the workspace since.

    Raises ReleaseBusyError while a publisher runs, what a step raises, ImmutableVersionError where the
    version was edited since, and ReleaseError where nothing is stored of the release.
    """
    version = SchemaVersion.parse(unfinished.version)
    state = state_url(context.settings.state.url, workspace.root)
    with only_publisher(state, context.settings.name):
        if context.catalogue.find(version) is None:
            with release_engine(state, context):
                finish_release(unfinished.release_id, observer)
        published = context.catalogue.find(version)
        if published is None:
            raise ReleaseError(_not_stored(version))
        source = workspace.load(version)
        if problems := taken_problems(source, published, context.settings):
            raise ImmutableVersionError(*problems)
        _close(workspace, source, published, context)
    announced = send_due(context.catalogue.deliveries, context.settings.notify).summary
    latest = context.catalogue.latest() or version
    return ReleaseReport(published=published, latest=latest, is_new=True, steps={}, announced=announced)


def _completed(workspace: Workspace, known: PublishedVersion, context: ReleaseContext) -> str | None:
    """Do for a published version what may be left: `latest` agrees everywhere, and nothing waits."""
    latest = settle_latest(
        context, known.artifacts, known.version, latest_sealed(workspace), may_be_new=False
    )
    context.catalogue.record(known, latest=latest)
    deliveries = context.catalogue.deliveries
    return send_due(deliveries, context.settings.notify).summary if deliveries.pending() else None


def _close(
    workspace: Workspace, source: VersionSource, published: PublishedVersion, context: ReleaseContext
) -> None:
    seal(workspace, source.digest, published)
    attest(workspace, source, context.catalogue, context.signing_key)
    note_finished(workspace.root, str(published.version))


def _release(
    workspace: Workspace, source: VersionSource, context: ReleaseContext, observer: Observer
) -> Mapping[str, StepResult]:
    settings = context.settings
    state = state_url(settings.state.url, workspace.root)
    with only_publisher(state, settings.name):
        snapshot = take_snapshot(workspace, source, settings, context.catalogue, context.bridge)
        context.ahead.start()
        try:
            with release_engine(state, context):
                return run_release(snapshot, observer)
        finally:
            context.end_work_ahead()


def _recorded(context: ReleaseContext, version: SchemaVersion) -> PublishedVersion:
    published = context.catalogue.find(version)
    if published is None:
        raise AssertionError(f"the release of {version} ended without a record")
    return published


def _not_stored(version: SchemaVersion) -> Problem:
    return Problem(
        code="release-not-stored",
        message=f"the release of {version} was cut short, and the state database has nothing of it",
        fix=f"publish it again: schema-service publish {version}",
    )
