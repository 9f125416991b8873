"""verify: every artifact is read back from its registry and must be the bytes that were built."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from schemas.errors import Problem

from ...catalogue import PublishedArtifact
from ...errors import VerificationError
from ...publishers.publisher import Publisher
from ..context import ReleaseContext
from ..snapshots.snapshot import Snapshot
from ..step import StepResult, StepResults, packed_artifacts


def run(context: ReleaseContext, _snapshot: Snapshot, results: StepResults) -> StepResult:
    """Raises VerificationError naming every artifact whose registry gives other bytes."""
    artifacts = packed_artifacts(results)
    verify(context, artifacts)
    return {"summary": f"{len(artifacts)} read back, sha256 equal"}


def verify(context: ReleaseContext, artifacts: Sequence[PublishedArtifact]) -> None:
    """Read ``artifacts`` back. Raises VerificationError as the step does."""
    altered = [
        _altered(packed, registry)
        for packed in artifacts
        for registry in context.publishers[packed.kind].registries
        if _sha256_in_registry(registry, packed) != packed.sha256
    ]
    if altered:
        raise VerificationError(*altered)


def _sha256_in_registry(registry: Publisher, packed: PublishedArtifact) -> str:
    content = registry.download(packed.name, packed.version, packed.filename)
    return hashlib.sha256(content).hexdigest()


def _altered(packed: PublishedArtifact, registry: Publisher) -> Problem:
    return Problem(
        code="artifact-altered",
        message=f"{registry.url} gives other bytes for {packed.filename} than were uploaded",
        fix="look for a proxy or a plug-in that rewrites packages; `latest` was not moved",
    )
