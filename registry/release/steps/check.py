"""check: the schema is valid, its names work in every language, and both registries let us in."""

from __future__ import annotations

from ...schema_reading import SchemaTexts, sound_schema
from ..context import ReleaseContext
from ..snapshot import Snapshot
from ..step import StepResult, StepResults


def run(context: ReleaseContext, snapshot: Snapshot, _results: StepResults) -> StepResult:
    """Raises InvalidSchemaError, RegistryUnreachableError or CredentialsError."""
    texts = SchemaTexts(
        snapshot.schema_text, snapshot.schema_file, snapshot.partial_types, snapshot.partial_types_file
    )
    schema = sound_schema(texts, context.bridge)
    for publisher in context.publishers.values():
        publisher.check_access()
    return {
        "summary": f"{len(schema.models)} models, {len(schema.enums)} enums; both registries answer",
        "schema_digest": schema.digest,
    }
