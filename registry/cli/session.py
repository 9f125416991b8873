"""What a command works with: the workspace around the current folder, its settings, and its services."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace import Workspace

from ..catalogue import Catalogue
from ..settings import Settings, load_settings

VersionArgument = Annotated[str, typer.Argument(metavar="VERSION", help="A semantic version, like 2.0.0.")]
OptionalVersionArgument = Annotated[
    str | None, typer.Argument(metavar="[VERSION]", help="A semantic version; the newest draft by default.")
]


def current_workspace() -> tuple[Workspace, Settings]:
    """The workspace that the current folder lies in. Raises WorkspaceError or SettingsError."""
    workspace = Workspace.find(Path.cwd())
    return workspace, load_settings(workspace.root)


@contextmanager
def open_catalogue(workspace: Workspace, settings: Settings) -> Iterator[Catalogue]:
    """The state database of the workspace, until the block ends."""
    catalogue = Catalogue.open(settings.state.url, root=workspace.root, schema_name=settings.name)
    try:
        yield catalogue
    finally:
        catalogue.close()


def chosen_version(workspace: Workspace, text: str | None) -> SchemaVersion:
    """The version that was asked for, or else the newest draft (the newest of all, if none is a draft)."""
    if text is not None:
        return SchemaVersion.parse(text)
    versions = workspace.versions()
    drafts = [version for version in versions if not workspace.load(version).is_published]
    return (drafts or list(versions))[-1]


def environment_url(variable: str | None) -> str | None:
    """The value of the variable that a setting names, if it is set and not empty."""
    return os.environ.get(variable) or None if variable else None


def open_bridge() -> PrismaBridge:
    """The Prisma bridge; it starts Node when it is first asked something."""
    return PrismaBridge()
