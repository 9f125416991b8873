"""Publishing a version of a workspace: take a snapshot, run the release on it, seal the version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.versions import SchemaVersion
from schemas.workspace.version_source import VersionSource
from schemas.workspace.workspace import Workspace

from ..catalogue import PublishedVersion
from ..catalogue.engine import state_url
from ..errors import ImmutableVersionError
from ..validation.published_versions import taken_problems
from .context import ReleaseContext
from .publish_lock import only_publisher
from .seal import seal
from .step import StepResult
from .workflow import Observer, release_engine, run_release
from .workspace_snapshot import load_unedited, take_snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseReport:
    """``is_new`` is False if the same content was published before; ``steps`` is empty then."""

    published: PublishedVersion
    latest: SchemaVersion
    is_new: bool
    steps: Mapping[str, StepResult]


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
    published = known or _recorded(context, version)
    seal(workspace, source.digest, published)
    return ReleaseReport(
        published=published,
        latest=context.catalogue.latest() or version,
        is_new=known is None,
        steps=steps,
    )


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
