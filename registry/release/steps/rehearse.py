"""rehearse: every migration runs on a scratch Postgres and must end in what schema.prisma asks for."""

from __future__ import annotations

from migrations.rehearsal import rehearse
from migrations.shadow import open_server

from ..context import ReleaseContext
from ..snapshot import Snapshot
from ..step import StepResult, StepResults


def run(context: ReleaseContext, snapshot: Snapshot, _results: StepResults) -> StepResult:
    """Raises RehearsalError with the failing statement, or with every drift from the schema."""
    folder = context.working_folder / "rehearsal"
    with open_server(context.rehearsal_url, folder=folder) as server:
        rehearsal = rehearse(snapshot.migrations, context.schema(snapshot), server, context.bridge)
    return {"summary": f"{len(snapshot.migrations)} migrations end in schema.prisma", **rehearsal.to_json()}
