"""latest: the catalogue learns of the version, and `latest` moves to it, last of all."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime

from schemas.versions import SchemaVersion

from ...catalogue import PublishedVersion
from ..context import ReleaseContext
from ..snapshot import Snapshot
from ..step import StepResult, StepResults, packed_artifacts


def run(context: ReleaseContext, snapshot: Snapshot, results: StepResults) -> StepResult:
    """A pre-release, or a fix to an older line, is published without becoming `latest`."""
    artifacts = packed_artifacts(results)
    becomes_latest = _becomes_latest(snapshot.version, context.catalogue.latest())
    if becomes_latest:
        for packed in artifacts:
            context.publishers[packed.kind].set_latest(packed.name, packed.version)
    published_at = datetime.now(UTC)
    published = PublishedVersion(
        version=snapshot.version,
        description=snapshot.description,
        author=snapshot.author,
        schema_text=snapshot.schema_text,
        schema_digest=results["check"]["schema_digest"],
        input_digest=snapshot.input_digest,
        changelog=snapshot.changelog,
        published_at=published_at,
        published_by=_user(),
        migrations=tuple(m for m in snapshot.migrations if m.version == snapshot.version),
        artifacts=artifacts,
        partial_types=snapshot.partial_types,
    )
    context.catalogue.record(published, as_latest=becomes_latest)
    latest = context.catalogue.latest()
    return {"summary": f"latest is {latest}", "published_at": published_at.isoformat()}


def _becomes_latest(version: SchemaVersion, latest: SchemaVersion | None) -> bool:
    if latest is None:
        return True
    return version >= latest and (latest.is_prerelease or not version.is_prerelease)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "unknown"
