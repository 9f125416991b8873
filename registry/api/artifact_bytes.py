"""The bytes of an artifact, as its registry has them and only if they are those of its release."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from fastapi import Response

from generators.target import Kind
from schemas.errors import Problem

from ..catalogue import PublishedArtifact
from ..errors import VerificationError
from ..publishers.publisher import Publisher

_MEDIA_TYPES: Mapping[Kind, str] = {"wheel": "application/zip", "npm": "application/gzip"}


def artifact_response(artifact: PublishedArtifact, publishers: Mapping[Kind, Publisher]) -> Response:
    """Raises VerificationError where the registry serves other bytes."""
    content = publishers[artifact.kind].download(artifact.name, artifact.version, artifact.filename)
    if hashlib.sha256(content).hexdigest() != artifact.sha256:
        raise VerificationError(_altered(artifact.filename))
    headers = {
        "Content-Disposition": f'attachment; filename="{artifact.filename}"',
        "ETag": f'"{artifact.sha256}"',
    }
    return Response(content, media_type=_MEDIA_TYPES[artifact.kind], headers=headers)


def _altered(filename: str) -> Problem:
    return Problem(
        code="artifact-altered",
        message=f"the registry serves other bytes for {filename} than were published",
        fix="check for a proxy or a plug-in that rewrites packages",
    )
