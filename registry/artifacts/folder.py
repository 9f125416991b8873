"""Artifacts in a folder, by their digest, so that a resumed release needs no second build."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from schemas.errors import Problem

from ..errors import ArtifactStoreError


class FolderStore:
    """A folder of files named by their sha256. A truncated or altered file counts as absent."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Store ``content`` and return its sha256 (hex)."""
        digest = hashlib.sha256(content).hexdigest()
        self._folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self._folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(temporary).replace(self._folder / digest)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return digest

    def check(self) -> None:
        """Raises ArtifactStoreError where no file can be made there."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self._folder):
                pass
        except OSError as error:
            raise ArtifactStoreError(_unusable(self._folder, error.strerror or str(error))) from None

    def remove(self, digest: str, before: datetime) -> None:
        """Remove that content, unless somebody has put it there again since ``before``."""
        path = self._folder / digest
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before.timestamp():
                path.unlink()

    def get(self, digest: str) -> bytes | None:
        """The content with that sha256, or None if it isn't stored intact."""
        try:
            content = (self._folder / digest).read_bytes()
        except OSError:
            return None
        return content if hashlib.sha256(content).hexdigest() == digest else None


def _unusable(folder: Path, why: str) -> Problem:
    return Problem(
        code="artifact-store-unavailable",
        message=f"the artifacts in {folder} can't be read or written: {why}",
        fix="correct [artifacts] url, or let the user of the service write there",
    )
