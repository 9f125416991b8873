"""Versions that consumers get: only these can be `latest`, be gone back to, or be withdrawn."""

from __future__ import annotations

from schemas.errors import Problem
from schemas.versions import SchemaVersion
from schemas.workspace.workspace import Workspace

from ..catalogue import PublishedVersion
from ..catalogue.lookup import published_version
from ..errors import NotPublishedError
from ..release.context import ReleaseContext


def released_version(context: ReleaseContext, version: SchemaVersion) -> PublishedVersion:
    """Everything about ``version``. Raises NotPublishedError as :func:`refuse_unreleased` does, and for one
    that nobody knows."""
    refuse_unreleased(context, version)
    return published_version(context.catalogue, version)


def refuse_unreleased(context: ReleaseContext, version: SchemaVersion) -> None:
    """Raises NotPublishedError for a version that waits to be promoted, or is only a draft."""
    if version in context.catalogue.staged.all():
        raise NotPublishedError(_waits(version))
    workspace = Workspace(context.root)
    is_here = version in workspace.versions() and not workspace.is_sealed(version)
    if is_here and version not in context.catalogue.versions():
        raise NotPublishedError(_is_draft(version))


def _waits(version: SchemaVersion) -> Problem:
    return Problem(
        code="not-promoted",
        message=f"{version} was pushed and waits to be promoted: no consumer gets it yet",
        fix=f"promote it first: schema-service promote {version}",
    )


def _is_draft(version: SchemaVersion) -> Problem:
    return Problem(
        code="not-published",
        message=f"{version} is a draft, and was not published",
        fix=f"publish it first: schema-service publish {version}",
    )
