"""Ways in which a down.sql takes rows away without a DROP or DELETE of them that stands in it."""

from __future__ import annotations

import pytest

from migrations.runner.errors import RefusedError

from ..kit import downgrade, execute, manifest, migration, rows, upgrade

TABLES = "CREATE TABLE t (id int PRIMARY KEY, c text); CREATE TABLE u (a int);"
EMPTIES = "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN DELETE FROM t; RETURN 1; END $$;"
FIRED = "CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN TRUNCATE t; RETURN NEW; END $$;"

#: What was there before, down.sql, and what is told of it.
LOSSES = [
    # Code that computes what it runs, or that comments hide.
    ("", "DO $$ BEGIN EXECUTE 'DROP' || ' TABLE t'; END $$;", "dynamic SQL (EXECUTE)"),
    ("", "DO $$ BEGIN EXECUTE format('DELETE %s t', 'FROM'); END $$;", "dynamic SQL (EXECUTE)"),
    ("", r"DO $$ BEGIN EXECUTE E'DR\x4fP TABLE t'; END $$;", "dynamic SQL (EXECUTE)"),
    ("", "DO $$ BEGIN EXECUTE 'DROP /* all */ TABLE t'; END $$;", "DROP TABLE"),
    ("", "DO $$ BEGIN DELETE/**/FROM t; END $$;", "DELETE FROM"),
    (
        "",
        "DO $$ BEGIN MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE; END $$;",
        "THEN DELETE",
    ),
    (
        "CREATE DOMAIN d AS text; ALTER TABLE t ALTER c TYPE d;",
        "DO $$ BEGIN DROP DOMAIN d CASCADE; END $$;",
        "DROP DOMAIN",
    ),
    ("", "DO $$ BEGIN UPDATE t SET c = ''; END $$;", "UPDATE in a DO block"),
    ("", "DO $$ BEGIN EXECUTE 'UPDATE t SET c = NULL'; END $$;", "UPDATE in a DO block"),
    # Functions, wherever they are called from.
    (EMPTIES, "ALTER TABLE u ADD b int DEFAULT f();", "DELETE FROM in f()"),
    (EMPTIES, "ALTER TABLE u ALTER a TYPE int USING f();", "DELETE FROM in f()"),
    (EMPTIES, "ALTER FUNCTION f() RENAME TO h; SELECT h();", "DELETE FROM in h()"),
    (
        EMPTIES + "CREATE FUNCTION h() RETURNS int LANGUAGE sql AS 'SELECT f()';",
        "SELECT h();",
        "DELETE FROM in f()",
    ),
    (EMPTIES.replace("f()", '"F f"()'), 'DO $$ BEGIN PERFORM "F f"(); END $$;', "DELETE FROM in F f()"),
    (EMPTIES + "CREATE VIEW v AS SELECT f();", "SELECT * FROM v;", 'DELETE FROM in a view of "v"'),
    # What writing a table, or to a view, makes others do.
    (
        FIRED + "CREATE TRIGGER x AFTER INSERT ON u FOR EACH ROW EXECUTE FUNCTION g();",
        "INSERT INTO u VALUES (2);",
        'TRUNCATE in x of "u"',
    ),
    (
        "CREATE RULE x AS ON UPDATE TO u DO ALSO DELETE FROM t;",
        "UPDATE u SET a = a + 1;",
        'DELETE FROM in x of "u"',
    ),
    ("", "SELECT lo_unlink(1);", "lo_unlink()"),
    # Names that mean another table.
    ("", "DO $$ BEGIN SET LOCAL search_path = a; END $$; DROP TABLE t;", "a search_path that is set in code"),
    (
        "",
        "SELECT set_config('search_path', lower('A'), true); DROP TABLE t;",
        "a search_path that is computed",
    ),
]  # fmt: skip

