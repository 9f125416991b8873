"""``worker``: does the migration runs and release jobs that are asked for."""

from __future__ import annotations

from threading import Event
from typing import Annotated

import typer

from ....api.operating.logs import log_as_json
from ....catalogue.opening import open_catalogue
from ....hosting.service import checked_schemas, other_work
from ....runs.worker import AT_ONCE, Worker, asking_in_background, work_until
from ...failures import exit_code_of
from ...output import JsonFlag, emit_json, log_warning, say, show_problem
from ...session import current_workspace


def work(
    at_once: Annotated[
        int, typer.Option("--at-once", metavar="N", help="How many databases at once.", min=1, max=1000)
    ] = AT_ONCE,
    as_json: JsonFlag = False,
) -> int:
    """Do the migration runs of all registered databases until Ctrl-C, several at once.

    Release jobs are done, too, and all of it for every schema of the service, one release at a time.
    Any number of workers may share a state database. What one leaves, however it ends, another
    goes on with. With --json, one line is printed when it looks for work.
    """
    workspace, settings = current_workspace()
    logs = settings.api.log == "json"
    if logs:
        log_as_json()
    schemas = checked_schemas(workspace, settings, log_warning if logs else show_problem)
    with open_catalogue(workspace, settings) as catalogue:
        names = sorted(settings.databases)
        worker = Worker(catalogue, settings, workspace.root, at_once=at_once)
        worker.check_may_start()
        is_on_one_machine = catalogue.workers.is_on_one_machine
        if as_json:
            emit_json({"ok": True, "databases": names, "one_machine": is_on_one_machine}, indent=None)
        else:
            say(f"Waiting for runs of {_shown(names) or 'no database: none is registered'}.")
            if is_on_one_machine:
                say("State is a SQLite file: workers can share it on this machine only. For more machines:")
                say('  [state] url = "postgresql://user@host/database"')
        try:
            with (
                asking_in_background(catalogue, settings, workspace.root),
                other_work(workspace, schemas),
            ):
                work_until(worker, Event())
        except KeyboardInterrupt as interrupt:
            return exit_code_of(interrupt)
    return 0


def _shown(names: list[str]) -> str:
    """A line that stays one, however many there are."""
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return ", ".join(names[:10]) + more
