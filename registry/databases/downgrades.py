"""Which package takes a database back."""

from __future__ import annotations

from migrations.runner.manifest import Manifest
from schemas.versions import SchemaVersion

from ..catalogue import Catalogue
from . import database as one
from .manifests import PublishedManifests
from .registered import RegisteredDatabase


def package_to_go_back(
    catalogue: Catalogue, manifests: PublishedManifests, database: RegisteredDatabase, to: SchemaVersion
) -> tuple[Manifest, str | None]:
    """The newest package, or the one of the database's own version where that is on another line; and that
    version."""
    manifest = manifests.of(max(catalogue.versions(), default=to))
    version = one.state(database, manifest, one.LOOKING).version
    if version is not None and version not in manifest.versions:
        manifest = manifests.of(SchemaVersion.parse(version))
    return manifest, version
