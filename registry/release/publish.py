"""Publishing a version of a workspace: take a snapshot, run the release on it, seal the version."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

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
from .latest_rule import latest_sealed
from .latest_version import settle_latest
from .publish_lock import only_publisher
from .seal import seal
from .snapshots.snapshot import Mode, Snapshot
from .snapshots.workspace_snapshot import load_unedited, snapshot_to_promote, take_snapshot
from .step import StepResult
from .unfinished import UnfinishedRelease, note_finished
from .workflow import Observer, finish_release, release_engine, run_release


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseReport:
    """``is_new`` is False if the same content was published before; ``steps`` is empty then, and
    ``announced`` says what became of announcements that waited, if any did. ``latest`` is None where a
    version waits to be promoted and there is no other."""

    published: PublishedVersion
    latest: SchemaVersion | None
    is_new: bool
    steps: Mapping[str, StepResult]
    announced: str | None = None


def publish(
    workspace: Workspace, version: SchemaVersion, context: ReleaseContext, observer: Observer
) -> ReleaseReport:
    """Publish ``version``, or promote it if it was pushed; finish an interrupted attempt, or find that it is
    published already.

    Raises ImmutableVersionError for other content under a published version, ReleaseBusyError while another
    publisher runs, and whatever the failing step raises; running it again finishes whatever was published
    only in part.
    """
    source = load_unedited(workspace, version)
    known = context.catalogue.find(version)
    if problems := taken_problems(source, known, context.settings):
        raise ImmutableVersionError(*problems)
    mode = _mode(context, known)
    steps = release(workspace, source, context, observer, mode) if mode else {}
    announced = None if known is None or mode else _completed(workspace, known, context)
    published = known or recorded(context, version)
    close(workspace, source, published, context)
    return ReleaseReport(
        published=published,
        latest=context.catalogue.latest() or version,
        is_new=mode is not None,
        steps=steps,
        announced=announced,
    )


def _mode(context: ReleaseContext, known: PublishedVersion | None) -> Mode | None:
    """What is left to do for it; None: nothing."""
    if known is None:
        return "publish"
    return "promote" if known.version in context.catalogue.staged.all() else None


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
        if _mode(context, context.catalogue.find(version)) is not None:
            with release_engine(state, context):
                finish_release(unfinished.release_id, observer)
        published = context.catalogue.find(version)
        if published is None:
            raise ReleaseError(_not_stored(version))
        source = workspace.load(version)
        if problems := taken_problems(source, published, context.settings):
            raise ImmutableVersionError(*problems)
        close(workspace, source, published, context)
    announced = send_due(context.catalogue.deliveries, context.settings.notify).summary
    latest = context.catalogue.latest()
    return ReleaseReport(published=published, latest=latest, is_new=True, steps={}, announced=announced)


def _completed(workspace: Workspace, known: PublishedVersion, context: ReleaseContext) -> str | None:
    """Do for a published version what may be left: `latest` agrees everywhere, and nothing waits."""
    context.before_publishing()
    latest = settle_latest(
        context, known.artifacts, known.version, latest_sealed(workspace), may_be_new=False
    )
    context.catalogue.record(known, latest=latest)
    deliveries = context.catalogue.deliveries
    return send_due(deliveries, context.settings.notify).summary if deliveries.pending() else None


def close(
    workspace: Workspace, source: VersionSource, published: PublishedVersion, context: ReleaseContext
) -> None:
    """Seal a version that was published, or pushed."""
    is_staged = published.version in context.catalogue.staged.all()
    seal(workspace, source.digest, published, is_staged=is_staged)
    attest(workspace, source, context.catalogue, context.signing_key)
    note_finished(workspace.root, str(published.version))


def release(
    workspace: Workspace,
    source: VersionSource,
    context: ReleaseContext,
    observer: Observer,
    mode: Mode,
    *,
    numbered: Callable[[Snapshot], Snapshot] = lambda snapshot: snapshot,
) -> Mapping[str, StepResult]:
    """Run the steps of ``mode`` on a version; returns their results. ``numbered`` gives drafts a number."""
    settings = context.settings
    state = state_url(settings.state.url, workspace.root)
    with only_publisher(state, settings.name):
        if mode == "promote":
            taken = snapshot_to_promote(workspace, source, settings)
        else:
            taken = take_snapshot(workspace, source, settings, context.catalogue, context.bridge)
        snapshot = numbered(replace(taken, mode=mode))
        context.ahead.start()
        try:
            with release_engine(state, context):
                return run_release(snapshot, observer)
        finally:
            context.end_work_ahead()


def recorded(context: ReleaseContext, version: SchemaVersion) -> PublishedVersion:
    """What the catalogue has of a version that a release has just recorded."""
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
