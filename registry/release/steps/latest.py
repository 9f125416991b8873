"""latest: moves `latest` to the version, then records it in the catalogue, with its announcement."""

from __future__ import annotations

from schemas.versions import SchemaVersion

from ...catalogue import Announcement, PublishedArtifact, PublishedVersion
from ...catalogue.facts.events import PUBLISHED
from ...notify.events import announcement
from ..context import ReleaseContext
from ..latest_version import settle_latest
from ..published import published_version
from ..snapshots.snapshot import Snapshot
from ..step import StepResult, StepResults, packed_artifacts


def run(context: ReleaseContext, snapshot: Snapshot, results: StepResults) -> StepResult:
    """A pre-release, or a fix to an older line, is published without becoming `latest`."""
    artifacts = packed_artifacts(results)
    # What was pushed is sealed, and yet nobody had it.
    may_be_new = not snapshot.is_sealed or snapshot.mode == "promote"
    latest = settle_latest(
        context, artifacts, snapshot.version, snapshot.latest_sealed, may_be_new=may_be_new
    )
    pushed = context.catalogue.find(snapshot.version) if snapshot.mode == "promote" else None
    published = pushed or published_version(snapshot, results)
    # Another machine that has released it has told others of it, too.
    was_released = any(results.get(step, {}).get("was_released") for step in ("upload", "pack"))
    news = None if was_released else _announcement(context, published, latest)
    context.catalogue.record(published, latest=latest, announcement=news)
    return {"summary": f"latest is {latest}", "published_at": published.published_at.isoformat()}


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
