"""Renaming and deleting drafts: never a version that anybody may have, or that is being published."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas.errors import Problem
from schemas.versions import SchemaVersion
from schemas.workspace import draft_folders
from schemas.workspace.workspace import Workspace

from ..catalogue.engine import state_url
from ..catalogue.opening import open_catalogue
from ..config.settings import Settings
from ..errors import ImmutableVersionError
from ..release.publish_lock import only_publisher
from ..release.unfinished import unfinished_release


def rename_draft(workspace: Workspace, settings: Settings, old: SchemaVersion, new: SchemaVersion) -> None:
    """Give a draft another number. Raises as :func:`schemas.workspace.draft_folders.rename_draft` does,
    ImmutableVersionError where either is published, and ReleaseBusyError."""
    with _unpublished(workspace, settings, old, new):
        draft_folders.rename_draft(workspace, old, new)


def check_deletable(workspace: Workspace, settings: Settings, version: SchemaVersion) -> None:
    """Raise what :func:`delete_draft` would, before anybody is asked."""
    with _unpublished(workspace, settings, version):
        draft_folders.deletable(workspace, version)


def delete_draft(workspace: Workspace, settings: Settings, version: SchemaVersion) -> None:
    """Delete a draft. Raises as :func:`schemas.workspace.draft_folders.delete_draft` does,
    ImmutableVersionError where it is published, and ReleaseBusyError."""
    with _unpublished(workspace, settings, version):
        draft_folders.delete_draft(workspace, version)


@contextmanager
def _unpublished(workspace: Workspace, settings: Settings, *versions: SchemaVersion) -> Iterator[None]:
    """Nobody publishes in the meantime. A catalogue that can't be asked refuses."""
    with open_catalogue(workspace, settings, to_read=True) as catalogue:
        published = set(catalogue.versions())
    problems = [_published(version) for version in versions if version in published]
    unfinished = unfinished_release(workspace.root)
    problems += [_begun(version) for version in versions if unfinished and unfinished.version == str(version)]
    if problems:
        raise ImmutableVersionError(*problems)
    state = state_url(settings.state.url, workspace.root)
    if state.drivername == "sqlite":  # its lock is a file beside it
        Path(str(state.database)).parent.mkdir(parents=True, exist_ok=True)
    with only_publisher(state, settings.name):
        yield


def _published(version: SchemaVersion) -> Problem:
    return Problem(
        code="version-is-immutable",
        message=f"{version} is published, and published versions never change",
        fix=f"put the change into a new version: schema-service new VERSION --from {version}",
    )


def _begun(version: SchemaVersion) -> Problem:
    return Problem(
        code="version-is-immutable",
        message=f"a release of {version} was cut short, and consumers may have parts of it",
        fix=f"finish it first: schema-service publish {version}",
    )
