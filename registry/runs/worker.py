"""A worker: starts processes for the databases that have a run to do, also one that a dead worker left."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import time
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Event

from schemas.workspace.workspace import Workspace

from ..background import in_background
from ..catalogue import Catalogue
from ..catalogue.fleets.workers import BEAT_SECONDS
from ..config.settings import Settings
from ..databases.asking import keep_asking
from ..errors import CatalogueError
from ..worker_processes import end_processes, start_process
from .fleet_advance import advance_fleets
from .scope import ALL

_LOG = logging.getLogger(__name__)
_LOOK_SECONDS = 1.0
_BUSY_LOOK_SECONDS = 0.25  # where processes of ours may end at any moment
_PROGRAM = "from registry.runs.child import main; main()"
AT_ONCE = 4
_PAUSE_SECONDS = 2.0  # after a process that ended badly
_STOP_SECONDS = 20.0


class Worker:
    """Works on all registered databases, or ``only`` some, ``at_once`` of them. ``root`` is the workspace's;
    ``scope`` is that of its processes."""

    def __init__(
        self,
        catalogue: Catalogue,
        settings: Settings,
        root: Path,
        *,
        only: Collection[str] | None = None,
        at_once: int = AT_ONCE,
        scope: str = ALL,
    ) -> None:
        self._catalogue = catalogue
        self._runs = catalogue.runs
        self._settings = settings
        self._databases = set(only if only is not None else settings.databases)
        self._root = root
        self._at_once = at_once
        self._scope = scope
        self._host = socket.gethostname()
        self._name = f"{self._host}:{os.getpid()}"
        self._beat_at = -BEAT_SECONDS
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._paused_until: dict[str, float] = {}

    def look(self) -> None:
        """Take fleet runs further, and start what can be started. Raises CatalogueError."""
        self._reap()
        advance_fleets(self._catalogue, self._settings)
        for database in dict.fromkeys(run.database for run in self._runs.active()):
            is_ours = database in self._databases and database not in self._children
            is_paused = time.monotonic() < self._paused_until.get(database, 0)
            if is_ours and not is_paused and len(self._children) < self._at_once and self._is_free(database):
                self._children[database] = self._start(database)

    @property
    def is_busy(self) -> bool:
        return bool(self._children)

    def check_may_start(self) -> None:
        """Raises CatalogueError where the state database can't be shared with those that work already."""
        self._catalogue.workers.check_may_join(self._host)

    def beat(self) -> None:
        """Tell others, every few seconds, that this worker is alive. Raises CatalogueError."""
        if time.monotonic() - self._beat_at >= BEAT_SECONDS:
            self._catalogue.workers.beat(self._name, self._host)
            self._beat_at = time.monotonic()

    def leave(self) -> None:
        """It ends, in order. Raises CatalogueError."""
        self._catalogue.workers.leave(self._name)

    def stop(self) -> None:
        """End the processes in order: each cancels its statement and gives its run back."""
        end_processes(self._children.values(), _STOP_SECONDS)
        self._children.clear()

    def _reap(self) -> None:
        for database, child in list(self._children.items()):
            if child.poll() is not None:
                del self._children[database]
                ended = {"database": database, "exit_code": child.returncode}
                _LOG.info("the process of a database's runs has ended", extra={"fields": ended})
                if child.returncode != 0:
                    self._paused_until[database] = time.monotonic() + _PAUSE_SECONDS

    def _is_free(self, database: str) -> bool:
        """Cheaper than a process that finds out; it asks again, since another may be quicker."""
        with self._runs.only_worker(database) as is_ours:
            return is_ours

    def _start(self, database: str) -> subprocess.Popen[bytes]:
        _LOG.info("a process for a database's runs is started", extra={"fields": {"database": database}})
        return start_process(_PROGRAM, self._root, self._name, database, self._scope)


def work_until(worker: Worker, is_over: Event) -> None:
    """Look for work until ``is_over`` is set. A state database that fails is asked again later, and so is a
    machine that can't start a process now."""
    try:
        while not is_over.wait(_BUSY_LOOK_SECONDS if worker.is_busy else _LOOK_SECONDS):
            with suppress(CatalogueError, OSError):
                worker.beat()
                worker.look()
    finally:
        worker.stop()
        with suppress(CatalogueError):
            worker.leave()


def asking_in_background(
    catalogue: Catalogue, settings: Settings, root: Path
) -> AbstractContextManager[Event]:
    """Ask the registered databases now and then where they are, until the block ends."""
    asking = partial(keep_asking, Workspace(root), settings, catalogue)
    return in_background(asking, patience_seconds=_STOP_SECONDS)


@contextmanager
def working_in_background(catalogue: Catalogue, settings: Settings, root: Path) -> Iterator[Event]:
    """Work on the registered databases until the block ends, or what it is given is set. Raises what
    :meth:`Worker.check_may_start` does."""
    if not settings.databases:
        yield Event()
        return
    worker = Worker(catalogue, settings, root)
    worker.check_may_start()
    with (
        in_background(partial(work_until, worker)) as is_over,
        asking_in_background(catalogue, settings, root),
    ):
        yield is_over
