"""Python clients generated from a schema, imported, and connected to a database that has its tables.

Both clients go through the same test bodies: the asyncio one behind a proxy that runs each call to its end.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import itertools
import os
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
import pytest
import uv
import uvloop
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from generators.packing import pack
from generators.python_client.generate import PythonClientTarget
from generators.target import GenerationRequest, PackageNames
from migrations.scratch.dsn import to_uri
from migrations.scratch.scratch_server import ScratchServer
from schemas.partial_types.checking import read_partial_types
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion

#: What sessions of servers are in by default; a client must not care.
TIME_ZONES = ("UTC", "Asia/Tokyo", "America/New_York")
_NUMBERS = itertools.count(1)
_HEADER = """
generator client {
  provider        = "prisma-client"
  previewFeatures = ["views"]
}

datasource db {
  provider = "postgresql"
}
"""


class _Runner(asyncio.Runner):
    """Closes its loop, at the latest when nobody needs it: an open one fails whatever test runs then."""

    def __init__(self, mode: str) -> None:
        super().__init__(loop_factory=uvloop.new_event_loop if mode == "uvloop" else None)
        self.mode = mode

    def __del__(self) -> None:
        self.close()


class Awaited:
    """An asyncio client that is called like a blocking one."""

    def __init__(self, target: Any, runner: _Runner) -> None:
        self._target, self._runner = target, runner

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._target, name)
        if name == "tx":
            return lambda **options: self._transaction(value(**options))
        if name == "batch_":
            return lambda: _Entered(value(), self._runner)
        if name == "selecting":  # gives actions, not rows
            return lambda row_class: Awaited(value(row_class), self._runner)
        if inspect.iscoroutinefunction(value):
            return lambda *args, **kwargs: self._runner.run(value(*args, **kwargs))
        return value if callable(value) else Awaited(value, self._runner)

    def __enter__(self) -> Awaited:
        self._runner.run(self._target.connect())
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._target.disconnect())
        self._runner.close()
        self._runner = _Runner(self._runner.mode)

    @contextmanager
    def _transaction(self, manager: Any) -> Iterator[Awaited]:
        inside = self._runner.run(manager.__aenter__())
        try:
            yield Awaited(inside, self._runner)
        except BaseException as error:
            if not self._runner.run(manager.__aexit__(type(error), error, error.__traceback__)):
                raise
        else:
            self._runner.run(manager.__aexit__(None, None, None))


class _Entered(Awaited):
    """An asyncio context manager as a blocking one."""

    def __enter__(self) -> _Entered:
        self._runner.run(self._target.__aenter__())
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self._runner.run(self._target.__aexit__(kind, error, trace))


@dataclass(frozen=True, slots=True)
class GeneratedClient:
    """An imported package and the empty database that it fits."""

    module: ModuleType
    folder: Path
    dsn: str

    def opened(self, mode: str, **options: Any) -> Any:
        """A client that is not connected yet: a context manager with blocking methods in either mode.

        Beside "sync" and "async" there is "uvloop": the asyncio client on another event loop than asyncio's.
        """
        options.setdefault("dsn", _through_pooler(self.dsn))
        if mode == "sync":
            return self.module.Client(**options)
        return Awaited(self.module.AsyncClient(**options), _Runner(mode))

    def empty(self, time_zone: str | None = None) -> None:
        """Delete every row and start every sequence anew; sessions begin in ``time_zone`` from then on."""
        with psycopg.connect(self.dsn) as connection:
            if time_zone is not None:
                place = sql.Identifier(connection.info.dbname)
                set_zone = sql.SQL("ALTER DATABASE {} SET TimeZone = {}").format(place, time_zone)
                connection.execute(set_zone)
            tables = connection.execute(
                "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables "
                "WHERE schemaname !~ '^(pg_|information_schema)'"
            ).fetchall()
            names = ", ".join(name for (name,) in tables)
            connection.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE".encode())


def _through_pooler(dsn: str) -> str:
    """The same database, with ``TEST_CLIENT_POOLER=folder:port`` by way of the pooler that listens there."""
    pooler = os.environ.get("TEST_CLIENT_POOLER")
    if pooler is None:
        return dsn
    folder, _, port = pooler.rpartition(":")
    return f"{to_uri({**conninfo_to_dict(dsn), 'host': folder, 'port': port})}&pgbouncer=true"


def python_request(
    bridge: PrismaBridge, text: str, *, partial_types: str = "", **changes: Any
) -> GenerationRequest:
    """A request for a schema's text, with what a partial_types.py beside it declares."""
    schema = bridge.parse(text)
    partials = read_partial_types(partial_types, schema, "partial_types.py")
    assert partials.problems == ()
    request = GenerationRequest(
        schema_name="shop",
        version=SchemaVersion.parse("2.0.0"),
        description="What a shop sells",
        author="Zoë <zoe@example.org>",
        schema=replace(schema, partials=partials.types),
        migrations=(),
        names=PackageNames(),
    )
    return replace(request, **changes)


