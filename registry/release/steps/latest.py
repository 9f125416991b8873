"""latest: moves `latest` to the version, then records it in the catalogue, with its announcement."""

from __future__ import annotations

from ...catalogue import Announcement, PublishedArtifact, PublishedVersion
from ..context import ReleaseContext
from ..latest_version import settle_latest
from ..published import published_version
from ..snapshot import Snapshot
from ..step import StepResult, StepResults, packed_artifacts


def run(context: ReleaseContext, snapshot: Snapshot, results: StepResults) -> StepResult:
    """A pre-release, or a fix to an older line, is published without becoming `latest`."""
    artifacts = packed_artifacts(results)
    latest = settle_latest(context, artifacts, snapshot.version, snapshot.latest_sealed)
    pushed = context.catalogue.find(snapshot.version) if snapshot.mode == "promote" else None
    published = pushed or published_version(snapshot, results)
    context.catalogue.record(published, latest=latest, announcement=_announcement(context, published))
    return {"summary": f"latest is {latest}", "published_at": published.published_at.isoformat()}


def _announcement(context: ReleaseContext, published: PublishedVersion) -> Announcement | None:
    """What the webhook will be told; None if there is no webhook."""
    if context.settings.notify.webhook_env is None:
        return None
    body = {
        "event": "published",
        "schema": context.catalogue.schema_name,
        "version": str(published.version),
        "description": published.description,
        "changelog": published.changelog,
        "packages": [_package(artifact) for artifact in published.artifacts],
    }
    return Announcement(event="published", version=published.version, body=body)


def _package(artifact: PublishedArtifact) -> dict[str, str]:
    return {"name": artifact.name, "version": artifact.version, "sha256": artifact.sha256}
