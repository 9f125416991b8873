"""Before the first step of an upgrade the data is asked whether all of it will succeed."""

from __future__ import annotations

import psycopg
import pytest

from migrations.runner import commands
from migrations.runner.errors import RefusedError
from migrations.runner.options import Options, address

from ..kit import Heard, downgrade, execute, manifest, migration, objects, rows, upgrade

_T = 'CREATE TABLE "T" (id int PRIMARY KEY, a int NOT NULL); CREATE UNIQUE INDEX "T_a_key" ON "T" (a);'


def test_a_new_required_column_and_another_unique_where_there_are_rows(dsn: str) -> None:
    package = manifest(
        migration(1, _T),
        migration(
            2,
            'DROP INDEX "T_a_key";\n'
            'ALTER TABLE "T" ADD COLUMN "bId" int NOT NULL;\n'
            'CREATE UNIQUE INDEX CONCURRENTLY "T_a_bId_key" ON "T" (a, "bId");',
            version="2.0.0",
        ),
    )
    upgrade(dsn, package, to="1.0.0")
    execute(dsn, 'INSERT INTO "T" VALUES (1, 1), (2, 2)')
    before = objects(dsn)
    with pytest.raises(RefusedError) as refused:
        upgrade(dsn, package)
    assert refused.value.code == "rows-do-not-fit"
    assert refused.value.details == (
        '002_m2: column "T"."bId" is new and required, without a value for the rows that are there: '
        "2 rows, such as 'id 1; id 2'",
    )
    assert objects(dsn) == before
    execute(dsn, 'DELETE FROM "T"')
    assert upgrade(dsn, package) == ("002_m2",)


def test_a_rename_a_retype_and_a_unique_over_duplicates(dsn: str) -> None:
    package = manifest(
        migration(1, 'CREATE TABLE "T" (id int PRIMARY KEY, a text NOT NULL, b text);'),
        migration(
            2,
            'ALTER TABLE "T" RENAME COLUMN a TO name;\n'
            'ALTER TABLE "T" ALTER COLUMN b SET DATA TYPE int USING b::int;\n'
            'CREATE UNIQUE INDEX CONCURRENTLY "T_name_key" ON "T" (name);',
            version="2.0.0",
        ),
    )
    upgrade(dsn, package, to="1.0.0")
    execute(dsn, """INSERT INTO "T" VALUES (1, 'x', '1'), (2, 'x', 'no'), (3, 'y', NULL)""")
    before = objects(dsn)
    with pytest.raises(RefusedError) as refused:
        upgrade(dsn, package)
    assert refused.value.details == (
        '002_m2: column "T"."b" becomes integer, and has values that don\'t fit: '
        "1 row, such as 'invalid input syntax for type integer: \"no\"'",
        '002_m2: column "a" of "T" becomes unique, and several rows have the same: 2 rows, such as \'x\'',
    )
    assert "nothing was changed" in refused.value.message
    assert objects(dsn) == before
    found = commands.plan(package, address(dsn))
    assert found.blocked_by == refused.value.details
    execute(dsn, """UPDATE "T" SET a = id::text, b = '7'""")
    assert upgrade(dsn, package) == ("002_m2",)
    assert rows(dsn, 'SELECT name, b FROM "T" ORDER BY 1') == [("1", 7), ("2", 7), ("3", 7)]


_EVERYTHING = (
    "CREATE TABLE \"U\" (id int PRIMARY KEY, old int); CREATE TYPE kind AS ENUM ('a', 'b');"
    "CREATE TABLE t (id int, part text, n int, s text, k kind, l text[] NOT NULL, u int,"
    "PRIMARY KEY (id, part));",
    'ALTER TABLE "U" RENAME TO "V"; ALTER TABLE "V" RENAME old TO n; ALTER TABLE t RENAME n TO num;'
    'DELETE FROM "V" WHERE n = 0; ALTER TABLE "V" ALTER n SET NOT NULL;'
    "UPDATE t SET num = -num WHERE num > 10; ALTER TABLE t ADD CONSTRAINT positive CHECK (num > 0) NOT VALID;"
    "ALTER TABLE t VALIDATE CONSTRAINT positive;"
    "UPDATE t SET s = 'x' WHERE num = 1; ALTER TABLE t ALTER s SET NOT NULL;"
    "CREATE TYPE kind2 AS ENUM ('a'); ALTER TABLE t ALTER k TYPE kind2 USING k::text::kind2;"
    "ALTER TABLE t ALTER l TYPE text USING l[1];"
    'ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY (u) REFERENCES "V" (id);'
    "CREATE UNIQUE INDEX low ON t (lower(s)) WHERE num > 1; ALTER TABLE t ADD UNIQUE NULLS NOT DISTINCT (u);",
)


