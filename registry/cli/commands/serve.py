"""``serve``: the Schema API over the state database."""

from __future__ import annotations

from typing import Annotated

import typer

from schemas.errors import Problem

from ...api.operating.logs import log_as_json
from ...api.server import serve
from ...catalogue import Catalogue
from ...config.addresses import is_loopback
from ...config.settings import Settings
from ...errors import UsageError
from ...hosting.service import opened_service
from ..failures import exit_code_of
from ..output import JsonFlag, emit_json, log_warning, say, show_problem
from ..session import current_workspace


def serve_api(
    host: Annotated[str, typer.Option(metavar="HOST", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(metavar="PORT", help="The port to listen on.", min=1, max=65535)
    ] = 8000,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Listen for other machines although no token has been made.")
    ] = False,
    share_port: Annotated[
        bool,
        typer.Option(
            "--share-port", help="Share the port with other processes that are started so (Linux, macOS)."
        ),
    ] = False,
    as_json: JsonFlag = False,
) -> int:
    """Serve the Schema API until Ctrl-C; its documentation is at /docs.

    Announcements that wait are sent meanwhile, and migration runs are done. Whoever can reach
    HOST may read, unless [api] reads is "closed"; every write needs a token. The log goes to
    standard error. With --json, one line is printed when it answers.
    """
    workspace, settings = current_workspace()

    def tell(address: str) -> None:
        if as_json:
            emit_json({"ok": True, "api": address}, indent=None)
        else:
            say(f"Schema API on {address}, documented at {address}/docs")

    def check(catalogue: Catalogue, settings: Settings) -> None:
        if not insecure:
            _check_protected(host, catalogue, settings)

    logs = settings.api.log == "json"
    if logs:
        log_as_json()
    with opened_service(workspace, settings, log_warning if logs else show_problem, check) as service:
        try:
            serve(
                service.app,
                host=host,
                port=port,
                on_started=tell,
                on_stopping=service.stop,
                logs=logs,
                shares_port=share_port,
            )
        except KeyboardInterrupt as interrupt:
            return exit_code_of(interrupt)
    return 0


def _check_protected(host: str, catalogue: Catalogue, settings: Settings) -> None:
    """Whether it is known who may write. Raises UsageError where other machines could ask, and it isn't."""
    name = f"[{host}]" if ":" in host else host
    if not (is_loopback(f"http://{name}") or settings.api.trusted or catalogue.access.has_valid()):
        raise UsageError(_unprotected(host))


def _unprotected(host: str) -> Problem:
    return Problem(
        code="unprotected-address",
        message=f"other machines could reach the API on {host[:100]}, and no token has been made",
        fix="make one: schema-service token create NAME --scope admin; or add --insecure",
    )
