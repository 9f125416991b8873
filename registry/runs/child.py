"""The process that works on one run. That it ends, however it ends, is all that its worker has to know."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from schemas.errors import ServiceError
from schemas.workspace.workspace import Workspace

from ..catalogue import Catalogue
from ..catalogue.opening import open_catalogue
from ..catalogue.runs import Run
from ..config.settings import Settings, load_settings
from ..errors import CatalogueError
from .execution import Execution, StoppedError
from .fleet_advance import advance_fleets
from .scope import is_in_scope

_LOOK_SECONDS = 0.5
#: Whether a signal has asked for an end while a run was worked on.
_STOPPED = threading.Event()


def main() -> None:
    """``WORKER PID DATABASE SCOPE``: works on the database's oldest run, then on others in SCOPE while there
    are any, which saves their processes' start. It ends with its parent PID."""
    _, worker, parent, database, scope = sys.argv
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _stop)
    try:
        workspace = Workspace.find(Path.cwd())
        settings = load_settings(workspace.root)
        with open_catalogue(workspace, settings) as catalogue:
            execution = Execution(workspace, settings, catalogue)
            child = _Child(catalogue, settings, execution, worker, int(parent))
            child.work_on(database)
            while child.has_parent and child.work_on_another(scope):
                pass
    except StoppedError:
        sys.exit(128 + signal.SIGTERM)
    except ServiceError as error:
        print(f"worker: {error}", file=sys.stderr)
        sys.exit(error.exit_code)


@dataclass(frozen=True, slots=True)
class _Child:
    catalogue: Catalogue
    settings: Settings
    execution: Execution
    worker: str
    parent: int

    @property
    def has_parent(self) -> bool:
        """Whether the worker that started it is alive."""
        return os.getppid() == self.parent

    def work_on_another(self, scope: str) -> bool:
        """Whether there was one in ``scope`` that nobody works on."""
        advance_fleets(self.catalogue, self.settings)
        active = [run for run in self.catalogue.runs.active() if is_in_scope(run, scope)]
        databases = dict.fromkeys(run.database for run in active if run.database in self.settings.databases)
        return any(self.work_on(database) for database in databases)

    def work_on(self, database: str) -> bool:
        """Whether the database had a run, and nobody else who works on it."""
        runs = self.catalogue.runs
        with runs.only_worker(database) as is_ours:
            if not is_ours:
                return False
            oldest = next((run for run in runs.active() if run.database == database), None)
            run = runs.begin(oldest.id, self.worker) if oldest is not None else None
            if run is not None:
                self._work(run)
        return run is not None

    def _work(self, run: Run) -> None:
        """Raises StoppedError where the process is to end, and not only this run."""
        is_over, is_of_run = threading.Event(), threading.Event()
        watching = (self.catalogue, run, self.parent, is_over, is_of_run)
        _STOPPED.clear()
        watcher = threading.Thread(target=_stop_when_asked, args=watching, daemon=True)
        watcher.start()
        try:
            self.execution.work_on(run)
        finally:
            is_over.set()
            watcher.join()  # what it asks for is not for the next run
            signal.signal(signal.SIGTERM, _stop)
        if _STOPPED.is_set() and not is_of_run.is_set():
            raise StoppedError


def _stop_when_asked(
    catalogue: Catalogue, run: Run, parent: int, is_over: threading.Event, is_of_run: threading.Event
) -> None:
    while not is_over.wait(_LOOK_SECONDS):
        is_asked = os.getppid() != parent
        with suppress(CatalogueError):
            if not is_asked and catalogue.runs.is_to_stop(run):
                is_of_run.set()
                is_asked = True
        if is_asked:
            os.kill(os.getpid(), signal.SIGTERM)
            return


def _stop(_number: int, _frame: object) -> NoReturn:
    _STOPPED.set()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second signal must not disturb the clean-up
    raise StoppedError
