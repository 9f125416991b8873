"""When announcements that wait on this machine should be looked at next.

A file, because every command looks for it: opening the state database takes longer than most of them. It is a
hint; the rows in the database are the truth.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from schemas.errors import WorkspaceError
from schemas.workspace.files import private_folder, write_atomically
from schemas.workspace.private_folder import PRIVATE_FOLDER

_NAME = "announcements-due"


def note_due(root: Path, at: datetime | None) -> None:
    """Remember ``at``, or that nothing waits, in the workspace ``root``; not where that can't be written."""
    with suppress(OSError, WorkspaceError):
        path = private_folder(root, _NAME)
        if at is None:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, at.astimezone(UTC).isoformat())


def is_due(root: Path, now: datetime) -> bool:
    """Whether something waits that should be looked at by ``now``."""
    try:
        return datetime.fromisoformat((root / PRIVATE_FOLDER / _NAME).read_text("utf-8")) <= now
    except (OSError, ValueError, TypeError):
        return False
