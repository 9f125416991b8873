"""The embedded Postgres, and servers that are given: what they hand out and what they leave behind."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from migrations.errors import ScratchServerError
from migrations.rehearsal.server import on_rehearsal_server
from migrations.scratch.dsn import with_login
from migrations.scratch.embedded.binaries import provide_extensions
from migrations.scratch.embedded.claims import claimed_folder
from migrations.scratch.embedded.clusters import copying_files, pristine_cluster
from migrations.scratch.scratch_server import ScratchServer, embedded_postgres, open_server
from schemas.errors import ExitCode

ROOT = Path(__file__).parents[4]
HOLDER = """
import signal, sys, time
from pathlib import Path
from migrations.scratch.scratch_server import open_server
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs begin without it
with open_server(None, folder=Path(sys.argv[1])) as server:
    print(server.url, flush=True)
    time.sleep(60)
"""


def one(dsn: str, query: str) -> object:
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None


def run(dsn: str, statements: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(statements.encode())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _name(dsn: str) -> str:
    return str(one(dsn, "SELECT current_database()"))


def test_databases_are_fresh_and_gone_afterwards(scratch_server: ScratchServer) -> None:
    with scratch_server.new_database() as first, scratch_server.new_database() as second:
        assert first != second
        run(first, "CREATE TABLE t (a int)")
        assert one(second, "SELECT to_regclass('t')") is None
        open_connection = psycopg.connect(first)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(first)
    open_connection.close()
    assert one(scratch_server.url, "SELECT count(*) FROM pg_database WHERE datname LIKE '%scratch%'") == 0


def test_sessions_begin_with_settings_that_are_not_the_defaults(scratch_server: ScratchServer) -> None:
    with scratch_server.new_database() as dsn, scratch_server.new_database(_name(dsn)) as copy:
        for database in (dsn, copy):
            assert (one(database, "SHOW TimeZone"), one(database, "SHOW DateStyle")) == (
                "America/New_York",
                "SQL, DMY",
            )
            assert one(database, "SELECT (interval '1 day 2 hours')::text") == "1 2:00:00"


def test_a_database_can_be_copied(scratch_server: ScratchServer) -> None:
    with scratch_server.new_database() as template:
        run(template, "CREATE TABLE t AS SELECT 7 AS a")
        with scratch_server.new_database(template=_name(template)) as copy:
            assert one(copy, "SELECT a FROM t") == 7


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere Postgres copies the bytes itself")
def test_databases_are_copied_by_the_kernel_where_it_can(
    scratch_server: ScratchServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert one(scratch_server.role_url, "SHOW file_copy_method") == "clone"

    def refused(*_arguments: object) -> int:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(os, "copy_file_range", refused)
    assert copying_files(tmp_path) == {}


def test_connections_are_kept_for_the_next_database_and_replaced_if_they_were_ended(
    scratch_server: ScratchServer, tmp_path: Path
) -> None:
    with open_server(scratch_server.role_url, folder=tmp_path) as server:
        backends = set()
        for _ in range(3):
            with server.new_database(), server.session() as session:
                backends.add(session.info.backend_pid)
        assert len(backends) == 1
        one(scratch_server.url, f"SELECT pg_terminate_backend({backends.pop()}, 5000)")
        with server.new_database() as dsn:
            assert one(dsn, "SELECT 7") == 7
    counting = "SELECT count(*) FROM pg_stat_activity WHERE pid = {}"
    assert one(scratch_server.url, counting.format(session.info.backend_pid)) == 0


def test_the_role_of_scratch_databases_is_no_superuser(scratch_server: ScratchServer) -> None:
    with scratch_server.new_database() as dsn:
        assert one(dsn, "SELECT current_setting('is_superuser')") == "off"
        assert int(str(one(dsn, "SHOW server_version_num"))) >= 180000


def test_a_given_server_is_used_and_left_as_it_was(scratch_server: ScratchServer, tmp_path: Path) -> None:
    with open_server(scratch_server.role_url, folder=tmp_path) as server, server.new_database() as dsn:
        assert one(dsn, "SELECT current_database() LIKE 'schema\\_service\\_scratch\\_%'") is True
    assert one(scratch_server.url, "SELECT count(*) FROM pg_database WHERE datname LIKE '%scratch%'") == 0
    assert list(tmp_path.iterdir()) == []


def test_a_given_server_that_can_t_be_used(scratch_server: ScratchServer, tmp_path: Path) -> None:
    run(scratch_server.url, "DROP ROLE IF EXISTS guest; CREATE ROLE guest LOGIN")
    guest = with_login(scratch_server.url, "guest", None)
    away = f"postgresql://u:s3cret@127.0.0.1:{free_port()}/d"
    for url, words in (
        (guest, "can't create databases"),
        (away, "can't be reached"),
        ("nonsense://s3cret", "not that of a Postgres database"),
        ("postgresql://u:p@s3cret@h/d", "URL can't be used: .* malformed"),
    ):
        with pytest.raises(ScratchServerError, match=words) as refused, open_server(url, folder=tmp_path):
            pass
        assert refused.value.exit_code is ExitCode.SERVICE
        assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("victim", ["parent", "supervisor"])
def test_a_killed_process_takes_its_postgres_along(tmp_path: Path, victim: str) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    postmaster = next(tmp_path.glob("*/data/postmaster.pid")).read_text().splitlines()
    server, memory = int(postmaster[0]), postmaster[6].split()[-1]
    supervisor = int(Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(holder.pid if victim == "parent" else supervisor, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while is_running(server) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(server)
    assert memory not in Path("/proc/sysvipc/shm").read_text().split()
    holder.send_signal(signal.SIGINT)
    holder.communicate(timeout=60)


def test_what_killed_servers_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    abandoned, claim = claimed_folder(tmp_path, "ours-")
    os.close(claim)  # as when its supervisor was killed
    used, claim_of_used = claimed_folder(tmp_path, "ours-")
    foreign, other = tmp_path / "ours-foreign", tmp_path / "theirs-1"
    foreign.mkdir()
    other.mkdir()
    young, claim = claimed_folder(tmp_path, "ours-")
    os.close(claim)
    for folder in (abandoned, used, foreign, other):
        os.utime(folder, (0, 0))
    newest, claim = claimed_folder(tmp_path, "ours-")
    assert set(tmp_path.iterdir()) == {used, foreign, other, young, newest}
    for descriptor in (claim, claim_of_used):
        os.close(descriptor)


def test_a_cluster_is_made_once_and_copied_and_made_again_if_it_is_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHEMA_SERVICE_CACHE", str(tmp_path / "cache"))
    for damage in ((), ("global", "pg_control"), ("PG_VERSION",)):
        if damage:
            pristine_cluster().joinpath(*damage).write_bytes(b"damaged")
        with open_server(None, folder=tmp_path / "server") as server, server.new_database() as dsn:
            assert one(dsn, "SELECT 1") == 1
    assert [path.name for path in (tmp_path / "server").iterdir()] == ["postgres.log"]
    assert (pristine_cluster() / "PG_VERSION").read_text().strip() == "18"


DURABLE = """
import sys
from pathlib import Path
from migrations.scratch.scratch_server import embedded_postgres
with embedded_postgres(Path(sys.argv[1]), port=int(sys.argv[2]), password="x"):
    pass
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_start_that_ends_before_the_cluster_is_made_is_no_trouble_to_the_next(
    tmp_path: Path, number: signal.Signals
) -> None:
    folder, port = tmp_path / "server", free_port()
    starting = subprocess.Popen(
        [sys.executable, "-c", DURABLE, str(folder), str(port)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.DEVNULL,
    )
    # initdb writes this file first and its databases long after it.
    while not any(folder.glob("*/PG_VERSION")):
        assert starting.poll() is None
        time.sleep(0.005)
    starting.send_signal(number)
    starting.communicate(timeout=60)
    with embedded_postgres(folder, port=free_port(), password="x") as server:
        assert server.url is not None
        assert one(server.url, "SELECT 1") == 1


def test_files_that_are_no_cluster_are_left_alone_and_named(tmp_path: Path) -> None:
    foreign = tmp_path / "data" / "letter.txt"
    foreign.parent.mkdir()
    foreign.write_text("dear")
    with (
        pytest.raises(ScratchServerError, match="has files that are not a cluster"),
        embedded_postgres(tmp_path, port=free_port(), password="x"),
    ):
        pass
    assert [foreign] == list(foreign.parent.iterdir())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "postgres.log"]


