"""Several at once: runners, and an application at work. Names as in the research note."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from migrations.runner import commands
from migrations.runner.errors import RefusedError, TryAgainError
from migrations.runner.options import Options, address
from migrations.runner.verification.fingerprint import read_objects

from .conftest import Pooled
from .kit import (
    Command,
    Heard,
    downgrade,
    events,
    execute,
    finish,
    manifest,
    migration,
    rows,
    rows_in_time,
    tables,
    upgrade,
    wait_for,
)

TABLE = migration(1, "CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 100);", "DROP TABLE t;")
QUICK = migration(2, "CREATE TABLE u (a int); SELECT 1;", "DROP TABLE u;")
SLOW = migration(2, "CREATE TABLE u (a int); SELECT pg_sleep(60);")
INDEX = migration(2, "CREATE INDEX CONCURRENTLY i ON t (a);", "DROP INDEX CONCURRENTLY i;")
SLEEPING = "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()"
LOCKS = (
    "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass"
COLUMNS = {"column public.t.a", "column public.v.a"}
WAITING = "SELECT 1 FROM pg_locks WHERE NOT granted"


def test_race8(dsn: str, tmp_path: Path) -> None:
    race(Command.of(tmp_path, dsn, TABLE, QUICK), dsn, starts=8)


def test_race_cic(dsn: str, tmp_path: Path) -> None:
    race(Command.of(tmp_path, dsn, TABLE, INDEX), dsn, starts=4)
    assert rows(dsn, VALID) == [(True,)]


def test_bouncer(pooled: Pooled, tmp_path: Path) -> None:
    race(Command.of(tmp_path, pooled.dsn, TABLE, INDEX), pooled.direct, starts=4)
    assert rows(pooled.direct, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass") == [
        (True,)
    ]


def race(command: Command, direct: str, *, starts: int) -> None:
    started = [command.start("upgrade") for _ in range(starts)]
    outputs = [finish(process)[1] for process in started]
    assert [process.returncode for process in started] == [0] * starts, outputs
    applied = [event for output in outputs for event in events(output)]
    finished = sorted(e["migration"] for e in applied if e["event"] == "migration_finished")
    assert finished == ["001_m1", "002_m2"]
    assert rows(direct, "SELECT count(*) FROM schema_service.history") == [(2,)]
    assert rows(direct, "SELECT count(*) FROM t") == [(100,)]
    assert rows(direct, LOCKS) == []


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_soak_of_sixteen_starts(dsn: str, tmp_path: Path) -> None:
    command = Command.of(tmp_path, dsn, TABLE, INDEX)
    for _ in range(50):
        race(command, dsn, starts=16)
        assert command.run("downgrade", "--to", "none", "--allow-data-loss")[0] == 0
        execute(dsn, "DELETE FROM schema_service.history")


def test_nothing_of_a_script_stays_behind_the_pooler(pooled: Pooled) -> None:
    script = (
        "SET search_path = nowhere; SET statement_timeout = '7s'; CREATE TEMPORARY TABLE x (id int);"
        "SELECT set_config('lock_timeout', '7s', false); CREATE TABLE public.b (id int);"
    )
    upgrade(pooled.dsn, manifest(migration(1, script), QUICK))
    for _ in range(3):
        query = (
            "SELECT current_setting('search_path'), current_setting('statement_timeout'), "
            "current_setting('lock_timeout'), to_regclass('pg_temp.x')"
        )
        assert rows(pooled.dsn, query) == [('"$user", public', "0", "0", None)]
    assert tables(pooled.direct) == {"b", "u"}


def test_what_a_pooler_can_t_carry_is_refused(pooled: Pooled) -> None:
    table = "CREATE SCHEMA o; CREATE TABLE o.t (a int);"
    package = manifest(migration(1, f"{table} SET search_path = o; CREATE INDEX CONCURRENTLY i ON t (a);"))
    with pytest.raises(RefusedError, match="transaction pooler"):
        upgrade(pooled.dsn, package)
    assert upgrade(pooled.direct, package) == ("001_m1",)


def test_a_backfill_runs_through_a_pooler(pooled: Pooled) -> None:
    table = migration(
        1, "CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t SELECT generate_series(1, 50), 0;"
    )
    fill = migration(2, "-- schema-service: backfill\nUPDATE t SET n = n + 1;")
    upgrade(pooled.dsn, manifest(table, fill), batch=7)
    assert rows(pooled.direct, "SELECT DISTINCT n FROM t") == [(1,)]


def test_updown_race(dsn: str, tmp_path: Path) -> None:
    later = migration(3, "CREATE TABLE v (a int); SELECT pg_sleep(1);", "DROP TABLE v;", version="2.0.0")
    command = Command.of(tmp_path, dsn, TABLE, QUICK, later)
    upgrade(dsn, manifest(TABLE, QUICK))
    up = command.start("upgrade")
    wait_for(
        dsn, "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(1)%' AND pid <> pg_backend_pid()"
    )
    down = command.start("downgrade", "--to", "1.0.0")
    assert finish(up)[0] == 0
    code, output = finish(down)
    assert code == 0, output
    # It was planned when there was nothing to take back, and planned again once it had the lock.
    assert [e["migration"] for e in events(output) if e["event"] == "migration_finished"] == ["003_m3"]
    assert tables(dsn) == {"t", "u"}
    assert rows(dsn, "SELECT version FROM schema_service.versions") == [("1.0.0",)]


def test_a_second_runner_gives_up_with_75(dsn: str, tmp_path: Path) -> None:
    command = Command.of(tmp_path, dsn, TABLE, SLOW)
    process = command.start("upgrade")
    try:
        wait_for(dsn, SLEEPING)
        code, output = command.run("upgrade", "--runner-wait", "0.3")
        assert (code, events(output)[-1]["code"]) == (75, "locked")
    finally:
        process.terminate()
        finish(process)


def test_lockq(dsn: str, tmp_path: Path) -> None:
    upgrade(dsn, manifest(TABLE))
    alter = migration(2, "ALTER TABLE t ADD COLUMN b int")
    with psycopg.connect(dsn) as reader:
        reader.execute("SELECT 1 FROM t LIMIT 1")
        process = Command.of(tmp_path, dsn, TABLE, alter).start("upgrade", "--lock-timeout", "0.3")
        for _ in range(2):
            wait_for(dsn, WAITING)
            rows_in_time(dsn, "SELECT count(*) FROM t")  # the reader holds its lock all the time
        wait_for_event(process, "step_retried")
    code, output = finish(process)
    assert code == 0, output


def wait_for_event(process: subprocess.Popen[str], name: str) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if f'"event": "{name}"' in line:
            return
    raise AssertionError(f"no event {name}")


def test_deadlock(dsn: str) -> None:
    """With an application that takes the same locks the other way round."""
    first = migration(1, "CREATE TABLE a (id int); CREATE TABLE b (id int); CREATE TABLE c (id int);")
    upgrade(dsn, manifest(first))
    step = migration(2, "INSERT INTO c VALUES (1); ALTER TABLE a ADD n int; ALTER TABLE b ADD n int;")
    reasons: list[str] = []
    with psycopg.connect(dsn) as application:
        application.execute("LOCK TABLE b")
        run = in_thread(
            lambda: commands.upgrade(
                manifest(first, step),
                address(dsn),
                options=Options(lock_timeout=20),
                listener=listen_to(reasons),
            )
        )
        wait_for(dsn, WAITING)
        try:
            application.execute("LOCK TABLE a")
        except psycopg.errors.DeadlockDetected:
            application.rollback()  # the application was the victim this time
        application.commit()
    assert run() == ("002_m2",)
    assert rows(dsn, "SELECT count(*) FROM c") == [(1,)]


def test_deadlock_is_tried_again_as_a_whole_step(dsn: str) -> None:
    script = (
        "CREATE TABLE c (id int); INSERT INTO c VALUES (1);"
        "DO $$ BEGIN IF nextval('tries') < 3 THEN RAISE 'deadlock detected' USING ERRCODE = '40P01'; END IF;"
        " END $$;"
    )
    execute(dsn, "CREATE SEQUENCE tries")
    reasons: list[str] = []
    commands.upgrade(manifest(migration(1, script)), address(dsn), listener=listen_to(reasons))
    assert reasons == ["deadlock detected"] * 2
    assert rows(dsn, "SELECT count(*) FROM c") == [(1,)]


def listen_to(reasons: list[str]) -> Callable[..., None]:
    def listen(event: str, /, **fields: Any) -> None:
        if event == "step_retried":
            reasons.append(fields["reason"])

    return listen


def in_thread(call: Callable[[], Any]) -> Callable[[], tuple[str, ...]]:
    """Run it beside the test; what comes back waits for it."""
    result: list[Any] = []
    thread = threading.Thread(target=lambda: result.append(call()), daemon=True)
    thread.start()

    def wait() -> tuple[str, ...]:
        thread.join(timeout=60)
        migrations: tuple[str, ...] = result[0].migrations
        return migrations

    return wait


def test_budget(dsn: str) -> None:
    table = migration(1, "CREATE TABLE a (id int)")
    upgrade(dsn, manifest(table))
    package = manifest(table, migration(2, "CREATE TABLE b (id int); ALTER TABLE a ADD COLUMN n int"))
    with psycopg.connect(dsn) as reader:
        reader.execute("SELECT * FROM a")
        with pytest.raises(TryAgainError, match="held its locks") as refused:
            upgrade(dsn, package, lock_timeout=0.05, retry=0.3)
    assert refused.value.exit_code == 75
    assert tables(dsn) == {"a"}
    assert upgrade(dsn, package) == ("002_m2",)


@pytest.mark.parametrize(
    "statement",
    [
        "DROP INDEX CONCURRENTLY old",
        "CREATE INDEX CONCURRENTLY i ON t (a)",
        "REINDEX (VERBOSE) INDEX CONCURRENTLY old",
        "ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY",
    ],
)
def test_what_runs_outside_transactions_waits_for_others_within_the_limit(statement: str, dsn: str) -> None:
    table = migration(
        1,
        "CREATE TABLE t (a int); CREATE INDEX old ON t (a); CREATE TABLE p (a int) PARTITION BY LIST (a);"
        "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);",
    )
    package = manifest(table, migration(2, f"ALTER TABLE t ADD b int; {statement};", version="2.0.0"))
    upgrade(dsn, package, to="1.0.0")
    heard, limits = Heard(), Options(lock_timeout=0.1, retry=1.5, progress=0.1)
    # Before the statement, so that the first step is done.
    before = threading.Event()

    def listen(event: str, /, **fields: Any) -> None:
        heard(event, **fields)
        if event == "step_finished" and not before.is_set():
            other.execute("INSERT INTO t VALUES (1); INSERT INTO p VALUES (1)")
            before.set()

    with psycopg.connect(dsn, application_name="reports") as other:
        with pytest.raises(TryAgainError, match=r"held its locks for 1\.5 s") as refused:
            commands.upgrade(package, address(dsn), options=limits, listener=listen)
        pid = other.info.backend_pid
    assert refused.value.code == "locks"
    assert f"waiting for process {pid} (reports, role " in refused.value.message
    (first, *_) = [each for event in heard.of("progress") for each in event["waits_for"]]
    assert (first["pid"], first["application"]) == (pid, "reports")
    assert first["since"] < rows(dsn, "SELECT to_json(now())")[0][0]
    assert upgrade(dsn, package) == ("002_m2",)
    assert rows(dsn, "SELECT 1 FROM pg_index WHERE NOT indisvalid") == []
    assert rows(dsn, "SELECT 1 FROM pg_inherits") == ([(1,)] if "DETACH" not in statement else [])


def test_role_timeouts(dsn: str, admin: str) -> None:
    name = rows(dsn, "SELECT current_database()")[0][0]
    for setting in ("statement", "lock"):
        execute(admin, f"ALTER DATABASE {name} SET {setting}_timeout = '200ms'")
    index = migration(3, INDEX.up.replace("t (a)", "u (a)"))
    slow = manifest(migration(1, "SELECT pg_sleep(1)"), QUICK, index)
    first = in_thread(lambda: commands.upgrade(slow, address(dsn)))
    wait_for(admin, LOCKS)
    assert upgrade(dsn, slow) == ()  # after a wait longer than any of them
    assert first() == ("001_m1", "002_m2", "003_m3")


def test_role_timeouts_of_who_looks(dsn: str, admin: str) -> None:
    name = rows(dsn, "SELECT current_database()")[0][0]
    execute(dsn, "CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t")
    for setting in ("statement", "lock", "idle_in_transaction_session"):
        execute(admin, f"ALTER DATABASE {name} SET {setting}_timeout = '200ms'")
    found: list[Any] = []

    def look() -> None:
        with psycopg.connect(dsn, autocommit=True) as connection:
            found.append(read_objects(connection))

    with psycopg.connect(dsn, options="-c idle_in_transaction_session_timeout=0") as blocker:
        blocker.execute("LOCK TABLE t")  # whose definition a view's needs
        thread = threading.Thread(target=look, daemon=True)
        thread.start()
        wait_for(admin, WAITING)
        execute(admin, "SET statement_timeout = 0; SELECT pg_sleep(0.4)")
    thread.join(60)
    assert [set(each) for each in found] == [{"schema public", "table public.t", "view public.v"} | COLUMNS]


def test_a_timeout_that_is_too_short_is_told_with_where_it_comes_from(dsn: str, admin: str) -> None:
    """And not as a connection that was lost, which the next attempt might have."""
    package = manifest(TABLE)
    upgrade(dsn, package)
    place = conninfo_to_dict(dsn)
    name, role = place["dbname"], place["user"]
    database, own = f"ALTER DATABASE {name}", f"ALTER ROLE {role} IN DATABASE {name}"
    short = make_conninfo(dsn, options="-c statement_timeout=90ms")
    cases = (
        (f"{database} SET statement_timeout = '70ms'", dsn, "statement_timeout of 70 ms", f"database {name}"),
        (f"{own} SET lock_timeout = '30ms'", dsn, "lock_timeout of 30 ms", f"role {role} in"),
        (f"{own} SET lock_timeout = 0", short, "statement_timeout of 90 ms", "options of its address"),
    )
    with psycopg.connect(dsn, options="-c idle_in_transaction_session_timeout=0") as blocker:
        blocker.execute("LOCK schema_service.versions")
        for statement, at, what, where in cases:
            execute(admin, statement)
            for look in (commands.status, commands.wait, commands.upgrade):
                with pytest.raises(RefusedError) as refused:
                    look(package, address(at))
                assert refused.value.code == "timeout-too-short"
                assert what in refused.value.message
                assert where in refused.value.message
            fix = refused.value.fix
            named = "the options" if at == short else f"{own} SET {what.split()[0]} = 0"
            assert named in fix.replace('"', "")
        # Nobody's setting: somebody has cancelled it.
        found: list[Any] = []

        def look() -> None:
            with pytest.raises(TryAgainError) as cancelled:
                commands.status(package, address(make_conninfo(dsn, options="-c statement_timeout=0")))
            found.append(cancelled.value.code)

        thread = threading.Thread(target=look)
        thread.start()
        wait_for(dsn, WAITING)
        execute(dsn, "SELECT pg_cancel_backend(pid) FROM pg_locks WHERE NOT granted")
        thread.join(60)
    assert found == ["statement-cancelled"]


def test_role_idle(dsn: str, admin: str) -> None:
    name = rows(dsn, "SELECT current_database()")[0][0]
    settings = ["idle_in_transaction_session_timeout", "idle_session_timeout"]
    if rows(dsn, "SELECT 1 FROM pg_settings WHERE name = 'transaction_timeout'"):
        settings.append("transaction_timeout")
    for setting in settings:
        execute(admin, f"ALTER DATABASE {name} SET {setting} = '300ms'")
    script = "SELECT pg_sleep(0.8); CREATE TABLE t (a int); CREATE INDEX CONCURRENTLY i ON t (a);"
    upgrade(dsn, manifest(migration(1, script), migration(2, "SELECT pg_sleep(0.8)")))
    assert tables(dsn) == {"t"}


def test_a_default_of_read_only_transactions_is_overruled(dsn: str, admin: str) -> None:
    name = rows(dsn, "SELECT current_database()")[0][0]
    execute(admin, f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'")
    execute(admin, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    assert upgrade(dsn, manifest(TABLE, INDEX)) == ("001_m1", "002_m2")
    assert downgrade(dsn, manifest(TABLE, INDEX), allow_data_loss=True) == ("002_m2", "001_m1")


def test_runners_of_two_schemas_don_t_wait_for_each_other(dsn: str) -> None:
    slow = manifest(SLOW, schema_name="slow")
    failures: list[str] = []

    def fail() -> None:
        try:
            upgrade(dsn, slow)
        except TryAgainError as error:
            failures.append(error.code)

    thread = threading.Thread(target=fail, daemon=True)
    thread.start()
    wait_for(dsn, SLEEPING)
    assert upgrade(dsn, manifest(TABLE, schema_name="quick")) == ("001_m1",)
    rows(dsn, SLEEPING.replace("SELECT 1", "SELECT pg_terminate_backend(pid)"))
    thread.join(timeout=60)
    assert failures == ["database-lost"]
