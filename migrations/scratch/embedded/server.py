"""Starts the embedded Postgres 18."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import pq, sql

from schemas.errors import Problem

from ...errors import ScratchServerError
from ..dsn import to_uri
from .binaries import server_binaries
from .clusters import (
    ADMIN,
    DEFAULT_PORT,
    PACKAGE,
    SCRATCH_SETTINGS,
    copying_files,
    initdb_command,
    postgres_command,
    pristine_cluster,
)
from .extensions import trust_shipped_extensions
from .places import Lifetime, Place, is_open, make_place

_START_SECONDS = 60.0
_STOP_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedPostgres:
    """A running server. ``admin_url`` uses a socket that only this user can open; ``url`` uses TCP and
    contains the password, or is None if no port was given. ``ended`` returns a problem if the server has
    stopped."""

    admin_url: str
    url: str | None
    ended: Callable[[], Problem | None]


@dataclass(frozen=True, slots=True)
class _Running:
    admin_url: str
    supervisor: subprocess.Popen[bytes]
    log: Path

    def ended(self) -> Problem | None:
        if self.supervisor.poll() is None:
            return None
        return Problem(
            code="server-ended",
            message=f"the embedded Postgres stopped; the end of its log: {_end_of_log(self.log)}",
            fix=f"fix the cause and run this again; the whole log is {self.log}",
        )


@contextlib.contextmanager
def run_postgres(
    folder: Path, *, lifetime: Lifetime, port: int | None = None, password: str | None = None
) -> Iterator[EmbeddedPostgres]:
    """A server with its data in ``folder``, until the block or this process ends in any way.

    Raises ScratchServerError when it can't start, with the end of its log.
    """
    if sys.platform == "win32":
        raise _refused("the embedded Postgres needs Linux or macOS")
    _refuse_taken_port(port)
    binaries = server_binaries()
    if binaries is None:
        raise _refused(f"the package {PACKAGE} has no Postgres 18 for this platform")
    with contextlib.ExitStack() as stack:
        running = _start(stack, binaries, folder, lifetime, port)
        admin_url = running.admin_url
        url = None
        if port is not None and password is not None:
            _set_password(admin_url, password)
            login = {"user": ADMIN, "password": password}
            url = to_uri({**login, "host": "127.0.0.1", "port": str(port), "dbname": "postgres"})
        yield EmbeddedPostgres(admin_url=admin_url, url=url, ended=running.ended)


def _start(
    stack: contextlib.ExitStack, binaries: Path, folder: Path, lifetime: Lifetime, port: int | None
) -> _Running:
    pristine = pristine_cluster()
    copies = lifetime != "durable" and pristine.is_dir()
    try:
        return stack.enter_context(_running(binaries, folder, lifetime, port))
    except ScratchServerError:
        if not copies or lifetime == "kept":
            raise
    # The copied cluster may be damaged: create a new one, with initdb.
    shutil.rmtree(pristine, ignore_errors=True)
    return stack.enter_context(_running(binaries, folder, lifetime, port))


@contextlib.contextmanager
def _running(binaries: Path, folder: Path, lifetime: Lifetime, port: int | None) -> Iterator[_Running]:
    """A server that accepts connections, for the block."""
    with _place(folder, lifetime) as place:
        settings: Mapping[str, str] = {}
        if lifetime != "durable":
            settings = {
                **SCRATCH_SETTINGS,
                **copying_files(place.data),
                **trust_shipped_extensions(binaries, place.sockets),
            }
        supervisor = _start_supervisor(_config(binaries, place, lifetime, port, settings), place)
        try:
            admin_url = to_uri(
                {
                    "user": ADMIN,
                    "host": str(place.sockets),
                    "port": str(port or DEFAULT_PORT),
                    "dbname": "postgres",
                }
            )
            _wait_until_ready(supervisor, admin_url, place.log)
            yield _Running(admin_url, supervisor, place.log)
        finally:
            _stop_supervisor(supervisor)


@contextlib.contextmanager
def _place(folder: Path, lifetime: Lifetime) -> Iterator[Place]:
    with contextlib.ExitStack() as stack:
        try:
            place = stack.enter_context(make_place(folder, lifetime))
        except OSError as error:
            raise _refused(f"{folder} can't be written ({error.strerror})") from None
        except KeyError as error:
            raise _refused(str(error.args[0])) from None
        yield place


def _config(
    binaries: Path, place: Place, lifetime: Lifetime, port: int | None, settings: Mapping[str, str]
) -> dict[str, object]:
    """The supervisor's configuration; see its docstring."""
    is_new = not (place.data / "PG_VERSION").exists()
    durable = lifetime == "durable"
    owner = place.owner
    return {
        "folder": str(place.sockets),
        "log": str(place.log),
        "data": str(place.data),
        "unfinished": str(place.unfinished),
        "initdb": initdb_command(binaries, place.unfinished, sync=durable) if is_new else None,
        "pristine": None if durable else str(pristine_cluster()),
        "postgres": postgres_command(binaries, place.data, place.sockets, port, settings),
        "uid": owner.pw_uid if owner else None,
        "gid": owner.pw_gid if owner else None,
        "read_search": not (is_open(binaries) and is_open(place.data)),
        "stop_signal": int(signal.SIGQUIT if lifetime == "throw_away" else signal.SIGINT),
        "remove": [str(path) for path in (place.unfinished, *place.removed)],
    }


def _refused(why: str) -> ScratchServerError:
    return ScratchServerError(
        Problem(
            code="no-embedded-postgres",
            message=f"the embedded Postgres can't be started: {why}",
            fix="fix that, or give the URL of a Postgres server where scratch databases can be created",
        )
    )


def _refuse_taken_port(port: int | None) -> None:
    if port is None:
        return
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise _refused(f"port {port} of 127.0.0.1 can't be used ({error.strerror})") from None


def _start_supervisor(config: Mapping[str, object], place: Place) -> subprocess.Popen[bytes]:
    script = Path(__file__).with_name("supervisor.py")
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", str(script)],
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C must only reach us: Postgres is stopped after its clients
        pass_fds=place.claims,
    )
    if process.stdin is None:
        raise AssertionError("stdin is a pipe")
    process.stdin.write(json.dumps(config).encode() + b"\n")
    process.stdin.flush()
    return process


def _stop_supervisor(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_until_ready(supervisor: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    conninfo = url.encode()
    while pq.PGconn.ping(conninfo) != pq.Ping.OK:
        if supervisor.poll() is not None or time.monotonic() > deadline:
            raise _refused(_end_of_log(log))
        time.sleep(0.01)


def _end_of_log(log: Path) -> str:
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    return " / ".join(line.strip() for line in lines[-4:]) or "its log is empty"


def _set_password(admin_url: str, password: str) -> None:
    try:
        with psycopg.connect(admin_url, autocommit=True) as connection:
            # Hashed here, so that the password itself is never sent to the server or logged.
            verifier = connection.pgconn.encrypt_password(password.encode(), ADMIN.encode(), b"scram-sha-256")
            statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                sql.Identifier(ADMIN), sql.Literal(verifier.decode())
            )
            connection.execute(statement)
    except psycopg.Error as error:  # for example, because the cluster is damaged
        raise _refused(str(error).strip().splitlines()[-1]) from None
