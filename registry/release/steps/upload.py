"""upload: every artifact to its registry, and none of them if one address is taken by other content."""

from __future__ import annotations

from generators.target import Artifact
from schemas.errors import Problem

from ...errors import ImmutableVersionError
from ...publishers.publisher import PublishedFile, Publisher
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
    missing, taken = [], []
    for artifact in artifacts:
        publisher = context.publishers[artifact.kind]
        published = publisher.lookup(artifact.name, artifact.version, artifact.filename)
        if published is None:
            missing.append(artifact)
        elif not _same(publisher, published, artifact):
            taken.append(_taken(artifact))
    if taken:
        raise ImmutableVersionError(*taken)
    return missing


def _same(publisher: Publisher, published: PublishedFile, artifact: Artifact) -> bool:
    told = published.holds(artifact.content)
    if told is not None:
        return told
    return publisher.download(artifact.name, artifact.version, artifact.filename) == artifact.content


def _taken(artifact: Artifact) -> Problem:
    return Problem(
        code="version-is-immutable",
        message=f"{artifact.name} {artifact.version} is in its registry already, with other content",
        fix="publish the change as a new version; nothing was uploaded",
    )