def test_a_rehearsal_keeps_nothing_where_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, temporary = tmp_path / "file", tmp_path / "t"
    file.touch()
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    found = on_rehearsal_server(
        None, file / "rehearsal", lambda server, kept: (one(server.url, "SELECT 1"), kept)
    )
    assert found == (1, None)
    assert list(temporary.iterdir()) == []


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_durable_server_keeps_its_rows_behind_a_password(tmp_path: Path) -> None:
    assert provide_extensions(["pgcrypto", "no-such"]) == {"no-such"}
    folder, port, password = tmp_path / "server", free_port(), "p@ss/w:rd 'x"
    with embedded_postgres(folder, port=port, password=password) as server:
        assert server.url is not None
        run(server.url, "CREATE TABLE t AS SELECT 7 AS a")
        assert one(server.url, "SHOW fsync") == "on"
        run(server.url, "CREATE EXTENSION pgcrypto; CREATE EXTENSION postgres_fdw")
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(with_login(server.url, "postgres", "wrong"))
        with (
            pytest.raises(ScratchServerError, match=f"port {port}"),
            embedded_postgres(tmp_path / "other", port=port, password="x"),
        ):
            pass
        with (
            pytest.raises(ScratchServerError, match=r"postmaster\.pid"),
            embedded_postgres(folder, port=free_port(), password="x"),
        ):
            pass
        assert one(server.url, "SELECT a FROM t") == 7
    with embedded_postgres(folder, port=port, password="new") as server:
        assert server.url is not None
        assert one(server.url, "SELECT a FROM t") == 7
    assert password not in (folder / "postgres.log").read_text()
