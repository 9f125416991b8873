"""check: the schema is valid, its names work in every language, and both registries let us in."""

from __future__ import annotations

from generators.naming import name_problems
from schemas.errors import InvalidSchemaError
from schemas.partial_types.checking import read_partial_types

from ..context import ReleaseContext
from ..snapshot import Snapshot
from ..step import StepResult, StepResults


def run(context: ReleaseContext, snapshot: Snapshot, _results: StepResults) -> StepResult:
    """Raises InvalidSchemaError, RegistryUnreachableError or CredentialsError."""
    schema = context.schema(snapshot)
    problems = name_problems(schema, snapshot.schema_file, snapshot.schema_text)
    problems += read_partial_types(snapshot.partial_types, schema, snapshot.partial_types_file).problems
    if problems:
        raise InvalidSchemaError(*problems)
    for publisher in context.publishers.values():
        publisher.check_access()
    return {
        "summary": f"{len(schema.models)} models, {len(schema.enums)} enums; both registries answer",
        "schema_digest": schema.digest,
    }
