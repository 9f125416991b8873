"""Keeping what was uploaded: its files in the store of artifacts, and who sent them in the catalogue."""

from __future__ import annotations

from schemas.errors import Problem
from schemas.versions import SchemaVersion

from ..artifacts.store import ArtifactStore
from ..catalogue import Catalogue
from ..catalogue.access import Writer
from ..catalogue.facts.uploads import NewUpload, Upload
from ..errors import UnknownUploadError
from .archives import read_archive, write_archive
from .drafts import draft_files


def keep_upload(
    catalogue: Catalogue,
    store: ArtifactStore,
    version: SchemaVersion,
    archive: bytes,
    by: Writer,
    *,
    origin: str | None = None,
) -> Upload:
    """Keep an archive as a draft of ``version``; the same files again are the same draft.

    Raises UploadError for what can't be one, and ArtifactStoreError.
    """
    files = draft_files(read_archive(archive), version)
    new = NewUpload(
        version=version,
        digest=store.put(write_archive(files)),
        files=len(files),
        size=sum(map(len, files.values())),
        origin=origin,
    )
    return catalogue.uploads.add(new, by)


def chosen_upload(catalogue: Catalogue, version: SchemaVersion, digest: str | None) -> Upload:
    """The upload that was named, or else the newest of the version. Raises UnknownUploadError
    where none is."""
    uploads = catalogue.uploads
    found = uploads.newest(version) if digest is None else uploads.find(version, digest)
    if found is None:
        raise UnknownUploadError(_none(version, digest))
    return found


def _none(version: SchemaVersion, digest: str | None) -> Problem:
    which = f"no upload {digest[:12]} of {version}" if digest else f"no upload of {version}"
    return Problem(
        code="no-such-upload",
        message=f"there is {which}",
        fix=f"upload it first: PUT /drafts/{version}; GET /drafts lists what there is",
    )
