"""compare: what changed since the previous version; the check step made sure that the number fits."""

from __future__ import annotations

from collections import Counter

from ..context import ReleaseContext
from ..snapshots.snapshot import Snapshot
from ..step import StepResult, StepResults


def run(context: ReleaseContext, snapshot: Snapshot, _results: StepResults) -> StepResult:
    """Raises CheckFailedError, as the check step does."""
    counts = Counter(change.compatibility for change in context.checked(snapshot).changes)
    parts = ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))
    since = f"since {snapshot.previous.version}" if snapshot.previous else "in the first version"
    return {"summary": f"{parts or 'nothing changed'} {since}", "changes": dict(counts)}
