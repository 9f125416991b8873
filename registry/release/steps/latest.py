"""latest: moves `latest` to the version, then records it in the catalogue, with its announcement."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

from schemas.versions import SchemaVersion

from ...catalogue import Announcement, PublishedArtifact, PublishedVersion
from ...catalogue.events import PUBLISHED
from ...notify.events import announcement
from ...os_user import user_name
from ..context import ReleaseContext
from ..latest_version import settle_latest
from ..snapshot import Snapshot
from ..step import StepResult, StepResults, packed_artifacts


def run(context: ReleaseContext, snapshot: Snapshot, results: StepResults) -> StepResult:
    """A pre-release, or a fix to an older line, is published without becoming `latest`."""
    artifacts = packed_artifacts(results)
    latest = settle_latest(
        context, artifacts, snapshot.version, snapshot.latest_sealed, may_be_new=not snapshot.is_sealed
    )
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
        published_by=user_name(),
        migrations=tuple(m for m in snapshot.migrations if m.version == snapshot.version),
        artifacts=artifacts,
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
    context.catalogue.record(published, latest=latest, announcement=_announcement(context, published, latest))
    return {"summary": f"latest is {latest}", "published_at": published_at.isoformat()}


def _rehearsed_ms(snapshot: Snapshot, results: StepResults) -> tuple[tuple[str, float], ...]:
    """How long each migration of the version took, on the rows that a rehearsal has."""
    return tuple(
        (each["id"], each["duration_ms"])
        for each in results.get("rehearse", {}).get("migrations", ())
        if each["version"] == str(snapshot.version)
    )


def _announcement(
    context: ReleaseContext, published: PublishedVersion, latest: SchemaVersion
) -> Announcement:
    return announcement(
        context.settings.notify,
        PUBLISHED,
        schema_name=context.catalogue.schema_name,
        version=published.version,
        at=published.published_at,
        data={
            "latest": str(latest),
            "description": published.description,
            "changelog": published.changelog,
            "published_by": published.published_by,
            "packages": [_package(artifact) for artifact in published.artifacts],
        },
    )


def _package(artifact: PublishedArtifact) -> dict[str, str]:
    return {"name": artifact.name, "version": artifact.version, "sha256": artifact.sha256}
