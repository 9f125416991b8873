"""A server that restarts under a client: what was under way is undone and says so, what comes next works."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
import pytest

from migrations.scratch.scratch_server import embedded_postgres
from schemas.prisma.bridge import PrismaBridge

from ....conftest import GeneratedClient

SCHEMA = """
model Tag {
  name String @id
}
"""
_CONNECTIONS = 3


class Server:
    """A durable server that starts on the same port, with the same rows, as often as is wanted."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self._folder = folder
        self._running = contextlib.ExitStack()
        self.dsn = ""

    def start(self) -> None:
        manager = embedded_postgres(self._folder, port=self._port, password="secret")
        self.dsn = str(self._running.enter_context(manager).url)

    def stop(self) -> None:
        self._running.close()

    def restart(self) -> None:
        self.stop()
        self.start()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("restarts"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def client(
    server: Server,
    bridge: PrismaBridge,
    make_request: Callable[..., Any],
    import_client: Callable[..., tuple[ModuleType, Path]],
) -> GeneratedClient:
    module, folder = import_client(SCHEMA)
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(bridge.diff(None, make_request(SCHEMA).schema.text).encode())
    return GeneratedClient(module, folder, server.dsn)


@pytest.fixture(params=["sync", "async", "uvloop"])
def db(client: GeneratedClient, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A client whose connections are all open and idle."""
    client.empty()
    with client.opened(request.param, pool_size=_CONNECTIONS) as db:
        with contextlib.ExitStack() as transactions:
            for _ in range(_CONNECTIONS):
                transactions.enter_context(db.tx()).tag.count()
        yield db


def test_idle_connections_fail_at_most_once_each_and_no_write_is_tried_twice(
    db: Any, client: GeneratedClient, server: Server
) -> None:
    server.restart()
    written, failures = [], 0
    for number in range(3 * _CONNECTIONS):
        try:
            db.tag.create({"name": str(number)})
        except client.module.errors.DatabaseConnectionError:
            failures += 1
        else:
            written.append(str(number))
    assert failures <= _CONNECTIONS
    assert [tag.name for tag in db.tag.find_many(order={"name": "asc"})] == written


@pytest.mark.parametrize("goes_on", [True, False], ids=["it goes on", "it commits"])
def test_a_transaction_under_way_is_undone_and_says_so(
    db: Any, client: GeneratedClient, server: Server, goes_on: bool
) -> None:
    def write() -> None:
        with db.tx() as tx:
            tx.tag.create({"name": "before"})
            server.restart()
            if goes_on:
                tx.tag.create({"name": "after"})

    with pytest.raises(client.module.errors.DatabaseConnectionError):
        write()
    for _ in range(_CONNECTIONS):
        with contextlib.suppress(client.module.errors.DatabaseConnectionError):
            db.tag.count()
    assert db.tag.count() == 0


def test_while_it_is_down_everything_fails_and_afterwards_nothing_does(
    db: Any, client: GeneratedClient, server: Server
) -> None:
    server.stop()
    for _ in range(_CONNECTIONS + 1):
        with pytest.raises(client.module.errors.DatabaseConnectionError):
            db.tag.create({"name": "down"})
    server.start()
    for number in range(_CONNECTIONS + 1):
        db.tag.create({"name": str(number)})
    assert db.tag.count() == _CONNECTIONS + 1
