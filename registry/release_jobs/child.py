"""The process that works on one job. That it ends, however it ends, is all that its worker has to know."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

from schemas.errors import ServiceError
from schemas.workspace.workspace import Workspace

from ..catalogue import Catalogue
from ..catalogue.opening import open_catalogue
from ..config.settings import Settings, load_settings
from ..runs.attempt import StoppedError
from ..runs.child import stop, stop_when_asked
from .execution import JobExecution


def main() -> None:
    """``WORKER PID``: works on the oldest job of the workspace here, and ends with its parent PID."""
    _, worker, parent = sys.argv
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, stop)
    is_over = threading.Event()
    try:
        home = Workspace.find(Path.cwd())
        settings = load_settings(home.root)
        stop_when_asked(int(parent), is_over, lambda: False)
        with open_catalogue(home, settings) as catalogue:
            work_on_oldest(home, settings, catalogue, worker)
    except StoppedError:
        sys.exit(128 + signal.SIGTERM)
    except ServiceError as error:
        print(f"worker: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    finally:
        is_over.set()


def work_on_oldest(home: Workspace, settings: Settings, catalogue: Catalogue, worker: str) -> bool:
    """Work on the job that waits longest, unless another process does; False if there is nothing to do."""
    jobs = catalogue.release_jobs
    with jobs.only_worker() as is_ours:
        oldest = next(iter(jobs.active()), None) if is_ours else None
        job = jobs.begin(oldest.id, worker) if oldest is not None else None
        if job is not None:
            JobExecution(home, settings, catalogue).work_on(job)
    return job is not None
