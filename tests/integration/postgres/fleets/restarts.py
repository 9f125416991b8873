"""A Postgres on a TCP port that tests restart."""

from __future__ import annotations

import contextlib
import secrets
import socket
from collections.abc import Iterator
from pathlib import Path

from migrations.scratch.embedded.server import run_postgres
from migrations.scratch.scratch_server import ScratchServer, open_server


class RestartingPostgres:
    """``server`` makes databases on it."""

    server: ScratchServer

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self._folder = folder
        self._password = secrets.token_hex(8)
        self._running = contextlib.ExitStack()

    def start(self) -> str:
        """Its URL."""
        running = run_postgres(self._folder, lifetime="kept", port=self._port, password=self._password)
        return str(self._running.enter_context(running).url)

    def restart(self) -> None:
        """All connections are cut."""
        self._running.close()
        self.start()

    def close(self) -> None:
        self._running.close()


@contextlib.contextmanager
def restarting_postgres(folder: Path) -> Iterator[RestartingPostgres]:
    postgres = RestartingPostgres(folder)
    try:
        with open_server(postgres.start(), folder=folder) as server:
            postgres.server = server
            yield postgres
    finally:
        postgres.close()
