"""Rows that break a rule which is there already, or one that comes with a partition, a domain or a collation:
refused before the first step, with counts and keys; once they are corrected, the same upgrade runs."""

from __future__ import annotations

import pytest

from migrations.runner import commands
from migrations.runner.errors import RefusedError
from migrations.runner.options import address

from ...databases import EmptyDatabases
from ..kit import Heard, execute, manifest, migration, objects, rows, upgrade

_T = "CREATE TABLE t (id int PRIMARY KEY, a int, b text);"
_FAMILY = (
    "CREATE TABLE p (id int PRIMARY KEY, k int UNIQUE);"
    "CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p, k int CONSTRAINT c_k REFERENCES p (k));"
)
_DIVIDED = (
    "CREATE TABLE m (id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);"
    "CREATE TABLE old (id int NOT NULL, day date NOT NULL);"
)
_CI = "CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);"

# What was there, its rows, the script, what is told (from the table's name on), and what corrects the rows.
_CASES = {
    "an update under a check": (
        "CREATE TABLE t (id int PRIMARY KEY, a int CHECK (a < 10), b int, CONSTRAINT k CHECK (a > b));",
        "INSERT INTO t VALUES (1, 1, 0), (2, 7, 0), (3, 9, 8)",
        "UPDATE t SET a = a + 5 WHERE id < 3; UPDATE t SET b = a;",
        [
            'the rows of "t" would break the constraint "t_a_check": 1 row, such as \'id 2\'',
            'the rows of "t" would break the constraint "k": 3 rows, such as \'id 1; id 2; id 3\'',
        ],
        "DELETE FROM t",
    ),
    "an update under an index whose name Postgres chose": (
        "CREATE TABLE t (id int PRIMARY KEY, a text); CREATE UNIQUE INDEX ON t (lower(a));",
        "INSERT INTO t VALUES (1, 'x'), (2, 'y')",
        "UPDATE t SET a = 'Z';",
        ['the unique index "t_lower_idx" of "t" would get the same values twice: 2 rows, such as \'z\''],
        "DELETE FROM t WHERE id = 1",
    ),
    "a column of a domain whose schema was renamed": (
        _T + "CREATE SCHEMA s; CREATE DOMAIN s.d AS int CHECK (VALUE > 0); ALTER SCHEMA s RENAME TO z;",
        "INSERT INTO t VALUES (1, 1)",
        "ALTER TABLE t ADD c z.d DEFAULT -1;",
        [
            'column "t"."c" is new, and its domain "z"."d" refuses what the rows get: 1 row, such as '
            "'value for domain z.d violates check constraint \"d_check\"'"
        ],
        "DELETE FROM t",
    ),
    "a new type under a check": (
        "CREATE TABLE t (id int PRIMARY KEY, a numeric, CONSTRAINT k CHECK (a > 0));",
        "INSERT INTO t VALUES (1, 0.4), (2, 7)",
        "ALTER TABLE t ALTER a TYPE int;",
        ['the rows of "t" would break the constraint "k": 1 row, such as \'id 1\''],
        "UPDATE t SET a = 1",
    ),
    "an update under a foreign key": (
        _FAMILY,
        "INSERT INTO p VALUES (1, 1), (2, 2); INSERT INTO c VALUES (1, 1, 1), (2, 2, 2)",
        "UPDATE c SET p = p + 1, k = NULL;",
        ['column "p" of "c" will refer to "p", which has no such row: 1 row, such as \'id 2\''],
        "INSERT INTO p VALUES (3, 3)",
    ),
    "a key that others refer to is updated": (
        _FAMILY,
        "INSERT INTO p VALUES (1, 1), (2, 2); INSERT INTO c VALUES (1, 1, NULL), (2, NULL, 2)",
        "UPDATE p SET k = k + 10;",
        ['column "k" of "c" refers to rows of "p" that are changed: 1 row, such as \'id 2\''],
        "UPDATE c SET k = NULL",
    ),
    "rows that others refer to are deleted": (
        _FAMILY,
        "INSERT INTO p VALUES (1, 1), (2, 2), (3, 3); INSERT INTO c VALUES (1, 1, NULL), (2, 3, 2)",
        "DELETE FROM c WHERE id = 1; DELETE FROM p WHERE id < 3;",
        ['column "k" of "c" refers to rows of "p" that are deleted: 1 row, such as \'id 2\''],
        "UPDATE c SET k = 3",
    ),
    "all rows are deleted": (
        _FAMILY,
        "INSERT INTO p VALUES (1, 1); INSERT INTO c VALUES (1, 1, NULL)",
        "DELETE FROM p;",
        ['column "p" of "c" refers to rows of "p" that are deleted: 1 row, such as \'id 1\''],
        "DELETE FROM c",
    ),
    "a required reference is set to NULL": (
        "CREATE TABLE p (id int PRIMARY KEY);"
        "CREATE TABLE c (id int PRIMARY KEY, p int NOT NULL REFERENCES p ON DELETE SET NULL);",
        "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1)",
        "DELETE FROM p WHERE id = 1;",
        [
            'column "p" of "c" refers to rows of "p" that are deleted, and is NOT NULL: 1 row, '
            "such as 'id 1'"
        ],
        "DELETE FROM c",
    ),
    "inserted rows have keys that are there": (
        "CREATE TABLE t (id int PRIMARY KEY, a text UNIQUE);",
        "INSERT INTO t VALUES (1, 'x'), (2, 'y')",
        "INSERT INTO t VALUES (2, 'z'), (3, 'x'); INSERT INTO t VALUES (4, DEFAULT);",
        [
            'the unique key ("id") of "t" would get the same values twice: 2 rows, such as \'2\'',
            'the unique key ("a") of "t" would get the same values twice: 2 rows, such as \'x\'',
        ],
        "DELETE FROM t",
    ),
    "inserted rows refer to none": (
        _FAMILY,
        "INSERT INTO p VALUES (2, 2)",
        "INSERT INTO c (p, id) VALUES (1, 1), (2, 2);",
        ['column "p" of "c" will refer to "p", which has no such row: 1 row, such as \'id 1\''],
        "INSERT INTO p VALUES (1, 1)",
    ),
    "rows that the script inserts are among those that become unique": (
        "CREATE TABLE t (id serial PRIMARY KEY, a text, b int);",
        "INSERT INTO t (a) VALUES ('x')",
        "INSERT INTO t (a, b) VALUES ('x', 1), ('y', 2); ALTER TABLE t ADD UNIQUE (a);"
        "ALTER TABLE t ALTER b SET NOT NULL;",
        [
            'column "a" of "t" becomes unique, and several rows have the same: 2 rows, such as \'x\'',
            'column "t"."b" becomes NOT NULL, and holds NULL: 1 row, such as \'id 1\'',
        ],
        "DELETE FROM t",
    ),
    "a new table is filled from others": (
        _T,
        "INSERT INTO t VALUES (1, 1, 'x'), (2, 1, NULL), (3, 2, '7')",
        "CREATE TABLE n (a int, b int NOT NULL); INSERT INTO n (a, b) SELECT a, b::int FROM t;"
        "CREATE UNIQUE INDEX n_a ON n (a);",
        [
            'the rows that the script inserts into "n" have values that a column refuses: 1 row, '
            "such as 'invalid input syntax for type integer: \"x\"'",
            'column "a" of "n" becomes unique, and several rows have the same: 2 rows, such as \'1\'',
        ],
        "DELETE FROM t WHERE id < 3",
    ),
    "a new table gets NULL and duplicates": (
        _T,
        "INSERT INTO t VALUES (1, 1, 'x'), (2, 1, NULL)",
        "CREATE TABLE n (a int, b text NOT NULL); INSERT INTO n (a, b) SELECT a, b FROM t;"
        "CREATE UNIQUE INDEX n_a ON n (a);",
        [
            'the rows that the script inserts into "n" have NULL in "b": 1 row',
            'column "a" of "n" becomes unique, and several rows have the same: 2 rows, such as \'1\'',
        ],
        "DELETE FROM t WHERE id = 2",
    ),
    "a unique index by an expression": (
        "CREATE TABLE t (id int PRIMARY KEY, a text); CREATE UNIQUE INDEX low ON t (lower(a)) WHERE id > 0;",
        "INSERT INTO t VALUES (1, 'x '), (2, 'X')",
        "UPDATE t SET a = trim(a);",
        ['the unique index "low" of "t" would get the same values twice: 2 rows, such as \'x\''],
        "DELETE FROM t WHERE id = 2",
    ),
    "a partition is attached": (
        _DIVIDED,
        "INSERT INTO old VALUES (1, '2024-01-01'), (2, '2025-01-01'), (2, '2024-12-31'), (2, '2024-12-31')",
        "ALTER TABLE m ATTACH PARTITION old FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');",
        [
            'table "old" becomes a partition, and has rows outside its bounds: 1 row',
            'columns "id", "day" of "old" become unique, and several rows have the same: 2 rows, '
            "such as '2, 2024-12-31'",
        ],
        "DELETE FROM old WHERE id = 2",
    ),
    "the default partition has rows of a new one": (
        _DIVIDED + "CREATE TABLE rest PARTITION OF m DEFAULT;",
        "INSERT INTO m VALUES (1, '2024-01-01'), (2, '2023-12-31'), (3, '2026-01-01')",
        "CREATE TABLE y24 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');"
        "ALTER TABLE m ATTACH PARTITION old FOR VALUES FROM ('2025-01-01') TO (MAXVALUE);",
        [
            'the default partition "rest" has rows of the new one "y24": 1 row',
            'the default partition "rest" has rows of the new one "old": 1 row',
        ],
        "DELETE FROM m WHERE id <> 2",
    ),
    "a default partition is attached": (
        "CREATE TABLE m (id int PRIMARY KEY, k int) PARTITION BY HASH (id);"
        "CREATE TABLE l (k text, id int) PARTITION BY LIST (k);"
        "CREATE TABLE la PARTITION OF l FOR VALUES IN ('a', NULL); CREATE TABLE d (k text, id int);"
        "CREATE TABLE h (id int NOT NULL, k int);",
        "INSERT INTO d VALUES ('a', 1), (NULL, 2), ('b', 3); "
        "INSERT INTO h SELECT n FROM generate_series(1, 9) n",
        "ALTER TABLE l ATTACH PARTITION d DEFAULT;"
        "ALTER TABLE m ATTACH PARTITION h FOR VALUES WITH (MODULUS 2, REMAINDER 0);",
        [
            'table "d" becomes a partition, and has rows outside its bounds: 2 rows',
            'table "h" becomes a partition, and has rows outside its bounds: 7 rows',
        ],
        "DELETE FROM d WHERE id < 3; DELETE FROM h",
    ),
    "lists of a shorter type": (
        "CREATE TABLE t (id int PRIMARY KEY, a text[], b bit(3), n numeric(6,2)[], v varbit);",
        "INSERT INTO t VALUES (1, '{abc,abcd}', '101', '{1,1234.5}', '1'), "
        "(2, '{\"abc  \"}', NULL, '{1}', '101')",
        "ALTER TABLE t ALTER a TYPE varchar(3)[]; ALTER TABLE t ALTER b TYPE bit(2);"
        "ALTER TABLE t ALTER n TYPE numeric(5,2)[]; ALTER TABLE t ALTER v TYPE varbit(2);",
        [
            'column "t"."a" becomes varchar(3)[], and has values that don\'t fit: 1 row, such as \'id 1\'',
            'column "t"."b" becomes bit(2), and has values that don\'t fit: 1 row, such as \'id 1\'',
            'column "t"."n" becomes numeric(5, 2)[], and has values that don\'t fit: 1 row, '
            "such as 'numeric field overflow'",
            'column "t"."v" becomes varbit(2), and has values that don\'t fit: 1 row, such as \'id 2\'',
        ],
        "UPDATE t SET a = NULL, b = NULL, n = NULL, v = NULL",
    ),
    "an update gives values that are too long or too large": (
        "CREATE TABLE t (id int PRIMARY KEY, a text, v varchar(3), n bigint, i int);",
        "INSERT INTO t VALUES (1, 'abcd', NULL, 1), (2, 'abc ', NULL, 10000000000)",
        "UPDATE t SET v = a; UPDATE t SET i = n WHERE id > 1;",
        [
            'column "t"."v" gets values that are too long: 1 row, such as \'id 1\'',
            'column "t"."i" gets values that its type refuses: 1 row, such as \'integer out of range\'',
        ],
        "DELETE FROM t",
    ),
    "a domain gets rules": (
        "CREATE DOMAIN d AS int; CREATE DOMAIN e AS d; CREATE TABLE t (id int PRIMARY KEY, a d, b e);"
        "CREATE DOMAIN f AS text; CREATE TABLE u (id int PRIMARY KEY, a f);"
        "ALTER DOMAIN f ADD CONSTRAINT w CHECK (VALUE <> '') NOT VALID;",
        "INSERT INTO t VALUES (1, 1, NULL), (2, -1, 1), (3, NULL, -2); INSERT INTO u VALUES (1, 'x')",
        "ALTER DOMAIN d ADD CONSTRAINT k CHECK (VALUE > 0); ALTER DOMAIN d SET NOT NULL;"
        "ALTER DOMAIN f VALIDATE CONSTRAINT w;",
        [
            'column "t"."a" under the constraint "k" of the domain "d": 1 row, such as \'id 2\'',
            'column "t"."b" under the constraint "k" of the domain "d": 1 row, such as \'id 3\'',
            'column "t"."a" under NOT NULL of the domain "d": 1 row, such as \'id 3\'',
            'column "t"."b" under NOT NULL of the domain "d": 1 row, such as \'id 1\'',
        ],
        "UPDATE t SET a = 1, b = 1",
    ),
    "columns of a domain": (
        "CREATE DOMAIN d AS int CHECK (VALUE > 0); CREATE DOMAIN r AS int NOT NULL;" + _T,
        "INSERT INTO t VALUES (1, 1, 'x'), (2, -1, 'y')",
        "ALTER TABLE t ADD n r; ALTER TABLE t ADD m d DEFAULT -3; ALTER TABLE t ALTER a TYPE d;",
        [
            'column "t"."n" is new, and its domain "r" refuses what the rows get: 2 rows, '
            "such as 'id 1; id 2'",
            'column "t"."m" is new, and its domain "d" refuses what the rows get: 1 row, such as '
            "'value for domain d violates check constraint \"d_check\"'",
            'column "t"."a" becomes d, and has values that don\'t fit: 1 row, such as '
            "'value for domain d violates check constraint \"d_check\"'",
        ],
        "DELETE FROM t",
    ),
    "values come from a table that is empty": (
        _T + "CREATE TABLE s (id int, v int);",
        "INSERT INTO t VALUES (1, NULL, 'x')",
        "UPDATE t SET a = s.v FROM s WHERE s.id = t.id; ALTER TABLE t ALTER a SET NOT NULL;"
        "UPDATE t SET b = NULL; UPDATE t SET b = 'y' FROM s; ALTER TABLE t ALTER b SET NOT NULL;",
        [
            'column "t"."a" becomes NOT NULL, and holds NULL: 1 row, such as \'id 1\'',
            'column "t"."b" becomes NOT NULL, and holds NULL: 1 row, such as \'id 1\'',
        ],
        "INSERT INTO s VALUES (1, 5)",
    ),
    "an index computes from rows that its transaction has deleted": (
        "CREATE TABLE t (id int PRIMARY KEY, b text);",
        "INSERT INTO t VALUES (1, 'x'), (2, '5')",
        "DELETE FROM t WHERE id = 1; CREATE INDEX i ON t ((b::int));",
        [
            'the index "i" of "t" can\'t be computed from what rows have, also of rows that its transaction '
            "deletes: 1 row, such as 'invalid input syntax for type integer: \"x\"'",
        ],
        "UPDATE t SET b = '7' WHERE id = 1",
    ),
    "keys move row by row": (
        "CREATE TABLE t (id serial PRIMARY KEY, a int CONSTRAINT k UNIQUE DEFERRABLE, b int, UNIQUE (b, a));",
        "INSERT INTO t VALUES (1, 1, 1), (2, 2, 1), (5, 3, 1)",
        "UPDATE t SET id = id + 1; UPDATE t SET a = a + 1;",
        [
            'the unique key ("id") of "t" would get, row by row, values that other rows still have (one that '
            "is DEFERRABLE is asked at the end of the statement): 1 row, such as '1'",
        ],
        "DELETE FROM t WHERE id < 3",
    ),
    "a sequence is behind its rows": (
        "CREATE TABLE t (id serial PRIMARY KEY, a text);"
        "CREATE TABLE u (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, a text);",
        "INSERT INTO t VALUES (1, 'x'), (2, 'y'), (7, 'z'); INSERT INTO u VALUES (5, 'x'); "
        "ALTER TABLE u ALTER id RESTART WITH 4",
        "INSERT INTO t (a) VALUES ('a'), ('b'), ('c'); INSERT INTO u (a) VALUES ('x'), ('y');",
        [
            'the sequence of "t"."id" gives values that rows have (setval puts it right): 2 rows, '
            "such as '1; 2'",
            'the sequence of "u"."id" gives values that rows have (setval puts it right): 1 row, '
            "such as '5'",
        ],
        "SELECT setval('t_id_seq', 7); ALTER TABLE u ALTER id RESTART WITH 6",
    ),
    "rows have no partition": (
        "CREATE TABLE m (k int, n int) PARTITION BY RANGE (k); CREATE TABLE s (id int PRIMARY KEY, k int);"
        "CREATE TABLE m1 PARTITION OF m FOR VALUES FROM (0) TO (10) PARTITION BY LIST (n);"
        'CREATE TABLE m11 PARTITION OF m1 FOR VALUES IN (1); CREATE TABLE "m 2" PARTITION OF m '
        "FOR VALUES FROM (20) TO (30);",
        "INSERT INTO s VALUES (1, 5), (2, 15), (3, 25), (4, NULL)",
        "INSERT INTO m (k, n) SELECT k, 1 FROM s;",
        ['the rows that the script inserts into "m" fit none of its partitions: 2 rows'],
        "DELETE FROM s WHERE id = 4; UPDATE s SET k = 6 WHERE id = 2",
    ),
    "a materialized view gets duplicates": (
        f"{_T} CREATE MATERIALIZED VIEW v AS SELECT a, b FROM t; CREATE UNIQUE INDEX ON v (a);",
        "INSERT INTO t VALUES (1, 1, 'x'), (2, 1, 'y'), (3, NULL, 'y'), (4, NULL, 'y')",
        "REFRESH MATERIALIZED VIEW v;",
        ['the materialized view "v" gets rows that its unique index ("a") refuses: 1 row'],
        "UPDATE t SET a = 2 WHERE id = 2",
    ),
    "a materialized view has duplicates": (
        f"{_T} CREATE MATERIALIZED VIEW v AS SELECT a, b FROM t;",
        "INSERT INTO t VALUES (1, 1, 'x'), (2, 1, 'y'); REFRESH MATERIALIZED VIEW v",
        "CREATE UNIQUE INDEX ON v (a);",
        ['the materialized view "v" becomes unique by "a", and has duplicates: 2 rows, such as \'1\''],
        "UPDATE t SET a = 2 WHERE id = 2; REFRESH MATERIALIZED VIEW v",
    ),
    "rows exclude one another": (
        "CREATE TABLE t (id int PRIMARY KEY, r int4range, on_ boolean);",
        "INSERT INTO t VALUES (1, '[1,5)', true), (2, '[4,7)', true), (3, '[5,6)', false), (4, NULL, true)",
        "ALTER TABLE t ADD CONSTRAINT x EXCLUDE USING gist (r WITH &&) WHERE (on_);",
        [
            'the rows of "t" under the new exclusion constraint "x" are in conflict: 2 rows, '
            "such as 'id 1; id 2'",
        ],
        "DELETE FROM t WHERE id = 2",
    ),
    "a key without overlaps": (
        "CREATE TABLE t (id int PRIMARY KEY, a int4range, r int4range);",
        "INSERT INTO t VALUES (1, '[1,2)', '[1,5)'), (2, '[1,2)', '[4,7)'), (3, '[2,3)', '[4,7)')",
        "ALTER TABLE t ADD CONSTRAINT x UNIQUE (a, r WITHOUT OVERLAPS);",
        [
            'the rows of "t" under the new exclusion constraint "x" are in conflict: 2 rows, '
            "such as 'id 1; id 2'",
        ],
        "DELETE FROM t WHERE id = 2",
    ),
    "a primary key without overlaps": (
        "CREATE TABLE t (id int UNIQUE, a int4range NOT NULL, r int4range NOT NULL);",
        "INSERT INTO t VALUES (1, '[1,2)', '[1,5)'), (2, '[1,2)', '[4,7)')",
        "ALTER TABLE t ADD CONSTRAINT x PRIMARY KEY (a, r WITHOUT OVERLAPS);",
        ['the rows of "t" under the new exclusion constraint "x" are in conflict: 2 rows'],
        "DELETE FROM t WHERE id = 2",
    ),
}


