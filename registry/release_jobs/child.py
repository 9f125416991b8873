"""The process that works on one job. That it ends, however it ends, is all that its worker has to know."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import NoReturn

from schemas.errors import ServiceError
from schemas.workspace.workspace import Workspace

from ..catalogue import Catalogue
from ..catalogue.opening import open_catalogue
from ..config.settings import Settings, load_settings
from ..errors import CatalogueError
from ..runs.execution import StoppedError
from .execution import JobExecution

_LOOK_SECONDS = 0.5


def main() -> None:
    """``WORKER PID``: works on the oldest job of the workspace here, and ends with its parent PID."""
    _, worker, parent = sys.argv
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _stop)
    is_over = Event()
    try:
        home = Workspace.find(Path.cwd())
        settings = load_settings(home.root)
        with open_catalogue(home, settings) as catalogue:
            watching = (catalogue, worker, int(parent), is_over)
            Thread(target=_end_when_asked, args=watching, daemon=True).start()
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


def _end_when_asked(catalogue: Catalogue, worker: str, parent: int, is_over: Event) -> None:
    """With the parent, or when somebody cancels the job."""
    while not is_over.wait(_LOOK_SECONDS):
        if os.getppid() != parent or _is_cancelled(catalogue, worker):
            os.kill(os.getpid(), signal.SIGTERM)
            return


def _is_cancelled(catalogue: Catalogue, worker: str) -> bool:
    with suppress(CatalogueError):
        return any(job.cancel_asked and job.worker == worker for job in catalogue.release_jobs.active())
    return False


def _stop(_number: int, _frame: object) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second signal must not disturb the clean-up
    raise StoppedError
