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
from migrations.scratch.scratch_server import ScratchServer

from .kit import (
    Command,
    Heard,
    downgrade,
    execute,
    finish,
    manifest,
    migration,
    objects,
    rehearsed,
    rows,
    tables,
    upgrade,
)

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


_WRONG = (
    "CREATE UNIQUE INDEX x ON t (b)",
    "CREATE INDEX x ON t (a)",
    "CREATE UNIQUE INDEX x ON u (a)",
    "CREATE UNIQUE INDEX x ON t (a) WHERE b > 0",
    "CREATE UNIQUE INDEX x ON t (a DESC)",
    "CREATE UNIQUE INDEX x ON t (a) INCLUDE (b)",
    "CREATE UNIQUE INDEX x ON t (a) NULLS NOT DISTINCT",
    "CREATE UNIQUE INDEX x ON t (a) WITH (fillfactor = 50)",
    "ALTER TABLE t ADD CONSTRAINT x UNIQUE (a)",
)


def test_an_index_of_that_name_counts_only_if_it_is_the_same(dsn: str) -> None:
    first = migration(1, "CREATE TABLE t (a int, b int, s text); CREATE TABLE u (a int);")
    forms = ("", "CONCURRENTLY", "IF NOT EXISTS", "CONCURRENTLY IF NOT EXISTS")
    packages = {
        form: manifest(
            first, migration(2, f"ALTER TABLE t ADD c int; CREATE UNIQUE INDEX {form} x ON t (a);")
        )
        for form in forms
    }
    upgrade(dsn, manifest(first))
    for wrong in _WRONG:
        execute(dsn, wrong)
        before = objects(dsn)
        (definition,) = rows(dsn, "SELECT pg_get_indexdef('x'::regclass)")[0]
        for form, package in packages.items():
            with pytest.raises(RefusedError) as refused:
                upgrade(dsn, package)
            assert (refused.value.code, len(refused.value.details)) == ("name-taken", 1), (form, wrong)
            assert objects(dsn) == before
            if form:
                assert f": {definition}; up.sql has: CREATE UNIQUE INDEX {form} x" in refused.value.details[0]
                assert commands.plan(package, address(dsn)).blocked_by == refused.value.details
        execute(dsn, "ALTER TABLE t DROP CONSTRAINT IF EXISTS x; DROP INDEX IF EXISTS x")
    execute(dsn, "CREATE UNIQUE INDEX x ON t USING btree (a)")
    assert upgrade(dsn, packages["CONCURRENTLY"]) == ("002_m2",)


def test_an_index_is_the_same_however_its_definition_was_written(dsn: str) -> None:
    first = migration(1, "CREATE SCHEMA o; CREATE TABLE o.t (a int, s text);")
    second = migration(
        2,
        "SET search_path = o; CREATE INDEX CONCURRENTLY x ON ONLY t USING BTREE (lower(s), (1+a) desc) "
        "WHERE s In ('q', 'r') AND a IS not null; CREATE INDEX IF NOT EXISTS y ON o . t /* it */ (a);",
    )
    upgrade(dsn, manifest(first))
    execute(
        dsn,
        "CREATE INDEX x ON o.t (lower(s), (1 + a) DESC) WHERE s = ANY (ARRAY['q'::text, 'r'::text]) "
        "AND a IS NOT NULL; CREATE INDEX y ON o.t (a)",
    )
    heard = Heard()
    commands.upgrade(manifest(first, second), address(dsn), listener=heard)
    assert heard.of("index_exists") == [{"index": "x"}]


def test_another_index_that_comes_up_during_the_run_stops_it_at_its_step(dsn: str) -> None:
    first = migration(1, "CREATE TABLE t (a int, b int);")
    script = "ALTER TABLE t ADD c int; CREATE UNIQUE INDEX CONCURRENTLY x ON t (a);"
    package = manifest(first, migration(2, script, "DROP INDEX x; ALTER TABLE t DROP c;", version="2.0.0"))
    upgrade(dsn, package, to="1.0.0")

    def meddle(event: str, /, **_fields: object) -> None:
        if event == "migration_started":
            execute(dsn, "CREATE UNIQUE INDEX x ON t (b)")

    with pytest.raises(
        MigrationFailedError, match=r"another: CREATE UNIQUE INDEX x ON public.t .* \(b\)"
    ) as failed:
        commands.upgrade(package, address(dsn), listener=meddle)
    assert (failed.value.steps_done, failed.value.line) == (1, 1)
    assert "downgrade --to 1.0.0" in failed.value.fix
    with pytest.raises(RefusedError, match="there is an index"):
        upgrade(dsn, package)
    execute(dsn, "ALTER INDEX x RENAME TO y")
    assert upgrade(dsn, package) == ("002_m2",)


