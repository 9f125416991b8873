"""The store that the settings name."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from schemas.workspace.files import private_folder

from ..config.artifacts import ArtifactsTable
from .folder import FolderStore


class ArtifactStore(Protocol):
    """Contents by their sha256. What is not there intact is not there."""

    def put(self, content: bytes) -> str:
        """Store ``content`` and return its sha256 (hex)."""

    def get(self, digest: str) -> bytes | None:
        """The content with that sha256, or None."""

    def check(self) -> None:
        """Raises ArtifactStoreError where nothing can be kept there."""

    def remove(self, digest: str, before: datetime) -> None:
        """Remove that content, unless somebody has put it there again since ``before``."""


def open_store(table: ArtifactsTable, root: Path) -> ArtifactStore:
    """``root`` is the workspace's. Raises WorkspaceError for a private folder with links that lead out."""
    if table.url is None:
        return FolderStore(private_folder(root, "artifacts"))
    if table.url.startswith("file:"):
        return FolderStore(Path(unquote(urlsplit(table.url).path)))
    from .object_store import ObjectStore  # noqa: PLC0415 - few need the library

    return ObjectStore(table)


def check_store(table: ArtifactsTable, root: Path) -> None:
    """Raises ArtifactStoreError where nothing can be kept there, and what :func:`open_store` does."""
    open_store(table, root).check()
