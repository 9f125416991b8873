"""What an uploaded archive has of a workspace: the version that it is for, and those that come before it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from schemas.errors import InvalidVersionError, Problem
from schemas.versions import SchemaVersion
from schemas.workspace.workspace import LOCK_NAME, TOML_NAME, VERSIONS_FOLDER

from ..errors import UploadError
from ..trust.attesting import ATTESTATION_FILE
from .archives import Files

_SCHEMA: Final = ".prisma"
_MIGRATION_FILE = re.compile(r"migrations/[^/]+/[^/]+")
#: What a version's folder has besides its schema, which may be in several folders, and its migrations.
_OWN: Final = frozenset({"version.toml", "CHANGELOG.md", "partial_types.py", LOCK_NAME, ATTESTATION_FILE})
#: What publishing writes: a draft has neither.
OF_A_RELEASE: Final = frozenset({LOCK_NAME, ATTESTATION_FILE})


def draft_files(files: Files, version: SchemaVersion) -> dict[str, bytes]:
    """The folders of versions up to ``version`` in an archive of that version's folder or of a workspace, as
    paths in a workspace. What else a workspace has, settings above all, is not taken.

    Raises UploadError with all that is no part of a version, or where the version isn't there.
    """
    inside = _without_one_folder(files)
    has_versions = any(name.startswith(f"{VERSIONS_FOLDER}/") for name in inside)
    is_workspace = TOML_NAME in inside or (has_versions and "schema.prisma" not in inside)
    own = f"{VERSIONS_FOLDER}/{version}/"
    found = inside if is_workspace else {f"{own}{name}": content for name, content in inside.items()}
    taken = {name: content for name, content in found.items() if _is_up_to(name, version)}
    if not any(name.startswith(own) and name.endswith(_SCHEMA) for name in taken):
        raise UploadError(_not_there(version, inside))
    strays = [name for name in sorted(taken) if not _is_known(name)]
    if strays:
        raise UploadError(*map(_stray, strays))
    return {name: content for name, content in taken.items() if name.removeprefix(own) not in OF_A_RELEASE}


def folder_of(version: SchemaVersion, files: Files) -> dict[str, bytes]:
    """The files of one version, by their paths in a workspace."""
    own = f"{VERSIONS_FOLDER}/{version}/"
    return {name: content for name, content in files.items() if name.startswith(own)}


def versions_in(files: Files) -> tuple[SchemaVersion, ...]:
    """Oldest first."""
    names = {name.split("/")[1] for name in files}
    return tuple(sorted(filter(None, map(_parsed, names))))


def without_release(files: Files) -> dict[str, bytes]:
    """The files that people write, with the line ends of every checkout."""
    return {
        name: content.replace(b"\r\n", b"\n")
        for name, content in files.items()
        if name.rpartition("/")[2] not in OF_A_RELEASE
    }


def _without_one_folder(files: Files) -> Mapping[str, bytes]:
    """Most archives of a repository, or of a folder, have all in one folder."""
    tops = {name.partition("/")[0] for name in files}
    if len(tops) != 1 or VERSIONS_FOLDER in tops or any("/" not in name for name in files):
        return files
    return _without_one_folder({name.partition("/")[2]: content for name, content in files.items()})


def _is_up_to(name: str, version: SchemaVersion) -> bool:
    segments = name.split("/")
    found = _parsed(segments[1]) if len(segments) > 2 and segments[0] == VERSIONS_FOLDER else None
    return found is not None and found <= version


def _is_known(name: str) -> bool:
    inside = name.split("/", 2)[2]
    return inside in _OWN or inside.endswith(_SCHEMA) or _MIGRATION_FILE.fullmatch(inside) is not None


def _parsed(name: str) -> SchemaVersion | None:
    try:
        version = SchemaVersion.parse(name)
    except InvalidVersionError:
        return None
    return version if str(version) == name else None


def _not_there(version: SchemaVersion, files: Files) -> Problem:
    there = ", ".join(sorted({name.partition("/")[0] for name in files})[:5]) or "nothing"
    return Problem(
        code="upload-without-version",
        message=f"the archive has no schema of {version}: at its top is {there}",
        fix=f"pack the folder {VERSIONS_FOLDER}/{version} or the whole workspace",
    )


def _stray(name: str) -> Problem:
    return Problem(
        code="upload-unknown-file",
        message=f"{name[:200]} is no file of a version",
        fix="leave it out of the archive",
    )
