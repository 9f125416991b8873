"""upload: every artifact to its registries, or none of them if one is published there with other content.

What consumers get unasked comes last. An npm package arrives under a tag that nobody follows, a wheel at a
staging index where there is one, and both are read back; but without that index pip takes a wheel from the
moment on that it is there. So from the first wheel on the release has to be finished, and the next command
does so if this one is killed.
"""

from __future__ import annotations

from collections.abc import Sequence

from generators.target import Artifact
from schemas.errors import Problem

from ...errors import ImmutableVersionError, UploadRefusedError
from ...publishers.publisher import version_taken
from ..context import ReleaseContext
from ..latest_version import is_visible
from ..snapshots.snapshot import Snapshot
from ..step import StepResult, StepResults, packed_artifacts
from ..unfinished import note_finished, note_unfinished, unfinished_release
from .verify import verify

# A database that is migrated too early still serves the clients of before; a client that comes before its
# migrations finds no tables.
_ORDER = ("node", "typescript", "migrations", "python")
# npm's tag of drafts moves with the upload, to what is complete.
_ORDER_OF_DRAFTS = ("migrations", "python", "node", "typescript")


def run(context: ReleaseContext, snapshot: Snapshot, results: StepResults) -> StepResult:
    """Raises ImmutableVersionError before anything is uploaded, VerificationError before anything is that
    consumers see; uploading twice is the same as once."""
    packed = packed_artifacts(results)
    artifacts = [context.artifact(snapshot, each) for each in packed]
    order = _ORDER if snapshot.draft is None else _ORDER_OF_DRAFTS
    missing = sorted(_missing(context, artifacts), key=lambda each: order.index(each.language))
    was_released = False
    if snapshot.draft is not None:
        _upload(context, missing)
    else:
        was_released = not missing and _is_of_others(context, snapshot) and is_visible(context, packed)
        hidden = [each for each in missing if context.publishers[each.kind].is_hidden]
        _upload(context, hidden)
        verify(context, [each for each in packed if context.publishers[each.kind].is_hidden])
        _upload_to_be_seen(context, snapshot, [each for each in missing if each not in hidden])
    already = len(artifacts) - len(missing)
    note = f", {already} already there" if already else ""
    return {"summary": f"{len(missing)} uploaded{note}", "was_released": was_released}


def _is_of_others(context: ReleaseContext, snapshot: Snapshot) -> bool:
    """Whether this workspace has not begun the release: it may have been killed after the last upload."""
    begun = unfinished_release(context.root)
    return begun is None or begun.release_id != snapshot.release_id


def _upload_to_be_seen(context: ReleaseContext, snapshot: Snapshot, wheels: Sequence[Artifact]) -> None:
    publisher = context.publishers.get("wheel")
    if publisher is None or publisher.is_hidden:
        return
    note_unfinished(context.root, snapshot.unfinished)
    try:
        for artifact in wheels:
            context.publishers[artifact.kind].upload(artifact)
    except UploadRefusedError:
        is_first = artifact is wheels[0] and len(wheels) == len(snapshot.names.of_kind("wheel"))
        if is_first and len(publisher.registries) == 1:
            note_finished(context.root, str(snapshot.version))  # nobody can see anything of it
        raise


def _upload(context: ReleaseContext, artifacts: Sequence[Artifact]) -> None:
    for artifact in artifacts:
        context.publishers[artifact.kind].upload(artifact)


def _missing(context: ReleaseContext, artifacts: list[Artifact]) -> list[Artifact]:
    missing: list[Artifact] = []
    taken: list[Problem] = []
    for artifact in artifacts:
        registries = context.publishers[artifact.kind].registries
        found = [each.lookup(artifact.name, artifact.version, artifact.filename) for each in registries]
        if None in found:
            missing.append(artifact)
        for registry, published in zip(registries, found, strict=True):
            if published is not None and published.sha256 != artifact.sha256:
                taken += version_taken(artifact, registry.url).problems
    if taken:
        raise ImmutableVersionError(*taken)
    return missing