def _refused_until_corrected(databases: EmptyDatabases, case: tuple[str, str, str, list[str], str]) -> None:
    first, inserted, second, told, corrected = case
    package = manifest(migration(1, first), migration(2, second, version="2.0.0"))
    with databases.lent() as dsn:
        upgrade(dsn, package, to="1.0.0")
        for statement in inserted.split("; "):
            execute(dsn, statement)
        before = objects(dsn)
        with pytest.raises(RefusedError, match="nothing was changed") as refused:
            upgrade(dsn, package)
        assert refused.value.code == "rows-do-not-fit"
        assert [line.removeprefix("002_m2: ") for line in refused.value.details] == told
        assert objects(dsn) == before
        for statement in corrected.split("; "):
            execute(dsn, statement)
        assert commands.plan(package, address(dsn)).unchecked == ()
        assert upgrade(dsn, package) == ("002_m2",)


_COLLATED = {
    "keys by another collation": (
        _CI + "CREATE TABLE t (id int PRIMARY KEY, a text, b text COLLATE ci, c text);",
        "INSERT INTO t VALUES (1, 'x', 'y', 'z'), (2, 'X', 'Y', 'Z')",
        "ALTER TABLE t ALTER a TYPE text COLLATE ci; ALTER TABLE t ADD UNIQUE (a);"
        "CREATE UNIQUE INDEX ON t (b); CREATE UNIQUE INDEX low ON t (c COLLATE ci);",
        [
            'column "a" of "t" becomes unique, and several rows have the same: 2 rows, such as \'x\'',
            'column "b" of "t" becomes unique, and several rows have the same: 2 rows, such as \'y\'',
            'the rows of "t" become unique by "low", and have duplicates: 2 rows, such as \'z\'',
        ],
        "DELETE FROM t WHERE id = 2",
    ),
}


