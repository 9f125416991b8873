"""verify: every artifact is read back from its registry and must be the bytes that were built."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from schemas.errors import Problem

from ...catalogue import PublishedArtifact
from ...errors import VerificationError
from ..context import ReleaseContext
from ..snapshot import Snapshot
from ..step import StepResult, StepResults, packed_artifacts


def run(context: ReleaseContext, _snapshot: Snapshot, results: StepResults) -> StepResult:
    """Raises VerificationError naming every artifact whose registry gives other bytes."""
    artifacts = packed_artifacts(results)
    verify(context, artifacts)
    return {"summary": f"{len(artifacts)} read back, sha256 equal"}


def verify(context: ReleaseContext, artifacts: Sequence[PublishedArtifact]) -> None:
    """Read ``artifacts`` back. Raises VerificationError as the step does."""
    altered = [packed for packed in artifacts if _sha256_in_registry(context, packed) != packed.sha256]
    if altered:
        raise VerificationError(*(_altered(packed) for packed in altered))


def _sha256_in_registry(context: ReleaseContext, packed: PublishedArtifact) -> str:
    publisher = context.publishers[packed.kind]
    content = publisher.download(packed.name, packed.version, packed.filename)
    return hashlib.sha256(content).hexdigest()


def _altered(packed: PublishedArtifact) -> Problem:
    return Problem(
        code="artifact-altered",
        message=f"the registry gives other bytes for {packed.filename} than were uploaded",
        fix="look for a proxy or a plug-in that rewrites packages; `latest` was not moved",
    )
