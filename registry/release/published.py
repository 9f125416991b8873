"""What the catalogue is told of a release."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime

from ..catalogue import PublishedVersion
from .snapshot import Snapshot
from .step import StepResults, packed_artifacts


def published_version(snapshot: Snapshot, results: StepResults) -> PublishedVersion:
    """The version as it is published now."""
    return PublishedVersion(
        version=snapshot.version,
        description=snapshot.description,
        author=snapshot.author,
        schema_text=snapshot.schema_text,
        schema_digest=results["check"]["schema_digest"],
        input_digest=snapshot.input_digest,
        changelog=snapshot.changelog,
        published_at=datetime.now(UTC),
        published_by=user(),
        migrations=tuple(m for m in snapshot.migrations if m.version == snapshot.version),
        artifacts=packed_artifacts(results),
        partial_types=snapshot.partial_types,
    )


def user() -> str:
    """Who publishes."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "unknown"
