"""Which files of two archives differ, so that an altered package can be told by what was altered in it."""

from __future__ import annotations

import io
import tarfile
import zipfile
import zlib
from collections.abc import Mapping

from generators.packing.sbom import SBOM_NAME
from generators.target import Kind

#: What is said of archives whose files are equal, or that can't be read.
ARCHIVE_ITSELF = "the archive around its files"


def differing_files(kind: Kind, expected: bytes, found: bytes) -> list[str]:
    """The paths, in order; one entry for the archive itself where they don't tell."""
    try:
        before, now = _files(kind, expected), _files(kind, found)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, OSError, EOFError, ValueError):
        return [ARCHIVE_ITSELF]
    differing = sorted(path for path in before.keys() | now.keys() if before.get(path) != now.get(path))
    return differing or [ARCHIVE_ITSELF]


def has_sbom(kind: Kind, content: bytes) -> bool:
    """Whether a package has a bill of materials; versions from before those don't."""
    try:
        return any(path.rpartition("/")[2] == SBOM_NAME for path in _files(kind, content))
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, OSError, EOFError, ValueError):
        return False


def _files(kind: Kind, content: bytes) -> Mapping[str, bytes]:
    if kind == "wheel":
        with zipfile.ZipFile(io.BytesIO(content)) as wheel:
            return {name: _read(wheel, name) for name in wheel.namelist()}
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as tarball:
        opened = {member.name: tarball.extractfile(member) for member in tarball.getmembers()}
        return {name: file.read() for name, file in opened.items() if file is not None}


def _read(wheel: zipfile.ZipFile, name: str) -> bytes:
    """A damaged file is another one."""
    try:
        return wheel.read(name)
    except (zipfile.BadZipFile, zlib.error):
        return b"damaged"
