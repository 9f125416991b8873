"""What a command works with: the workspace around the current folder, and the version it was asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schemas.errors import Problem, WorkspaceError
from schemas.versions import SchemaVersion
from schemas.workspace.workspace import Workspace

from ..config.settings import Settings, load_settings
from ..due_note import is_due
from ..lifecycle.unfinished_note import are_databases_left, is_change_unfinished
from ..release.unfinished import unfinished_release
from .chosen_schema import chosen_schema

if TYPE_CHECKING:
    from ..hosting.hosted import HostedSchema

VersionArgument = Annotated[str, typer.Argument(metavar="VERSION", help="A semantic version, like 2.0.0.")]
OptionalVersionArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="VERSION", help="A semantic version; the newest draft by default.", show_default=False
    ),
]


def current_workspace(*, to_publish: str | None = None, sends: bool = False) -> tuple[Workspace, Settings]:
    """The workspace that contains the current folder, or the one that it hosts under the chosen name. Raises
    WorkspaceError, SettingsError or UnknownSchemaError.

    A release that was cut short while consumers could see it in part is finished first, unless it is of the
    version ``to_publish``, which the command itself will do; and so is a change of published versions. What
    is left of a rollback is told.
    Announcements that are due are sent, unless the command ``sends`` them itself.
    """
    workspace, settings = _chosen_workspace()
    unfinished = unfinished_release(workspace.root)
    if unfinished is not None and unfinished.version != to_publish:
        from .finishing import finish_unfinished  # noqa: PLC0415 - as much as a release needs

        finish_unfinished(workspace, settings, unfinished)
    elif not sends and to_publish is None and is_due(workspace.root, datetime.now(UTC)):
        from .due_announcements import send_due_announcements  # noqa: PLC0415 - needs the state database

        send_due_announcements(workspace, settings)
    if is_change_unfinished(workspace.root):
        from .finishing import finish_cut_short  # noqa: PLC0415 - the same

        finish_cut_short(workspace, settings)
    if are_databases_left(workspace.root):
        from .finishing import tell_databases_left  # noqa: PLC0415 - the same

        tell_databases_left(workspace, settings)
    return workspace, settings


def service_schemas() -> tuple[HostedSchema, ...]:
    """Every schema of the service in the current folder. Raises WorkspaceError and SettingsError."""
    from ..hosting.hosted import hosted_schemas  # noqa: PLC0415 - few have several schemas

    workspace = Workspace.find(Path.cwd())
    return hosted_schemas(workspace, load_settings(workspace.root))


def _chosen_workspace() -> tuple[Workspace, Settings]:
    workspace = Workspace.find(Path.cwd())
    settings = load_settings(workspace.root)
    name = chosen_schema()
    if name is None or name == settings.name:
        return workspace, settings
    from ..hosting.hosted import hosted_schema  # noqa: PLC0415 - few have several schemas

    hosted = hosted_schema(workspace, settings, name)
    return hosted.workspace, hosted.settings


def chosen_version(workspace: Workspace, text: str | None) -> SchemaVersion:
    """The version that was named, or else the newest draft (the newest of all, if none is a draft).

    Raises InvalidVersionError, or WorkspaceError where there is none to choose from.
    """
    if text is not None:
        return SchemaVersion.parse(text)
    versions = all_versions(workspace)
    drafts = [version for version in versions if not workspace.is_sealed(version)]
    return (drafts or list(versions))[-1]


def all_versions(workspace: Workspace) -> tuple[SchemaVersion, ...]:
    """Every version, oldest first. Raises WorkspaceError where there is none."""
    versions = workspace.versions()
    if not versions:
        problem = Problem(
            code="no-versions",
            message="this workspace has no versions yet",
            fix="draft the first one: schema-service new 1.0.0",
        )
        raise WorkspaceError(problem)
    return versions
