"""What the catalogue is told of a release."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

from ..catalogue import PublishedVersion
from ..os_user import user_name
from .snapshots.snapshot import Snapshot
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
        published_by=user_name(),
        migrations=tuple(m for m in snapshot.migrations if m.version == snapshot.version),
        artifacts=packed_artifacts(results),
        partial_types=snapshot.partial_types,
        notes=snapshot.notes,
        generators=snapshot.generators,
        packages=tuple(asdict(snapshot.names).items()),
        renames=snapshot.renames,
        rehearsed_ms=_rehearsed_ms(snapshot, results),
        inputs=snapshot.inputs,
        follows=snapshot.follows,
        takes=snapshot.takes,
    )


def _rehearsed_ms(snapshot: Snapshot, results: StepResults) -> tuple[tuple[str, float], ...]:
    """How long each migration of the version took, on the rows that a rehearsal has."""
    return tuple(
        (each["id"], each["duration_ms"])
        for each in results.get("rehearse", {}).get("migrations", ())
        if each["version"] == str(snapshot.version)
    )
