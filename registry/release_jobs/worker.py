"""A worker for release jobs: one process at a time, also for a job that a dead worker left."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from contextlib import AbstractContextManager, suppress
from functools import partial
from pathlib import Path
from threading import Event

from ..background import in_background
from ..catalogue import Catalogue
from ..errors import CatalogueError
from ..worker_processes import end_processes, start_process

_PROGRAM = "from registry.release_jobs.child import main; main()"
_LOOK_SECONDS = 1.0
_PAUSE_SECONDS = 2.0  # after a process that ended badly
_STOP_SECONDS = 90.0  # a release ends its step first


class JobWorker:
    """``root`` is the workspace's, whose settings name registries and credentials."""

    def __init__(self, catalogue: Catalogue, root: Path) -> None:
        self._jobs = catalogue.release_jobs
        self._root = root
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._child: subprocess.Popen[bytes] | None = None
        self._paused_until = 0.0

    def look(self) -> None:
        """Start what can be started. Raises CatalogueError."""
        if self._child is not None and self._child.poll() is not None:
            if self._child.returncode != 0:
                self._paused_until = time.monotonic() + _PAUSE_SECONDS
            self._child = None
        is_idle = self._child is None and time.monotonic() >= self._paused_until
        if is_idle and self._jobs.active() and self._is_free():
            self._child = start_process(_PROGRAM, self._root, self._name)

    def stop(self) -> None:
        """End the process in order: it gives its job back."""
        if self._child is not None:
            end_processes([self._child], _STOP_SECONDS)
        self._child = None

    def _is_free(self) -> bool:
        """Cheaper than a process that finds out; it asks again, since another may be quicker."""
        with self._jobs.only_worker() as is_ours:
            return is_ours


def jobs_in_background(catalogue: Catalogue, root: Path) -> AbstractContextManager[Event]:
    """Do the release jobs that are asked for until the block ends, or what it is given is set."""
    return in_background(partial(_work_until, JobWorker(catalogue, root)))


def _work_until(worker: JobWorker, is_over: Event) -> None:
    try:
        while not is_over.wait(_LOOK_SECONDS):
            with suppress(CatalogueError, OSError):  # asked again later
                worker.look()
    finally:
        worker.stop()
