"""What the runner does and refuses to do, on a real Postgres. Names of cases as in the research note."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from migrations.runner import commands
from migrations.runner.errors import MigrationFailedError, RefusedError, TryAgainError, UsageError
from migrations.runner.manifest import Manifest
from migrations.runner.options import Options, address
from migrations.shadow import ScratchServer

from .runner_kit import execute, manifest, migration, rows

A = migration(1, "CREATE TABLE a (id int PRIMARY KEY);", "DROP TABLE a;")
B = migration(2, "CREATE TABLE b (id int);", "DROP TABLE b;", version="1.1.0")
C = migration(3, "CREATE TABLE c (id int);", "DROP TABLE c;", version="2.0.0")


@pytest.fixture
def dsn(scratch_server: ScratchServer) -> Iterator[str]:
    with scratch_server.new_database() as database:
        yield database


def upgrade(dsn: str, package: Manifest, to: str | None = None) -> tuple[str, ...]:
    return commands.upgrade(package, address(dsn), to=to).migrations


def tables(dsn: str) -> set[str]:
    query = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    return {name for (name,) in rows(dsn, query)}


def test_applies_what_is_missing_and_then_nothing(dsn: str) -> None:
    package = manifest(A, B, C)
    assert upgrade(dsn, package, to="1.1.0") == ("001_m1", "002_m2")
    assert upgrade(dsn, package) == ("003_m3",)
    assert upgrade(dsn, package) == ()
    assert tables(dsn) == {"a", "b", "c"}


def test_goes_back_to_a_version_and_forward_again(dsn: str) -> None:
    package = manifest(A, B, C)
    upgrade(dsn, package)
    back = commands.downgrade(package, address(dsn), to="1.0.0")
    assert (back.version_before, back.version, back.migrations) == ("2.0.0", "1.0.0", ("003_m3", "002_m2"))
    assert tables(dsn) == {"a"}
    found = commands.status(package, address(dsn))
    assert [m.status for m in found.migrations] == ["success", "rolled_back", "rolled_back"]
    assert upgrade(dsn, package) == ("002_m2", "003_m3")
    assert commands.downgrade(package, address(dsn), to="none").version is None
    assert tables(dsn) == set()


def test_tracks_who_did_what_and_when(dsn: str) -> None:
    package = manifest(A, B)
    upgrade(dsn, package)
    found = commands.status(package, address(dsn)).as_json()
    assert (found["version"], found["target"], found["up_to_date"]) == ("1.1.0", "1.1.0", True)
    first = found["migrations"][0]
    assert first["status"] == "success"
    assert first["applied_by"] == "scratch_owner"
    assert first["attempt"] == 1
    assert first["duration_ms"] > 0
    assert first["package_version"] == "1.1.0"
    assert first["applied_at"] is not None
    history = commands.history(package, address(dsn))
    assert [(row["migration"], row["status"]) for row in history] == [
        ("001_m1", "success"),
        ("002_m2", "success"),
    ]


def test_status_of_a_database_that_was_never_migrated(dsn: str) -> None:
    found = commands.status(manifest(A), address(dsn))
    assert (found.version, found.up_to_date, found.migrations[0].status) == (None, False, "pending")
    assert commands.history(manifest(A), address(dsn)) == []


def test_two_schemas_share_a_database(dsn: str) -> None:
    billing = manifest(A, schema_name="billing")
    users = manifest(migration(1, "CREATE TABLE u (id int)"), schema_name="users")
    upgrade(dsn, billing)
    assert upgrade(dsn, users) == ("001_m1",)
    commands.downgrade(billing, address(dsn), to="none")
    assert commands.status(users, address(dsn)).up_to_date
    assert tables(dsn) == {"u"}


def test_a_version_without_migrations_is_a_version(dsn: str) -> None:
    upgrade(dsn, manifest(A))
    documented = manifest(A, version="1.0.1")
    assert upgrade(dsn, documented) == ()
    assert commands.status(documented, address(dsn)).version == "1.0.1"
    # The package before has the same migrations: it neither fails nor turns the version back.
    assert upgrade(dsn, manifest(A)) == ()
    assert commands.status(documented, address(dsn)).version == "1.0.1"


def test_edited(dsn: str) -> None:
    upgrade(dsn, manifest(A))
    edited = replace(A, up="CREATE TABLE a (id bigint PRIMARY KEY);")
    with pytest.raises(RefusedError, match="001_m1 was edited"):
        upgrade(dsn, manifest(edited, B))
    assert tables(dsn) == {"a"}


def test_cosmetic(dsn: str) -> None:
    upgrade(dsn, manifest(A))
    cosmetic = replace(A, up="-- why\r\nCREATE TABLE a\r\n  (id int PRIMARY KEY) /* é */;\r\n")
    assert upgrade(dsn, manifest(cosmetic)) == ()


def test_out_of_order(dsn: str) -> None:
    upgrade(dsn, manifest(A, C))
    with pytest.raises(RefusedError, match="002_m2 is not applied, though 003_m3"):
        upgrade(dsn, manifest(A, B, C))


def test_ahead(dsn: str) -> None:
    upgrade(dsn, manifest(A, B, C))
    with pytest.raises(RefusedError, match=r"ahead of this package.*003_m3"):
        upgrade(dsn, manifest(A, B))


def test_a_migration_that_vanished_from_the_middle(dsn: str) -> None:
    upgrade(dsn, manifest(A, B, C))
    with pytest.raises(RefusedError, match="002_m2 is applied to this database, and not in this package"):
        upgrade(dsn, manifest(A, C))


def test_the_wrong_direction_is_refused_with_the_right_command(dsn: str) -> None:
    package = manifest(A, B)
    upgrade(dsn, package, to="1.0.0")
    with pytest.raises(RefusedError, match=r"below 1.1.0") as below:
        commands.downgrade(package, address(dsn), to="1.1.0")
    assert "upgrade --to 1.1.0" in below.value.fix
    upgrade(dsn, package)
    with pytest.raises(RefusedError, match=r"past 1.0.0") as past:
        upgrade(dsn, package, to="1.0.0")
    assert "downgrade --to 1.0.0" in past.value.fix
    with pytest.raises(UsageError, match=r"no version '3.0.0'"):
        upgrade(dsn, package, to="3.0.0")


def test_no_way_back_is_refused_before_anything_changes(dsn: str) -> None:
    package = manifest(A, replace(B, down=None), C)
    upgrade(dsn, package)
    with pytest.raises(RefusedError, match=r"no down.sql was written for 002_m2"):
        commands.downgrade(package, address(dsn), to="1.0.0")
    assert tables(dsn) == {"a", "b", "c"}


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
    # Mended, it applies, as its second attempt.
    assert upgrade(dsn, manifest(A, B)) == ("002_m2",)
    record = commands.status(manifest(A, B), address(dsn)).migrations[1].record
    assert record is not None
    assert (record.attempt, record.error) == (2, None)


def test_owncommit(dsn: str) -> None:
    own = replace(A, up="BEGIN; CREATE TABLE a (id int); COMMIT; BEGIN; SELECT 1/0; COMMIT;")
    with pytest.raises(MigrationFailedError, match="division by zero"):
        upgrade(dsn, manifest(own))
    assert tables(dsn) == set()


def test_split(dsn: str) -> None:
    script = r"""
    /* a /* nested ; */ comment ; é */ CREATE TABLE "100%:x" (v text DEFAULT E'it\'s; %s');
    CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END;
    CREATE FUNCTION g() RETURNS text LANGUAGE plpgsql AS $fn$ BEGIN RETURN ';é😀'; END $fn$;
    INSERT INTO "100%:x" VALUES (g()), (DEFAULT), ('%(a)s');
    """
    upgrade(dsn, manifest(migration(1, script)))
    assert rows(dsn, 'SELECT v FROM "100%:x"') == [(";é😀",), ("it's; %s",), ("%(a)s",)]


def test_enum_same(dsn: str) -> None:
    script = (
        "CREATE TYPE e AS ENUM ('A'); CREATE TABLE t (v e);"
        "ALTER TYPE e ADD VALUE 'B'; ALTER TYPE e ADD VALUE 'C' AFTER 'B';"
        "ALTER TABLE t ALTER v SET DEFAULT 'C'; INSERT INTO t VALUES ('B');"
    )
    upgrade(dsn, manifest(migration(1, script)))
    assert rows(dsn, "SELECT v::text FROM t") == [("B",)]


def test_search_path_and_settings_of_a_script_end_with_it(dsn: str) -> None:
    first = migration(1, "SELECT pg_catalog.set_config('search_path', '', false); SET statement_timeout = 1;")
    upgrade(dsn, manifest(first, migration(2, "CREATE TABLE b (id int); SELECT pg_sleep(0.02);")))
    assert tables(dsn) == {"b"}


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
    table = migration(1, "CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1);")
    package = manifest(table, migration(2, "CREATE UNIQUE INDEX CONCURRENTLY u ON t (a);"))
    with pytest.raises(MigrationFailedError, match=r"Key \(a\)=\(1\) is duplicated"):
        upgrade(dsn, package)
    assert rows(dsn, "SELECT 1 FROM pg_class WHERE relname = 'u'") == []
    execute(dsn, "DELETE FROM t")
    assert upgrade(dsn, package) == ("002_m2",)


def test_a_half_applied_migration_goes_on_where_it_stopped(dsn: str) -> None:
    script = (
        "CREATE TABLE t (a int); CREATE INDEX CONCURRENTLY i ON t (a); INSERT INTO t VALUES (1); SELECT {};"
    )
    broken = migration(1, script.format("1/0"), "DROP TABLE t;")
    with pytest.raises(MigrationFailedError):
        upgrade(dsn, manifest(broken))
    with pytest.raises(RefusedError, match="001_m1 is only half applied"):
        commands.downgrade(manifest(broken), address(dsn), to="none")
    with pytest.raises(RefusedError, match="001_m1 was edited"):
        upgrade(dsn, manifest(replace(broken, up=broken.up.replace("a int", "a bigint"))))
    assert upgrade(dsn, manifest(replace(broken, up=script.format("1")))) == ("001_m1",)
    assert rows(dsn, "SELECT a FROM t") == [(1,)]


def test_a_way_back_that_failed_half_way_is_ended_before_anything_else(dsn: str) -> None:
    down = "DROP INDEX CONCURRENTLY i; ALTER TABLE t DROP COLUMN {};"
    up = "CREATE TABLE t (a int, b int); CREATE INDEX i ON t (a);"
    package = manifest(A, replace(B, up=up, down=down.format("missing")))
    upgrade(dsn, package)
    with pytest.raises(MigrationFailedError, match="missing"):
        commands.downgrade(package, address(dsn), to="1.0.0")
    mended = manifest(A, replace(B, up=up, down=down.format("b") + "DROP TABLE t;"))
    assert upgrade(dsn, mended) == ("002_m2", "002_m2")
    assert rows(dsn, "SELECT 1 FROM pg_class WHERE relname = 'i'") == [(1,)]
    assert commands.downgrade(mended, address(dsn), to="none").migrations == ("002_m2", "001_m1")


def test_budget(dsn: str) -> None:
    upgrade(dsn, manifest(A))
    package = manifest(A, migration(2, "ALTER TABLE a ADD COLUMN n int"))
    with psycopg.connect(dsn) as reader:
        reader.execute("SELECT * FROM a")
        patience = Options(lock_timeout=0.05, retry=0.3)
        with pytest.raises(TryAgainError, match="held its locks"):
            commands.upgrade(package, address(dsn), options=patience)
    assert upgrade(dsn, package) == ("002_m2",)


def test_role_timeouts_don_t_end_a_migration_or_its_lock(dsn: str, scratch_server: ScratchServer) -> None:
    name = rows(dsn, "SELECT current_database()")[0][0]
    for setting in ("statement", "transaction", "lock", "idle_in_transaction_session"):
        execute(scratch_server.url, f"ALTER DATABASE {name} SET {setting}_timeout = '400ms'")
    upgrade(dsn, manifest(migration(1, "SELECT pg_sleep(0.6)"), B))
    assert tables(dsn) == {"b"}


def test_a_reader_may_find_out_that_nothing_is_to_do(dsn: str, scratch_server: ScratchServer) -> None:
    upgrade(dsn, manifest(A))
    execute(scratch_server.url, "DROP ROLE IF EXISTS reader")
    execute(scratch_server.url, "CREATE ROLE reader LOGIN")
    execute(dsn, "GRANT USAGE ON SCHEMA schema_service TO reader")
    execute(dsn, "GRANT SELECT ON ALL TABLES IN SCHEMA schema_service TO reader")
    reader = dsn.replace("scratch_owner", "reader")
    assert upgrade(reader, manifest(A)) == ()
    assert commands.status(manifest(A), address(reader)).up_to_date


def test_privilege(dsn: str, scratch_server: ScratchServer) -> None:
    execute(scratch_server.url, "DROP ROLE IF EXISTS stranger; CREATE ROLE stranger LOGIN")
    stranger = dsn.replace("scratch_owner", "stranger")
    with pytest.raises(RefusedError, match="CREATE on the schema public"):
        upgrade(stranger, manifest(A))
    upgrade(dsn, manifest(A))
    with pytest.raises(RefusedError, match="permission denied for table"):
        commands.status(manifest(A), address(stranger))
