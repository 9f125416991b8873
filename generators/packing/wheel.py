"""Packs a wheel: the import package and a ``.dist-info`` equal to hatchling's.

Rules: the binary distribution format (PEP 427 and its page at packaging.python.org), PEP 376 for RECORD,
PEP 639 for licences, PEP 770 for bills of materials.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import zipfile

from schemas.errors import Problem

from ..errors import PackingError
from ..file_tree import FileTree
from ..target import Artifact, Package
from .paths import path_problems
from .project import WheelMetadata, read_project
from .sbom import SBOM_NAME, sbom

_TAG = "py3-none-any"
#: How a wheel tells that this tool made it.
WHEEL_GENERATOR = "schema-service"
_WHEEL = f"Wheel-Version: 1.0\nGenerator: {WHEEL_GENERATOR}\nRoot-Is-Purelib: true\nTag: {_TAG}\n"
_MODIFIED = (1980, 1, 1, 0, 0, 0)  # the earliest time that zip can hold
_UNIX = 3
_FILE_MODE = 0o100644


def pack_wheel(package: Package, *, with_sbom: bool) -> Artifact:
    """Raises PackingError with all problems of the tree and of pyproject.toml."""
    metadata = read_project(package)
    stem = f"{package.name.lower().replace('-', '_').replace('.', '_')}-{package.version}"
    sources = _sources(package.files, metadata)
    info = _dist_info(metadata)
    if with_sbom:
        info |= {f"sboms/{SBOM_NAME}": sbom(package, sources | info)}
    entries = sources | info.under(f"{stem}.dist-info")
    problems = [*_source_problems(sources, metadata), *path_problems(entries)]
    if problems:
        raise PackingError(*problems)
    return Artifact(
        language=package.language,
        kind="wheel",
        name=package.name,
        version=package.version,
        filename=f"{stem}-{_TAG}.whl",
        content=_zip(entries, f"{stem}.dist-info/RECORD"),
    )


def _sources(files: FileTree, metadata: WheelMetadata) -> FileTree:
    folder = f"{metadata.import_package}/"
    return FileTree({path: content for path, content in files.items() if path.startswith(folder)})


def _source_problems(sources: FileTree, metadata: WheelMetadata) -> list[Problem]:
    initial = f"{metadata.import_package}/__init__.py"
    if initial in sources:
        return []
    return [
        Problem(
            code="import-package-missing",
            message=f"the tree has no {initial}",
            fix="generate the import package that pyproject.toml names",
            file=initial,
        )
    ]


def _dist_info(metadata: WheelMetadata) -> FileTree:
    files: dict[str, bytes | str] = {"METADATA": metadata.headers, "WHEEL": _WHEEL}
    if metadata.entry_points:
        files["entry_points.txt"] = metadata.entry_points
    return FileTree(files) | FileTree(metadata.licenses).under("licenses")


def _zip(entries: FileTree, record_path: str) -> bytes:
    # Metadata goes last, as the specification recommends: tools find it without scanning the sources.
    last = record_path.rpartition("/")[0] + "/"
    order = sorted(entries, key=lambda path: (path.startswith(last), path))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in order:
            _write(archive, path, entries[path])
        _write(archive, record_path, _record(entries, order, record_path))
    return buffer.getvalue()


def _write(archive: zipfile.ZipFile, path: str, content: bytes) -> None:
    info = zipfile.ZipInfo(path, _MODIFIED)
    info.create_system = _UNIX
    info.external_attr = _FILE_MODE << 16
    archive.writestr(info, content, zipfile.ZIP_DEFLATED, compresslevel=9)


def _record(entries: FileTree, order: list[str], record_path: str) -> bytes:
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    for path in order:
        digest = base64.urlsafe_b64encode(hashlib.sha256(entries[path]).digest()).rstrip(b"=")
        writer.writerow((path, f"sha256={digest.decode()}", len(entries[path])))
    writer.writerow((record_path, "", ""))
    return lines.getvalue().encode()
