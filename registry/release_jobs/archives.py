"""The files of an archive that somebody has sent: read in memory, and only plain files with plain names.

A member is refused for its name before its content is read. Nothing is written to a disk here.
"""

from __future__ import annotations

import io
import re
import stat
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Final

from schemas.errors import Problem
from schemas.workspace.files import MAX_BYTES

from ..errors import UploadError

MOST_FILES: Final = 10_000
#: Of all files together, unpacked.
MOST_UNPACKED: Final = 64 * 1024 * 1024
_LONGEST_NAME = 300
_GZIP, _ZIP = b"\x1f\x8b", b"PK"
_TAR_MAGIC, _TAR_MAGIC_AT = b"ustar", 257
#: What is plain everywhere: no drive, no wildcard, no control character, nothing that isn't Unicode.
_SEGMENT = re.compile(r'[^\x00-\x1f\x7f\ud800-\udfff<>:"|?*\\/]+')
#: Every member of a zip is as old as the format; so the same files are the same bytes.
_MOMENT = (1980, 1, 1, 0, 0, 0)

Files = Mapping[str, bytes]


def read_archive(content: bytes) -> dict[str, bytes]:
    """The files of a zip, a tar or a tar.gz by their POSIX paths; hidden ones are left out.

    Raises UploadError for what is none of these, is damaged, has links, devices, absolute paths, ``..``,
    names that differ in case only, or more than is taken.
    """
    try:
        if content.startswith(_GZIP):
            return _collected(_tar_members(_unzipped(content)))
        if content.startswith(_ZIP):
            return _collected(_zip_members(content))
        if content[_TAR_MAGIC_AT:].startswith(_TAR_MAGIC):
            return _collected(_tar_members(content))
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        raise UploadError(_damaged(str(error))) from None
    except (NotImplementedError, RuntimeError) as error:  # encrypted, or packed in a way that nobody uses
        raise UploadError(_damaged(str(error))) from None
    raise UploadError(_unknown_format())


def write_archive(files: Files) -> bytes:
    """The same bytes for the same files, whoever packed them before."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _MOMENT), files[name])
    return packed.getvalue()


def _unzipped(content: bytes) -> bytes:
    unzip = zlib.decompressobj(wbits=31)  # gzip's header and trailer
    most = MOST_UNPACKED + MOST_FILES * 2 * tarfile.BLOCKSIZE
    unpacked = unzip.decompress(content, most)
    if unzip.unconsumed_tail:
        raise UploadError(_too_much())
    if not unzip.eof:
        raise EOFError("it ends too early")
    return unpacked


def _tar_members(content: bytes) -> Iterator[tuple[str, bytes | None]]:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
        for member in archive:
            if not (member.isreg() or member.isdir()):
                raise UploadError(_special(member.name))
            if member.size > MAX_BYTES:
                raise UploadError(_too_large(member.name))
            file = archive.extractfile(member) if member.isreg() else None
            yield member.name, file.read() if file is not None else None


def _zip_members(content: bytes) -> Iterator[tuple[str, bytes | None]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if len(archive.infolist()) > MOST_FILES:
            raise UploadError(_too_much())
        for member in archive.infolist():
            mode = member.external_attr >> 16
            if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise UploadError(_special(member.filename))
            if member.is_dir():
                yield member.filename, None
                continue
            with archive.open(member) as file:
                read = file.read(MAX_BYTES + 1)
            if len(read) > MAX_BYTES:
                raise UploadError(_too_large(member.filename))
            yield member.filename, read


def _collected(members: Iterator[tuple[str, bytes | None]]) -> dict[str, bytes]:
    """Raises UploadError for the first member that is not as it has to be."""
    found: dict[str, bytes] = {}
    folded: dict[str, str] = {}
    size = count = 0
    for name, content in members:
        count += 1
        path = _checked(name)
        if path is None or content is None:
            continue
        size += len(content)
        if size > MOST_UNPACKED or count > MOST_FILES:
            raise UploadError(_too_much())
        same = folded.setdefault(unicodedata.normalize("NFC", path).casefold(), path)
        if same != path or path in found:
            raise UploadError(_twice(path, same))
        found[path] = content
    return found


def _checked(name: str) -> str | None:
    """The path, None for a hidden file and for the archive's own folder."""
    segments = name.removesuffix("/").split("/")
    while segments and segments[0] == ".":
        segments = segments[1:]
    if not segments:
        return None
    if len(name) > _LONGEST_NAME or ".." in segments or not all(map(_SEGMENT.fullmatch, segments)):
        raise UploadError(_bad_name(name))
    return None if any(segment.startswith(".") for segment in segments) else "/".join(segments)


def _shown(name: str) -> str:
    return repr(name[:120])


def _unknown_format() -> Problem:
    return Problem(
        code="upload-unreadable",
        message="what was uploaded is no archive",
        fix="send a zip, a tar or a tar.gz: git archive --format=tar.gz HEAD",
    )


def _damaged(why: str) -> Problem:
    return Problem(
        code="upload-unreadable",
        message=f"the archive can't be read: {why[:200]}",
        fix="make it again, without a password, and send all of it",
    )


def _special(name: str) -> Problem:
    return Problem(
        code="upload-unsafe",
        message=f"the archive has a link or a device: {_shown(name)}",
        fix="put the file itself there",
    )


def _bad_name(name: str) -> Problem:
    return Problem(
        code="upload-unsafe",
        message=f"the archive has a file whose name is not taken: {_shown(name)}",
        fix=f"use relative paths in UTF-8 without `..`, backslashes, colons or control characters, of "
        f"at most {_LONGEST_NAME} characters",
    )


def _twice(name: str, other: str) -> Problem:
    return Problem(
        code="upload-unsafe",
        message=f"the archive has {_shown(name)} and {_shown(other)}: one file for some machines",
        fix="leave one of the two out",
    )


def _too_large(name: str) -> Problem:
    return Problem(
        code="upload-too-large",
        message=f"{_shown(name)} in the archive has more than {MAX_BYTES} bytes",
        fix="keep bulk data out of the schema and its migrations",
    )


def _too_much() -> Problem:
    return Problem(
        code="upload-too-large",
        message=f"the archive has more than {MOST_FILES} files, or more than {MOST_UNPACKED} bytes unpacked",
        fix="send the folder of the version, or only schemas/ of the workspace",
    )
