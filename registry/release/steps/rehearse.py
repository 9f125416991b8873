"""rehearse: every migration runs on a scratch Postgres and must produce the database of schema.prisma."""

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
    """Raises RehearsalError with the failing statement and the kind of rows it failed on, or with every
    difference from the schema, and ScratchServerError if the server itself fails."""

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
