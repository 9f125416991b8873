"""The bytes of a published file, of this machine or its registry, and only if they are its release's."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Protocol

from generators.target import Kind
from schemas.errors import Problem

from ..catalogue import PublishedArtifact
from ..errors import VerificationError
from .publisher import Publisher


class Store(Protocol):
    """Files by their sha256."""

    def get(self, digest: str) -> bytes | None: ...

    def put(self, content: bytes) -> str: ...


class PublishedBytes:
    """``store`` is where this machine keeps files; None for nowhere."""

    def __init__(self, publishers: Mapping[Kind, Publisher], store: Store | None = None) -> None:
        self._publishers = publishers
        self._store = store

    def of(self, artifact: PublishedArtifact) -> bytes:
        """Raises VerificationError where the registry serves other bytes than were published, and what the
        registry raises."""
        kept = self._store.get(artifact.sha256) if self._store else None
        if kept is not None:
            return kept
        content = self._publishers[artifact.kind].download(artifact.name, artifact.version, artifact.filename)
        if hashlib.sha256(content).hexdigest() != artifact.sha256:
            raise VerificationError(_altered(artifact))
        if self._store is not None:
            self._store.put(content)
        return content


def _altered(artifact: PublishedArtifact) -> Problem:
    return Problem(
        code="artifact-altered",
        message=f"the registry serves other bytes for {artifact.filename} than were published",
        fix="check for a proxy or a plug-in that rewrites packages",
    )
