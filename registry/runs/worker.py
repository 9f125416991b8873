"""A worker: starts a process for each database that has a run to do, also one that a dead worker left."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import Protocol

from ..catalogue import Catalogue
from ..config.settings import Settings
from ..errors import CatalogueError

_LOG = logging.getLogger(__name__)
LOOK_SECONDS = 1.0
_BEAT_SECONDS = 10.0
_PROGRAM = "from registry.runs.child import main; main()"
_AT_ONCE = 4
_PAUSE_SECONDS = 2.0  # after a process that ended badly
_STOP_SECONDS = 20.0


class Worker:
    """Works on all registered databases, or ``only`` one. ``root`` is the workspace's."""

    def __init__(
        self, catalogue: Catalogue, settings: Settings, root: Path, *, only: str | None = None
    ) -> None:
        self._runs = catalogue.runs
        self._operation = catalogue.operation
        self._next_beat = 0.0
        self._databases = {only} if only is not None else set(settings.databases)
        self._root = root
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._paused_until: dict[str, float] = {}

    def beat(self) -> None:
        """Say now and then that this worker lives. Raises CatalogueError."""
        if time.monotonic() >= self._next_beat:
            self._operation.beat(self._name)
            self._next_beat = time.monotonic() + _BEAT_SECONDS

    def look(self) -> None:
        """Start what can be started. Raises CatalogueError."""
        self._reap()
        for database in dict.fromkeys(run.database for run in self._runs.active()):
            is_ours = database in self._databases and database not in self._children
            is_paused = time.monotonic() < self._paused_until.get(database, 0)
            if is_ours and not is_paused and len(self._children) < _AT_ONCE and self._is_free(database):
                self._children[database] = self._start(database)

    def stop(self) -> None:
        """End the processes in order: each cancels its statement and gives its run back."""
        with suppress(CatalogueError):
            self._operation.ended(self._name)
        for child in self._children.values():
            child.terminate()
        for child in self._children.values():
            try:
                child.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
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
        return subprocess.Popen(
            [sys.executable, "-P", "-c", _PROGRAM, database, self._name, str(os.getpid())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            cwd=self._root,
            start_new_session=True,  # Ctrl-C is for this process, which stops its children in order
        )


class Looking(Protocol):
    """A worker of any kind."""

    def beat(self) -> None:
        """Say now and then that it lives. Raises CatalogueError."""

    def look(self) -> None:
        """Start what can be started. Raises CatalogueError."""

    def stop(self) -> None:
        """End what it has started, in order."""


def work_until(workers: Sequence[Looking], is_over: Event) -> None:
    """Look for work until ``is_over`` is set. A state database that fails is asked again later."""
    try:
        while not is_over.wait(LOOK_SECONDS):
            for worker in workers:
                with suppress(CatalogueError):
                    worker.beat()
                    worker.look()
    finally:
        for worker in workers:
            worker.stop()


@contextmanager
def working_in_background(workers: Sequence[Looking]) -> Iterator[Event]:
    """Let them work until the block ends, or what it is given is set."""
    is_over = Event()
    thread = Thread(target=work_until, args=(workers, is_over), daemon=True)
    thread.start()
    try:
        yield is_over
    finally:
        is_over.set()
        thread.join()
