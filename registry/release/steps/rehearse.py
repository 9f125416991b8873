"""rehearse: every migration runs on a scratch Postgres and must end in what schema.prisma asks for."""

from __future__ import annotations

from pathlib import Path

from migrations.rehearsal.rehearsal import Rehearsal, rehearse
from migrations.rehearsal.server import on_rehearsal_server
from migrations.scratch.scratch_server import ScratchServer

from ..context import ReleaseContext
from ..early_packages import begin_early_packages
from ..snapshot import Snapshot
from ..step import StepResult, StepResults


def run(context: ReleaseContext, snapshot: Snapshot, _results: StepResults) -> StepResult:
    """Raises RehearsalError with the failing statement and whose rows it failed with, or with every drift
    from the schema, and ScratchServerError where the server fails by itself."""

    def work(server: ScratchServer, cache: Path | None) -> Rehearsal:
        return rehearse(
            snapshot.migrations,
            context.schema(snapshot),
            server,
            context.bridge,
            version=snapshot.version,
            releases=snapshot.releases,
            cache=cache,
        )

    begin_early_packages(context, snapshot)
    rehearsal = on_rehearsal_server(context.rehearsal_url, context.rehearsal_folder, work)
    context.remember_history(snapshot, rehearsal.history)
    return {"summary": rehearsal.summary, "lines": rehearsal.lines, **rehearsal.to_json()}
