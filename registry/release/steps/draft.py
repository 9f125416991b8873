"""draft: records the packages of a draft, apart from the versions."""

from __future__ import annotations

from ...os_user import user_name
from ..context import ReleaseContext
from ..snapshots.snapshot import Snapshot
from ..step import StepResult, StepResults, packed_artifacts


def run(context: ReleaseContext, snapshot: Snapshot, results: StepResults) -> StepResult:
    if snapshot.draft is None:
        raise AssertionError("a draft has a number")
    context.catalogue.drafts.complete(
        snapshot.version, snapshot.draft, packed_artifacts(results), by=user_name()
    )
    return {"summary": f"{snapshot.package_version} can be installed"}