@pytest.mark.parametrize("case", _CASES)
def test_it_is_refused_until_the_rows_fit(databases: EmptyDatabases, case: str) -> None:
    _refused_until_corrected(databases, _CASES[case])


@pytest.mark.parametrize("case", _COLLATED)
def test_it_is_refused_where_collations_differ(debian_databases: EmptyDatabases, case: str) -> None:
    _refused_until_corrected(debian_databases, _COLLATED[case])


def test_what_only_running_it_can_tell_is_named_before(dsn: str) -> None:
    package = manifest(
        migration(1, _FAMILY),
        migration(
            2,
            "UPDATE p SET k = NULL; WITH x AS (SELECT 1) DELETE FROM p USING x WHERE p.k IS NOT NULL;",
            version="2.0.0",
        ),
        migration(3, "INSERT INTO c (id) SELECT id FROM p;", version="2.0.0"),
    )
    upgrade(dsn, package, to="1.0.0")
    execute(dsn, "INSERT INTO p VALUES (1, 1); INSERT INTO c VALUES (2, 1, NULL)")
    found = commands.plan(package, address(dsn))
    assert [line.partition(" (only")[0].partition(" (the")[0] for line in found.unchecked] == [
        '002_m2: column "p" of "c" refers to rows of "p" that are deleted',
        '002_m2: column "k" of "c" refers to rows of "p" that are deleted',
    ]
    assert found.asked_later == (
        '003_m3: the rows that the script inserts into "c" have values that a column refuses',
        '003_m3: the rows that the script inserts into "c" have NULL in "id"',
        '003_m3: the unique key ("id") of "c" would get the same values twice',
    )
    heard = Heard()
    commands.upgrade(package, address(dsn), listener=heard)
    events = heard.of("not_checked")
    assert [each["migration"] for each in events[:4]] == ["002_m2", "002_m2", "003_m3", "003_m3"]
    assert rows(dsn, "SELECT id FROM c ORDER BY 1") == [(1,), (2,)]


