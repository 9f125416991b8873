"""What a command works with: the workspace around the current folder, and the version it was asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from schemas.versions import SchemaVersion
from schemas.workspace import Workspace

from ..settings import Settings, load_settings

VersionArgument = Annotated[str, typer.Argument(metavar="VERSION", help="A semantic version, like 2.0.0.")]
OptionalVersionArgument = Annotated[
    str | None, typer.Argument(metavar="[VERSION]", help="A semantic version; the newest draft by default.")
]


def current_workspace() -> tuple[Workspace, Settings]:
    """The workspace that the current folder lies in. Raises WorkspaceError or SettingsError."""
    workspace = Workspace.find(Path.cwd())
    return workspace, load_settings(workspace.root)


def chosen_version(workspace: Workspace, text: str | None) -> SchemaVersion:
    """The version that was asked for, or else the newest draft (the newest of all, if none is a draft)."""
    if text is not None:
        return SchemaVersion.parse(text)
    versions = workspace.versions()
    drafts = [version for version in versions if not workspace.load(version).is_published]
    return (drafts or list(versions))[-1]
