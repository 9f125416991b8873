"""rehearse: every migration runs on a scratch Postgres and must produce the database of schema.prisma."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from schemas.model import Schema

from ...validation.kept_rehearsals import RehearsalReport
from ...validation.rehearsal import rehearsed
from ..context import ReleaseContext
from ..snapshots.snapshot import Snapshot
from ..step import StepResult, StepResults

_KEPT = " (found earlier, for the same content)"


def begin_rehearsal(context: ReleaseContext, snapshot: Snapshot) -> None:
    """Start the server while the version is still checked, and rehearse once that has passed."""

    def schema() -> Schema:
        context.checked(snapshot)
        return context.schema(snapshot)

    context.ahead.begin(_key(snapshot), lambda: _rehearsed(context, snapshot, schema))


def run(context: ReleaseContext, snapshot: Snapshot, _results: StepResults) -> StepResult:
    """Raises RehearsalError with the failing statement and the kind of rows it failed on, or with every
    difference from the schema, and ScratchServerError if the server itself fails."""

    def rehearse() -> RehearsalReport:
        return _rehearsed(context, snapshot, lambda: context.schema(snapshot))

    report = context.ahead.result(_key(snapshot), rehearse)
    context.remember_history(snapshot, report.history)
    return {
        "summary": f"{report.summary}{_KEPT if report.is_kept else ''}",
        "lines": [*report.losses, *map(str, report.warnings)],
        **report.document,
    }


def _key(snapshot: Snapshot) -> Hashable:
    return "rehearsal", snapshot.input_digest


def _rehearsed(context: ReleaseContext, snapshot: Snapshot, schema: Callable[[], Schema]) -> RehearsalReport:
    return rehearsed(snapshot.rehearsed, schema, context.bridge, root=context.root, url=context.rehearsal_url)
