"""What the runner refuses, and by which names; what it finds out. Names as in the research note."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

import pytest

from migrations.runner import commands
from migrations.runner.errors import MigrationFailedError, RefusedError, TryAgainError, UsageError
from migrations.runner.options import Options, address
from migrations.runner.verification.fingerprint import fingerprint
from migrations.scratch.scratch_server import ScratchServer

from ..kit import downgrade, execute, manifest, migration, objects, rehearsed, rows, tables, upgrade

A = migration(1, "CREATE TABLE a (id int PRIMARY KEY);", "DROP TABLE a;")
B = migration(2, "CREATE TABLE b (id int);", "DROP TABLE b;", version="1.1.0")
C = migration(3, "CREATE TABLE c (id int);", "DROP TABLE c;", version="2.0.0")


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
    upgrade(dsn, package, to="1.0.0")
    found = commands.status(package, address(dsn)).as_json()
    assert (found["version"], found["target"], found["up_to_date"]) == ("1.0.0", "1.0.0", False)
    first, second = found["migrations"]
    assert (first["status"], second["status"]) == ("success", "pending")
    assert first["applied_by"] == "scratch_owner"
    assert first["attempt"] == 1
    assert first["duration_ms"] > 0
    assert first["package_version"] == "1.1.0"
    assert first["applied_at"] is not None
    upgrade(dsn, package)
    assert commands.status(package, address(dsn)).up_to_date
    history = commands.history(package, address(dsn))
    assert [(row["migration"], row["status"]) for row in history] == [
        ("001_m1", "success"),
        ("002_m2", "success"),
    ]
    downgrade(dsn, package, "1.0.0")
    assert rows(
        dsn, "SELECT migration, status, version_now FROM schema_service.migration_status ORDER BY 1"
    ) == [
        ("001_m1", "success", "1.0.0"),
        ("002_m2", "rolled back", "1.0.0"),
    ]
    assert rows(dsn, "SELECT version, target, settled FROM schema_service.schema_versions") == [
        ("1.0.0", "1.0.0", True)
    ]
    assert rows(dsn, "SELECT count(*) FROM schema_service.migration_history") == [(3,)]


def test_status_of_a_database_that_was_never_migrated(dsn: str) -> None:
    found = commands.status(manifest(A), address(dsn))
    assert (found.version, found.up_to_date, found.migrations[0].status) == (None, False, "pending")
    assert commands.history(manifest(A), address(dsn)) == []


def test_two_schemas_share_a_database(dsn: str, server: ScratchServer) -> None:
    billing = rehearsed(server, A, schema_name="billing")
    users = rehearsed(server, migration(1, "CREATE TABLE u (id int)"), schema_name="users")
    upgrade(dsn, billing)
    assert upgrade(dsn, users) == ("001_m1",)
    assert commands.verify(users, address(dsn)).differences == ()
    assert commands.verify(billing, address(dsn)).differences == ()
    downgrade(dsn, billing)
    assert commands.status(users, address(dsn)).up_to_date
    assert tables(dsn) == {"u"}


def test_one_schema_in_two_schemas_of_postgres(dsn: str, server: ScratchServer) -> None:
    more = migration(2, "CREATE VIEW v AS SELECT id FROM a; CREATE INDEX i ON a (id);")
    package = rehearsed(server, A, more)
    execute(dsn, 'CREATE SCHEMA one; CREATE SCHEMA "Two"')
    for schema in ("one", "Two"):
        place = address(f"{dsn}&schema={schema}")
        tracked = package.tracked_at(place)
        assert commands.upgrade(tracked, place).migrations == ("001_m1", "002_m2")
        assert commands.verify(tracked, place).differences == ()
    execute(dsn, 'ALTER TABLE "Two".a ADD n int')
    one, two = address(f"{dsn}&schema=one"), address(f"{dsn}&schema=Two")
    assert commands.verify(package.tracked_at(one), one).differences == ()
    (added,) = commands.verify(package.tracked_at(two), two).differences
    assert added.object == "column public.a.n"


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
    told: list[str] = []
    upgrade(dsn, manifest(A, B, C))
    with pytest.raises(RefusedError, match=r"ahead of this package.*003_m3") as refused:
        upgrade(dsn, manifest(A, B))
    assert "2.0.0, or of a later one that contains it" in refused.value.fix
    with pytest.raises(RefusedError, match="not declare itself compatible"):
        commands.wait(manifest(A, B), address(dsn), seconds=1)
    downgrade(dsn, manifest(A, B, C), "1.1.0")
    upgrade(dsn, manifest(A, B, C, compatible_from={"2.0.0": "1.1.0"}))
    found = commands.upgrade(
        manifest(A, B), address(dsn), listener=lambda event, /, **fields: told.append(event)
    )
    assert (found.version, found.migrations, told) == ("2.0.0", (), ["ahead"])
    assert commands.wait(manifest(A, B), address(dsn), seconds=1) == "2.0.0"
    with pytest.raises(RefusedError, match="ahead of this package"):
        upgrade(dsn, manifest(A))
    with pytest.raises(RefusedError, match="ahead of this package"):
        upgrade(dsn, manifest(replace(A, up="SELECT 1"), B))


def test_a_migration_that_vanished_from_the_middle(dsn: str) -> None:
    upgrade(dsn, manifest(A, B, C))
    with pytest.raises(RefusedError, match="002_m2 is applied to this database, and not in this package"):
        upgrade(dsn, manifest(A, C))


def test_the_wrong_direction_is_refused_with_the_right_command(dsn: str) -> None:
    package = manifest(A, B)
    upgrade(dsn, package, to="1.0.0")
    with pytest.raises(RefusedError, match=r"below 1.1.0") as below:
        downgrade(dsn, package, to="1.1.0")
    assert "upgrade --to 1.1.0" in below.value.fix
    upgrade(dsn, package)
    with pytest.raises(RefusedError, match=r"past 1.0.0") as past:
        upgrade(dsn, package, to="1.0.0")
    assert "downgrade --to 1.0.0" in past.value.fix
    with pytest.raises(UsageError, match=r"no version '3.0.0'"):
        upgrade(dsn, package, to="3.0.0")


def test_no_downgrade_is_refused_before_anything_changes(dsn: str) -> None:
    package = manifest(A, replace(B, down=None), C)
    upgrade(dsn, package)
    with pytest.raises(RefusedError, match=r"no down.sql was written for 002_m2"):
        downgrade(dsn, package, to="1.0.0")
    assert tables(dsn) == {"a", "b", "c"}


def test_down_loss(dsn: str) -> None:
    column = migration(
        2,
        "ALTER TABLE a ADD note text; CREATE TABLE b (id int); CREATE TABLE none (id int)",
        "DROP TABLE none; DROP TABLE b; ALTER TABLE a DROP COLUMN note; DELETE FROM a WHERE id > 2;",
        version="1.1.0",
    )
    package = manifest(A, column)
    upgrade(dsn, package)
    execute(dsn, "INSERT INTO a VALUES (1, 'kept'), (2, NULL), (3, 'gone'); INSERT INTO b VALUES (1), (2)")
    with pytest.raises(RefusedError) as refused:
        downgrade(dsn, package, "1.0.0")
    assert "--allow-data-loss" in refused.value.fix
    assert refused.value.details == (
        '002_m2: table "b" (DROP TABLE): 2 rows',
        '002_m2: column "a"."note" (DROP COLUMN): 2 rows',
        '002_m2: rows of "a" (DELETE): 1 row',
    )
    assert tables(dsn) == {"a", "b", "none"}
    told = commands.plan(package, address(dsn), to="1.0.0", down=True)
    assert told.losses == refused.value.details
    assert downgrade(dsn, package, "1.0.0", allow_data_loss=True) == ("002_m2",)
    assert rows(dsn, "SELECT id FROM a ORDER BY id") == [(1,), (2,)]
    assert rows(dsn, "SELECT count(*) FROM schema_service.history WHERE status = 'failed'") == [(0,)]


def test_down_loss_is_asked_about_behind_a_rename_too(dsn: str) -> None:
    renamed = migration(
        2,
        "ALTER TABLE a ADD old int; ALTER TABLE a RENAME old TO new",
        "ALTER TABLE a RENAME new TO old; ALTER TABLE a DROP COLUMN old",
        version="1.1.0",
    )
    later = migration(3, "ALTER TABLE a RENAME TO z", "ALTER TABLE z RENAME TO a", version="2.0.0")
    package = manifest(A, renamed, later)
    upgrade(dsn, package)
    execute(dsn, "INSERT INTO z VALUES (1, 5)")
    with pytest.raises(RefusedError) as refused:
        downgrade(dsn, package, "1.0.0")
    assert refused.value.details == ('002_m2: column "z"."new" (DROP COLUMN): 1 row',)
    assert rows(dsn, "SELECT new FROM z") == [(5,)]
    assert commands.status(package, address(dsn)).version == "2.0.0"
    assert commands.plan(package, address(dsn), to="1.0.0", down=True).losses == refused.value.details
    assert downgrade(dsn, package, "1.0.0", allow_data_loss=True) == ("003_m3", "002_m2")


@pytest.fixture
def bound(admin: str) -> Iterator[None]:
    """The owner may not pass by row level security."""
    execute(admin, "ALTER ROLE scratch_owner NOBYPASSRLS")
    yield
    execute(admin, "ALTER ROLE scratch_owner BYPASSRLS")


@pytest.mark.usefixtures("bound")
def test_rows_that_a_policy_hides_are_neither_lost_nor_passed_over(dsn: str) -> None:
    hidden = "ALTER TABLE b ENABLE ROW LEVEL SECURITY; ALTER TABLE b FORCE ROW LEVEL SECURITY;"
    secured = replace(B, up=f"{B.up} INSERT INTO b VALUES (1); {hidden}")
    package = manifest(A, secured)
    upgrade(dsn, package)
    with pytest.raises(RefusedError) as refused:
        downgrade(dsn, package, "1.0.0")
    (told,) = refused.value.details
    assert 'table "b" (DROP TABLE): its rows can\'t be counted (query would be affected by row-level' in told
    steps = "CREATE INDEX CONCURRENTLY i ON b (id); UPDATE b SET id = 2;"
    with pytest.raises(RefusedError, match=r"BYPASSRLS \(rows of b are changed"):
        upgrade(dsn, manifest(A, secured, replace(C, up=steps)))
    with pytest.raises(MigrationFailedError, match="row-level security"):
        upgrade(dsn, manifest(A, secured, replace(C, up="SELECT count(*) FROM b;")))
    forced = "FORCE ROW LEVEL SECURITY"
    eased = f"ALTER TABLE b NO {forced}; UPDATE b SET id = 2; ALTER TABLE b {forced};"
    allowed = manifest(A, secured, replace(C, up=eased, down="SELECT 1;"))
    assert upgrade(dsn, allowed) == downgrade(dsn, allowed, "1.1.0") == ("003_m3",)
    in_batches = "ALTER TABLE a ADD z int; -- schema-service: backfill\nUPDATE b SET id = 2 WHERE id = 1;"
    with pytest.raises(RefusedError, match=r"BYPASSRLS \(rows of b are changed") as refused:
        upgrade(dsn, manifest(A, secured, replace(C, up=in_batches)))
    assert refused.value.code == "privilege"
    assert downgrade(dsn, package, "1.0.0", allow_data_loss=True) == ("002_m2",)


def test_what_a_later_downgrade_writes_is_looked_at_when_its_turn_comes(dsn: str) -> None:
    optional = migration(2, "ALTER TABLE a ADD n int", "ALTER TABLE a ALTER n SET NOT NULL", version="1.1.0")
    later = migration(
        3, "CREATE TABLE c (id int)", "UPDATE a SET n = nullif(id, 2); DROP TABLE c", version="2.0.0"
    )
    package = manifest(A, optional, later)
    upgrade(dsn, package)
    execute(dsn, "INSERT INTO a VALUES (1, NULL)")
    told = commands.plan(package, address(dsn), to="1.0.0", down=True)
    assert told.blocked_by == ()
    assert told.asked_later == (
        '002_m2: whether the rows of "a"."n" fit, after what earlier downgrades write there',
    )
    execute(dsn, "INSERT INTO a VALUES (2, 2)")
    with pytest.raises(RefusedError, match="hold data that is in use"):
        downgrade(dsn, package, "1.0.0", allow_data_loss=True)
    # 2.0.0 is undone as a whole; 1.1.0 is as it was.
    assert commands.status(package, address(dsn)).version == "1.1.0"
    execute(dsn, "DELETE FROM a WHERE id = 2")
    assert downgrade(dsn, package, "1.0.0", allow_data_loss=True) == ("002_m2",)


def test_down_inuse(dsn: str) -> None:
    before = migration(1, "CREATE TYPE e AS ENUM ('A', 'B'); CREATE TABLE t (v e NOT NULL, w int NOT NULL);")
    added = migration(
        2,
        "ALTER TYPE e ADD VALUE 'C'; ALTER TABLE t ALTER w DROP NOT NULL;",
        """CREATE TYPE e_new AS ENUM ('A', 'B');
        ALTER TABLE t ALTER COLUMN v TYPE e_new USING (v::text::e_new);
        ALTER TYPE e RENAME TO e_old; ALTER TYPE e_new RENAME TO e; DROP TYPE e_old;
        ALTER TABLE t ALTER w SET NOT NULL;""",
        version="1.1.0",
    )
    last = migration(3, "CREATE TABLE c (id int)", "DROP TABLE c", version="1.2.0")
    package = manifest(before, added, last)
    upgrade(dsn, package)
    execute(dsn, "INSERT INTO t VALUES ('C', 1), ('C', NULL), ('A', 2)")
    at_start = objects(dsn)
    with pytest.raises(RefusedError) as refused:
        downgrade(dsn, package, "1.0.0", allow_data_loss=True)
    assert refused.value.details == (
        '002_m2: column "t"."v" holds values that its enum will not have: 2 rows, such as \'C\'',
        '002_m2: column "t"."w" becomes NOT NULL, and holds NULL: 1 row',
    )
    assert objects(dsn) == at_start
    execute(dsn, "UPDATE t SET v = 'A', w = 0")
    assert downgrade(dsn, package, "1.0.0") == ("003_m3", "002_m2")


def test_a_conversion_that_loses_is_a_loss_and_one_that_fails_is_refused(dsn: str) -> None:
    table = migration(1, "CREATE TABLE t (n int, at timestamp, name varchar(5))")
    wider = migration(
        2,
        "ALTER TABLE t ALTER n TYPE numeric, ALTER at TYPE timestamptz, ALTER name TYPE text",
        "ALTER TABLE t ALTER n TYPE int, ALTER at TYPE timestamp, ALTER name TYPE varchar(5)",
        version="1.1.0",
    )
    package = manifest(table, wider)
    upgrade(dsn, package)
    execute(dsn, "INSERT INTO t VALUES (1, now(), 'short'), (2.5, now(), NULL)")
    with pytest.raises(RefusedError) as lossy:
        downgrade(dsn, package, "1.0.0")
    (told,) = lossy.value.details
    assert told == '002_m2: column "t"."n" (not all of it fits integer): 1 row, such as \'2.5\''
    execute(dsn, "UPDATE t SET n = 1e12")
    with pytest.raises(RefusedError, match="hold data that is in use"):
        downgrade(dsn, package, "1.0.0", allow_data_loss=True)
    execute(dsn, "UPDATE t SET n = 3")
    assert downgrade(dsn, package, "1.0.0") == ("002_m2",)


def test_updownup(dsn: str) -> None:
    more = migration(
        2,
        "ALTER TABLE a ADD n text NOT NULL DEFAULT 'x'; CREATE INDEX i ON a (n);"
        "CREATE VIEW v AS SELECT n FROM a; ALTER TABLE a ADD CHECK (n <> '');",
        "DROP VIEW v; ALTER TABLE a DROP COLUMN n;",
        version="1.1.0",
    )
    package = manifest(A, more)
    upgrade(dsn, package, to="1.0.0")
    execute(dsn, "INSERT INTO a VALUES (1), (2)")
    below = fingerprint(objects(dsn))
    upgrade(dsn, package)
    above = fingerprint(objects(dsn))
    downgrade(dsn, package, "1.0.0", allow_data_loss=True)
    assert fingerprint(objects(dsn)) == below
    upgrade(dsn, package)
    assert fingerprint(objects(dsn)) == above
    assert rows(dsn, "SELECT * FROM a ORDER BY id") == [(1, "x"), (2, "x")]


def test_a_plan_changes_nothing(dsn: str) -> None:
    package = manifest(A, B)
    told = commands.plan(package, address(dsn))
    assert [entry["migration"] for entry in told.migrations] == ["001_m1", "002_m2"]
    assert (told.version_before, told.version) == (None, "1.1.0")
    assert rows(dsn, "SELECT 1 FROM pg_namespace WHERE nspname = 'schema_service'") == []


def test_retry_takes_up_what_failed_in_its_own_direction(dsn: str) -> None:
    half = migration(
        2,
        "CREATE TABLE b (id int); CREATE UNIQUE INDEX CONCURRENTLY i ON b (id); CREATE TABLE d (id int);",
        "DROP TABLE d; DROP INDEX CONCURRENTLY i; SELECT 1 / count(*) FROM a; DROP TABLE b;",
        version="1.1.0",
    )
    package = manifest(A, half, C)
    with pytest.raises(RefusedError, match="last run succeeded"):
        commands.retry(package, address(dsn))
    upgrade(dsn, package, to="1.1.0")
    with pytest.raises(Exception, match="division by zero"):
        downgrade(dsn, package, "1.0.0")
    execute(dsn, "INSERT INTO a VALUES (1)")
    assert commands.retry(package, address(dsn)).version == "1.0.0"
    assert tables(dsn) == {"a"}


def test_baseline(dsn: str, server: ScratchServer) -> None:
    package = rehearsed(server, A, B, C)
    execute(dsn, "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int); INSERT INTO b VALUES (1);")
    found = commands.baseline(package, address(dsn))
    assert (found.version, found.migrations) == ("1.1.0", ("001_m1", "002_m2"))
    assert rows(dsn, "SELECT * FROM b") == [(1,)]
    assert upgrade(dsn, package) == ("003_m3",)
    assert commands.verify(package, address(dsn)).differences == ()
    with pytest.raises(RefusedError, match="tracked already"):
        commands.baseline(package, address(dsn))


def test_baseline_refuses_what_differs(dsn: str, server: ScratchServer) -> None:
    package = rehearsed(server, A, B)
    execute(dsn, "CREATE TABLE a (id bigint PRIMARY KEY, extra text); CREATE TABLE b (id int);")
    with pytest.raises(RefusedError) as refused:
        commands.baseline(package, address(dsn))
    assert refused.value.details == (
        "column public.a.extra is not in this version",
        "column public.a.id is 'bigint not null', not 'integer not null'",
    )
    assert rows(dsn, "SELECT 1 FROM pg_namespace WHERE nspname = 'schema_service'") == []


PRISMA = """
CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL,
    finished_at timestamptz, migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz,
    started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0);