_TOLD = {
    "keys of some rows": (
        _T,
        "INSERT INTO t VALUES (1, 1), (2, 1)",
        "UPDATE t SET id = id + 1 WHERE id > 0;",
    ),
    "a sequence that is behind, where a query may find no rows": (
        "CREATE TABLE t (id serial PRIMARY KEY, a int);",
        "INSERT INTO t VALUES (1, 1)",
        "INSERT INTO t (a) SELECT a FROM t WHERE a > 5;",
    ),
    "rows of a divided table that a trigger may change": (
        "CREATE TABLE m (id int, a int) PARTITION BY LIST (id);"
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
        "CREATE TRIGGER g BEFORE INSERT ON m FOR EACH ROW EXECUTE FUNCTION f();",
        "SELECT 1",
        "INSERT INTO m VALUES (1, 1);",
    ),
    "a check of a child table": (
        f"{_T} CREATE TABLE k (CHECK (a < 5)) INHERITS (t);",
        "INSERT INTO k VALUES (1, 1)",
        "UPDATE t SET a = 3;",
    ),
    "a check of a partition": (
        "CREATE TABLE m (id int, a int) PARTITION BY LIST (id);"
        "CREATE TABLE p PARTITION OF m (CHECK (a > 0)) FOR VALUES IN (1);",
        "INSERT INTO m VALUES (1, 1)",
        "UPDATE m SET a = 3;",
    ),
    "an exclusion constraint that is there": (
        "CREATE TABLE t (id int, r int4range, EXCLUDE USING gist (r WITH &&));",
        "INSERT INTO t VALUES (1, '[1,2)')",
        "UPDATE t SET r = '[2,3)';",
    ),
    "rows through a view": (
        f"{_T} CREATE VIEW v AS SELECT id, a FROM t;",
        "INSERT INTO t VALUES (1, 1)",
        "INSERT INTO v VALUES (2, 2);",
    ),
}


