"""The process that works on one run. That it ends, however it ends, is all that its worker has to know."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from schemas.errors import ServiceError
from schemas.workspace.workspace import Workspace

from ..catalogue import Catalogue
from ..catalogue.opening import open_catalogue
from ..config.settings import load_settings
from ..errors import CatalogueError
from .execution import Execution, StoppedError

_LOOK_SECONDS = 0.5


def main() -> None:
    """``DATABASE WORKER PID``: works on the database's oldest run, and ends with its parent PID."""
    _, database, worker, parent = sys.argv
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _stop)
    try:
        workspace = Workspace.find(Path.cwd())
        settings = load_settings(workspace.root)
        with (
            open_catalogue(workspace, settings) as catalogue,
            catalogue.runs.only_worker(database) as is_ours,
        ):
            if is_ours:
                _work(catalogue, Execution(workspace, settings, catalogue), database, worker, int(parent))
    except StoppedError:
        sys.exit(128 + signal.SIGTERM)
    except ServiceError as error:
        print(f"worker: {error}", file=sys.stderr)
        sys.exit(error.exit_code)


def _work(catalogue: Catalogue, execution: Execution, database: str, worker: str, parent: int) -> None:
    runs = catalogue.runs
    oldest = next((run for run in runs.active() if run.database == database), None)
    run = runs.begin(oldest.id, worker) if oldest is not None else None
    if run is None:
        return
    is_over = threading.Event()
    watching = (catalogue, run.id, parent, is_over)
    threading.Thread(target=_stop_when_asked, args=watching, daemon=True).start()
    try:
        execution.work_on(run)
    finally:
        is_over.set()


def _stop_when_asked(catalogue: Catalogue, run_id: str, parent: int, is_over: threading.Event) -> None:
    while not is_over.wait(_LOOK_SECONDS):
        is_asked = os.getppid() != parent
        with suppress(CatalogueError):
            is_asked = is_asked or catalogue.runs.is_cancel_asked(run_id)
        if is_asked:
            os.kill(os.getpid(), signal.SIGTERM)
            return


def _stop(_number: int, _frame: object) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second signal must not disturb the clean-up
    raise StoppedError
