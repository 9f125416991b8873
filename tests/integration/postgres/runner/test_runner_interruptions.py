"""Killed, stopped, cut off, out of disk: the next run finishes. Names as in the research note."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, suppress
from pathlib import Path
from typing import Any, NoReturn

import psycopg
import pytest

from migrations.runner import commands
from migrations.runner.connection import script
from migrations.runner.connection.session import Session, step_session
from migrations.runner.errors import TryAgainError
from migrations.runner.events import silent
from migrations.runner.options import Options, address
from migrations.scratch.embedded.server import run_postgres
from migrations.scratch.scratch_server import foreign_settings

from ..debian import DebianServer, debian_server
from .kit import (
    Command,
    events,
    execute,
    finish,
    manifest,
    migration,
    objects,
    rows,
    rows_in_time,
    tables,
    upgrade,
    wait_for,
)
from .relay import Relay

TABLE = migration(1, "CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 100);", "DROP TABLE t;")
SLEEPING = "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()"
SLOW = migration(2, "CREATE TABLE u (a int); SELECT pg_sleep(60);")
QUICK = migration(2, "CREATE TABLE u (a int); SELECT 1;")
INDEX = migration(2, "CREATE INDEX CONCURRENTLY i ON t (a);")
BROKEN = "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass('i') AND NOT indisvalid"
VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass"
KILLS = 200 if os.environ.get("SCHEMA_SERVICE_SOAK") else 5


def test_sigkill(dsn: str, tmp_path: Path) -> None:
    process = Command.of(tmp_path, dsn, TABLE, SLOW).start("upgrade")
    wait_for(dsn, SLEEPING)
    process.kill()
    process.communicate()
    # The statement of the killed run goes on in the server; the next run ends it and starts over.
    code, output = Command.of(tmp_path, dsn, TABLE, QUICK).run("upgrade")
    assert code == 0, output
    assert rows(dsn, "SELECT count(*) FROM u") == [(0,)]
    assert rows(dsn, SLEEPING) == []


def test_a_killed_run_frees_its_locks_by_itself(dsn: str, tmp_path: Path) -> None:
    slow = migration(2, "ALTER TABLE t ADD b int; SELECT pg_sleep(600)")
    process = Command.of(tmp_path, dsn, TABLE, slow).start("upgrade")
    wait_for(dsn, SLEEPING.replace("(60)", "(600)"))
    process.kill()
    process.communicate()
    assert rows_in_time(dsn, "SELECT count(*) FROM t") == [(100,)]  # waits for the orphan's lock


def test_sigterm(dsn: str, tmp_path: Path) -> None:
    process = Command.of(tmp_path, dsn, TABLE, SLOW).start("upgrade")
    wait_for(dsn, SLEEPING)
    process.send_signal(signal.SIGTERM)
    code, output = finish(process)
    assert code == 143
    assert events(output)[-1]["code"] == "stopped"
    assert "the running step was rolled back" in events(output)[-1]["message"]
    wait_for(dsn, f"SELECT 1 WHERE NOT EXISTS ({SLEEPING})")
    query = "SELECT status, error FROM schema_service.migrations WHERE migration = '002_m2'"
    assert rows(dsn, query) == [("failed", "stopped by SIGTERM")]
    assert Command.of(tmp_path, dsn, TABLE, QUICK).run("upgrade")[0] == 0


@pytest.mark.parametrize("moment", ["sent", "half read", "slow to cancel", "server is gone", "committed"])
def test_stopped_between_two_lines(dsn: str, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    """A signal may come at any line: what is recorded is what happened, wherever that was."""
    execute_steps, commit = script.generators.execute, Session.commit
    is_last: list[bool] = []

    def stop() -> NoReturn:
        is_last.clear()  # once
        raise KeyboardInterrupt("stopped by SIGTERM")

    def interrupted(pgconn: Any) -> Any:
        if not is_last or moment == "committed":
            return execute_steps(pgconn)
        if moment == "sent":
            wait_for(dsn, SLEEPING)
            stop()
        return half_read(pgconn)

    def half_read(pgconn: Any) -> Iterator[Any]:
        if moment == "half read":
            stop()
        if moment == "server is gone":
            pgconn.finish()
            stop()
        monkeypatch.setattr(psycopg.Connection, "cancel_safe", lambda *_, **_more: None)
        stop()
        yield

    def committing(session: Session, *arguments: Any, **more: Any) -> None:
        commit(session, *arguments, **more)
        if moment == "committed" and is_last:
            stop()

    def listener(event: str, /, **fields: Any) -> None:
        told.append(event)
        if event == "migration_started" and fields["migration"] == "002_m2":
            is_last.append(True)

    told: list[str] = []
    monkeypatch.setattr(script.generators, "execute", interrupted)
    monkeypatch.setattr(Session, "commit", committing)
    monkeypatch.setattr(script, "STOP_SECONDS", 0.5)
    second = QUICK if moment == "committed" else SLOW
    with pytest.raises(KeyboardInterrupt):
        commands.upgrade(manifest(TABLE, second), address(dsn), listener=listener)
    monkeypatch.undo()
    is_done = moment == "committed"
    query = "SELECT status, error FROM schema_service.migrations WHERE migration = '002_m2'"
    assert rows(dsn, query) == [("success", None) if is_done else ("failed", "stopped by SIGTERM")]
    query = "SELECT status FROM schema_service.history WHERE migration = '002_m2'"
    assert rows(dsn, query) == [("success",) if is_done else ("failed",)]
    assert told.count("migration_finished") == 1 + is_done
    assert upgrade(dsn, manifest(TABLE, QUICK)) == (() if is_done else ("002_m2",))


def test_sigterm_while_an_index_is_built(dsn: str, tmp_path: Path) -> None:
    upgrade(dsn, manifest(TABLE))
    with psycopg.connect(dsn) as writer:
        writer.execute("INSERT INTO t VALUES (0)")
        process = Command.of(tmp_path, dsn, TABLE, INDEX).start("upgrade")
        wait_for(dsn, BROKEN)
        process.send_signal(signal.SIGTERM)
        wait_for(dsn, "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'DROP INDEX CONCURRENTLY%'")
    assert finish(process)[0] == 143
    assert rows(dsn, "SELECT 1 FROM pg_class WHERE relname = 'i'") == []


def test_kill_cic(dsn: str, tmp_path: Path) -> None:
    command = Command.of(tmp_path, dsn, TABLE, INDEX)
    upgrade(dsn, manifest(TABLE))
    with psycopg.connect(dsn) as writer:
        writer.execute("INSERT INTO t VALUES (0)")  # an open transaction, which the build waits for
        process = command.start("upgrade")
        wait_for(dsn, BROKEN)
        process.kill()
        process.communicate()
    code, output = command.run("upgrade")
    assert code == 0, output
    assert rows(dsn, VALID) == [(True,)]


def test_terminated(dsn: str, tmp_path: Path) -> None:
    process = Command.of(tmp_path, dsn, TABLE, SLOW).start("upgrade")
    wait_for(dsn, SLEEPING)
    rows(dsn, SLEEPING.replace("SELECT 1", "SELECT pg_terminate_backend(pid)"))
    code, output = finish(process)
    assert (code, events(output)[-1]["code"]) == (75, "database-lost")
    assert Command.of(tmp_path, dsn, TABLE, QUICK).run("upgrade")[0] == 0


def test_a_lost_lock_ends_the_run_before_its_next_step(dsn: str, admin: str, tmp_path: Path) -> None:
    steps = migration(2, "SELECT pg_sleep(1)"), migration(3, "CREATE TABLE late (id int)")
    process = Command.of(tmp_path, dsn, TABLE, *steps).start("upgrade")
    wait_for(dsn, SLEEPING.replace("(60)", "(1)"))
    execute(
        admin,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE application_name = 'schema-service-lock' AND datname = current_database()",
    )
    code, output = finish(process)
    assert (code, events(output)[-1]["code"]) == (75, "lock-lost")
    assert tables(dsn) == {"t"}


def test_orphan(dsn: str) -> None:
    told: list[str] = []
    failures: list[str] = []
    with step_session(address(dsn), Options(), "shop", silent) as session:
        name = session.application_name

    def sleep() -> None:
        try:
            rows(f"{dsn}&application_name={name}", "SELECT pg_sleep(60)")
        except psycopg.OperationalError as error:
            failures.append(error.sqlstate or "")

    orphan = threading.Thread(target=sleep, daemon=True)
    orphan.start()
    wait_for(dsn, SLEEPING)
    commands.upgrade(manifest(TABLE), address(dsn), listener=lambda event, /, **_fields: told.append(event))
    orphan.join(timeout=60)
    assert failures == ["57P01"]
    assert told.index("ended_orphan") < told.index("migration_started")


def test_commit_lost(dsn: str) -> None:
    more = migration(2, "INSERT INTO t VALUES (500);"), migration(3, "CREATE TABLE u (a int)")
    package = manifest(TABLE, *more)
    relay = Relay(dsn, lost_after="VALUES (500)")
    told: list[str] = []
    with relay.open() as port:
        found = commands.upgrade(
            package, address(relay.address(port)), listener=lambda event, /, **_fields: told.append(event)
        )
    assert relay.lost == 1
    assert "commit_unknown" in told
    assert found.migrations == ("001_m1", "002_m2", "003_m3")
    assert rows(dsn, "SELECT count(*) FROM t WHERE a = 500") == [(1,)]
    query = "SELECT migration, status FROM schema_service.history ORDER BY id"
    assert rows(dsn, query) == [("001_m1", "success"), ("002_m2", "success"), ("003_m3", "success")]


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ("53100", "full"),
        ("53200", "full"),
        ("58030", "I/O"),
        ("XX000", "Disk quota exceeded"),
    ],
)
def test_disk_full(dsn: str, state: str, text: str) -> None:
    script = (
        "CREATE TABLE u (a int); INSERT INTO u VALUES (1);"
        f"DO $$ BEGIN IF nextval('tries') < 2 THEN RAISE '{text}' USING ERRCODE = '{state}'; END IF; END $$;"
    )
    execute(dsn, "CREATE SEQUENCE tries")
    with pytest.raises(TryAgainError) as refused:
        upgrade(dsn, manifest(TABLE, migration(2, script)))
    assert refused.value.exit_code == 75
    assert tables(dsn) == {"t"}
    assert upgrade(dsn, manifest(TABLE, migration(2, script))) == ("002_m2",)


def test_backfill_kill(dsn: str, tmp_path: Path) -> None:
    table = migration(
        1,
        "CREATE TABLE t (id int PRIMARY KEY, n int DEFAULT 0); INSERT INTO t SELECT generate_series(1, 1000);"
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM pg_sleep(0.05); RETURN NULL; END $$;"
        "CREATE TRIGGER slow AFTER UPDATE ON t FOR EACH STATEMENT EXECUTE FUNCTION slow();",
    )
    fill = migration(2, "-- schema-service: backfill\nUPDATE t SET n = n + 1;")
    command = Command.of(tmp_path, dsn, table, fill)
    upgrade(dsn, manifest(table))
    process = command.start("upgrade", "--batch", "50")
    wait_for(
        dsn, "SELECT 1 FROM schema_service.steps WHERE position::jsonb->'after'->>0 IN ('150', '200', '250')"
    )
    process.kill()
    process.communicate()
    wait_for(dsn, "SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE 'UPDATE t SET%')")
    (done,) = rows(dsn, "SELECT count(*), max(id) FROM t WHERE n = 1")
    assert 0 < done[0] < 1000
    code, output = command.run("upgrade", "--batch", "50")
    assert code == 0, output
    (resumed,) = [event for event in events(output) if event["event"] == "backfill_resumed"]
    assert resumed["after"] == [str(done[1])]
    assert rows(dsn, "SELECT DISTINCT n FROM t") == [(1,)]


class Restartable:
    """A server of a test's own, to be stopped and started."""

    def __init__(self, stack: ExitStack, folder: Path, kind: str) -> None:
        self._folder = folder
        self._debian: DebianServer | None = None
        self._embedded: AbstractContextManager[Any] | None = None
        self.dsn = ""
        if kind == "postgres15":
            self._debian = stack.enter_context(debian_server())
            self.dsn = self._debian.dsn()
        else:
            self.start()
            stack.callback(self.stop)
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(foreign_settings(connection.info.dbname))

    @property
    def data(self) -> Path:
        if self._debian:
            return self._debian.data
        return next(self._folder.rglob("postgresql.conf")).parent

    def start(self) -> None:
        if self._debian:
            self._debian.start()
            return
        self._embedded = run_postgres(self._folder, lifetime="durable")
        self.dsn = self._embedded.__enter__().admin_url

    def stop(self) -> None:
        if self._debian:
            self._debian.stop()
        elif self._embedded:
            self._embedded.__exit__(None, None, None)
            self._embedded = None

    def crash(self) -> None:
        """What it has not written to its log by now is lost."""
        os.kill(int((self.data / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)
        if self._debian and self._debian.process:
            self._debian.process.wait(timeout=60)
        self.stop()


@pytest.fixture(params=["postgres18", "postgres15"])
def restartable(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Restartable]:
    with ExitStack() as stack:
        yield Restartable(stack, tmp_path / "kept", request.param)


def test_restart_cic(restartable: Restartable, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    command = Command.of(tmp_path / "files", restartable.dsn, TABLE, INDEX)
    upgrade(restartable.dsn, manifest(TABLE))
    with psycopg.connect(restartable.dsn) as writer:
        writer.execute("INSERT INTO t VALUES (0)")
        process = command.start("upgrade")
        wait_for(restartable.dsn, BROKEN)
        restartable.stop()
        code, output = finish(process)
        assert (code, events(output)[-1]["code"]) == (75, "database-lost")
        writer.close()
    restartable.start()
    assert rows(restartable.dsn, BROKEN) == [(1,)]
    code, output = Command(command.file, restartable.dsn).run("upgrade")
    assert code == 0, output
    assert rows(restartable.dsn, VALID) == [(True,)]


def test_a_crash_of_the_server_takes_steps_with_their_journal(
    restartable: Restartable, tmp_path: Path
) -> None:
    many = [migration(n, f"CREATE TABLE t{n} AS SELECT 1 AS a;") for n in range(1, 40)]
    (tmp_path / "files").mkdir()
    files, last = tmp_path / "files", migration(40, "SELECT pg_sleep(60);")
    process = Command.of(files, restartable.dsn, *many, last).start("upgrade")
    wait_for(restartable.dsn, SLEEPING)
    restartable.crash()
    code, output = finish(process)
    assert (code, events(output)[-1]["code"]) == (75, "database-lost")
    restartable.start()
    done = rows(restartable.dsn, "SELECT migration FROM schema_service.migrations WHERE status = 'success'")
    assert {f"t{int(name[:3])}" for (name,) in done} == tables(restartable.dsn)
    repaired = Command.of(files, restartable.dsn, *many, migration(40, "SELECT 1;"))
    code, output = repaired.run("upgrade")
    assert code == 0, output
    assert len(tables(restartable.dsn)) == 39


def test_standby(restartable: Restartable, tmp_path: Path) -> None:
    upgrade(restartable.dsn, manifest(TABLE))
    restartable.stop()
    (restartable.data / "standby.signal").touch()
    restartable.start()
    (tmp_path / "files").mkdir()
    code, output = Command.of(tmp_path / "files", restartable.dsn, TABLE, QUICK).run("upgrade")
    assert (code, events(output)[-1]["code"]) == (1, "standby")
    assert "target_session_attrs" in events(output)[-1]["fix"]
    assert Command.of(tmp_path / "files", restartable.dsn, TABLE).run("upgrade")[0] == 0  # nothing to do
    (restartable.data / "standby.signal").unlink()


def test_a_detach_that_is_cut_short_is_finished(dsn: str, tmp_path: Path) -> None:
    table = migration(
        1, "CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);"
    )
    detach = migration(2, "ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY;")
    upgrade(dsn, manifest(table))
    command = Command.of(tmp_path, dsn, table, detach)
    with psycopg.connect(dsn) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reader.execute("SELECT * FROM p")
        process = command.start("upgrade")
        wait_for(dsn, "SELECT 1 FROM pg_inherits WHERE inhdetachpending")
        process.kill()
        process.communicate()
        wait_for(
            dsn,
            "SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE 'ALTER TABLE p DETACH%'"
            " AND state = 'active')",
        )
    code, output = command.run("upgrade")
    assert code == 0, output
    assert rows(dsn, "SELECT 1 FROM pg_inherits") == []


UP = """
CREATE TYPE mood AS ENUM ('a'); CREATE TABLE w (id int PRIMARY KEY, m mood, n int NOT NULL DEFAULT 0);
INSERT INTO w SELECT g, 'a' FROM generate_series(1, 400) g;
ALTER TYPE mood ADD VALUE 'b';
UPDATE w SET m = 'b' WHERE id % 2 = 0;
CREATE INDEX CONCURRENTLY wi ON w (m);
-- schema-service: backfill
UPDATE w SET n = n + 1;
VACUUM w;
CREATE UNIQUE INDEX CONCURRENTLY wu ON w (id, n);
REINDEX INDEX CONCURRENTLY wi;
"""
DOWN = "DROP INDEX CONCURRENTLY wi; DROP INDEX CONCURRENTLY wu; DROP TABLE w; DROP TYPE mood;"


@pytest.mark.timeout(3600)
def test_soak_of_kills(dsn: str, tmp_path: Path) -> None:
    """At random moments, of a history with every kind of step, also by the signal that it handles; 200 times
    with SCHEMA_SERVICE_SOAK set."""
    seed = random.randrange(2**32)
    moments = random.Random(seed)
    history = [TABLE, migration(2, UP, DOWN), migration(3, "CREATE TABLE z (a int)", "DROP TABLE z;")]
    command = Command.of(tmp_path, dsn, *history)
    directions = (("upgrade", "--batch", "40"), ("downgrade", "--to", "none", "--allow-data-loss"))
    started = time.monotonic()
    assert command.run(*directions[0])[0] == 0
    longest = time.monotonic() - started
    at_the_end = objects(dsn)
    direction, kills = 1, 0
    while kills < KILLS:
        process = command.start(*directions[direction])
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=moments.uniform(0.2, 1) * longest)
        if process.poll() is None:
            process.send_signal(moments.choice([signal.SIGKILL, signal.SIGTERM]))
            kills += 1
            process.communicate()
        else:
            _, output = finish(process)
            assert process.returncode == 0, (seed, kills, output)
            direction = 1 - direction
    last = [directions[direction]] if direction == 0 else [directions[1], directions[0]]
    for words in last:
        code, output = command.run(*words)
        assert code == 0, (seed, output)
    assert objects(dsn) == at_the_end, seed
    counted = rows(dsn, "SELECT m::text, n, count(*) FROM w GROUP BY 1, 2 ORDER BY 1")
    assert counted == [("a", 1, 200), ("b", 1, 200)]
    assert rows(dsn, "SELECT DISTINCT status FROM schema_service.migrations") == [("success",)]
    assert rows(dsn, "SELECT * FROM schema_service.steps") == []
    assert json.loads(command.run("status", "--json")[1])["up_to_date"]
