"""promote: wheels that wait on a staging index are moved to the release index, and read back from there."""

from __future__ import annotations

from ..context import ReleaseContext
from ..snapshots.snapshot import Snapshot
from ..step import StepResult, StepResults, packed_artifacts
from ..unfinished import note_unfinished
from .verify import verify


def run(context: ReleaseContext, snapshot: Snapshot, results: StepResults) -> StepResult:
    """From here on consumers can see the release, and it has to be finished. Raises VerificationError as the
    step `verify` does."""
    note_unfinished(context.root, snapshot.unfinished)
    # The migrations first, as where they are uploaded.
    wheels = sorted(
        (each for each in packed_artifacts(results) if each.kind == "wheel"),
        key=lambda each: each.language != "migrations",
    )
    waiting = [
        each
        for each in wheels
        if any(registry.is_hidden for registry in context.publishers[each.kind].registries)
    ]
    for each in waiting:
        context.publishers[each.kind].promote(each.name, each.version, each.filename)
    verify(context, waiting)
    if not waiting:
        return {"summary": "no staging index"}
    return {"summary": f"{len(waiting)} moved to the release index, sha256 equal"}
