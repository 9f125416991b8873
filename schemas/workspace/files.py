"""Reads and writes a workspace's files: only inside the workspace, up to a maximum size, and atomically."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from ..errors import Problem, WorkspaceError
from .private_folder import PRIVATE_FOLDER

#: The largest file that is read. Generous: a migration may contain a few megabytes of reference data.
MAX_BYTES = 16 * 1024 * 1024
# The depth of the tool's own paths in that folder, at most: local/postgres/data.
_NAMED_LEVELS = 3


def read_text(root: Path, relative: str, *, project: Path | None = None) -> str:
    """A UTF-8 file below ``root``, with line ends as ``\\n`` and without a byte order mark.

    So a checkout with other line ends is the same version. Raises WorkspaceError for a file that is missing,
    not regular, outside the workspace, too large, not UTF-8 or not text. For a file of a ``project``
    (which is no workspace) links may lead anywhere in that, and problems name it from where the user is.
    """
    path, shown = root / relative, relative if project is None else str(root / relative)
    try:
        if not _is_inside(root, relative, project):
            raise WorkspaceError(_outside(shown, project))
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise WorkspaceError(_unreadable(shown, "is not a file"))
        if status.st_size > MAX_BYTES:
            raise WorkspaceError(_too_large(shown, status.st_size))
        content = path.read_bytes()
    except FileNotFoundError:
        raise WorkspaceError(_missing(shown)) from None
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of symbolic links
        reason = getattr(error, "strerror", None) or "is a loop of symbolic links"
        raise WorkspaceError(_unreadable(shown, f"can't be read: {reason}")) from None
    return _decode(shown, content)


def folder_names(root: Path, relative: str) -> list[str]:
    """The names of the folders directly below ``relative``, sorted, without hidden ones.

    A folder that does not exist has none. Raises WorkspaceError if ``relative`` is outside the workspace.
    """
    return sorted(entry.name for entry in _entries(root, relative) if _is_folder(entry))


def file_names(root: Path, relative: str, *, project: Path | None = None) -> list[str]:
    """The same for everything that is not a folder; ``project`` as for :func:`read_text`."""
    return sorted(entry.name for entry in _entries(root, relative, project) if not _is_folder(entry))


def write_atomically(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8 so that readers see the old file or the whole new one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Create ``folder`` with ``files`` (relative POSIX paths), all of it or nothing.

    Raises FileExistsError if the folder exists and is not empty.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    try:
        for relative, content in files.items():
            path = temporary / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        temporary.chmod(0o755)
        if folder.exists() and any(folder.iterdir()):
            raise FileExistsError(folder)
        temporary.replace(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def private_folder(root: Path, *names: str) -> Path:
    """The tool's own folder in the workspace, or a path below it, in which to write and remove files.

    It need not exist. Raises WorkspaceError for every symbolic link that leads out of the folder.
    """
    private = root / PRIVATE_FOLDER
    links = [private] if private.is_symlink() else _links_out_of(private, private.resolve(), _NAMED_LEVELS)
    if links:
        raise WorkspaceError(*(_linked(link.relative_to(root).as_posix()) for link in links))
    return private.joinpath(*names)


@contextmanager
def exclusive(root: Path) -> Iterator[None]:
    """A lock between processes: one writer of the workspace at a time.

    Raises WorkspaceError as :func:`private_folder` does, and if the block raises an OSError.
    """
    private = private_folder(root)
    try:
        private.mkdir(exist_ok=True)
        with FileLock(private / "workspace.lock"):
            yield
    except OSError as error:
        raise WorkspaceError(unwritable(root, error)) from None


def unwritable(folder: Path, error: OSError) -> Problem:
    """The problem for a ``folder`` that can't be written."""
    return Problem(
        code="unwritable-folder",
        message=f"{folder} can't be written: {error.strerror or error}",
        fix="free disk space and make the folder writable, or choose another one; nothing was changed",
        file=str(folder),
    )


def _entries(root: Path, relative: str, project: Path | None = None) -> list[os.DirEntry[str]]:
    if not _is_inside(root, relative, project):
        raise WorkspaceError(_outside(relative if project is None else str(root / relative), project))
    folder = root / relative
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        return [entry for entry in entries if not entry.name.startswith(".")]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return Path(entry).is_dir() if entry.is_symlink() else entry.is_dir()  # DirEntry's raises for a loop


def _is_inside(root: Path, relative: str, project: Path | None = None) -> bool:
    """Whether ``relative``, as far as it exists, is below ``root`` or in ``project``, links followed.

    Where there are none it is: a release reads some files ten times, and resolving two paths takes longer
    than reading one. Raises RuntimeError or OSError for a loop of links.
    """
    way = os.fspath(root)
    for part in relative.split("/"):
        way = f"{way}/{part}"
        if part in ("", "..") or _is_link(way):
            place = (root / relative).resolve()
            return any(place.is_relative_to(folder.resolve()) for folder in (root, project) if folder)
    return True


def _is_link(path: str) -> bool:
    try:
        return stat.S_ISLNK(os.lstat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _links_out_of(folder: Path, private: Path, levels: int) -> list[Path]:
    """The symbolic links in ``folder`` that lead out of ``private``; files that vanish are ignored."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return []
    found = []
    for entry in entries:
        if entry.is_symlink():
            found += [] if _stays_below(private, Path(entry)) else [Path(entry)]
        elif levels > 1 and entry.is_dir(follow_symlinks=False):
            found += _links_out_of(Path(entry), private, levels - 1)
    return found


def _stays_below(private: Path, link: Path) -> bool:
    try:
        return link.resolve().is_relative_to(private)
    except (OSError, RuntimeError):  # a loop of symbolic links
        return False


def _decode(relative: str, content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line_start = before.rfind(b"\n") + 1
        raise WorkspaceError(
            Problem(
                code="not-utf-8",
                message=f"the byte 0x{content[error.start]:02x} is not valid UTF-8",
                fix="save the file as UTF-8",
                file=relative,
                line=before.count(b"\n") + 1,
                column=len(before[line_start:].decode("utf-8", "replace")) + 1,
            )
        ) from None
    if "\0" in text:
        raise WorkspaceError(_unreadable(relative, "contains a zero byte, so it is not a text file"))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _missing(relative: str) -> Problem:
    return Problem(
        code="missing-file",
        message=f"{relative} does not exist",
        fix="create it, or restore it from version control",
        file=relative,
    )


def _outside(relative: str, project: Path | None) -> Problem:
    is_link = f"is a symbolic link that leads out of {project}"
    return Problem(
        code="outside-workspace",
        message=f"{relative} {'is outside the workspace' if project is None else is_link}",
        fix="replace the symbolic link with the file itself",
        file=relative,
    )


def _linked(relative: str) -> Problem:
    return Problem(
        code="linked-private-folder",
        message=f"{relative} is a symbolic link, and schema-service removes and overwrites files there",
        fix="remove the link, and let schema-service make a folder or file of its own there; "
        "[state] url says where else the state database may be",
        file=relative,
    )


def _unreadable(relative: str, why: str) -> Problem:
    return Problem(
        code="unreadable-file",
        message=f"{relative} {why}",
        fix="replace it with a text file that this user may read",
        file=relative,
    )


def _too_large(relative: str, size: int) -> Problem:
    return Problem(
        code="file-too-large",
        message=f"{relative} has {size} bytes; at most {MAX_BYTES} are read",
        fix="keep bulk data out of the schema and its migrations",
        file=relative,
    )
