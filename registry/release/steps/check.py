"""check: the schema is valid, its names work in every language, and both registries let us in."""

from __future__ import annotations

from ..context import ReleaseContext
from ..snapshot import Snapshot
from ..step import StepResult, StepResults


def run(context: ReleaseContext, snapshot: Snapshot, _results: StepResults) -> StepResult:
    """Raises InvalidSchemaError, RegistryUnreachableError or CredentialsError."""
    schema = context.sound_schema(snapshot)
    for publisher in context.publishers.values():
        publisher.check_access()
    return {
        "summary": f"{len(schema.models)} models, {len(schema.enums)} enums; both registries answer",
        "schema_digest": schema.digest,
    }