INSERT INTO _prisma_migrations VALUES ('1', 'other', now(), '20240101000000_M1', NULL, NULL),
    ('2', '', now(), '20240102000000_gone', NULL, now());
"""


def test_baseline_of_a_database_that_prisma_migrate_made(dsn: str, server: ScratchServer) -> None:
    second = replace(B, version=A.version)
    package = rehearsed(server, A, second, C)
    execute(dsn, "CREATE TABLE a (id int PRIMARY KEY);" + PRISMA)
    # Prisma has applied the first of the two migrations of 1.0.0, with this text or another.
    with pytest.raises(RefusedError, match=r"has run other scripts on this database.*20240101000000_M1"):
        commands.baseline(package, address(dsn))
    digest = hashlib.sha256(b"CREATE TABLE a (id int PRIMARY KEY);").hexdigest()
    execute(dsn, f"UPDATE _prisma_migrations SET checksum = '{digest}'")
    found = commands.baseline(package, address(dsn))
    assert (found.version, found.migrations) == (None, ("001_m1",))
    assert upgrade(dsn, package) == ("002_m2", "003_m3")
    assert commands.verify(package, address(dsn)).differences == ()


def test_baseline_refuses_another_history_of_prisma_migrate(dsn: str, server: ScratchServer) -> None:
    package = rehearsed(server, A, B)
    execute(dsn, "CREATE TABLE a (id int PRIMARY KEY);" + PRISMA.replace("_M1", "_other"))
    with pytest.raises(RefusedError, match="20240101000000_other"):
        commands.baseline(package, address(dsn))
    execute(dsn, "UPDATE _prisma_migrations SET finished_at = NULL")
    with pytest.raises(RefusedError, match="started and not finished 20240101000000_other"):
        commands.baseline(package, address(dsn))


def test_verify(dsn: str, server: ScratchServer) -> None:
    table = migration(
        1,
        "CREATE TABLE t (id int PRIMARY KEY, n int CHECK (n > 0), m text); CREATE INDEX i ON t (n);"
        "CREATE VIEW v AS SELECT n, m FROM t WHERE n > 1; CREATE TABLE u (t int REFERENCES t(id));",
    )
    package = rehearsed(server, table)
    upgrade(dsn, package)
    assert commands.verify(package, address(dsn)).differences == ()
    execute(
        dsn,
        "ALTER TABLE t ADD COLUMN by_hand int; DROP INDEX i; ALTER TABLE t DROP CONSTRAINT t_n_check;"
        "ALTER TABLE t ADD CONSTRAINT t_n_check CHECK (n > 0) NOT VALID;"
        "CREATE TABLE more (id int PRIMARY KEY);"
        "CREATE OR REPLACE VIEW v AS SELECT n, m FROM t WHERE n > 2; DROP TABLE u;",
    )
    found = {(d.kind, d.object) for d in commands.verify(package, address(dsn)).differences}
    assert found == {
        ("unexpected", "column public.t.by_hand"),
        ("missing", "index public.i"),
        ("changed", "constraint public.t.t_n_check"),
        ("unexpected", "table public.more"),
        ("changed", "view public.v"),
        ("missing", "table public.u"),
    }


def test_verify_takes_no_drift_for_what_is_none(dsn: str, server: ScratchServer, admin: str) -> None:
    package = rehearsed(server, migration(1, "CREATE TABLE p (a int) PARTITION BY RANGE (a);"))
    upgrade(dsn, package)
    execute(
        dsn,
        "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (9); CREATE SCHEMA elsewhere;"
        "CREATE TABLE elsewhere.t (id int PRIMARY KEY); CREATE TABLE alembic_version (v text PRIMARY KEY);"
        "CREATE TEMPORARY TABLE x (id int); ANALYZE p; ALTER TABLE p1 SET (fillfactor = 70);",
    )
    assert commands.verify(package, address(dsn)).differences == ()
    with pytest.raises(RefusedError, match="never migrated on this database"):
        commands.verify(manifest(A, schema_name="other"), address(dsn))


def test_one_version_reads_the_same_on_both_servers(
    scratch_server: ScratchServer, debian_scratch: ScratchServer
) -> None:
    script = """
    CREATE TYPE mood AS ENUM ('a', 'b c', 'it''s');
    CREATE DOMAIN pos AS int NOT NULL DEFAULT 3 CHECK (VALUE > 0);
    CREATE TABLE t (id bigserial PRIMARY KEY, g int GENERATED ALWAYS AS IDENTITY, n varchar(10) COLLATE "C",
        m mood NOT NULL DEFAULT 'a', s text GENERATED ALWAYS AS (n || 'x') STORED,
        status varchar(20) CHECK (status IN ('a', 'b')), tags text[] DEFAULT '{}', j jsonb DEFAULT '{}',
        p pos, at timestamptz(3) DEFAULT now());
    CREATE TABLE u (id int REFERENCES t (id) ON DELETE CASCADE DEFERRABLE, k text UNIQUE NULLS NOT DISTINCT);
    CREATE VIEW v1 AS SELECT id, upper(n) AS n, CASE WHEN m = 'a' THEN 1 ELSE 2 END AS c FROM t
        WHERE status IN ('a', 'b') AND id BETWEEN 1 AND 5 ORDER BY id;
    CREATE VIEW v2 AS SELECT t.id, count(*) FROM t JOIN u USING (id) GROUP BY t.id HAVING count(*) > 1;
    CREATE VIEW v3 AS WITH q AS (SELECT id, n FROM t) SELECT q.id, (SELECT max(k) FROM u) AS k FROM q;
    CREATE MATERIALIZED VIEW mv AS SELECT m, count(*) AS n FROM t GROUP BY m;
    CREATE UNIQUE INDEX mvi ON mv (m);
    CREATE INDEX part ON t (lower(n), id DESC NULLS LAST) INCLUDE (m)
        WHERE status = 'a' AND m IN ('a', 'b c');
    CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
    CREATE FUNCTION sf(x int) RETURNS bigint LANGUAGE sql
        BEGIN ATOMIC SELECT count(*) + x FROM t WHERE id = x; END;
    CREATE TRIGGER tg BEFORE UPDATE OF n ON t FOR EACH ROW WHEN (OLD.n IS DISTINCT FROM NEW.n)
        EXECUTE FUNCTION tf();
    CREATE POLICY po ON t FOR SELECT USING (id > 0); CREATE RULE ru AS ON DELETE TO u DO INSTEAD NOTHING;
    """
    package = rehearsed(scratch_server, migration(1, script))
    with debian_scratch.new_database() as dsn:
        upgrade(dsn, package)
        assert [str(d) for d in commands.verify(package, address(dsn)).differences] == []
        execute(dsn, "CREATE OR REPLACE VIEW v1 AS SELECT id, lower(n) AS n, 1 AS c FROM t;")
        (changed,) = commands.verify(package, address(dsn)).differences
        assert changed.object == "view public.v1"


def test_wait(dsn: str) -> None:
    package = manifest(A, B)
    with pytest.raises(TryAgainError, match=r"was never migrated.*1\.1\.0"):
        commands.wait(package, address(dsn), seconds=0.3)
    upgrade(dsn, package, to="1.0.0")
    with pytest.raises(TryAgainError, match=r"is at 1\.0\.0"):
        commands.wait(package, address(dsn), seconds=0.3, options=Options(database_wait=1))
    upgrade(dsn, package)
    assert commands.wait(package, address(dsn), seconds=5) == "1.1.0"
    with pytest.raises(RefusedError, match="with other migrations"):
        commands.wait(manifest(A, replace(B, up="SELECT 2")), address(dsn), seconds=0.3)
