"""The file of a package over HTTP, at an address whose content never changes."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import Request, Response

from generators.target import Kind

from ...catalogue import PublishedArtifact
from ...publishers.published_bytes import PublishedBytes
from ..served.byte_ranges import file_response
from ..served.document import IMMUTABLE, is_known

_MEDIA_TYPES: Mapping[Kind, str] = {"wheel": "application/zip", "npm": "application/gzip"}


def artifact_response(request: Request, artifact: PublishedArtifact, files: PublishedBytes) -> Response:
    """The file or a part of it; 304 for who has it. Raises VerificationError where the registry serves other
    bytes, and what the registry raises."""
    etag = f'"{artifact.sha256}"'
    headers = {"Cache-Control": IMMUTABLE}
    if is_known(request, etag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={**headers, "ETag": etag})
    headers["Content-Disposition"] = f'attachment; filename="{artifact.filename}"'
    return file_response(
        request,
        files.of(artifact),
        etag=etag,
        media_type=_MEDIA_TYPES[artifact.kind],
        headers=headers,
    )
