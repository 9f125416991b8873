"""The catalogue that a workspace's settings name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from schemas.workspace.workspace import Workspace

from ..config.settings import Settings
from .catalogue import Catalogue


@contextmanager
def open_catalogue(workspace: Workspace, settings: Settings, *, to_read: bool = False) -> Iterator[Catalogue]:
    """The state database of the workspace, until the block ends. ``to_read``: nothing is written."""
    catalogue = Catalogue.open(
        settings.state.url, root=workspace.root, schema_name=settings.name, to_read=to_read
    )
    try:
        yield catalogue
    finally:
        catalogue.close()
