"""upload: every artifact to its registry, or none of them if one is published there with other content."""

from __future__ import annotations

from generators.target import Artifact
from schemas.errors import Problem

from ...errors import ImmutableVersionError
from ...publishers.publisher import version_taken
from ..context import ReleaseContext
from ..snapshot import Snapshot
from ..step import StepResult, StepResults, packed_artifacts


def run(context: ReleaseContext, snapshot: Snapshot, results: StepResults) -> StepResult:
    """Raises ImmutableVersionError before anything is uploaded; uploading twice is the same as once."""
    artifacts = [context.artifact(snapshot, packed) for packed in packed_artifacts(results)]
    missing = _missing(context, artifacts)
    for artifact in missing:
        context.publishers[artifact.kind].upload(artifact)
    already = len(artifacts) - len(missing)
    note = f", {already} already there" if already else ""
    return {"summary": f"{len(missing)} uploaded{note}"}


def _missing(context: ReleaseContext, artifacts: list[Artifact]) -> list[Artifact]:
    missing: list[Artifact] = []
    taken: list[Problem] = []
    for artifact in artifacts:
        publisher = context.publishers[artifact.kind]
        published = publisher.lookup(artifact.name, artifact.version, artifact.filename)
        if published is None:
            missing.append(artifact)
        elif published.sha256 != artifact.sha256:
            taken += version_taken(artifact, publisher.url).problems
    if taken:
        raise ImmutableVersionError(*taken)
    return missing
