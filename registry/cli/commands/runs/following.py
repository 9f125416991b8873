"""Following a run until it is over, and working on it where nobody else does."""

from __future__ import annotations

import time

from schemas.errors import ExitCode
from schemas.workspace.workspace import Workspace

from ....catalogue import Catalogue
from ....catalogue.runs import Run
from ....config.settings import Settings
from ....runs.documents import run_document
from ....runs.scope import NONE
from ....runs.worker import Worker
from ...failures import Interrupted
from ...output import emit_json
from .events import print_event, print_outcome

_LOOK_SECONDS = 0.3


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
    """The run once it is over; its events are printed as they come."""
    seen = 0
    while True:
        now = catalogue.runs.find(run.id)
        while events := catalogue.runs.events(run.id, after=seen):
            seen = events[-1].seq
            if not quietly:
                for event in events:
                    print_event(event)
        if now.is_over:
            return now
        worker.look()
        time.sleep(_LOOK_SECONDS)
