"""The runner as processes: at once, killed, stopped, early, locked out. Names as in the research note."""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from migrations.dsn import to_uri
from migrations.shadow import ScratchServer, open_server
from schemas.migration import Migration

from .runner_kit import Command, events, execute, migration, rows, wait_for

TABLE = migration(1, "CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 100);", "DROP TABLE t;")
SLEEPING = "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()"
SLOW = migration(2, "CREATE TABLE u (a int); SELECT pg_sleep(60);")
QUICK = migration(2, "CREATE TABLE u (a int); SELECT 1;")
INDEX = migration(2, "CREATE INDEX CONCURRENTLY i ON t (a);")
NO_LOCKS = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory'"


@pytest.fixture
def dsn(scratch_server: ScratchServer) -> Iterator[str]:
    with scratch_server.new_database() as database:
        yield database


@pytest.mark.parametrize("second", [QUICK, INDEX], ids=["race8", "race_cic"])
def test_race(dsn: str, tmp_path: Path, second: Migration) -> None:
    command = Command.of(tmp_path, dsn, TABLE, second)
    started = [command.start("upgrade") for _ in range(4)]
    outputs = [process.communicate(timeout=60)[0] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0, 0], outputs
    applied = [event for output in outputs for event in events(output)]
    finished = sorted(e["migration"] for e in applied if e["event"] == "migration_finished")
    assert finished == ["001_m1", "002_m2"]
    assert rows(dsn, "SELECT count(*) FROM schema_service.history") == [(2,)]
    assert rows(dsn, "SELECT count(*) FROM t") == [(100,)]
    assert rows(dsn, NO_LOCKS) == []


def test_sigkill_leaves_nothing_to_repair(dsn: str, tmp_path: Path) -> None:
    process = Command.of(tmp_path, dsn, TABLE, SLOW).start("upgrade")
    wait_for(dsn, SLEEPING)
    process.kill()
    process.communicate()
    # The statement of the killed run goes on in the server; the next run ends it and starts over.
    code, output = Command.of(tmp_path, dsn, TABLE, QUICK).run("upgrade")
    assert code == 0, output
    assert rows(dsn, "SELECT count(*) FROM u") == [(0,)]
    assert rows(dsn, SLEEPING) == []


def test_sigterm_cancels_the_statement(dsn: str, tmp_path: Path) -> None:
    process = Command.of(tmp_path, dsn, TABLE, SLOW).start("upgrade")
    wait_for(dsn, SLEEPING)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=20)
    assert process.returncode == 143
    assert events(output)[-1]["code"] == "stopped"
    assert rows(dsn, SLEEPING) == []
    assert Command.of(tmp_path, dsn, TABLE, QUICK).run("upgrade")[0] == 0


