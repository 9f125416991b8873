"""``worker``: does the migration runs and release jobs that are asked for."""

from __future__ import annotations

from threading import Event

from ....api.operating.logs import log_as_json
from ....hosting.service import opened_workers
from ....runs.worker import work_until
from ...failures import exit_code_of
from ...output import JsonFlag, emit_json, say
from ...session import current_workspace


def work(as_json: JsonFlag = False) -> int:
    """Do the migration runs and release jobs that are asked for until Ctrl-C.

    Any number of workers may share a state database. What one leaves, however it ends, another
    goes on with. With --json, one line is printed when it looks for work.
    """
    workspace, settings = current_workspace()
    names = sorted(settings.databases)
    if settings.api.log == "json":
        log_as_json()
    with opened_workers(workspace, settings) as workers:
        if as_json:
            emit_json({"ok": True, "databases": names}, indent=None)
        else:
            shown = ", ".join(names) or "no database: none is registered"
            say(f"Waiting for releases, and for runs of {shown}.")
        try:
            work_until(workers, Event())
        except KeyboardInterrupt as interrupt:
            return exit_code_of(interrupt)
    return 0
