"""check: the version has no problems, and both registries accept the credentials."""

from __future__ import annotations

from ..context import ReleaseContext
from ..snapshot import Snapshot
from ..step import StepResult, StepResults


def run(context: ReleaseContext, snapshot: Snapshot, _results: StepResults) -> StepResult:
    """Raises CheckFailedError with every problem of the version, RegistryUnreachableError or
    CredentialsError."""
    context.checked(snapshot)
    schema = context.schema(snapshot)
    for publisher in context.publishers.values():
        publisher.check_access()
    return {
        "summary": f"{len(schema.models)} models, {len(schema.enums)} enums; both registries answer",
        "schema_digest": schema.digest,
    }
