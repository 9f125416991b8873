"""Named bytes: what a generator returns and a packer packs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from schemas.errors import Problem

from .errors import PackingError


class FileTree(Mapping[str, bytes]):
    """An immutable mapping of relative POSIX paths to contents, in sorted order.

    Raises PackingError for a path that would leave its folder or that some file system can't hold.
    """

    __slots__ = ("_files",)

    def __init__(self, files: Mapping[str, bytes | str]) -> None:
        bad = [path for path in files if not _is_safe(path)]
        if bad:
            raise PackingError(*(_unsafe(path) for path in bad))
        self._files = {path: _as_bytes(files[path]) for path in sorted(files)}

    def __getitem__(self, path: str) -> bytes:
        return self._files[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def __or__(self, other: Mapping[str, bytes | str]) -> FileTree:
        """Both trees in one; a path in both is an error, so that nothing is overwritten silently."""
        clash = sorted(set(self) & set(other))
        if clash:
            raise ValueError(f"both trees have {', '.join(clash)}")
        return FileTree({**self._files, **other})

    def under(self, folder: str) -> FileTree:
        """The same files below ``folder``."""
        return FileTree({f"{folder}/{path}": content for path, content in self._files.items()})


def _as_bytes(content: bytes | str) -> bytes:
    return content.encode() if isinstance(content, str) else content


def _is_safe(path: str) -> bool:
    pure = PurePosixPath(path)
    return (
        path == str(pure)
        and not pure.is_absolute()
        and path not in ("", ".")
        and ".." not in pure.parts
        and "\\" not in path
        and ":" not in path
        and path.isprintable()
    )


def _unsafe(path: str) -> Problem:
    return Problem(
        code="unsafe-path",
        message=f"{path[:120]!r} can't be the path of a file in a package",
        fix="use a relative path of plain characters, without '..', backslashes or colons",
    )