def test_every_demand_is_asked_about_at_once_as_the_script_will_have_changed_the_rows(dsn: str) -> None:
    package = manifest(migration(1, _EVERYTHING[0]), migration(2, _EVERYTHING[1], version="2.0.0"))
    upgrade(dsn, package, to="1.0.0")
    execute(
        dsn,
        """INSERT INTO "U" VALUES (1, 1), (2, 0), (3, NULL);
        INSERT INTO t VALUES (1, 'p', 1, NULL, 'a', '{x}', 1), (2, 'p', 2, 'A', 'b', '{}', 2),
          (3, 'p', 12, 'B', NULL, '{y,z}', NULL), (4, 'p', 4, 'a', 'a', '{w}', NULL),
          (5, 'q', 5, NULL, 'a', '{w}', 4)""",
    )
    before = objects(dsn)
    with pytest.raises(RefusedError) as refused:
        upgrade(dsn, package)
    assert [line.removeprefix("002_m2: ") for line in refused.value.details] == [
        'column "U"."old" becomes NOT NULL, and holds NULL: 1 row, such as \'id 3\'',
        'table "t" gets the constraint "positive", and has rows that break it: 1 row, '
        "such as 'id 3, part p'",
        'column "t"."s" becomes NOT NULL, and holds NULL: 1 row, such as \'id 5, part q\'',
        'column "t"."k" becomes kind2, and has values that don\'t fit: 1 row, such as \'id 2, part p\'',
        'column "t"."l" is NOT NULL, and would become NULL: 1 row, such as \'id 2, part p\'',
        'column "u" of "t" will refer to "U", which has no such row: 2 rows, '
        "such as 'id 2, part p; id 5, part q'",
        'the rows of "t" become unique by "low", and have duplicates: 2 rows, such as \'a\'',
        'column "u" of "t" becomes unique, and several rows have the same: 2 rows, such as \'NULL\'',
    ]
    assert objects(dsn) == before
    execute(
        dsn,
        """UPDATE "U" SET old = 1; INSERT INTO "U" VALUES (4, 7), (5, 8);
        UPDATE t SET n = least(n, 9), s = 's' || id, k = 'a', l = '{x}', u = id""",
    )
    assert upgrade(dsn, package) == ("002_m2",)
    assert rows(dsn, "SELECT s FROM t WHERE num = 1") == [("x",)]


def test_what_only_running_it_can_tell_is_told_and_runs(dsn: str) -> None:
    package = manifest(
        migration(1, "CREATE TABLE t (id int PRIMARY KEY, a int, b int, c int);"),
        migration(
            2,
            "DELETE FROM t x USING t y WHERE x.a = y.a AND x.id > y.id; CREATE UNIQUE INDEX t_a ON t (a);"
            "INSERT INTO t VALUES (9, 9, 9, 9); ALTER TABLE t ALTER b SET NOT NULL;",
            version="2.0.0",
        ),
        migration(
            3,
            "DO $$BEGIN UPDATE t SET c = id; END$$; ALTER TABLE t ALTER c SET NOT NULL;",
            version="2.0.0",
        ),
    )
    upgrade(dsn, package, to="1.0.0")
    execute(dsn, "INSERT INTO t VALUES (1, 1, 1, NULL), (2, 1, 1, NULL)")
    found = commands.plan(package, address(dsn))
    assert found.blocked_by == ()
    assert [line.partition(" (")[0] for line in found.unchecked] == [
        '002_m2: column "a" of "t" becomes unique, and several rows have the same',
        "002_m2: the unique key",
        "002_m2: the unique key",
        '002_m2: column "t"."b" becomes NOT NULL, and holds NULL',
    ]
    assert found.asked_later == ('003_m3: column "t"."c" becomes NOT NULL, and holds NULL',)
    heard = Heard()
    commands.upgrade(package, address(dsn), listener=heard)
    assert [(each["migration"], each["what"][:14]) for each in heard.of("not_checked")] == [
        ("002_m2", 'column "a" of '),
        ("002_m2", "the unique key"),
        ("002_m2", "the unique key"),
        ("002_m2", 'column "t"."b"'),
        ("003_m3", 'column "t"."c"'),
        ("003_m3", 'column "t"."c"'),
    ]
    assert rows(dsn, "SELECT * FROM t ORDER BY 1") == [(1, 1, 1, 1), (9, 9, 9, 9)]


