"""The signed statement about a release, beside its release.lock and in the catalogue.

It is made when the version is sealed, and by the next command where that was cut short.
"""

from __future__ import annotations

import json
from datetime import datetime

from schemas.versions import SchemaVersion
from schemas.workspace.files import exclusive, file_names, read_text, write_atomically
from schemas.workspace.release_lock import ReleaseLock
from schemas.workspace.version_source import VersionSource
from schemas.workspace.workspace import VERSIONS_FOLDER, Workspace

from ..catalogue import Catalogue
from .provenance import statement, tool_version
from .public_keys import read_public_keys
from .signing import SigningKey

#: In the version's folder; the name that in-toto gives a file with a statement a line.
ATTESTATION_FILE = "release.intoto.jsonl"


def attest(workspace: Workspace, source: VersionSource, catalogue: Catalogue, key: SigningKey | None) -> None:
    """Sign the sealed version that ``source`` was, unless that is done or it was published before ``key`` was
    in use; and keep the statement in both places."""
    public = read_public_keys(workspace.root)
    catalogue.trust.keep_keys(public.keys)
    envelope = catalogue.trust.attestation(source.version) or written_attestation(workspace, source.folder)
    if envelope is None and key is not None:
        lock = workspace.release_lock(source.version)
        mine = public.find(key.keyid)
        if lock is not None and mine is not None and mine.was_in_use(published_at(lock)):
            about = statement(lock, catalogue.schema_name, built_by=tool_version())
            envelope = key.envelope(about)
    if envelope is None:
        return
    catalogue.trust.keep_attestation(source.version, envelope)
    if written_attestation(workspace, source.folder) is None:
        with exclusive(workspace.root):
            write_atomically(workspace.root / source.folder / ATTESTATION_FILE, envelope)


def written_attestation(workspace: Workspace, folder: str) -> str | None:
    """The statement in the version's folder, None where there is none. Raises WorkspaceError."""
    if ATTESTATION_FILE not in file_names(workspace.root, folder):
        return None
    return read_text(workspace.root, f"{folder}/{ATTESTATION_FILE}")


def signed_by(catalogue: Catalogue, workspace: Workspace, version: SchemaVersion) -> str | None:
    """The id of the key that a version's statement names, None for an unsigned version. It is what the
    statement says: `verify` finds out whether that is true."""
    text = catalogue.trust.attestation(version)
    if text is None and version in workspace.versions():
        text = written_attestation(workspace, f"{VERSIONS_FOLDER}/{version}")
    try:
        return str(json.loads(text)["signatures"][0]["keyid"]) if text is not None else None
    except (ValueError, KeyError, IndexError, TypeError):
        return None


def published_at(lock: ReleaseLock) -> datetime:
    """When the sealed version was published; the beginning of time where its lock doesn't tell."""
    beginning = "0001-01-01T00:00:00+00:00"
    return datetime.fromisoformat(lock.published_at or beginning)
