"""upload: every artifact to its registry, or none of them if one is published there with other content.

What consumers get unasked comes last. An npm package arrives under a tag that nobody follows, and is read
back; but pip takes a wheel from the moment on that it is there. So from the first wheel on the release has to
be finished, and the next command does so if this one is killed.
"""

from __future__ import annotations

from generators.target import Artifact
from schemas.errors import Problem

from ...errors import ImmutableVersionError, UploadRefusedError
from ...publishers.publisher import version_taken
from ..context import ReleaseContext
from ..snapshot import Snapshot
from ..step import StepResult, StepResults, packed_artifacts
from ..unfinished import UnfinishedRelease, note_finished, note_unfinished
from .verify import verify

# A database that is migrated too early still serves the clients of before; a client that comes before its
# migrations finds no tables.
_ORDER = ("node", "typescript", "migrations", "python")


def run(context: ReleaseContext, snapshot: Snapshot, results: StepResults) -> StepResult:
    """Raises ImmutableVersionError before anything is uploaded, VerificationError before any wheel is;
    uploading twice is the same as once."""
    packed = packed_artifacts(results)
    artifacts = [context.artifact(snapshot, each) for each in packed]
    missing = sorted(_missing(context, artifacts), key=lambda each: _ORDER.index(each.language))
    for artifact in missing:
        if artifact.kind == "npm":
            context.publishers[artifact.kind].upload(artifact)
    verify(context, [each for each in packed if each.kind == "npm"])
    note_unfinished(
        context.root, UnfinishedRelease(version=str(snapshot.version), release_id=snapshot.release_id)
    )
    wheels = [artifact for artifact in missing if artifact.kind == "wheel"]
    try:
        for artifact in wheels:
            context.publishers[artifact.kind].upload(artifact)
    except UploadRefusedError:
        if artifact is wheels[0] and len(wheels) == len(snapshot.names.of_kind("wheel")):
            note_finished(context.root, str(snapshot.version))  # nobody can see anything of it
        raise
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
