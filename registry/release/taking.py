"""Freezing a version of a workspace into a snapshot."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict

from generators.target import PackageNames
from migrations.package.release_state import Release
from schemas.versions import SchemaVersion
from schemas.workspace.version_source import VersionSource

from ..config.settings import Settings
from .snapshot import Snapshot
from .version_before import VersionsBefore


def take_snapshot(
    source: VersionSource,
    settings: Settings,
    before: VersionsBefore,
    releases: tuple[Release, ...],
    latest_sealed: SchemaVersion | None = None,
) -> Snapshot:
    """Freeze everything that determines the packages of ``source``, and what it is compared with."""
    names = settings.packages.names()
    return Snapshot(
        schema_name=settings.name,
        version=source.version,
        description=source.description,
        author=source.author,
        changelog=source.changelog,
        schema_text=source.schema_text,
        schema_file=source.schema_path,
        previous=before.previous,
        last_stable=before.last_stable,
        renames=source.renames,
        answers=source.answers,
        migrations=source.history,
        releases=releases,
        compatible_from=source.compatible_from,
        names=names,
        input_digest=input_digest(source, settings.name, names),
        partial_types=source.partial_types,
        partial_types_file=source.partial_types_path,
        latest_sealed=latest_sealed,
    )


def input_digest(source: VersionSource, schema_name: str, names: PackageNames) -> str:
    """sha256 (hex) over all that the packages of ``source`` are made from, their names included."""
    content = {"source": source.digest, "schema_name": schema_name, "names": asdict(names)}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