def written(request: GenerationRequest, folder: Path) -> Path:
    """The generated files, written below ``folder``."""
    for path, content in PythonClientTarget().generate(request).files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder


def installed(request: GenerationRequest, folder: Path) -> Path:
    """The generated package below ``folder``, as an installer puts it there from its wheel."""
    artifact = pack(PythonClientTarget().generate(request))
    wheel = folder / artifact.filename
    wheel.write_bytes(artifact.content)
    command = [uv.find_uv_bin(), "pip", "install", "--quiet", "--offline", "--no-deps", "--no-config"]
    place = ["--python", sys.executable, "--target", str(folder)]
    subprocess.run([*command, *place, str(wheel)], check=True, capture_output=True, timeout=120)
    return folder


@pytest.fixture(scope="session")
def make_request(bridge: PrismaBridge) -> Callable[..., GenerationRequest]:
    """``make_request(text, **changes)``: a request for a schema, whole or without its header."""

    def make(text: str, **changes: Any) -> GenerationRequest:
        whole = text if "datasource" in text else _HEADER + text
        return python_request(bridge, whole, **changes)

    return make


@pytest.fixture(scope="session")
def write_client() -> Callable[[GenerationRequest, Path], Path]:
    """Writes the sources of a request's client below a folder."""
    return written


@pytest.fixture(scope="session")
def import_client(
    make_request: Callable[..., GenerationRequest], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., tuple[ModuleType, Path]]:
    """``import_client(text)``: the client under an import name of its own, and the folder it lies in.

    It comes from its sources, or with ``TEST_CLIENT_FROM=wheel`` from its wheel, installed.
    """

    def imported(text: str, **changes: Any) -> tuple[ModuleType, Path]:
        name = f"generated_client_{next(_NUMBERS)}"
        names = replace(changes.pop("names", PackageNames()), python_import=name)
        place = {"sources": written, "wheel": installed}[os.environ.get("TEST_CLIENT_FROM", "sources")]
        folder = place(make_request(text, names=names, **changes), tmp_path_factory.mktemp(name))
        sys.path.insert(0, str(folder))
        try:
            return importlib.import_module(name), folder
        finally:
            sys.path.remove(str(folder))

    return imported


@pytest.fixture(scope="module")
def client_of(
    bridge: PrismaBridge,
    scratch_server: ScratchServer,
    make_request: Callable[..., GenerationRequest],
    import_client: Callable[..., tuple[ModuleType, Path]],
) -> Iterator[Callable[..., GeneratedClient]]:
    """``client_of(text, **changes)``: the client of a schema, and a database with its tables."""
    open_databases: list[Any] = []

    def made(text: str, **changes: Any) -> GeneratedClient:
        module, folder = import_client(text, **changes)
        manager = scratch_server.new_database()
        dsn = manager.__enter__()
        open_databases.append(manager)
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(bridge.diff(None, make_request(text).schema.text).encode())
        return GeneratedClient(module, folder, dsn)

    yield made
    for manager in reversed(open_databases):
        manager.__exit__(None, None, None)


@pytest.fixture(params=["sync", "async"])
def db(client: GeneratedClient, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The file's own ``client``, connected to an empty database: one after the other, both of its kinds.

    The database's sessions begin in one of three time zones, picked by the test's name.
    """
    client.empty(TIME_ZONES[zlib.crc32(request.node.name.encode()) % len(TIME_ZONES)])
    with client.opened(request.param) as opened:
        yield opened


@pytest.fixture
def errors(client: GeneratedClient) -> ModuleType:
    """The errors of the file's own ``client``."""
    module: ModuleType = client.module.errors
    return module
