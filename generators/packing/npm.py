"""Packs an npm tarball: every file under ``package/``, one gzip member, fixed times and modes.

Rules: the ``npm pack`` and ``package.json`` pages of the npm documentation, and RFC 1952 for gzip. One
member, because pnpm reads only the first of several.
"""

from __future__ import annotations

import io
import json
import re
import struct
import tarfile
import zlib
from collections.abc import Iterator
from typing import Any

from schemas.errors import InvalidVersionError, Problem
from schemas.versions import SchemaVersion

from ..errors import PackingError
from ..file_tree import FileTree
from ..target import Artifact, Package
from .paths import path_problems
from .sbom import SBOM_NAME, sbom

_MANIFEST = "package.json"
_NAME = re.compile(r"(?:@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~-][a-z0-9._~-]*")
_MAX_NAME_LENGTH = 214
_MODIFIED = 499162500  # 1985-10-26T08:15:00Z, the time npm itself gives every file
_GZIP_HEADER = b"\x1f\x8b\x08\x00" + bytes(4) + b"\x02\xff"  # deflate, no name, no time, best, no system
_NEVER_SHIPPED = ("node_modules", ".git", ".npmrc", ".npmignore", ".gitignore", "package-lock.json")


def pack_npm(package: Package, *, with_sbom: bool) -> Artifact:
    """Raises PackingError with all problems of the tree and of package.json."""
    problems = [
        *path_problems(f"package/{path}" for path in package.files),
        *_unshippable(package.files),
        *_manifest_problems(package),
    ]
    if problems:
        raise PackingError(*problems)
    files = package.files
    if with_sbom:
        files |= {SBOM_NAME: sbom(package, files)}
    filename = f"{package.name.removeprefix('@').replace('/', '-')}-{package.version}.tgz"
    return Artifact(
        language=package.language,
        kind="npm",
        name=package.name,
        version=package.version,
        filename=filename,
        content=_gzip(_tar(files)),
    )


def _tar(files: FileTree) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT, encoding="utf-8") as archive:
        for path, content in files.items():
            entry = tarfile.TarInfo(f"package/{path}")
            entry.size = len(content)
            entry.mode = 0o644
            entry.mtime = _MODIFIED
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _gzip(content: bytes) -> bytes:
    deflater = zlib.compressobj(level=9, wbits=-zlib.MAX_WBITS)
    body = deflater.compress(content) + deflater.flush()
    return _GZIP_HEADER + body + struct.pack("<II", zlib.crc32(content), len(content) & 0xFFFFFFFF)


def _unshippable(files: FileTree) -> list[Problem]:
    return [
        Problem(
            code="unshippable-file",
            message=f"{path} is never part of a published package",
            fix="remove it from the tree",
            file=path,
        )
        for path in files
        if any(part in _NEVER_SHIPPED for part in path.split("/"))
    ]


def _manifest_problems(package: Package) -> list[Problem]:
    text = package.files.get(_MANIFEST)
    if text is None:
        return [_problem("manifest-missing", "the tree has no package.json", "add one at the top")]
    try:
        manifest = json.loads(text.decode())
    except ValueError as error:
        return [
            _problem("manifest-unreadable", f"package.json is not JSON: {error}", "write it as UTF-8 JSON")
        ]
    if not isinstance(manifest, dict):
        return [_problem("manifest-unreadable", "package.json is not an object", "write one JSON object")]
    return [
        *_identity_problems(manifest, package),
        *_description_problems(manifest),
        *_entry_problems(manifest, package.files),
    ]


def _identity_problems(manifest: dict[str, Any], package: Package) -> Iterator[Problem]:
    if manifest.get("name") != package.name:
        yield _problem(
            "name-mismatch",
            f"package.json has the name {manifest.get('name')!r}, the package is {package.name!r}",
            "write the package's name",
        )
    if not _NAME.fullmatch(package.name) or len(package.name) > _MAX_NAME_LENGTH:
        yield _problem(
            "invalid-name",
            f"{package.name[:80]!r} is not an npm package name",
            "use lower-case letters, digits, '-', '.' and '_', with or without an @scope/",
        )
    if manifest.get("version") != package.version:
        yield _problem(
            "version-mismatch",
            f"package.json has the version {manifest.get('version')!r}, the package is {package.version!r}",
            "write the package's version",
        )
    try:
        SchemaVersion.parse(package.version, drafts=True)
    except InvalidVersionError as error:
        yield from error.problems


def _description_problems(manifest: dict[str, Any]) -> Iterator[Problem]:
    description = manifest.get("description", "")
    if not isinstance(description, str) or any(char < " " or char == "\x7f" for char in description):
        yield _problem(
            "invalid-description",
            "the description in package.json has control characters or is not text",
            "write it on one line",
        )


def _entry_problems(manifest: dict[str, Any], files: FileTree) -> Iterator[Problem]:
    """Whatever ``main``, ``types``, ``bin`` and ``exports`` point to has to be in the tarball."""
    for key in ("main", "module", "browser", "types", "typings", "bin", "exports"):
        for target in _targets(manifest.get(key)):
            if "*" not in target and target.removeprefix("./") not in files:
                yield _problem(
                    "missing-entry",
                    f'"{key}" in package.json points to {target}, which is not in the package',
                    "generate the file or drop the entry",
                )


def _targets(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _targets(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _targets(inner)


def _problem(code: str, message: str, fix: str) -> Problem:
    return Problem(code=code, message=message, fix=fix, file=_MANIFEST)
