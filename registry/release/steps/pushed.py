"""pushed: what an earlier push has uploaded, from the catalogue."""

from __future__ import annotations

from ..context import ReleaseContext
from ..latest_version import followed_versions
from ..snapshots.snapshot import Snapshot
from ..step import StepResult, StepResults, as_stored
from .verify import verify


def run(context: ReleaseContext, snapshot: Snapshot, _results: StepResults) -> StepResult:
    """Raises VerificationError where a registry gives other bytes than were pushed."""
    known = context.catalogue.find(snapshot.version)
    if known is None:
        raise AssertionError(f"{snapshot.version} is promoted without having been pushed")
    verify(context, known.artifacts)
    at = f"{known.published_at:%Y-%m-%d %H:%M} UTC"
    return {
        "summary": f"{len(known.artifacts)} artifacts of {at}, sha256 equal",
        "artifacts": as_stored(known.artifacts),
        "was_released": snapshot.version in followed_versions(context, known.artifacts),
    }
