"""Folders that exist as long as a server, and the removal of those whose server was killed.

A claim is a lock (flock) on a file in the folder. The server's supervisor inherits it, so the operating
system releases it however the supervisor ends.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
import time
from pathlib import Path

_CLAIM = "claim"
# Before it is locked, a new folder looks abandoned.
_MINIMUM_AGE_SECONDS = 60.0


def claimed_folder(parent: Path, prefix: str) -> tuple[Path, int]:
    """A new folder and the file descriptor of its claim. Folders that earlier servers left are removed."""
    _sweep(parent, prefix)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    claim = os.open(folder / _CLAIM, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return folder, claim


def _sweep(parent: Path, prefix: str) -> None:
    for folder in parent.glob(f"{prefix}*"):
        with contextlib.suppress(OSError):  # in use, or somebody else's
            status = folder.lstat()
            if stat.S_ISDIR(status.st_mode) and time.time() - status.st_mtime > _MINIMUM_AGE_SECONDS:
                _remove_unclaimed(folder)


def _remove_unclaimed(folder: Path) -> None:
    claim = os.open(folder / _CLAIM, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if os.fstat(claim).st_uid == os.geteuid():
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(claim)
