"""``serve``: the Schema API over the state database."""

from __future__ import annotations

from typing import Annotated

import typer

from ..api.application import create_api
from ..api.server import serve
from ..services import open_catalogue, open_publishers
from .output import console
from .session import current_workspace


def register(app: typer.Typer) -> None:
    app.command("serve")(serve_api)


def serve_api(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.", min=1, max=65535)] = 8000,
) -> None:
    """Serve the Schema API until Ctrl-C; its documentation is at /docs."""
    workspace, settings = current_workspace()
    with open_catalogue(workspace, settings) as catalogue:
        api = create_api(catalogue, settings, open_publishers(workspace, settings))
        console.print(f"Schema API on http://{host}:{port}, documented at http://{host}:{port}/docs")
        serve(api, host=host, port=port)
