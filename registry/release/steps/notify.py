"""notify: sends what is to be announced. The release is complete: a failing receiver can't undo it."""

from __future__ import annotations

from ...notify.sending import send_due
from ..context import ReleaseContext
from ..snapshots.snapshot import Snapshot
from ..step import StepResult, StepResults

_WAIT_SECONDS = 10.0


def run(context: ReleaseContext, _snapshot: Snapshot, _results: StepResults) -> StepResult:
    """Never raises for a receiver that fails: the announcement waits, and the release remains published."""
    sent = send_due(context.catalogue.deliveries, context.settings.notify, wait_seconds=_WAIT_SECONDS)
    return {"summary": sent.summary, "notified": sent.delivered > 0}
