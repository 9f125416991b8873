"""What a script may say, and what becomes of it. Names as in the research note."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from migrations.runner import commands
from migrations.runner.errors import MigrationFailedError, RefusedError
from migrations.runner.options import Options, address

from .kit import Command, downgrade, execute, finish, manifest, migration, rehearsed, rows, tables, upgrade

A = migration(1, "CREATE TABLE a (id int PRIMARY KEY);", "DROP TABLE a;")
B = migration(2, "CREATE TABLE b (id int);", "DROP TABLE b;", version="1.1.0")
BACKFILL = "-- schema-service: backfill\n"
TABLE = migration(1, "CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 100);")


def test_cic_auto(dsn: str) -> None:
    upgrade(dsn, manifest(migration(1, "CREATE TABLE t (a int); CREATE INDEX CONCURRENTLY i ON t (a);")))
    assert rows(dsn, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass") == [(True,)]


def test_multi_cic(dsn: str) -> None:
    script = (
        "CREATE SCHEMA other; CREATE TABLE other.t (a int, b int); SET search_path = other;"
        "CREATE INDEX CONCURRENTLY i ON t (a); CREATE INDEX CONCURRENTLY j ON t (b);"
        "DROP INDEX CONCURRENTLY i;"
    )
    upgrade(dsn, manifest(migration(1, script)))
    query = "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'other.t'::regclass"
    assert rows(dsn, query) == [("other.j",)]


def test_cic_dupes(dsn: str) -> None:
    table = migration(1, "CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1,'x'), (1,'x'), (2,'y');")
    package = manifest(table, migration(2, "CREATE UNIQUE INDEX CONCURRENTLY u ON t (a, lower(b));"))
    with pytest.raises(MigrationFailedError) as failure:
        upgrade(dsn, package)
    assert "is duplicated" in failure.value.reason
    assert "duplicates of (a, lower(b)): (1,x) in 2 rows" in failure.value.reason
    assert rows(dsn, "SELECT 1 FROM pg_class WHERE relname = 'u'") == []
    execute(dsn, "DELETE FROM t")
    assert upgrade(dsn, package) == ("002_m2",)


def test_cic_snapshot(dsn: str, tmp_path: Path) -> None:
    command = Command.of(tmp_path, dsn, TABLE, migration(2, "CREATE INDEX CONCURRENTLY i ON t (a);"))
    upgrade(dsn, manifest(TABLE))
    with psycopg.connect(dsn, application_name="a long report") as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reader.execute("SELECT 1")
        process = command.start("upgrade", "--progress", "0.2")
        assert process.stdout is not None
        waits: list[dict[str, Any]] = []
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "progress" and event["waits_for"]:
                waits = event["waits_for"]
                break
        assert waits[0]["pid"] == reader.info.backend_pid
        assert waits[0]["application"] == "a long report"
    code, output = finish(process)
    assert code == 0, output
    assert rows(dsn, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass") == [(True,)]


def test_an_index_that_is_there_already_is_taken_if_it_is_the_same(dsn: str, server: Any) -> None:
    table = migration(1, "CREATE TABLE t (a int, b int);")
    index = migration(2, "CREATE INDEX CONCURRENTLY i ON t (a);", version="1.1.0")
    package = rehearsed(server, table, index)
    upgrade(dsn, package, to="1.0.0")
    execute(dsn, "CREATE INDEX i ON t (b)")
    with pytest.raises(MigrationFailedError, match="already exists"):
        upgrade(dsn, package)
    execute(dsn, "DROP INDEX i; CREATE INDEX i ON t (a)")
    assert upgrade(dsn, package) == ("002_m2",)


def test_fail_mid(dsn: str) -> None:
    broken = replace(B, up="CREATE TABLE b (id int);\n\nSELECT nothing\n  FROM b;\nCREATE TABLE d (id int);")
    with pytest.raises(MigrationFailedError, match='column "nothing" does not exist') as failure:
        upgrade(dsn, manifest(A, broken))
    assert (failure.value.file, failure.value.line, failure.value.column) == ("002_m2/up.sql", 3, 8)
    assert tables(dsn) == {"a"}
    failed = commands.status(manifest(A, broken), address(dsn)).migrations[1]
    assert failed.status == "failed"
    assert failed.record is not None
    assert "nothing" in (failed.record.error or "")
    # Fixed, it applies, as its second attempt.
    assert upgrade(dsn, manifest(A, B)) == ("002_m2",)
    record = commands.status(manifest(A, B), address(dsn)).migrations[1].record
    assert record is not None
    assert (record.attempt, record.error) == (2, None)
    statuses = [row["status"] for row in commands.history(manifest(A, B), address(dsn))]
    assert statuses == ["success", "failed", "retried", "success"]


def test_a_fault_without_a_position_is_told_by_its_statement(dsn: str) -> None:
    script = "CREATE TABLE b (id int);\nINSERT INTO b VALUES (1);\n  SELECT 1/(id - 1) FROM b; -- é\nSELECT 1"
    with pytest.raises(MigrationFailedError, match="division by zero") as failure:
        upgrade(dsn, manifest(migration(1, script)))
    assert (failure.value.line, failure.value.column) == (3, 3)


def test_owncommit(dsn: str) -> None:
    own = replace(A, up="BEGIN; CREATE TABLE a (id int); COMMIT; BEGIN; SELECT 1/0; COMMIT;")
    with pytest.raises(MigrationFailedError, match="division by zero"):
        upgrade(dsn, manifest(own))
    assert tables(dsn) == set()


def test_split(dsn: str) -> None:
    script = r"""
    /* a /* nested ; */ comment ; é */ CREATE TABLE "100%:x" (v text DEFAULT E'it\'s; %s');
    CREATE FUNCTION g() RETURNS text LANGUAGE plpgsql AS $fn$ BEGIN RETURN ';é😀'; END $fn$;
    CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END;
    INSERT INTO "100%:x" VALUES (g()), (DEFAULT), ('%(a)s') -- the last one;
    """
    upgrade(dsn, manifest(migration(1, script)))
    assert rows(dsn, 'SELECT v FROM "100%:x"') == [(";é😀",), ("it's; %s",), ("%(a)s",)]


def test_nonascii(dsn: str) -> None:
    script = "-- Größe, 尺寸, 😀\nCREATE TABLE a (\n  id int DEFAULT 'é😀' || nothing\n);"
    with pytest.raises(MigrationFailedError) as failure:
        upgrade(dsn, manifest(migration(1, script)))
    assert (failure.value.line, failure.value.column) == (3, 26)
    upgrade(dsn, manifest(migration(1, "-- Größe, 尺寸, 😀\nCREATE TABLE a (id int); /* é */ SELECT 1;")))
    assert tables(dsn) == {"a"}


def test_enum_next(dsn: str) -> None:
    first = migration(1, "CREATE TYPE e AS ENUM ('A'); CREATE TABLE t (v e); ALTER TYPE e ADD VALUE 'B';")
    upgrade(dsn, manifest(first, migration(2, "INSERT INTO t VALUES ('B');")))
    assert rows(dsn, "SELECT v::text FROM t") == [("B",)]


def test_enum_same(dsn: str) -> None:
    script = (
        "CREATE TYPE e AS ENUM ('A'); CREATE TABLE t (v e);"
        "ALTER TYPE e ADD VALUE 'B'; ALTER TYPE e ADD VALUE 'C' AFTER 'B';"
        "ALTER TABLE t ALTER v SET DEFAULT 'C'; INSERT INTO t VALUES ('B');"
    )
    upgrade(dsn, manifest(migration(1, script)))
    assert rows(dsn, "SELECT v::text FROM t") == [("B",)]


def test_search_path(dsn: str) -> None:
    first = migration(
        1,
        "CREATE TEMPORARY TABLE b (id int); SET standard_conforming_strings = off;"
        "SELECT pg_catalog.set_config('search_path', '', false); SET statement_timeout = 1500;",
    )
    second = migration(2, r"CREATE TABLE b (id text DEFAULT '\'); SELECT pg_sleep(2);")
    upgrade(dsn, manifest(first, second))
    assert tables(dsn) == {"b"}


def test_a_script_may_take_another_role(dsn: str, admin: str) -> None:
    execute(admin, "DROP ROLE IF EXISTS maker; CREATE ROLE maker; GRANT CREATE ON SCHEMA public TO maker")
    execute(admin, "GRANT maker TO scratch_owner")
    upgrade(dsn, manifest(migration(1, "SET ROLE maker; CREATE TABLE a (id int);"), B))
    query = (
        "SELECT relname::text, relowner::regrole::text FROM pg_class WHERE relname IN ('a', 'b') ORDER BY 1"
    )
    assert rows(dsn, query) == [("a", "maker"), ("b", "scratch_owner")]
    execute(admin, "DROP OWNED BY maker")


def test_a_half_applied_migration_goes_on_where_it_stopped(dsn: str) -> None:
    script = (
        "CREATE TABLE t (a int); CREATE INDEX CONCURRENTLY i ON t (a); INSERT INTO t VALUES (1); SELECT {};"
    )
    broken = migration(1, script.format("1/0"), "DROP TABLE t;")
    with pytest.raises(MigrationFailedError):
        upgrade(dsn, manifest(broken))
    with pytest.raises(RefusedError, match="001_m1 was edited"):
        upgrade(dsn, manifest(replace(broken, up=broken.up.replace("a int", "a bigint"))))
    assert upgrade(dsn, manifest(replace(broken, up=script.format("1")))) == ("001_m1",)
    assert rows(dsn, "SELECT a FROM t") == [(1,)]


def test_a_downgrade_that_failed_half_way_is_undone_or_goes_on(dsn: str) -> None:
    down = "DROP INDEX CONCURRENTLY i; ALTER TABLE t DROP COLUMN {};"
    up = "CREATE TABLE t (a int, b int); CREATE INDEX i ON t (a);"
    package = manifest(A, replace(B, up=up, down=down.format("missing")))
    upgrade(dsn, package)
    with pytest.raises(MigrationFailedError, match="missing"):
        downgrade(dsn, package, to="1.0.0", allow_data_loss=True)
    fixed = manifest(A, replace(B, up=up, down=down.format("b") + "DROP TABLE t;"))
    assert upgrade(dsn, fixed) == ("002_m2",)
    assert rows(dsn, "SELECT 1 FROM pg_class WHERE relname = 'i'") == [(1,)]
    with pytest.raises(MigrationFailedError, match="missing"):
        downgrade(dsn, package, to="1.0.0", allow_data_loss=True)
    assert downgrade(dsn, fixed) == ("002_m2", "001_m1")


@pytest.mark.parametrize(
    "key",
    ["PRIMARY KEY (id)", "PRIMARY KEY (x, y)", "UNIQUE (z), UNIQUE (x, y)"],
    ids=["one column", "two columns", "no primary key"],
)
def test_a_backfill_meets_every_row_once(dsn: str, key: str) -> None:
    table = migration(
        1,
        f"CREATE TABLE t (id int, x text NOT NULL, y uuid NOT NULL, n int NOT NULL DEFAULT 0, z int, {key});"
        "INSERT INTO t SELECT g, 'é''\\' || (g / 10), gen_random_uuid() FROM generate_series(1, 250) g;",
    )
    fill = (
        "-- schema-service: backfill\nUPDATE t AS u SET n = n + 1 WHERE id <= 200 OR id > 240 -- not all\n;"
    )
    upgrade(dsn, manifest(table, migration(2, fill)), batch=30)
    assert rows(dsn, "SELECT n, count(*) FROM t GROUP BY n ORDER BY n") == [(0, 40), (1, 210)]
    assert rows(dsn, "SELECT count(DISTINCT xmin::text) >= 8 FROM t WHERE n = 1") == [(True,)]
    assert rows(dsn, "SELECT * FROM schema_service.steps") == []


def test_a_backfill_without_a_key_or_rows_is_done_in_one_go(dsn: str) -> None:
    table = migration(
        1, "CREATE TABLE t (n int); INSERT INTO t VALUES (1), (2); CREATE TABLE e (id int PRIMARY KEY);"
    )
    fill = f"{BACKFILL}UPDATE t SET n = n + 1;\n{BACKFILL}UPDATE e SET id = 1;"
    upgrade(dsn, manifest(table, migration(2, fill)))
    assert rows(dsn, "SELECT n FROM t ORDER BY n") == [(2,), (3,)]


def test_batches_wait_for_locked_rows(dsn: str) -> None:
    table = migration(
        1, "CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t SELECT generate_series(1, 9);"
    )
    package = manifest(table, migration(2, "-- schema-service: backfill\nUPDATE t SET n = 1;"))
    upgrade(dsn, manifest(table))
    told: list[str] = []

    def listen(event: str, /, **fields: Any) -> None:
        told.append(event)
        if event == "step_retried" and blocker.info.transaction_status:
            blocker.rollback()

    with psycopg.connect(dsn) as blocker:
        blocker.execute("SELECT 1 FROM t WHERE id = 8 FOR UPDATE")
        commands.upgrade(package, address(dsn), options=Options(lock_timeout=0.05, batch=3), listener=listen)
    assert "step_retried" in told
    assert rows(dsn, "SELECT count(*) FROM t WHERE n = 1") == [(9,)]