def test_kill_cic(dsn: str, tmp_path: Path) -> None:
    command = Command.of(tmp_path, dsn, TABLE, INDEX)
    execute(dsn, "CREATE TABLE other (a int)")
    assert Command.of(tmp_path, dsn, TABLE).run("upgrade")[0] == 0
    with psycopg.connect(dsn) as writer:
        writer.execute("INSERT INTO t VALUES (0)")  # an open transaction, which the build waits for
        process = command.start("upgrade")
        wait_for(dsn, "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass('i') AND NOT indisvalid")
        process.kill()
        process.communicate()
    code, output = command.run("upgrade")
    assert code == 0, output
    assert rows(dsn, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass") == [(True,)]


def test_lockq(dsn: str, tmp_path: Path) -> None:
    assert Command.of(tmp_path, dsn, TABLE).run("upgrade")[0] == 0
    alter = migration(2, "ALTER TABLE t ADD COLUMN b int")
    with psycopg.connect(dsn) as reader:
        reader.execute("SELECT 1 FROM t LIMIT 1")
        process = Command.of(tmp_path, dsn, TABLE, alter).start("upgrade", "--lock-timeout", "0.2")
        wait_for(dsn, "SELECT 1 FROM pg_locks WHERE NOT granted")
        started = time.monotonic()
        rows(dsn, "SELECT count(*) FROM t")
        assert time.monotonic() - started < 2
        time.sleep(0.5)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 0, output
    assert any(event["event"] == "step_retried" for event in events(output))


def test_a_second_runner_gives_up_with_75(dsn: str, tmp_path: Path) -> None:
    command = Command.of(tmp_path, dsn, TABLE, SLOW)
    process = command.start("upgrade")
    try:
        wait_for(dsn, SLEEPING)
        code, output = command.run("upgrade", "--runner-wait", "0.3")
        assert (code, events(output)[-1]["code"]) == (75, "locked")
    finally:
        process.terminate()
        process.communicate()


def test_terminated(dsn: str, tmp_path: Path) -> None:
    process = Command.of(tmp_path, dsn, TABLE, SLOW).start("upgrade")
    wait_for(dsn, SLEEPING)
    rows(
        dsn,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' "
        "AND pid <> pg_backend_pid()",
    )
    output, _ = process.communicate(timeout=20)
    assert (process.returncode, events(output)[-1]["code"]) == (75, "database-lost")
    assert Command.of(tmp_path, dsn, TABLE, QUICK).run("upgrade")[0] == 0


def test_answers_and_failures_on_the_command_line(dsn: str, tmp_path: Path) -> None:
    command = Command.of(tmp_path, dsn, TABLE, migration(2, "SELECT 1/0;", version="2.0.0"))
    code, output = command.run("upgrade", "--json")
    error = events(output)[-1]
    assert (code, error["code"], error["file"], error["line"]) == (1, "migration-failed", "002_m2/up.sql", 1)
    code, output = command.run("status")
    assert code == 0
    assert "failed      2.0.0       002_m2" in output
    assert "division by zero" in output
    code, output = command.run("status", "--json")
    assert (code, '"version": "1.0.0"' in output) == (0, True)
    assert "001_m1" in command.run("history")[1]
    assert command.run("upgrade", "--to", "9.9.9")[0] == 2
    assert command.run("sidegrade")[0] == 2
    assert "75" in command.run("--help")[1]


def test_without_a_database_it_says_which_variable_to_set(tmp_path: Path) -> None:
    code, output = Command.of(tmp_path, "", TABLE).run("status")
    assert (code, events(output)[-1]["code"]) == (2, "no-database")
    code, output = Command.of(tmp_path, "", TABLE).run("status", "--database-url-env", "OTHER_URL")
    assert "OTHER_URL" in output


@pytest.fixture(scope="module")
def tcp_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScratchServer]:
    with open_server(None, folder=tmp_path_factory.mktemp("tcp"), port=free_port()) as server:
        yield server


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def address_of(server: ScratchServer, **changes: str) -> str:
    known = {key: str(value) for key, value in conninfo_to_dict(server.role_url).items()}
    return to_uri({**known, **changes})


def test_bad_password_fails_at_once_and_is_not_shown(tcp_server: ScratchServer, tmp_path: Path) -> None:
    wrong = "s3cret/wr%ng"
    started = time.monotonic()
    code, output = Command.of(tmp_path, address_of(tcp_server, password=wrong), TABLE).run("upgrade")
    assert time.monotonic() - started < 10
    assert (code, events(output)[-1]["code"]) == (1, "connection-refused")
    assert wrong not in output
    code, output = Command.of(tmp_path, address_of(tcp_server, dbname="nowhere"), TABLE).run("upgrade")
    assert (code, '"nowhere\\" does not exist' in output) == (1, True)


def test_dbdown(tcp_server: ScratchServer, tmp_path: Path) -> None:
    """The port opens late: a relay to the server is what opens it."""
    port = free_port()
    with tcp_server.new_database() as dsn:
        target = conninfo_to_dict(dsn)
        late = address_of(tcp_server, dbname=str(target["dbname"]), port=str(port))
        process = Command.of(tmp_path, late, TABLE).start("upgrade")
        time.sleep(1)
        with socket.create_server(("127.0.0.1", port)) as listener:
            relay = threading.Thread(target=_relay, args=(listener, int(str(target["port"]))), daemon=True)
            relay.start()
            output, _ = process.communicate(timeout=30)
        assert process.returncode == 0, output
        assert events(output)[0]["event"] == "waiting_for_database"
    code, output = Command.of(tmp_path, late, TABLE).run("upgrade", "--wait", "0.5")
    assert (code, events(output)[-1]["code"]) == (75, "database-away")


def _relay(listener: socket.socket, port: int) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        server = socket.create_connection(("127.0.0.1", port))
        for source, sink in ((client, server), (server, client)):
            threading.Thread(target=_copy, args=(source, sink), daemon=True).start()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        return
