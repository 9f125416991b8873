"""``worker``: does the migration runs that are asked for."""

from __future__ import annotations

from threading import Event

from ....api.operating.logs import log_as_json
from ....catalogue.opening import open_catalogue
from ....runs.worker import Worker, work_until
from ...failures import exit_code_of
from ...output import JsonFlag, emit_json, say
from ...session import current_workspace


def work(as_json: JsonFlag = False) -> int:
    """Do the migration runs of all registered databases until Ctrl-C, several at once.

    Any number of workers may share a state database. What one leaves, however it ends, another
    goes on with. With --json, one line is printed when it looks for work.
    """
    workspace, settings = current_workspace()
    if settings.api.log == "json":
        log_as_json()
    with open_catalogue(workspace, settings) as catalogue:
        names = sorted(settings.databases)
        if as_json:
            emit_json({"ok": True, "databases": names}, indent=None)
        else:
            say(f"Waiting for runs of {', '.join(names) or 'no database: none is registered'}.")
        try:
            work_until(Worker(catalogue, settings, workspace.root), Event())
        except KeyboardInterrupt as interrupt:
            return exit_code_of(interrupt)
    return 0
