"""Following a run until it is over, and working on it where nobody else does."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from schemas.errors import ExitCode
from schemas.workspace.workspace import Workspace

from ....catalogue import Catalogue
from ....catalogue.run_events import RunEvent
from ....catalogue.runs import Run
from ....config.settings import Settings
from ....runs.documents import run_document
from ....runs.scope import NONE
from ....runs.worker import Worker
from ...failures import Interrupted
from ...output import emit_json
from .events import print_event, print_outcome

_LOOK_SECONDS = 0.3
T = TypeVar("T")


def follow(
    workspace: Workspace, settings: Settings, catalogue: Catalogue, run: Run, *, as_json: bool
) -> ExitCode:
    """Show what happens in ``run`` until it is over, and how it ended."""
    worker = Worker(catalogue, settings, workspace.root, only={run.database}, scope=NONE)
    try:
        run = _followed(catalogue, worker, run, quietly=as_json)
    except Interrupted as interrupt:
        interrupt.fix = f"a worker goes on with it; or cancel it: schema-service run cancel {run.id}"
        raise
    finally:
        worker.stop()
    if as_json:
        emit_json({"ok": run.state == "succeeded", "run": run_document(run)})
    else:
        print_outcome(run)
    return ExitCode.DONE if run.state == "succeeded" else ExitCode.USER


def _followed(catalogue: Catalogue, worker: Worker, run: Run, *, quietly: bool) -> Run:
    def over() -> Run | None:
        now = catalogue.runs.find(run.id)
        return now if now.is_over else None

    return work_until_over(
        over, partial(catalogue.runs.events, run.id), worker, None if quietly else print_event
    )


def work_until_over(
    over: Callable[[], T | None],
    events_after: Callable[..., Sequence[RunEvent]],
    worker: Worker,
    show: Callable[[RunEvent], None] | None,
) -> T:
    """What ``over`` gives once there is nothing to wait for; events are shown as they come, all of them."""
    seen = 0
    while True:
        ended = over()  # before the events are read, so that the last ones are among them
        while events := events_after(after=seen):
            seen = events[-1].seq
            if show is not None:
                for event in events:
                    show(event)
        if ended is not None:
            return ended
        worker.look()
        time.sleep(_LOOK_SECONDS)
