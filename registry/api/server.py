"""Serving the API with uvicorn, in the foreground or beside other work.

A signal ends it in order: nothing new is taken, streams of events end, and what was asked for is answered.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from schemas.errors import Problem

from ..errors import EmbeddedServerError

_START_SECONDS = 30
_STOP_SECONDS = 5
#: Less than the half minute that container platforms wait before they kill.
_LAST_ANSWERS_SECONDS = 25


class _Protocol(HttpToolsProtocol):
    """With an absolute target, as proxies send it, the host of that counts, and the header is to be ignored
    (RFC 9112, section 3.2.2). What checks hosts is given both, so that it refuses two that differ."""

    def on_headers_complete(self) -> None:
        if not self.url.startswith((b"/", b"*")):
            named = urlsplit(self.url).netloc
            if named.lower() not in {value.lower() for name, value in self.headers if name == b"host"}:
                self.headers.append((b"host", named))
        super().on_headers_complete()


class _Server(uvicorn.Server):
    """Calls ``on_started`` once it answers."""

    def __init__(
        self,
        app: FastAPI,
        on_started: Callable[[], None],
        *,
        on_stopping: Callable[[], None] | None = None,
        logs: bool = False,
    ) -> None:
        # The app object, not an import string: so a folder called `registry` in the working
        # directory is harmless. Who is in front of us, the settings say, and no variable of uvicorn's.
        options: dict[str, Any] = {"log_config": None} if logs else {"log_level": "warning"}
        seconds = _STOP_SECONDS if on_stopping is None else _LAST_ANSWERS_SECONDS
        config = uvicorn.Config(
            app,
            http=_Protocol,
            proxy_headers=False,
            access_log=False,
            timeout_graceful_shutdown=seconds,
            **options,
        )
        super().__init__(config)
        self._on_started = on_started
        self._on_stopping = on_stopping
        self._stopping: asyncio.Event = getattr(app.state, "stopping", asyncio.Event())

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._on_stopping is not None:
            self._on_stopping()
        self._stopping.set()
        await super().shutdown(sockets)


def serve(
    app: FastAPI,
    *,
    host: str,
    port: int,
    on_started: Callable[[str], None],
    on_stopping: Callable[[], None],
    logs: bool,
    shares_port: bool = False,
) -> None:
    """Serve until a signal ends the process; ``on_started`` is given the address, with the real port where
    ``port`` is 0, and ``on_stopping`` is called before the last answers. ``logs``: the process has a log.
    ``shares_port``: with other processes that share it, each of which gets some of the connections.

    Raises EmbeddedServerError where the port is taken.
    """
    with _bound(host, port, is_shared=shares_port) as listening:
        server = _Server(app, lambda: on_started(_address(listening)), on_stopping=on_stopping, logs=logs)
        server.run(sockets=[listening])


@contextmanager
def serving(app: FastAPI, *, host: str, port: int, shares_port: bool = False) -> Iterator[str]:
    """Serve on a thread until the block ends; gives the address once it answers.

    Raises EmbeddedServerError where the port is taken or nothing starts.
    """
    with _bound(host, port, is_shared=shares_port) as listening:
        started = threading.Event()
        server = _Server(app, started.set)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            if not started.wait(_START_SECONDS):
                raise EmbeddedServerError(_not_started(_address(listening)))
            yield _address(listening)
        finally:
            server.should_exit = True
            thread.join(_STOP_SECONDS)


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _bound(host: str, port: int, *, is_shared: bool) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_shared:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listening.bind((host, port))
    except (OSError, OverflowError, UnicodeError) as error:
        listening.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise EmbeddedServerError(
            Problem(
                code="port-unavailable",
                message=f"the API can't listen on {host}:{port}: {reason}",
                fix="stop what uses the port, or choose another port or host",
            )
        ) from None
    return listening


def _not_started(address: str) -> Problem:
    return Problem(
        code="api-not-started",
        message=f"the API on {address} did not start within {_START_SECONDS} s",
        fix="run this again when the machine is less busy; the lines above say more",
    )