#: The same where the rows can be counted.
COUNTED = [
    (
        "",
        "UPDATE t SET id = id + 10;",
        'column "t"."id" (UPDATE, and up.sql does not restore it): 2 rows, such as \'id 1; id 2\'',
    ),
    ("", "CREATE TEMP TABLE t AS SELECT 1; DROP TABLE public.t;", 'table "t" (DROP TABLE): 2 rows'),
    ("", "CREATE TEMP TABLE t (id int); DROP TABLE t; DROP TABLE t;", 'table "t" (DROP TABLE): 2 rows'),
    (
        "CREATE SCHEMA a; ALTER TABLE t SET SCHEMA a; CREATE TABLE t (id int);",
        "SELECT set_config('search_path', 'a', true); DROP TABLE t;",
        'table "a"."t" (DROP TABLE): 2 rows',
    ),
    (
        "CREATE SCHEMA a; CREATE TABLE a.t (id int);",
        "SET search_path = a; RESET ALL; DROP TABLE t;",
        'table "t" (DROP TABLE): 2 rows',
    ),
    ("", "UPDATE t SET c = NULL;", "column \"t\".\"c\" (UPDATE): 2 rows, such as 'a'"),
    (
        "",
        "WITH n AS (UPDATE t SET c = NULL RETURNING 1) SELECT * FROM n;",
        "column \"t\".\"c\" (UPDATE): 2 rows, such as 'a'",
    ),
    (
        "",
        "INSERT INTO t VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET c = EXCLUDED.c;",
        "column \"t\".\"c\" (UPDATE): 2 rows, such as 'a'",
    ),
    (
        "",
        "MERGE INTO t USING u ON id = a WHEN MATCHED THEN UPDATE SET c = 'x';",
        "column \"t\".\"c\" (UPDATE): 2 rows, such as 'a'",
    ),
    ("", "UPDATE t SET c = 'a';", "column \"t\".\"c\" (UPDATE): 1 row, such as 'b'"),
    ("", "UPDATE t SET c = 'x' WHERE id = 1 -- one", "column \"t\".\"c\" (UPDATE): 1 row, such as 'a'"),
    (
        "",
        "ALTER TABLE t RENAME c TO d; UPDATE t SET d = 'x' WHERE d = 'b';",
        "column \"t\".\"c\" (UPDATE): 1 row, such as 'b'",
    ),
]  # fmt: skip

#: What holds rows, the rows, down.sql, and what is told of it.
ELSEWHERE = [
    (
        "",
        "CREATE TABLE by_hand (t int REFERENCES t, w text); INSERT INTO by_hand VALUES (NULL, 'x')",
        "TRUNCATE t CASCADE;",
        'tables that refer to "t" (TRUNCATE … CASCADE): 1 row',
    ),
    (
        "CREATE TABLE r (id int, x text); CREATE TABLE h (v r);",
        "INSERT INTO h VALUES (ROW(1, 'x'))",
        "ALTER TABLE r DROP x;",
        'attribute "r"."x" (DROP COLUMN): 1 row',
    ),
    (
        "CREATE TABLE r (id int); CREATE TABLE h (v r[]);",
        "INSERT INTO h VALUES (ARRAY[ROW(1)::r])",
        "DROP TABLE r CASCADE;",
        'column "h"."v" (DROP): 1 row',
    ),
    (
        "CREATE VIEW r AS SELECT 1 AS x; CREATE TABLE h (v r);",
        "INSERT INTO h VALUES (ROW(1))",
        "DROP VIEW r CASCADE;",
        'column "h"."v" (DROP): 1 row',
    ),
    (
        "CREATE TYPE r AS (x int); CREATE TABLE h OF r;",
        "INSERT INTO h VALUES (1)",
        "DROP TYPE r CASCADE;",
        'table "h" (DROP TYPE): 1 row',
    ),
    (
        "CREATE TYPE r AS RANGE (subtype = int); CREATE TABLE h (v r_multirange);",
        "INSERT INTO h VALUES ('{[1,2]}')",
        "DROP TYPE r CASCADE;",
        'type "r" (DROP TYPE), with all columns of it: 1 row',
    ),
    (
        "CREATE TABLE p (id int); CREATE TABLE h () INHERITS (p); CREATE TABLE h2 () INHERITS (p);",
        "INSERT INTO h VALUES (1); INSERT INTO h2 VALUES (1)",
        "ALTER TABLE h NO INHERIT p; DROP TABLE p CASCADE;",
        'table "p" (DROP TABLE): 1 row',
    ),
]  # fmt: skip

#: Tables whose children keep their rows: they are not asked about.
CHILDREN = [
    "ALTER TABLE ONLY p DROP c;",
    "DELETE FROM ONLY p;",
    "TRUNCATE ONLY p;",
    "ALTER TABLE h NO INHERIT p; DROP TABLE p;",
    "ALTER TABLE part DETACH PARTITION part_1; DROP TABLE part;",
]

