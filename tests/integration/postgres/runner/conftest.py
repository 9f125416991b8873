"""The servers that the runner is tried on: the embedded Postgres 18, Debian's 15, and a pooler."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo

from migrations.scratch.scratch_server import ScratchServer

from ..databases import EmptyDatabases
from ..debian import DebianServer, debian_server, has_debian_server, pgbouncer, scratch

_SERVERS = ("postgres18", "postgres15")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each test runs on one of the two servers, half of them on each; on both with `make soak`."""
    if "SCHEMA_SERVICE_SOAK" in os.environ or not has_debian_server():
        return
    for item in items:
        if Path(__file__).parent in item.path.parents and isinstance(item, pytest.Function):
            server = getattr(item, "callspec", None) and item.callspec.params.get("server")
            turn = zlib.crc32(item.nodeid.replace(str(server), "").encode()) % len(_SERVERS)
            if server in _SERVERS and server != _SERVERS[turn]:
                item.add_marker(pytest.mark.skip(reason="runs on the other server: set SCHEMA_SERVICE_SOAK"))


@dataclass(frozen=True)
class Pooled:
    """One database, through a transaction pooler and without it."""

    dsn: str
    direct: str


@pytest.fixture(scope="session")
def debian() -> Iterator[DebianServer]:
    """Debian's Postgres 15."""
    with debian_server() as server:
        yield server


@pytest.fixture(scope="session")
def debian_scratch(debian: DebianServer) -> Iterator[ScratchServer]:
    """The same, for databases."""
    with scratch(debian) as server:
        yield server


@pytest.fixture(params=_SERVERS)
def server(request: pytest.FixtureRequest, scratch_server: ScratchServer) -> ScratchServer:
    """One of the two, by turns."""
    if request.param == "postgres18":
        return scratch_server
    found: ScratchServer = request.getfixturevalue("debian_scratch")
    return found


@pytest.fixture(scope="module")
def debian_databases(debian_scratch: ScratchServer) -> Iterator[EmptyDatabases]:
    """Lends databases there."""
    lender = EmptyDatabases(debian_scratch)
    yield lender
    lender.close()


@pytest.fixture
def dsn(server: ScratchServer, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database."""
    is_embedded = server is request.getfixturevalue("scratch_server")
    lender: EmptyDatabases = request.getfixturevalue("databases" if is_embedded else "debian_databases")
    with lender.lent() as database:
        yield database


@pytest.fixture
def admin(server: ScratchServer, dsn: str) -> str:
    """The same database, as a superuser."""
    return dsn.replace("scratch_owner", "postgres")


@pytest.fixture(scope="session")
def pooler18(scratch_server: ScratchServer) -> Iterator[dict[str, str]]:
    """Where a pgbouncer listens before the embedded server."""
    with pgbouncer(scratch_server) as place:
        yield place


@pytest.fixture(scope="session")
def pooler15(debian_scratch: ScratchServer) -> Iterator[dict[str, str]]:
    """The same before Debian's."""
    with pgbouncer(debian_scratch) as place:
        yield place


@pytest.fixture
def pooled(request: pytest.FixtureRequest, server: ScratchServer) -> Iterator[Pooled]:
    """An empty database behind a pooler."""
    is_embedded = server is request.getfixturevalue("scratch_server")
    place = request.getfixturevalue("pooler18" if is_embedded else "pooler15")
    with server.new_database() as direct:
        yield Pooled(make_conninfo(direct, **place), direct)
