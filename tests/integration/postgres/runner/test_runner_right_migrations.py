"""Migrations that succeed with rows in their way: the checks before an upgrade refuse none of them."""

from __future__ import annotations

import pytest

from ..databases import EmptyDatabases
from .kit import execute, manifest, migration, upgrade

_T = "CREATE TABLE t (id int PRIMARY KEY, a int);"
_TRIGGER = (
    "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.a := 1; RETURN NEW; END$$;"
    "CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f();"
)
_CASES = {
    "duplicates are deleted": (
        _T,
        "INSERT INTO t VALUES (1, 1), (2, 1)",
        "DELETE FROM t WHERE id NOT IN (SELECT min(id) FROM t GROUP BY a); CREATE UNIQUE INDEX ON t (a);",
    ),
    "the default is assigned": (
        _T,
        "INSERT INTO t VALUES (1, NULL), (2, 1)",
        "ALTER TABLE t ALTER a SET DEFAULT 4; UPDATE t SET a = DEFAULT WHERE a IS NULL;"
        "ALTER TABLE t ALTER a SET NOT NULL;",
    ),
    "a generated column follows another": (
        "CREATE TABLE t (id int PRIMARY KEY, a text, g text GENERATED ALWAYS AS (lower(a)) STORED);",
        "INSERT INTO t VALUES (1, 'A'), (2, 'a')",
        "UPDATE t SET a = a || id; CREATE UNIQUE INDEX ON t (g);",
    ),
    "another table takes the name": (
        "CREATE TABLE t (id int PRIMARY KEY, a text);",
        "INSERT INTO t VALUES (1, 'x')",
        "ALTER TABLE t RENAME TO s; ALTER TABLE s RENAME a TO b; CREATE TABLE t (a text NOT NULL);"
        "UPDATE s SET b = NULL; ALTER TABLE s ALTER b TYPE int USING b::int;",
    ),
    "the rows to refer to are inserted": (
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p int);",
        "INSERT INTO c VALUES (1)",
        "INSERT INTO p SELECT DISTINCT p FROM c; ALTER TABLE c ADD FOREIGN KEY (p) REFERENCES p;",
    ),
    "a delete cascades": (
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p int REFERENCES p ON DELETE CASCADE, a int);",
        "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1)",
        "DELETE FROM p WHERE id = 1; ALTER TABLE c ALTER a SET NOT NULL;",
    ),
    "a view is written": (
        f"{_T} CREATE VIEW v AS SELECT * FROM t;",
        "INSERT INTO t VALUES (1)",
        "UPDATE v SET a = 1; ALTER TABLE t ALTER a SET NOT NULL;",
    ),
    "a trigger writes": (
        _T + _TRIGGER,
        "INSERT INTO t VALUES (1)",
        "UPDATE t SET id = id; ALTER TABLE t ALTER a SET NOT NULL;",
    ),
    "a setting gives values their meaning": (
        "CREATE TABLE t (id int PRIMARY KEY, d text);",
        "INSERT INTO t VALUES (1, '13/02/2024')",
        "SET DateStyle = 'ISO, DMY'; ALTER TABLE t ALTER d TYPE date USING d::date;",
    ),
    "spaces are cut": (
        "CREATE TABLE t (id int PRIMARY KEY, a varchar(9));",
        "INSERT INTO t VALUES (1, 'abc   ')",
        "ALTER TABLE t ALTER a TYPE varchar(3);",
    ),
    "an index has the rows of its own table": (
        f"{_T} CREATE TABLE k () INHERITS (t);",
        "INSERT INTO t VALUES (1, 1); INSERT INTO k VALUES (1, 1)",
        "CREATE UNIQUE INDEX ON t (a); ALTER TABLE t ADD CONSTRAINT c UNIQUE (id, a);",
    ),
    "a partition is written": (
        "CREATE TABLE t (id int PRIMARY KEY, a text) PARTITION BY RANGE (id);"
        "CREATE TABLE q PARTITION OF t FOR VALUES FROM (1) TO (9);",
        "INSERT INTO t VALUES (1, NULL)",
        "UPDATE q SET a = 'x'; ALTER TABLE t ALTER a SET NOT NULL;",
    ),
    "a constraint went with its column": (
        "CREATE TABLE t (id int PRIMARY KEY, a int CONSTRAINT k CHECK (a > 0));",
        "INSERT INTO t VALUES (1, 1)",
        "ALTER TABLE t DROP COLUMN a; ALTER TABLE t ADD COLUMN a text;"
        "ALTER TABLE t ADD CONSTRAINT k CHECK (a <> '');",
    ),
    "a statement inside another writes": (
        _T,
        "INSERT INTO t VALUES (1, NULL)",
        "WITH x AS (UPDATE t SET a = 1 RETURNING 1) SELECT count(*) FROM x;"
        "ALTER TABLE t ALTER a SET NOT NULL;",
    ),
    "values come from another table": (
        f"{_T} CREATE TABLE s (id int, b int);",
        "INSERT INTO t VALUES (1, NULL); INSERT INTO s VALUES (1, 5)",
        "UPDATE t SET a = (SELECT b FROM s WHERE s.id = t.id) WHERE a IS NULL;"
        "ALTER TABLE t ALTER a SET NOT NULL; DROP TABLE s;",
    ),
    "values come from another table that was changed": (
        f"{_T} CREATE TABLE s (id int, b int);",
        "INSERT INTO t VALUES (1, NULL); INSERT INTO s VALUES (1, NULL)",
        "UPDATE s SET b = 1; UPDATE t SET a = (SELECT b FROM s WHERE s.id = t.id) WHERE a IS NULL;"
        "ALTER TABLE t ALTER a SET NOT NULL;",
    ),
    "a table is emptied": (
        _T,
        "INSERT INTO t VALUES (1, NULL)",
        "TRUNCATE t; ALTER TABLE t ADD b int NOT NULL, ALTER a SET NOT NULL;",
    ),
    "a code block empties a table": (
        _T,
        "INSERT INTO t VALUES (1, NULL)",
        "DO $$BEGIN DELETE FROM t; END$$; ALTER TABLE t ADD b int NOT NULL, ALTER a SET NOT NULL;",
    ),
    "each row gets a value of its own": (
        _T,
        "INSERT INTO t VALUES (1, NULL), (2, NULL)",
        "ALTER TABLE t ADD n serial UNIQUE, ADD u uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,"
        "ADD g int NOT NULL GENERATED ALWAYS AS IDENTITY;",
    ),
    "the key is another column of its name": (
        _T,
        "INSERT INTO t VALUES (1, NULL), (2, NULL)",
        "ALTER TABLE t DROP CONSTRAINT t_pkey, DROP COLUMN id,"
        "ADD COLUMN id int GENERATED ALWAYS AS IDENTITY, ADD PRIMARY KEY (id);",
    ),
    "lists": (
        "CREATE TABLE t (id int PRIMARY KEY, a int[]);",
        "INSERT INTO t VALUES (1, NULL), (2, '{}')",
        "UPDATE t SET a = '{}' WHERE a IS NULL; ALTER TABLE t ALTER a SET NOT NULL;"
        "ALTER TABLE t ADD CONSTRAINT c CHECK (NOT (1 = ANY (a)));",
    ),
    "names that need quotes": (
        'CREATE TABLE t (id int PRIMARY KEY, "select" int, "T x" json);',
        "INSERT INTO t VALUES (1, NULL, '{}')",
        'UPDATE t AS "T x" SET "select" = coalesce("select", "T x".id);'
        'ALTER TABLE t ALTER "select" SET NOT NULL; ALTER TABLE t ADD UNIQUE ("select");',
    ),
    "an enum value takes another's name": (
        "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (id int PRIMARY KEY, k e);",
        "INSERT INTO t VALUES (1, 'b')",
        "ALTER TYPE e RENAME VALUE 'b' TO 'c'; CREATE TYPE f AS ENUM ('c');"
        "ALTER TABLE t ALTER k TYPE f USING k::text::f;",
    ),
    "a new column has its domain's default": (
        f"CREATE DOMAIN d AS int DEFAULT 3; {_T}",
        "INSERT INTO t VALUES (1, 1)",
        "ALTER TABLE t ADD c d NOT NULL;",
    ),
    "a trigger fills what an update sets to NULL": (
        _T.replace("a int", "a int NOT NULL") + _TRIGGER,
        "INSERT INTO t VALUES (1, 7)",
        "UPDATE t SET a = nullif(a, 7);",
    ),
    "rows that would fail are deleted, by what is slower to evaluate": (
        "CREATE TABLE t (id int PRIMARY KEY, a text); CREATE TABLE good (v text);",
        "INSERT INTO t VALUES (1, 'x'), (2, '5'); INSERT INTO good VALUES ('5')",
        "DELETE FROM t WHERE NOT EXISTS (SELECT FROM good WHERE v = a);"
        "ALTER TABLE t ALTER a TYPE int USING a::int;"
        "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0);",
    ),
    "what is renamed may be missing": (
        _T,
        "CREATE INDEX y ON t (a)",
        "ALTER INDEX IF EXISTS x RENAME TO y; ALTER TABLE IF EXISTS z RENAME TO y;",
    ),
    "a constraint is dropped and made in one statement": (
        _T.replace("a int", "a int CONSTRAINT k CHECK (a > 0)"),
        "INSERT INTO t VALUES (1, 1)",
        "ALTER TABLE t DROP CONSTRAINT k, ADD CONSTRAINT k CHECK (a > -1);",
    ),
    "a rule puts something else in the place of an update": (
        "CREATE TABLE t (id int, a text, n int); CREATE RULE r AS ON UPDATE TO t DO INSTEAD NOTHING;",
        "INSERT INTO t VALUES (1, 'x', 1)",
        "UPDATE t SET n = a::int;",
    ),
    "a check goes before rows break it, and another comes": (
        _T.replace("a int", "a int CHECK (a < 9), b int CONSTRAINT k CHECK (b > 0)"),
        "INSERT INTO t VALUES (1, 1, 1)",
        "ALTER TABLE t DROP CONSTRAINT t_a_check; UPDATE t SET a = 99;"
        "ALTER TABLE t RENAME CONSTRAINT k TO l;"
        "ALTER TABLE t DROP CONSTRAINT l; UPDATE t SET b = -1; ALTER TABLE t ADD CONSTRAINT k CHECK (b < 0);",
    ),
    "a check that was never validated": (
        _T,
        "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID; INSERT INTO t VALUES (1, 1);"
        "ALTER TABLE t DROP CONSTRAINT k; INSERT INTO t VALUES (2, -1);"
        "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID",
        "UPDATE t SET a = 5 WHERE id = 1; ALTER TABLE t ALTER a TYPE bigint;",
    ),
    "a check that is written otherwise for the new type": (
        "CREATE TABLE t (id int PRIMARY KEY, a varchar(9) CHECK (a <> ''));",
        "INSERT INTO t VALUES (1, '5')",
        "ALTER TABLE t ALTER a TYPE int USING a::int;",
    ),
    "rows go before those that they refer to": (
        "CREATE TABLE p (id int PRIMARY KEY, up int REFERENCES p); CREATE TABLE c (p int REFERENCES p);"
        "CREATE TABLE d (p int REFERENCES p ON DELETE CASCADE);"
        "CREATE TABLE e (p int REFERENCES p DEFERRABLE INITIALLY DEFERRED);",
        "INSERT INTO p VALUES (1, NULL), (2, 1), (3, NULL); INSERT INTO c VALUES (1), (3);"
        "INSERT INTO d VALUES (1); INSERT INTO e VALUES (2)",
        "DELETE FROM c WHERE p < 3; DELETE FROM p WHERE id < 3; DELETE FROM e;",
    ),
    "keys change with those that refer to them": (
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p int REFERENCES p ON UPDATE CASCADE);",
        "INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (1)",
        "UPDATE p SET id = id + 10; UPDATE c SET p = 12;",
    ),
    "rows are inserted where there are none": (
        "CREATE TABLE t (id int PRIMARY KEY, a int UNIQUE, b text DEFAULT 'x', n serial, u int);"
        "CREATE UNIQUE INDEX t_u ON t (u) WHERE id > 9;",
        "INSERT INTO t VALUES (1, 1)",
        "INSERT INTO t VALUES (1, 1) ON CONFLICT DO NOTHING;"
        "INSERT INTO t (id, a) SELECT id + 1, NULL FROM t;"
        "INSERT INTO t (id, a, u) SELECT 1, 1, 1 WHERE NOT EXISTS (SELECT FROM t WHERE id = 1);"
        "INSERT INTO t (id, u) VALUES (3, 7), (4, 7); ALTER TABLE t ALTER b SET NOT NULL, ADD UNIQUE (n);",
    ),
    "a trigger gives inserted rows another key": (
        _T + "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.id := 7; RETURN NEW; END$$;"
        "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();",
        "INSERT INTO t VALUES (1); UPDATE t SET id = 1",
        "INSERT INTO t VALUES (1); ALTER TABLE t ADD UNIQUE (a, id);",
    ),
    "values come from one of several rows": (
        f"{_T} CREATE TABLE s (t int, v int);",
        "INSERT INTO t VALUES (1, NULL); INSERT INTO s VALUES (1, 5), (1, 6)",
        "UPDATE t SET a = s.v FROM s WHERE s.t = t.id; ALTER TABLE t ALTER a SET NOT NULL;"
        "UPDATE t x SET a = y.a FROM t y WHERE y.id = x.id; ALTER TABLE t ADD UNIQUE (a);",
    ),
    "rows that an index refused are deleted and committed before": (
        "CREATE TABLE t (id int PRIMARY KEY, b text);",
        "INSERT INTO t VALUES (1, 'x'), (2, '5')",
        "DELETE FROM t WHERE id = 1; CREATE INDEX CONCURRENTLY i ON t ((b::int));",
    ),
    "partitions and domains": (
        "CREATE TABLE m (k text, n int) PARTITION BY LIST (k); CREATE TABLE d (n int, k text);"
        "CREATE TABLE ma PARTITION OF m FOR VALUES IN ('a'); CREATE DOMAIN p AS int CHECK (VALUE > 0);",
        "INSERT INTO m VALUES ('a', 1); INSERT INTO d VALUES (1, NULL), (1, 'b')",
        "ALTER TABLE m ATTACH PARTITION d DEFAULT; CREATE TABLE mc PARTITION OF m FOR VALUES IN ('c');"
        "ALTER TABLE d DROP COLUMN IF EXISTS z; ALTER DOMAIN p DROP CONSTRAINT p_check;"
        "ALTER DOMAIN p ADD CONSTRAINT q CHECK (VALUE < 0) NOT VALID; ALTER TABLE m ADD o p DEFAULT -1;",
    ),
    "keys move to where none are": (
        _T,
        "INSERT INTO t VALUES (3, 1), (2, 1), (1, 1)",
        "UPDATE t SET id = id + 1; UPDATE t SET id = id - 1 WHERE id > 10;",
    ),
    "a sequence is set before rows are inserted": (
        "CREATE TABLE t (id serial PRIMARY KEY, a int);",
        "INSERT INTO t VALUES (1, 1), (2, 1)",
        "SELECT setval(pg_get_serial_sequence('t', 'id'), (SELECT max(id) FROM t));"
        "INSERT INTO t (a) VALUES (3);",
    ),
    "a sequence is ahead, or was never used": (
        "CREATE TABLE t (id serial PRIMARY KEY, a int); CREATE TABLE u (id bigserial PRIMARY KEY, a int);"
        "ALTER SEQUENCE t_id_seq RESTART WITH 100;",
        "INSERT INTO t VALUES (1, 1), (99, 1), (105, 1)",
        "INSERT INTO t (a) VALUES (3), (4); INSERT INTO u (a) VALUES (1);",
    ),
    "a partition is made for rows, or there is another for them": (
        "CREATE TABLE m (k int, n int) PARTITION BY RANGE (k); CREATE TABLE s (k int);"
        "CREATE TABLE m1 PARTITION OF m FOR VALUES FROM (0) TO (10);",
        "INSERT INTO s VALUES (1), (11); CREATE TABLE m2 PARTITION OF m FOR VALUES FROM (10) TO (20)",
        "INSERT INTO m (k) SELECT k FROM s; CREATE TABLE m3 PARTITION OF m FOR VALUES FROM (20) TO (30);"
        "INSERT INTO m (k) SELECT k + 10 FROM s;",
    ),
    "a materialized view is refreshed": (
        f"{_T} CREATE MATERIALIZED VIEW v AS SELECT a FROM t; CREATE UNIQUE INDEX ON v (a);",
        "INSERT INTO t VALUES (1, 1), (2, NULL), (3, NULL)",
        "REFRESH MATERIALIZED VIEW v; CREATE UNIQUE INDEX ON v (a, (a + 1));",
    ),
    "what is computed has a value": (
        "CREATE TABLE t (id int PRIMARY KEY, a text);",
        "INSERT INTO t VALUES (1, 'x')",
        "ALTER TABLE t ADD g text GENERATED ALWAYS AS (lower(a)) STORED NOT NULL;",
    ),
}


@pytest.mark.parametrize("case", _CASES)
def test_it_is_not_refused(databases: EmptyDatabases, case: str) -> None:
    first, inserted, second = _CASES[case]
    package = manifest(migration(1, first), migration(2, second, version="2.0.0"))
    with databases.lent() as dsn:
        upgrade(dsn, package, to="1.0.0")
        for statement in inserted.split("; "):
            execute(dsn, statement)
        assert upgrade(dsn, package) == ("002_m2",)
