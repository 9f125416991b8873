"""The migrations of a published version, from its own wheel: kept on this machine, or its registry's."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from generators.target import Kind
from migrations.runner.manifest import FORMAT, Manifest
from schemas.errors import Problem
from schemas.versions import SchemaVersion

from ..artifacts.store import ArtifactStore
from ..catalogue import Catalogue, PublishedArtifact
from ..catalogue.lookup import published_version
from ..errors import DatabaseError
from ..publishers.published_bytes import PublishedBytes
from ..publishers.publisher import Publisher

_NAME = "manifest.json"


class PublishedManifests:
    """``store`` keeps their packages. The bytes are those that were published, or none."""

    def __init__(self, catalogue: Catalogue, publishers: dict[Kind, Publisher], store: ArtifactStore) -> None:
        self._catalogue = catalogue
        self._bytes = PublishedBytes(publishers, store)
        self._read: dict[SchemaVersion, Manifest] = {}

    def __contains__(self, version: SchemaVersion) -> bool:
        """Whether ``version`` is published."""
        return self._catalogue.find(version) is not None

    def of(self, version: SchemaVersion) -> Manifest:
        """The content of the migrations wheel of ``version``.

        Raises NotPublishedError, VerificationError where the registry gives other bytes than were published,
        DatabaseError for a wheel that today's runner can't run, and what the registry raises.
        """
        if version not in self._read:
            self._read[version] = self._checked(version)
        return self._read[version]

    def _checked(self, version: SchemaVersion) -> Manifest:
        stored = self.stored(version)
        if stored.get("format") != FORMAT:
            artifact = published_version(self._catalogue, version).artifact("migrations")
            raise DatabaseError(_other_format(artifact, stored.get("format")))
        return Manifest.from_json(stored)

    def stored(self, version: SchemaVersion) -> dict[str, Any]:
        """The same as JSON, as the wheel has it, in whatever format."""
        artifact = published_version(self._catalogue, version).artifact("migrations")
        with zipfile.ZipFile(io.BytesIO(self._bytes.of(artifact))) as wheel:
            (path,) = (
                name for name in wheel.namelist() if name.count("/") == 1 and name.endswith(f"/{_NAME}")
            )
            found: dict[str, Any] = json.loads(wheel.read(path))
        return found


def _other_format(artifact: PublishedArtifact, found: object) -> Problem:
    return Problem(
        code="manifest-format-unknown",
        message=f"{artifact.filename} has migrations in format {found!r}, and this runner reads {FORMAT}",
        fix=f"run that package's own command: pip install {artifact.name}=={artifact.version}",
    )