def test_a_check_waits_for_migrations_that_change_its_table_and_an_empty_database_is_not_asked(
    dsn: str,
) -> None:
    package = manifest(
        migration(
            1, "CREATE TABLE t (id int PRIMARY KEY, a int); CREATE TABLE u (id int PRIMARY KEY, a int);"
        ),
        migration(
            2, "UPDATE t SET a = 0 WHERE a IS NULL AND id > 1; CREATE TABLE n (a int);", version="2.0.0"
        ),
        migration(
            3, "ALTER TABLE t ALTER a SET NOT NULL; ALTER TABLE n ALTER a SET NOT NULL;", version="2.0.0"
        ),
        migration(4, "ALTER TABLE u ALTER a SET NOT NULL;", version="2.0.0"),
    )
    upgrade(dsn, package, to="1.0.0")
    execute(dsn, "INSERT INTO t VALUES (1), (2); INSERT INTO u VALUES (1)")
    with pytest.raises(RefusedError, match="nothing was changed") as refused:
        upgrade(dsn, package)
    assert refused.value.details == (
        '004_m4: column "u"."a" becomes NOT NULL, and holds NULL: 1 row, such as \'id 1\'',
    )
    execute(dsn, "UPDATE u SET a = 1")
    with pytest.raises(RefusedError, match="the migrations before it are applied") as refused:
        upgrade(dsn, package)
    assert refused.value.details == (
        '003_m3: column "t"."a" becomes NOT NULL, and holds NULL: 1 row, such as \'id 1\'',
    )
    execute(dsn, "UPDATE t SET a = 1")
    assert upgrade(dsn, package) == ("003_m3", "004_m4")
    execute(dsn, "DROP SCHEMA schema_service CASCADE; DROP TABLE t, u, n")
    found = commands.plan(package, address(dsn))
    assert (found.blocked_by, found.unchecked, found.asked_later) == ((), (), ())


def test_names_that_are_taken_are_told_before_anything_is_done(dsn: str) -> None:
    package = manifest(
        migration(
            1,
            "CREATE TABLE t (id int PRIMARY KEY, a int); CREATE TABLE u (id int);"
            "CREATE TYPE old AS ENUM ('a');",
        ),
        migration(
            2,
            "DROP TABLE u; ALTER TABLE t RENAME TO u; CREATE TABLE t (a int);"
            "CREATE TABLE IF NOT EXISTS free (a int);"
            "DROP TYPE old; CREATE TYPE old AS ENUM ('b'); ALTER TABLE u DROP a, ADD a text;"
            "CREATE TABLE n (id int, CONSTRAINT n_pkey PRIMARY KEY (id)); CREATE INDEX i ON u (id);"
            "CREATE TYPE e AS ENUM ('x'); ALTER TABLE u ADD COLUMN c int, ADD CONSTRAINT k CHECK (c > 0);",
            version="2.0.0",
        ),
    )
    upgrade(dsn, package, to="1.0.0")
    execute(
        dsn,
        "CREATE TABLE free (a int); CREATE TABLE n (a int); CREATE SEQUENCE n_pkey; CREATE INDEX i ON t (id)",
    )
    execute(dsn, "CREATE TYPE e AS ENUM ('y'); ALTER TABLE t ADD COLUMN b int")
    before = objects(dsn)
    with pytest.raises(RefusedError) as refused:
        upgrade(dsn, package)
    assert refused.value.code == "name-taken"
    kind = "table, index, view or sequence"
    assert refused.value.details == (
        f'002_m2: there is a {kind} "n" already',
        f'002_m2: there is a {kind} "n_pkey" already',
        f'002_m2: there is a {kind} "i" already',
        '002_m2: there is a type "e" already',
    )
    assert objects(dsn) == before
    assert commands.plan(package, address(dsn)).blocked_by == refused.value.details
    execute(dsn, "DROP TABLE n; DROP SEQUENCE n_pkey; DROP INDEX i; DROP TYPE e; ALTER TABLE t DROP b")
    assert upgrade(dsn, package) == ("002_m2",)


