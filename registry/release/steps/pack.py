"""pack: sources to wheels and tarballs, the same bytes on every machine."""

from __future__ import annotations

from generators.target import LANGUAGES

from ...catalogue import PublishedArtifact
from ...publishers.package_contents import package_facts
from ..context import ReleaseContext
from ..snapshots.snapshot import Snapshot
from ..step import StepResult, StepResults, as_stored


def run(context: ReleaseContext, snapshot: Snapshot, _results: StepResults) -> StepResult:
    artifacts = tuple(context.built(snapshot, language) for language in LANGUAGES)
    for artifact in artifacts:
        context.store.put(artifact.content)
        context.catalogue.packages.keep(artifact.sha256, package_facts(artifact.kind, artifact.content))
    packed = tuple(PublishedArtifact.of(artifact) for artifact in artifacts)
    kilobytes = sum(artifact.size for artifact in packed) / 1000
    return {"summary": f"{len(packed)} artifacts, {kilobytes:.0f} kB", "artifacts": as_stored(packed)}
