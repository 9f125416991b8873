"""Which paths an archive may have, so that it unpacks to the same files everywhere."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath

from schemas.errors import Problem

_MAX_NAME_BYTES = 255  # NAME_MAX of the common file systems
_MAX_PATH_BYTES = 1000  # PATH_MAX is 1024 on macOS; the folder of the installation comes on top elsewhere


def path_problems(paths: Iterable[str]) -> list[Problem]:
    """Paths too long for a file system, and paths that are equal where case or Unicode form is ignored."""
    known = list(paths)
    return [*_too_long(known), *_colliding(known), *_file_and_folder(known)]


def _too_long(paths: list[str]) -> list[Problem]:
    return [
        Problem(
            code="path-too-long",
            message=f"the path {path[:80]}… is too long for some file systems ({len(path.encode())} bytes)",
            fix=f"keep each name within {_MAX_NAME_BYTES} bytes and each path within {_MAX_PATH_BYTES}",
            file=path,
        )
        for path in paths
        if len(path.encode()) > _MAX_PATH_BYTES
        or any(len(part.encode()) > _MAX_NAME_BYTES for part in PurePosixPath(path).parts)
    ]


def _colliding(paths: list[str]) -> list[Problem]:
    same: defaultdict[str, list[str]] = defaultdict(list)
    for path in paths:
        same[_folded(path)].append(path)
    return [
        Problem(
            code="colliding-paths",
            message=f"{' and '.join(group)} are the same file where case or Unicode form is ignored",
            fix="give the files names that differ in more than case",
            file=group[0],
        )
        for group in same.values()
        if len(group) > 1
    ]


def _file_and_folder(paths: list[str]) -> list[Problem]:
    folders = {_folded(str(parent)) for path in paths for parent in PurePosixPath(path).parents}
    return [
        Problem(
            code="file-and-folder",
            message=f"{path} is both a file and a folder",
            fix="rename the file or the folder",
            file=path,
        )
        for path in paths
        if _folded(path) in folders
    ]


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()
