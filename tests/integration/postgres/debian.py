"""Debian's Postgres 15 and pgbouncer, as child processes; tests that need them skip where they are absent."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from migrations.scratch.dsn import to_uri
from migrations.scratch.scratch_server import ScratchServer

_BINARIES = Path("/usr/lib/postgresql/15/bin")
_SETTINGS = (
    "listen_addresses=127.0.0.1",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=60",
)
_OWNER = "scratch_owner"
_START_SECONDS = 60


@dataclass
class DebianServer:
    """A server whose data is below ``folder``: it can be stopped and started again at the same address."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def dsn(self, user: str = "postgres", database: str = "postgres", port: int | None = None) -> str:
        place = {"host": str(self.folder), "port": str(port or self.port)}
        return to_uri({"user": user, "dbname": database, **place})

    def start(self) -> None:
        command = [str(_BINARIES / "postgres"), "-D", str(self.data), "-k", str(self.folder)]
        for setting in (f"port={self.port}", *_SETTINGS):
            command += ["-c", setting]
        self.process = _as_postgres(command, self.folder / "postgres.log")
        wait_until_open(self.dsn())

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(2)  # fast: what runs is ended
            self.process.wait(timeout=60)
            self.process = None


def has_debian_server() -> bool:
    """Whether Debian's Postgres 15 is installed."""
    return (_BINARIES / "initdb").exists()


@contextlib.contextmanager
def debian_server() -> Iterator[DebianServer]:
    """A new, empty cluster."""
    if not has_debian_server():
        pytest.skip("Debian's postgresql-15 is not installed")
    with _folder() as folder:
        server = DebianServer(folder, free_port())
        command = [str(_BINARIES / "initdb"), "-D", str(server.data), "-U", "postgres", "-N"]
        command += ["--auth-local=trust", "--auth-host=scram-sha-256"]
        assert _as_postgres(command, folder / "initdb.log").wait(timeout=120) == 0
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextlib.contextmanager
def standby(server: DebianServer) -> Iterator[DebianServer]:
    """A hot standby that follows the server as it writes."""
    with _folder() as folder:
        follower = DebianServer(folder, free_port())
        command = [str(_BINARIES / "pg_basebackup"), "-D", str(follower.data), "--write-recovery-conf"]
        command += ["--checkpoint=fast", "--no-sync", "-d", server.dsn()]
        assert _as_postgres(command, folder / "basebackup.log").wait(timeout=120) == 0
        follower.start()
        try:
            yield follower
        finally:
            follower.stop()


@contextlib.contextmanager
def scratch(server: DebianServer) -> Iterator[ScratchServer]:
    """Its databases belong to an ordinary role, as those of the embedded server do."""
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {_OWNER} LOGIN CREATEDB CREATEROLE".encode())
    with contextlib.closing(ScratchServer(url=server.dsn(), role_url=server.dsn(_OWNER))) as databases:
        yield databases


@contextlib.contextmanager
def pgbouncer(server: ScratchServer) -> Iterator[dict[str, str]]:
    """A transaction pooler before the server: its host, a folder of sockets, and its port."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        pytest.skip("Debian's pgbouncer is not installed")
    behind = conninfo_to_dict(server.url)
    with _folder() as folder:
        place = {"host": str(folder), "port": str(free_port())}
        (folder / "users").write_text(f'"{_OWNER}" ""\n"postgres" ""\n')
        config = folder / "pgbouncer.ini"
        config.write_text(
            f"[databases]\n* = host={behind['host']} port={behind['port']}\n"
            f"[pgbouncer]\nunix_socket_dir = {folder}\nlisten_port = {place['port']}\nauth_type = trust\n"
            f"auth_file = {folder}/users\npool_mode = transaction\ndefault_pool_size = 6\n"
            "admin_users = postgres\nmax_client_conn = 100\n"
        )
        process = _as_postgres([program, str(config)], folder / "pgbouncer.log")
        try:
            wait_until_open(make_conninfo(user="postgres", dbname="pgbouncer", **place))
            yield place
        finally:
            process.terminate()
            process.wait(timeout=30)


def wait_until_open(dsn: str) -> None:
    """Until a server lets somebody in."""
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            psycopg.connect(dsn, connect_timeout=5, autocommit=True).close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def free_port() -> int:
    """A port of this machine on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    # Not pytest's: sockets need a short path, and the servers run as a user who can't look into ours.
    with tempfile.TemporaryDirectory(prefix="runner-", ignore_cleanup_errors=True) as name:
        if os.geteuid() == 0:
            shutil.chown(name, "postgres")
        yield Path(name)


def _as_postgres(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    user = "postgres" if os.geteuid() == 0 else None  # neither runs as root
    with log.open("ab") as output:
        return subprocess.Popen(
            command, user=user, cwd=log.parent, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
