"""Files that tell of what was cut short here: every command looks for them, as it is quick."""

from __future__ import annotations

from pathlib import Path

from schemas.workspace.files import private_folder, write_atomically
from schemas.workspace.private_folder import PRIVATE_FOLDER

_NAME = "unfinished-change"
_ROLLBACK = "unfinished-rollback"


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


def are_databases_left(root: Path) -> bool:
    """Whether a rollback was cut short among its databases. ``root`` is the workspace's."""
    return (root / PRIVATE_FOLDER / _ROLLBACK).exists()


def note_databases(root: Path, *, are_left: bool) -> None:
    """Whether a rollback has databases to take back. Raises WorkspaceError."""
    path = private_folder(root, _ROLLBACK)
    if not are_left:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, "")
