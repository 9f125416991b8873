"""``serve``: the Schema API over the state database."""

from __future__ import annotations

from typing import Annotated

import typer

from ...api.server import serve
from ...hosting.service import opened_service
from ..failures import exit_code_of
from ..output import JsonFlag, emit_json, say
from ..session import current_workspace


def serve_api(
    host: Annotated[str, typer.Option(metavar="HOST", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(metavar="PORT", help="The port to listen on.", min=1, max=65535)
    ] = 8000,
    as_json: JsonFlag = False,
) -> int:
    """Serve the Schema API until Ctrl-C; its documentation is at /docs.

    Announcements that wait are sent meanwhile, and migration runs are done. Whoever can reach
    HOST may read; every write needs a token. With --json, one line is printed when it answers.
    """
    workspace, settings = current_workspace()

    def tell(address: str) -> None:
        if as_json:
            emit_json({"ok": True, "api": address}, indent=None)
        else:
            say(f"Schema API on {address}, documented at {address}/docs")

    with opened_service(workspace, settings) as api:
        try:
            serve(api, host=host, port=port, on_started=tell)
        except KeyboardInterrupt as interrupt:
            return exit_code_of(interrupt)
    return 0