@pytest.mark.parametrize("case", _TOLD)
def test_what_may_fail_is_named_where_no_query_tells(databases: EmptyDatabases, case: str) -> None:
    first, inserted, second = _TOLD[case]
    package = manifest(migration(1, first), migration(2, second, version="2.0.0"))
    with databases.lent() as dsn:
        upgrade(dsn, package, to="1.0.0")
        is_told_of_none = "view" in case or "divided" in case
        assert commands.plan(package, address(dsn)).unchecked == () or is_told_of_none
        execute(dsn, inserted)
        found = commands.plan(package, address(dsn))
        assert (len(found.unchecked), found.blocked_by) == (1, ())


def test_a_table_that_the_run_itself_makes_and_fills_is_asked_about_when_its_turn_comes(dsn: str) -> None:
    package = manifest(
        migration(1, "CREATE TABLE t (id int PRIMARY KEY, a int);"),
        migration(
            2,
            "CREATE TABLE n (a int); INSERT INTO n SELECT a FROM t; CREATE TABLE k AS SELECT a FROM t;",
            version="2.0.0",
        ),
        migration(3, "ALTER TABLE n RENAME TO o;", version="2.0.0"),
        migration(4, "ALTER TABLE o ADD UNIQUE (a); ALTER TABLE k ALTER a SET NOT NULL;", version="2.0.0"),
    )
    upgrade(dsn, package, to="1.0.0")
    execute(dsn, "INSERT INTO t VALUES (1, 1), (2, 1), (3, NULL)")
    with pytest.raises(RefusedError, match="the migrations before it are applied") as refused:
        upgrade(dsn, package)
    assert refused.value.details == (
        '004_m4: column "a" of "o" becomes unique, and several rows have the same: 2 rows, such as \'1\'',
        '004_m4: column "k"."a" becomes NOT NULL, and holds NULL: 1 row',
    )
    execute(dsn, "DELETE FROM o; DELETE FROM k")
    assert upgrade(dsn, package) == ("004_m4",)


def test_a_constraint_that_hands_have_dropped_refuses_nothing(databases: EmptyDatabases) -> None:
    first = "CREATE TABLE t (id int PRIMARY KEY, a int CHECK (a < 10), b int CONSTRAINT k CHECK (b > 0));"
    package = manifest(
        migration(1, first),
        migration(2, "UPDATE t SET a = 20, b = -1;", version="2.0.0"),
    )
    with databases.lent() as dsn:
        upgrade(dsn, package, to="1.0.0")
        execute(dsn, "ALTER TABLE t DROP CONSTRAINT t_a_check, DROP CONSTRAINT k")
        execute(dsn, "INSERT INTO t VALUES (1, 1, 1)")
        assert upgrade(dsn, package) == ("002_m2",)
        assert rows(dsn, "SELECT a, b FROM t") == [(20, -1)]
