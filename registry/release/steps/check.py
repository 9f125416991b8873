"""check: the version has no problems, and both registries accept the credentials."""

from __future__ import annotations

from ..context import ReleaseContext
from ..early_packages import begin_early_packages
from ..snapshot import Snapshot
from ..step import StepResult, StepResults
from .rehearse import begin_rehearsal


def run(context: ReleaseContext, snapshot: Snapshot, _results: StepResults) -> StepResult:
    """Raises CheckFailedError with every problem of the version, RegistryUnreachableError or
    CredentialsError."""
    publishers = context.publishers
    for kind in publishers:
        context.ahead.begin(("access", kind), publishers[kind].check_access)
    begin_rehearsal(context, snapshot)
    context.checked(snapshot)
    begin_early_packages(context, snapshot)
    schema = context.schema(snapshot)
    for kind in publishers:
        context.ahead.result(("access", kind), publishers[kind].check_access)
    return {
        "summary": f"{len(schema.models)} models, {len(schema.enums)} enums; both registries answer",
        "schema_digest": schema.digest,
    }
