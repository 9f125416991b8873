"""Serving the API with uvicorn, in the foreground or beside other work."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from schemas.errors import Problem

from ..errors import EmbeddedServerError

_STOP_SECONDS = 5


def serve(app: FastAPI, *, host: str, port: int) -> None:
    """Serve until a signal ends the process. Raises EmbeddedServerError where the port can't be had."""
    with _bound(host, port) as listening:
        _server(app).run(sockets=[listening])


@contextmanager
def serving(app: FastAPI, *, host: str, port: int) -> Iterator[str]:
    """Serve on a thread until the block ends; gives the address, with the real port where ``port`` is 0."""
    with _bound(host, port) as listening:
        server = _server(app)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            yield f"http://{host}:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(_STOP_SECONDS)


def _server(app: FastAPI) -> uvicorn.Server:
    # The app object, not an import string: a folder called `registry` in the working directory is harmless.
    return uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=_STOP_SECONDS))


def _bound(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except (OSError, OverflowError) as error:
        listening.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise EmbeddedServerError(
            Problem(
                code="port-unavailable",
                message=f"the API can't listen on {host}:{port}: {reason}",
                fix="stop what uses the port, or give another with --port",
            )
        ) from None
    return listening
