"""The folder that a command fills for the user: it overwrites nothing, and is written whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path

from schemas.errors import Problem

from ..errors import OutputFolderError


def claim(folder: Path) -> None:
    """Refuse a folder that is not empty, before any work. Raises OutputFolderError."""
    try:
        in_use = os.path.lexists(folder) and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as error:
        raise OutputFolderError(_unwritable(folder, error)) from None
    if in_use:
        problem = Problem(
            code="folder-not-empty",
            message=f"{folder} is not an empty folder",
            fix="choose a new folder with --out, or empty this one; nothing in it was changed",
        )
        raise OutputFolderError(problem)


def fill(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write ``files`` (relative POSIX paths) into ``folder``, which :func:`claim` has found empty.

    Its parent may not be writable (when it is a mount, say), so it is filled in place. Raises
    OutputFolderError for whatever the system refuses; what had been written is removed.
    """
    made: list[Path] = []
    try:
        for relative, content in sorted(files.items()):
            path = folder / relative
            _make_folders(path.parent, made)
            made.append(path)
            with path.open("xb") as file:
                file.write(content)
    except BaseException as error:
        _take_back(made)
        if isinstance(error, OSError):
            raise OutputFolderError(_unwritable(folder, error)) from None
        raise


def _make_folders(folder: Path, made: list[Path]) -> None:
    missing = []
    while not folder.is_dir():
        if os.path.lexists(folder):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))
        missing.append(folder)
        folder = folder.parent
    for each in reversed(missing):
        each.mkdir()
        made.append(each)


def _take_back(made: list[Path]) -> None:
    for path in reversed(made):
        try:
            path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
        except OSError:
            continue


def _unwritable(folder: Path, error: OSError) -> Problem:
    return Problem(
        code="unwritable-folder",
        message=f"{folder} can't be written: {error.strerror or error}",
        fix="free disk space, make it writable, or choose another one with --out; nothing was left in it",
    )