def test_names_of_code_and_of_parts_of_tables_are_told_before_anything_is_done(dsn: str) -> None:
    function = "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
    trigger = "CREATE TRIGGER {0} BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f()"
    package = manifest(
        migration(
            1,
            "CREATE TABLE t (id int PRIMARY KEY, a int CONSTRAINT k CHECK (a > 0));"
            f"CREATE TYPE e AS ENUM ('a'); {function}; {trigger.format('kept')}; CREATE POLICY kept ON t;",
        ),
        migration(
            2,
            f"DROP TRIGGER kept ON t; {trigger.format('kept')};"
            "DROP POLICY kept ON t; CREATE POLICY kept ON t;"
            f"DROP FUNCTION f CASCADE; {function};",
            version="2.0.0",
        ),
        migration(
            3,
            f"{trigger.format('kept')}; {trigger.format('g')}; CREATE POLICY p ON t;"
            "CREATE RULE r AS ON DELETE TO t DO ALSO NOTHING; ALTER TYPE e ADD VALUE 'b';"
            "CREATE FUNCTION h(a int, b text) RETURNS int LANGUAGE sql AS 'SELECT 1';"
            "CREATE FUNCTION h(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';"
            "ALTER TABLE t RENAME CONSTRAINT k TO l; CREATE TYPE c AS (a int);",
            version="3.0.0",
        ),
    )
    upgrade(dsn, package, to="2.0.0")
    execute(
        dsn, f"{trigger.format('g')}; CREATE POLICY p ON t; CREATE RULE r AS ON DELETE TO t DO ALSO NOTHING"
    )
    execute(dsn, "ALTER TYPE e ADD VALUE 'b'; CREATE TYPE c AS ENUM ('x')")
    execute(dsn, "CREATE FUNCTION h(int, text) RETURNS int LANGUAGE sql AS 'SELECT 1'")
    execute(dsn, "ALTER TABLE t ADD CONSTRAINT l CHECK (a < 9)")
    before = objects(dsn)
    with pytest.raises(RefusedError) as refused:
        upgrade(dsn, package)
    assert [line.removeprefix("003_m3: there is a") for line in refused.value.details] == [
        ' trigger "t"."g" already',
        ' policy "t"."p" already',
        ' rule "t"."r" already',
        ' value of an enum "e"."b" already',
        ' function "h"(integer, text) already',
        ' constraint "t"."l" already',
        ' type "c" already',
    ]
    assert objects(dsn) == before
    execute(dsn, "DROP TRIGGER g ON t; DROP POLICY p ON t; DROP RULE r ON t; DROP TYPE e; DROP TYPE c")
    execute(dsn, "CREATE TYPE e AS ENUM ('a'); DROP FUNCTION h; ALTER TABLE t DROP CONSTRAINT l")
    assert upgrade(dsn, package) == ("003_m3",)
    execute(dsn, "DROP SCHEMA schema_service CASCADE; DROP TABLE t; DROP TYPE e, c; DROP FUNCTION f, h(int)")
    execute(dsn, "DROP FUNCTION h")
    assert upgrade(dsn, package) == ("001_m1", "002_m2", "003_m3")


def test_names_that_a_downgrade_gives_are_told_before_anything_is_done(dsn: str) -> None:
    package = manifest(
        migration(1, "CREATE TABLE t (a int); CREATE TABLE u (a int, k int);"),
        migration(
            2,
            "DROP TABLE t; ALTER TABLE u DROP k;",
            "CREATE TABLE t (a int); ALTER TABLE u ADD k int;",
            version="2.0.0",
        ),
        migration(
            3,
            "CREATE TABLE v (a int);",
            "DROP TABLE v; DROP TABLE IF EXISTS t;",
            version="3.0.0",
        ),
    )
    upgrade(dsn, package, to="2.0.0")
    execute(dsn, "CREATE TABLE t (b int); ALTER TABLE u ADD k text")
    with pytest.raises(RefusedError, match="a name that the older version creates") as refused:
        downgrade(dsn, package, to="1.0.0")
    assert refused.value.code == "name-taken"
    assert refused.value.details == (
        '002_m2: there is a table, index, view or sequence "t" already',
        '002_m2: there is a column "u"."k" already',
    )
    execute(dsn, "ALTER TABLE u DROP k")
    upgrade(dsn, package)
    assert downgrade(dsn, package, to="1.0.0", allow_data_loss=True) == ("003_m3", "002_m2")


