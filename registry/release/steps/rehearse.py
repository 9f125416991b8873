"""rehearse: every migration runs on a scratch Postgres and must produce the database of schema.prisma."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from pathlib import Path

from migrations.rehearsal.rehearsal import Rehearsal, rehearse
from migrations.rehearsal.server import on_rehearsal_server
from migrations.scratch.scratch_server import ScratchServer

from ..context import ReleaseContext
from ..snapshot import Snapshot
from ..step import StepResult, StepResults


def begin_rehearsal(context: ReleaseContext, snapshot: Snapshot) -> None:
    """Start the server while the version is still checked, and rehearse once that has passed."""

    def once_checked() -> Rehearsal:
        return _rehearsed(context, snapshot, before=lambda: context.checked(snapshot))

    context.ahead.begin(_key(snapshot), once_checked)


def run(context: ReleaseContext, snapshot: Snapshot, _results: StepResults) -> StepResult:
    """Raises RehearsalError with the failing statement and the kind of rows it failed on, or with every
    difference from the schema, and ScratchServerError if the server itself fails."""
    rehearsal = context.ahead.result(_key(snapshot), lambda: _rehearsed(context, snapshot))
    context.remember_history(snapshot, rehearsal.history)
    return {"summary": rehearsal.summary, "lines": rehearsal.lines, **rehearsal.to_json()}


def _key(snapshot: Snapshot) -> Hashable:
    return "rehearsal", snapshot.input_digest


def _rehearsed(
    context: ReleaseContext, snapshot: Snapshot, *, before: Callable[[], object] | None = None
) -> Rehearsal:
    """``before`` is called on a server that is ready."""

    def work(server: ScratchServer, cache: Path | None) -> Rehearsal:
        if before is not None:
            before()
        return rehearse(
            snapshot.migrations,
            context.schema(snapshot),
            server,
            context.bridge,
            version=snapshot.version,
            releases=snapshot.releases,
            cache=cache,
            sql_only=snapshot.sql_only,
        )

    return on_rehearsal_server(context.rehearsal_url, context.rehearsal_folder, work)
