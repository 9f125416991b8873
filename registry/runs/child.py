"""The process that works on one run. That it ends, however it ends, is all that its worker has to know."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from schemas.errors import ServiceError
from schemas.workspace.workspace import Workspace

from ..catalogue import Catalogue
from ..catalogue.opening import open_catalogue
from ..config.settings import load_settings
from ..errors import CatalogueError
from .attempt import StoppedError
from .execution import Execution

_LOOK_SECONDS = 0.5


def main() -> None:
    """``DATABASE WORKER PID``: works on the database's oldest run, and ends with its parent PID."""
    _, database, worker, parent = sys.argv
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, stop)
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
    run_id = run.id
    stop_when_asked(parent, is_over, lambda: runs.is_cancel_asked(run_id))
    try:
        execution.work_on(run)
    finally:
        is_over.set()


def stop_when_asked(parent: int, is_over: threading.Event, is_cancelled: Callable[[], bool]) -> None:
    """Send this process SIGTERM, on a thread, once ``parent`` is not its parent or the run is cancelled."""

    def look() -> None:
        while not is_over.wait(_LOOK_SECONDS):
            is_asked = os.getppid() != parent
            with suppress(CatalogueError):
                is_asked = is_asked or is_cancelled()
            if is_asked:
                os.kill(os.getpid(), signal.SIGTERM)
                return

    threading.Thread(target=look, daemon=True).start()


def stop(_number: int, _frame: object) -> NoReturn:
    """What a signal does to a process that works on a run."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second signal must not disturb the clean-up
    raise StoppedError
