"""stage: records a version that waits to be promoted."""

from __future__ import annotations

from ..context import ReleaseContext
from ..published import published_version
from ..snapshots.snapshot import Snapshot
from ..step import StepResult, StepResults


def run(context: ReleaseContext, snapshot: Snapshot, results: StepResults) -> StepResult:
    published = published_version(snapshot, results)
    context.catalogue.stage(published)
    return {"summary": "latest stays", "published_at": published.published_at.isoformat()}
