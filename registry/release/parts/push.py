"""push and promote: a publish in two parts, between which consumers get nothing of it unasked."""

from __future__ import annotations

from schemas.errors import Problem
from schemas.versions import SchemaVersion
from schemas.workspace.workspace import Workspace

from ...errors import ImmutableVersionError, NotPublishedError
from ...validation.published_versions import taken_problems
from ..context import ReleaseContext
from ..publish import ReleaseReport, close, publish, recorded, release
from ..snapshots.workspace_snapshot import load_unedited
from ..workflow import Observer


def push(
    workspace: Workspace, version: SchemaVersion, context: ReleaseContext, observer: Observer
) -> ReleaseReport:
    """Upload and seal ``version`` without moving what consumers get unasked, or find that it was done. What
    another machine has published already stays so.

    Raises what :func:`registry.release.publish.publish` raises.
    """
    source = load_unedited(workspace, version)
    known = context.catalogue.find(version)
    if known is None and source.lock is not None and not source.lock.is_staged:
        return publish(workspace, version, context, observer)
    if problems := taken_problems(source, known, context.settings):
        raise ImmutableVersionError(*problems)
    steps = {} if known else release(workspace, source, context, observer, "push")
    published = known or recorded(context, version)
    close(workspace, source, published, context)
    return ReleaseReport(
        published=published, latest=context.catalogue.latest(), is_new=known is None, steps=steps
    )


def promote(
    workspace: Workspace, version: SchemaVersion, context: ReleaseContext, observer: Observer
) -> ReleaseReport:
    """Make a version that was pushed visible, or find that it is. Raises NotPublishedError for one that was
    not pushed, and what :func:`registry.release.publish.publish` raises."""
    if context.catalogue.find(version) is None:
        raise NotPublishedError(_not_pushed(version))
    return publish(workspace, version, context, observer)


def _not_pushed(version: SchemaVersion) -> Problem:
    return Problem(
        code="not-pushed",
        message=f"the state database knows of no push of {version}",
        fix=f"push it first: schema-service push {version}; what is uploaded already stays as it is",
    )