def test_a_downgrade_asks_about_keys_and_constraints_that_come_again(dsn: str) -> None:
    package = manifest(
        migration(
            1,
            "CREATE TABLE u (id int PRIMARY KEY);"
            "CREATE TABLE t (id int, a int CONSTRAINT t_a UNIQUE, u int CONSTRAINT t_u REFERENCES u,"
            "l text NOT NULL,"
            "CONSTRAINT t_key PRIMARY KEY (id), CONSTRAINT t_c CHECK (a < 5), kept int NOT NULL);",
        ),
        migration(
            2,
            "ALTER TABLE t DROP CONSTRAINT t_a, DROP CONSTRAINT t_u, DROP CONSTRAINT t_key;"
            "ALTER TABLE t DROP CONSTRAINT t_c;"
            "ALTER TABLE t ALTER l TYPE text[] USING ARRAY[l]; ALTER TABLE t RENAME a TO b;",
            "ALTER TABLE t ADD COLUMN IF NOT EXISTS kept int NOT NULL; ALTER TABLE t RENAME b TO a;"
            "ALTER TABLE t ALTER l TYPE text USING l[1];"
            "ALTER TABLE t ADD CONSTRAINT t_a UNIQUE (a);"
            "ALTER TABLE t ADD CONSTRAINT t_u FOREIGN KEY (u) REFERENCES u (id),"
            "ADD CONSTRAINT t_key PRIMARY KEY (id), ADD CONSTRAINT t_c CHECK (a < 5);",
            version="2.0.0",
        ),
    )
    upgrade(dsn, package)
    execute(dsn, "INSERT INTO t VALUES (1, 1, 1, '{x}', 1), (1, 1, NULL, '{}', 1), (2, 7, NULL, '{x}', 1)")
    before = objects(dsn)
    with pytest.raises(RefusedError) as refused:
        downgrade(dsn, package, to="1.0.0", allow_data_loss=True)
    assert refused.value.code == "in-use"
    assert [line.removeprefix("002_m2: ") for line in refused.value.details] == [
        'column "t"."l" is NOT NULL, and would become NULL: 1 row',
        'column "b" of "t" becomes unique, and several rows have the same: 2 rows, such as \'1\'',
        'column "u" of "t" will refer to "u", which has no such row: 1 row',
        'column "id" of "t" becomes unique, and several rows have the same: 2 rows, such as \'1\'',
        'table "t" gets the constraint "t_c", and has rows that break it: 1 row',
    ]
    assert objects(dsn) == before
    execute(dsn, "DELETE FROM t WHERE l = '{}' OR id = 2; INSERT INTO u VALUES (1)")
    assert downgrade(dsn, package, to="1.0.0") == ("002_m2",)


def test_values_that_move_to_another_type_by_an_update_are_asked_about_both_ways(dsn: str) -> None:
    moved = (
        "ALTER TABLE t ADD COLUMN new {0}; UPDATE t SET new = k::text::{0}, n = nullif(n, 7) WHERE id > 0;"
        "ALTER TABLE t DROP k; ALTER TABLE t RENAME new TO k;"
    )
    package = manifest(
        migration(
            1,
            "CREATE TYPE one AS ENUM ('a', 'b'); CREATE TYPE two AS ENUM ('a', 'c');"
            "CREATE TABLE t (id int PRIMARY KEY, k one, n int NOT NULL);",
        ),
        migration(2, moved.format("two"), moved.format("one"), version="2.0.0"),
    )
    upgrade(dsn, package, to="1.0.0")
    execute(dsn, "INSERT INTO t VALUES (-1, 'b', 7), (1, 'a', 7), (2, 'b', 1)")
    with pytest.raises(RefusedError, match="rows that are there don't fit") as refused:
        upgrade(dsn, package)
    null = '002_m2: column "t"."n" is NOT NULL, and would be set to NULL: 1 row, such as \'id 1\''
    told = '002_m2: column "t"."new" gets values that its type refuses: 1 row, such as '
    assert refused.value.details == (f"""{told}'invalid input value for enum two: "b"'""", null)
    execute(dsn, "UPDATE t SET k = 'a', n = 1 WHERE id > 0")
    assert upgrade(dsn, package) == ("002_m2",)
    execute(dsn, "UPDATE t SET k = 'c' WHERE id = 1")
    with pytest.raises(RefusedError) as refused:
        downgrade(dsn, package, to="1.0.0", allow_data_loss=True)
    assert refused.value.code == "in-use"
    assert refused.value.details == (f"""{told}'invalid input value for enum one: "c"'""",)