HARMLESS = [
    "DO $$ BEGIN EXECUTE 'CREATE TABLE w (id int)'; END $$;",
    "DO $$ BEGIN EXECUTE format('ALTER TABLE %I ADD d int', 't'); END $$;",
    "DO $$ BEGIN EXECUTE format('GRANT SELECT ON %s TO %I', 't'::regclass, current_user); END $$;",
    "GRANT SELECT ON t TO PUBLIC; ALTER TABLE t DISABLE TRIGGER USER; INSERT INTO t VALUES (3);",
    "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; SELECT f();",
    "DROP TRIGGER x ON t; INSERT INTO t VALUES (3);",
    "UPDATE t SET c = trim(c) || '';",  # which changes no value that is there
    "UPDATE t SET id = 2 WHERE id = 2;",
    "UPDATE t SET c = 'x' WHERE c IS NULL AND id > 0;",
    "ALTER TABLE t ADD d text; UPDATE t SET d = c; DO $$ BEGIN UPDATE t SET d = ''; END $$;",
    "CREATE TEMP TABLE u (a int); INSERT INTO u VALUES (1); DELETE FROM u; DROP TABLE u;",
    "SELECT set_config('search_path', 'public', true);",
]


@pytest.mark.parametrize(("before", "down", "told"), LOSSES)
def test_what_only_running_it_can_tell_is_refused(dsn: str, before: str, down: str, told: str) -> None:
    expected = f"what {told} takes away: its rows can't be counted (only running it can tell)"
    assert expected in _refused(dsn, before, down)


@pytest.mark.parametrize(("before", "down", "told"), COUNTED)
def test_what_can_be_counted_is_refused(dsn: str, before: str, down: str, told: str) -> None:
    assert _refused(dsn, before, down) == [told]


@pytest.mark.parametrize(("before", "put", "down", "told"), ELSEWHERE)
def test_rows_that_go_with_something_else_are_counted(
    dsn: str, before: str, put: str, down: str, told: str
) -> None:
    package = manifest(migration(1, TABLES + before), migration(2, "SELECT 1;", down, version="2.0.0"))
    upgrade(dsn, package)
    execute(dsn, put)
    with pytest.raises(RefusedError) as refused:
        downgrade(dsn, package, "1.0.0")
    assert f"002_m2: {told}" in refused.value.details
    assert downgrade(dsn, package, "1.0.0", allow_data_loss=True) == ("002_m2",)


@pytest.mark.parametrize("down", CHILDREN)
def test_rows_of_children_that_stay_are_not_asked_about(dsn: str, down: str) -> None:
    tables = (
        "CREATE TABLE p (id int, c text); CREATE TABLE h () INHERITS (p);"
        "CREATE TABLE part (id int) PARTITION BY RANGE (id);"
        "CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) TO (9);"
    )
    package = manifest(migration(1, tables), migration(2, "SELECT 1;", down, version="2.0.0"))
    upgrade(dsn, package)
    execute(dsn, "INSERT INTO h VALUES (1, 'a'); INSERT INTO part VALUES (1)")
    assert downgrade(dsn, package, "1.0.0") == ("002_m2",)
    assert rows(dsn, "SELECT * FROM h, part_1") == [(1, "a", 1)]


@pytest.mark.parametrize("down", HARMLESS)
def test_what_takes_nothing_is_not_refused(dsn: str, down: str) -> None:
    trigger = "CREATE TRIGGER x AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION g();"
    package = manifest(
        migration(1, f"{TABLES} {EMPTIES} {FIRED} {trigger}"),
        migration(2, "SELECT 1;", down, version="2.0.0"),
    )
    upgrade(dsn, package)
    execute(dsn, "ALTER TABLE t DISABLE TRIGGER USER; INSERT INTO t VALUES (2, 'a')")
    assert downgrade(dsn, package, "1.0.0") == ("002_m2",)
    assert rows(dsn, "SELECT c FROM t ORDER BY id")[0] == ("a",)


def _refused(dsn: str, before: str, down: str) -> list[str]:
    """What the refusal tells; the rows are as they were, and go with permission."""
    package = manifest(migration(1, TABLES + before), migration(2, "SELECT 1;", down, version="2.0.0"))
    upgrade(dsn, package)
    table = "a.t" if "SET SCHEMA" in before else "t"
    execute(dsn, f"INSERT INTO {table} VALUES (1, 'a'), (2, 'b'); INSERT INTO u VALUES (1)")
    held = rows(dsn, f"SELECT * FROM {table}")
    with pytest.raises(RefusedError) as refused:
        downgrade(dsn, package, "1.0.0")
    assert rows(dsn, f"SELECT * FROM {table}") == held
    return [detail.removeprefix("002_m2: ") for detail in refused.value.details]
