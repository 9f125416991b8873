"""``worker``: does the migration runs and release jobs that are asked for."""

from __future__ import annotations

from threading import Event

from ....catalogue.opening import open_catalogue
from ....release_jobs.workers import workers_of
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
    with open_catalogue(workspace, settings) as catalogue:
        names = sorted(settings.databases)
        if as_json:
            emit_json({"ok": True, "databases": names}, indent=None)
        else:
            say(f"Waiting for runs of {', '.join(names) or 'no database: none is registered'}.")
        try:
            work_until(workers_of(catalogue, settings, workspace.root), Event())
        except KeyboardInterrupt as interrupt:
            return exit_code_of(interrupt)
    return 0
