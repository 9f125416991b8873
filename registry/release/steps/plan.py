"""plan: the migrations that the packages will carry."""

from __future__ import annotations

from ..context import ReleaseContext
from ..snapshots.snapshot import Snapshot
from ..step import StepResult, StepResults


def run(context: ReleaseContext, snapshot: Snapshot, _results: StepResults) -> StepResult:
    """Raises CheckFailedError, as the check step does."""
    context.checked(snapshot)
    new = [migration.id for migration in snapshot.migrations if migration.version == snapshot.version]
    return {"summary": f"{len(new)} new of {len(snapshot.migrations)} migrations", "new": new}
