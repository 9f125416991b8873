"""generate: the sources of the four packages."""

from __future__ import annotations

from ..context import ReleaseContext
from ..snapshots.snapshot import Snapshot
from ..step import StepResult, StepResults


def run(context: ReleaseContext, snapshot: Snapshot, _results: StepResults) -> StepResult:
    """The result counts files only: the sources are derived again wherever they are needed."""
    packages = context.packages(snapshot)
    counts = {package.language: len(package.files) for package in packages}
    return {"summary": f"{len(packages)} packages, {sum(counts.values())} files", "files": counts}
