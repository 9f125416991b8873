"""Which release was begun here and can be seen by consumers only in part, if one was cut short.

A file, because every command looks for it: opening the state database takes longer than most of them.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from schemas.workspace.files import private_folder, write_atomically
from schemas.workspace.private_folder import PRIVATE_FOLDER

_NAME = "unfinished-release.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfinishedRelease:
    """``release_id`` is its workflow's in the state database."""

    version: str
    release_id: str


def note_unfinished(root: Path, release: UnfinishedRelease) -> None:
    """Call it before the first thing that consumers can see. ``root`` is the workspace's. Raises
    WorkspaceError."""
    path = private_folder(root, _NAME)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps(asdict(release)))


def note_finished(root: Path, version: str) -> None:
    """Forget it if it is of ``version``. Raises WorkspaceError."""
    noted = unfinished_release(root)
    if noted is not None and noted.version == version:
        private_folder(root, _NAME).unlink(missing_ok=True)


def unfinished_release(root: Path) -> UnfinishedRelease | None:
    """The release that still has to be finished, or None."""
    try:
        noted = json.loads((root / PRIVATE_FOLDER / _NAME).read_text("utf-8"))
        return UnfinishedRelease(version=str(noted["version"]), release_id=str(noted["release_id"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
