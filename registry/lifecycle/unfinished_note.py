"""The file that tells of a change that was cut short: every command looks for it, as it is quick."""

from __future__ import annotations

from pathlib import Path

from schemas.workspace.files import private_folder, write_atomically
from schemas.workspace.private_folder import PRIVATE_FOLDER

_NAME = "unfinished-change"


def is_change_unfinished(root: Path) -> bool:
    """Whether a change of published versions was cut short. ``root`` is the workspace's."""
    return (root / PRIVATE_FOLDER / _NAME).exists()


def note_change(root: Path) -> None:
    """Call it before anything is recorded. Raises WorkspaceError."""
    path = private_folder(root, _NAME)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, "")


def note_change_finished(root: Path) -> None:
    """Raises WorkspaceError."""
    private_folder(root, _NAME).unlink(missing_ok=True)