def test_a_check_of_an_upgrade_that_takes_too_long_is_told(dsn: str) -> None:
    package = manifest(
        migration(1, "CREATE TABLE t (a int);"),
        migration(2, "ALTER TABLE t ALTER a SET NOT NULL;", version="2.0.0"),
    )
    upgrade(dsn, package, to="1.0.0")
    with psycopg.connect(dsn) as other:
        other.execute("LOCK TABLE t")
        found = commands.plan(package, address(dsn), options=Options(check_timeout=0.2))
    told = '002_m2: column "t"."a" becomes NOT NULL, and holds NULL (no answer within 0.2 s)'
    assert (found.blocked_by, found.unchecked) == ((), (told,))


def test_columns_that_are_computed_are_asked_about(dsn: str) -> None:
    package = manifest(
        migration(
            1,
            "CREATE TABLE t (id int PRIMARY KEY, a text, b text);",
        ),
        migration(
            2,
            "ALTER TABLE t ADD g text GENERATED ALWAYS AS (lower(a)) STORED NOT NULL;"
            "ALTER TABLE t ADD n int GENERATED ALWAYS AS (b::int) STORED;",
            version="2.0.0",
        ),
    )
    upgrade(dsn, package, to="1.0.0")
    execute(dsn, "INSERT INTO t VALUES (1, NULL, 'x'), (2, 'y', 'X')")
    with pytest.raises(RefusedError) as refused:
        upgrade(dsn, package)
    assert [line.removeprefix("002_m2: ") for line in refused.value.details] == [
        'column "t"."g" is computed and NOT NULL, and would be NULL: 1 row, such as \'id 1\'',
        'column "t"."n" is computed, and its expression refuses what rows have: 1 row, such as '
        """'invalid input syntax for type integer: "x"'""",
    ]
    execute(dsn, "UPDATE t SET a = 'z', b = id")
    assert upgrade(dsn, package) == ("002_m2",)


def test_a_table_that_an_earlier_migration_renamed_is_asked_about_when_its_turn_comes(dsn: str) -> None:
    package = manifest(
        migration(1, "CREATE TABLE t (id int PRIMARY KEY, a text);"),
        migration(2, "ALTER TABLE t RENAME TO s; CREATE TABLE n (a int);", version="2.0.0"),
        migration(3, "ALTER TABLE n RENAME TO m; ALTER TABLE s RENAME a TO b;", version="2.0.0"),
        migration(
            4,
            "ALTER TABLE m ALTER a SET NOT NULL; DROP TABLE m; CREATE UNIQUE INDEX CONCURRENTLY i ON s (b);",
            version="2.0.0",
        ),
    )
    upgrade(dsn, package, to="1.0.0")
    execute(dsn, "INSERT INTO t VALUES (1, 'x'), (2, 'x')")
    what = 'column "b" of "s" becomes unique, and several rows have the same'
    assert commands.plan(package, address(dsn)).asked_later == (f"004_m4: {what}",)
    with pytest.raises(RefusedError, match="the migrations before it are applied") as refused:
        upgrade(dsn, package)
    assert refused.value.details == (f"004_m4: {what}: 2 rows, such as 'x'",)
    execute(dsn, "DELETE FROM s WHERE id = 2")
    assert upgrade(dsn, package) == ("004_m4",)


def test_keys_that_are_there_already_are_asked_about_where_their_values_change(dsn: str) -> None:
    package = manifest(
        migration(
            1,
            "CREATE TABLE t (id int PRIMARY KEY, a text UNIQUE, b text, c text, d text,"
            "UNIQUE (d) DEFERRABLE INITIALLY DEFERRED);"
            "CREATE UNIQUE INDEX t_b ON t (b, c); CREATE UNIQUE INDEX t_c ON t (lower(c)) WHERE id > 9;",
        ),
        migration(
            2,
            "UPDATE t SET a = lower(a); ALTER TABLE t ALTER b TYPE int USING b::int;"
            "UPDATE t SET c = 'x', d = 'x'; UPDATE t SET d = id;",
            version="2.0.0",
        ),
    )
    upgrade(dsn, package, to="1.0.0")
    execute(
        dsn, "INSERT INTO t VALUES (1, 'a', '1', 'x', 1), (2, 'A', '01', 'y', 2), (3, NULL, NULL, 'x', 3)"
    )
    with pytest.raises(RefusedError) as refused:
        upgrade(dsn, package)
    assert [line.removeprefix("002_m2: ") for line in refused.value.details] == [
        'the unique key ("a") of "t" would get the same values twice: 2 rows, such as \'a\'',
        'the unique key ("b", "c") of "t" would get the same values twice: 2 rows, such as \'1, x\'',
    ]
    execute(dsn, "UPDATE t SET a = id, b = 2 WHERE id = 2")
    assert upgrade(dsn, package) == ("002_m2",)
