"""notify: sends what is to be announced. The release is complete: a failing webhook can't undo it."""

from __future__ import annotations

from ...notify.webhook import send_waiting
from ..context import ReleaseContext
from ..snapshot import Snapshot
from ..step import StepResult, StepResults


def run(context: ReleaseContext, _snapshot: Snapshot, _results: StepResults) -> StepResult:
    """Never raises for a webhook that fails: the announcement waits for the next run, and the release remains
    published."""
    sent = send_waiting(context.catalogue.deliveries, context.settings.notify)
    return {"summary": sent.summary, "notified": sent.delivered > 0}
