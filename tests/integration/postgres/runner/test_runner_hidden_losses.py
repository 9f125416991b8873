"""Ways in which a down.sql takes rows away without a DROP or DELETE of them that stands in it."""

from __future__ import annotations

import pytest

from migrations.runner.errors import RefusedError

from .kit import downgrade, execute, manifest, migration, rows, upgrade

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

HARMLESS = [
    "DO $$ BEGIN EXECUTE 'CREATE TABLE w (id int)'; END $$;",
    "DO $$ BEGIN EXECUTE format('ALTER TABLE %I ADD d int', 't'); END $$;",
    "DO $$ BEGIN EXECUTE format('GRANT SELECT ON %s TO %I', 't'::regclass, current_user); END $$;",
    "GRANT SELECT ON t TO PUBLIC; ALTER TABLE t DISABLE TRIGGER USER; INSERT INTO t VALUES (3);",
    "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; SELECT f();",
    "DROP TRIGGER x ON t; INSERT INTO t VALUES (3);",
    "UPDATE t SET id = id + 1;",  # nothing is told of values that are made from the old ones
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