def test_an_index_that_a_downgrade_would_make_is_compared_too(server: ScratchServer, dsn: str) -> None:
    first = migration(
        1,
        "CREATE TABLE t (a int, b int); CREATE INDEX x ON t (a); CREATE INDEX k ON t (b);"
        'CREATE INDEX "y.""z" ON t (a);',
    )
    second = migration(
        2,
        'DROP INDEX x; DROP INDEX k; DROP INDEX "y.""z"; ALTER TABLE t ADD CONSTRAINT "y.""z" UNIQUE (a);'
        "CREATE INDEX k ON t (a);",
        'ALTER TABLE t DROP CONSTRAINT "y.""z"; DROP INDEX k; CREATE INDEX CONCURRENTLY k ON t (b);'
        'CREATE INDEX CONCURRENTLY "y.""z" ON t (a); CREATE INDEX CONCURRENTLY x ON t (a);',
        version="2.0.0",
    )
    package = rehearsed(server, first, second)
    upgrade(dsn, package)
    execute(dsn, "CREATE INDEX x ON t (b)")
    before = objects(dsn)
    with pytest.raises(RefusedError) as refused:
        downgrade(dsn, package, to="1.0.0")
    assert refused.value.code == "name-taken"
    (line,) = refused.value.details
    assert line.endswith("(b); down.sql has: CREATE INDEX CONCURRENTLY x ON t (a)")
    assert objects(dsn) == before
    execute(dsn, "DROP INDEX x")
    assert downgrade(dsn, package, to="1.0.0") == ("002_m2",)


def test_an_index_that_is_not_as_rehearsed_is_neither_dropped_nor_used(
    server: ScratchServer, dsn: str
) -> None:
    first = migration(1, "CREATE TABLE t (a int, b int); CREATE UNIQUE INDEX x ON t (a);")
    uses = (
        "DROP INDEX x",
        "DROP INDEX CONCURRENTLY x",
        "ALTER INDEX x RENAME TO y",
        "ALTER TABLE t ADD CONSTRAINT y UNIQUE USING INDEX x",
    )
    packages = [rehearsed(server, first, migration(2, f"{use};", version="2.0.0")) for use in uses]
    for place in (address(dsn), address(f"{dsn}&schema=own")):
        execute(dsn, f"CREATE SCHEMA IF NOT EXISTS {place.search_path}")
        table = f"{place.search_path}.t"
        for package in packages:
            commands.upgrade(package, place, to="1.0.0")
            execute(dsn, f"DROP INDEX {place.search_path}.x; CREATE UNIQUE INDEX x ON {table} (b)")
            with pytest.raises(RefusedError) as refused:
                commands.upgrade(package, place)
            assert refused.value.code == "index-differs"
            assert f"ON {table} USING btree (b), and was" in refused.value.details[0]
            assert "ON public.t USING btree (a)" in refused.value.details[0]
            assert commands.plan(package, place).blocked_by == refused.value.details
            execute(dsn, f"DROP INDEX {place.search_path}.x; CREATE UNIQUE INDEX x ON {table} (a)")
            assert commands.upgrade(package, place).migrations == ("002_m2",)
            execute(dsn, f"DROP TABLE {table}; DROP SCHEMA schema_service CASCADE")


def test_cic_dupes(dsn: str) -> None:
    # Nothing before the step can tell what a function of the team's own makes of rows.
    own = "CREATE FUNCTION f(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT lower($1)';"
    rows_of = "CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1,'x'), (1,'x'), (2,'y');"
    package = manifest(
        migration(1, own + rows_of), migration(2, "CREATE UNIQUE INDEX CONCURRENTLY u ON t (a, f(b));")
    )
    with pytest.raises(MigrationFailedError) as failure:
        upgrade(dsn, package)
    assert "is duplicated" in failure.value.reason
    assert "duplicates of (a, f(b)): (1,x) in 2 rows" in failure.value.reason
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
