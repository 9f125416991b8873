"""What a history made by hand is known by its name in the database, and can be dropped and made again."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from migrations.ddl.statements import parse_script
from migrations.planner.history.made import Made
from migrations.planner.history.made_objects import MadeObjects
from migrations.runner.verification.fingerprint import read_objects

from ..databases import EmptyDatabases

BASE = """
CREATE SCHEMA a;
CREATE TYPE mood AS ENUM ('x', 'y');
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TABLE p (id int PRIMARY KEY, k int CONSTRAINT p_k_key UNIQUE);
CREATE TABLE t (id int PRIMARY KEY, a int, b int, s text, m mood, p_id int);
"""
HISTORIES = {
    "named by Postgres": "ALTER TABLE t ADD CHECK (a > 0), ADD CHECK (a < 9), ADD CHECK (a > b);"
    "ALTER TABLE t ADD CHECK (true);"
    "ALTER TABLE t ADD UNIQUE (a) INCLUDE (b), ADD FOREIGN KEY (p_id) REFERENCES p;"
    "ALTER TABLE t ADD FOREIGN KEY (p_id) REFERENCES p (k), ADD EXCLUDE (a WITH =), ADD UNIQUE (s);"
    "CREATE INDEX ON t (a); CREATE INDEX ON t (a);"
    "CREATE INDEX ON t (lower(s), (a + 1), (b + 1)) INCLUDE (m);"
    "CREATE TABLE t_a (idx int UNIQUE CHECK (idx > 0) CHECK (idx < 9) REFERENCES p, EXCLUDE (idx WITH =));",
    "a name taken in the same schema": "CREATE TABLE u (a int, CONSTRAINT t_a_check CHECK (a > 1));"
    "CREATE TABLE t_b_key (id int); ALTER TABLE t ADD CHECK (a > 0), ADD UNIQUE (b);",
    "constraints of indexes": "CREATE UNIQUE INDEX i ON t (a); ALTER TABLE t ADD UNIQUE USING INDEX i;"
    "CREATE UNIQUE INDEX j ON t (b); ALTER TABLE t ADD CONSTRAINT k UNIQUE USING INDEX j;",
    "where the search path leads": "SET search_path = a, public; CREATE TABLE u (id int, m mood);"
    "CREATE VIEW v AS SELECT id FROM u; CREATE INDEX ON u (id); ALTER TABLE u ADD CHECK (m <> 'x'::mood);"
    "CREATE POLICY o ON u USING (id > 0); ALTER TABLE t ADD CHECK (a > 0);",
    "a table in another schema": "ALTER TABLE t ADD CHECK (a > 0); CREATE INDEX i ON t (a);"
    "CREATE VIEW v AS SELECT t.a FROM t; ALTER TABLE t SET SCHEMA a; ALTER VIEW v SET SCHEMA a;",
    "a schema with another name": "CREATE TABLE a.u (id int CHECK (id > 0)); CREATE INDEX i ON a.u (id);"
    "CREATE VIEW a.v AS SELECT id FROM a.u; ALTER SCHEMA a RENAME TO z; ALTER INDEX z.i RENAME TO j;",
    "a schema's elements": "CREATE SCHEMA n CREATE TABLE u (id int, CHECK (id > 0)) CREATE INDEX i ON u (id)"
    " CREATE VIEW v AS SELECT id FROM n.u;",
    "new names": "ALTER TABLE t ADD CONSTRAINT k UNIQUE (a), ADD CONSTRAINT c CHECK (a > b);"
    "CREATE TRIGGER w BEFORE UPDATE OF a ON t FOR EACH ROW EXECUTE FUNCTION f();"
    "CREATE POLICY o ON t USING (a > 0); ALTER TABLE t RENAME a TO z; ALTER INDEX k RENAME TO l;"
    "ALTER TABLE t RENAME CONSTRAINT c TO d; ALTER TRIGGER w ON t RENAME TO x;"
    "ALTER POLICY o ON t RENAME TO q; ALTER TABLE t RENAME TO u;",
    "an index renamed as a table": "CREATE INDEX i ON t (a); ALTER TABLE i RENAME TO j;",
    "a type with another name": "ALTER TABLE t ADD CONSTRAINT c CHECK (m = ANY ('{x}'::mood[]));"
    "CREATE VIEW v AS SELECT id FROM t WHERE m = 'x'::mood; CREATE INDEX i ON t (a) WHERE m <> 'y'::mood;"
    "ALTER TYPE mood RENAME TO temper; ALTER TYPE temper SET SCHEMA a;",
    "gone with a column": "ALTER TABLE t ADD CHECK (a > b), ADD UNIQUE (a);"
    "CREATE INDEX i ON t (b) WHERE a > 1; CREATE INDEX ON t (b) INCLUDE (a); ALTER TABLE t DROP a;",
    "gone by CASCADE": "CREATE VIEW v AS SELECT a FROM t; CREATE VIEW w AS SELECT a FROM v;"
    "CREATE POLICY o ON t USING (a > 0); CREATE TABLE r (k int REFERENCES p (k), id int REFERENCES p);"
    "CREATE TRIGGER w BEFORE UPDATE OF a ON t FOR EACH ROW EXECUTE FUNCTION f();"
    "ALTER TABLE p DROP COLUMN k CASCADE; ALTER TABLE t DROP COLUMN a CASCADE; DROP TABLE p CASCADE;",
    "gone with its schema": "CREATE TABLE a.u (id int CHECK (id > 0)); CREATE VIEW v AS SELECT id FROM a.u;"
    "CREATE INDEX i ON a.u (id); CREATE VIEW a.w AS SELECT 1 AS one; DROP SCHEMA a CASCADE;",
    "gone with its type": "CREATE VIEW v AS SELECT m FROM t; CREATE INDEX i ON t (m);"
    "ALTER TABLE t ADD CHECK (m <> 'x'); DROP TYPE mood CASCADE;",
    "gone with a key": "CREATE TABLE r (k int REFERENCES p (k), id int REFERENCES p);"
    "ALTER TABLE p DROP CONSTRAINT p_k_key CASCADE; ALTER TABLE p DROP CONSTRAINT p_pkey CASCADE;",
    "a column that is generated no longer": "ALTER TABLE t ADD g int GENERATED ALWAYS AS (a + 1) STORED;"
    "ALTER TABLE t ADD h int GENERATED ALWAYS AS (a + 2) STORED; ALTER TABLE t ALTER g DROP EXPRESSION;",
    "a constraint that is altered": "ALTER TABLE t ADD CONSTRAINT r FOREIGN KEY (p_id) REFERENCES p;"
    "ALTER TABLE t ALTER CONSTRAINT r DEFERRABLE INITIALLY DEFERRED;",
    "what may have been there": "CREATE TABLE IF NOT EXISTS t (a int UNIQUE, CHECK (a > 0));"
    "CREATE INDEX i ON t (a); CREATE INDEX IF NOT EXISTS i ON t (b);",
}
_PRESENT = """
SELECT 'constraint', n.nspname, c.relname, k.conname
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype IN ('c', 'u', 'f', 'x') AND n.nspname !~ '^(pg_|information_schema)'
UNION ALL
SELECT 'index', n.nspname, c.relname, i.relname
FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.oid AND k.contype IN ('p', 'u', 'x'))
  AND n.nspname !~ '^(pg_|information_schema)'
UNION ALL
SELECT 'view', n.nspname, c.relname, ''
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'v' AND n.nspname !~ '^(pg_|information_schema)'
UNION ALL
SELECT 'trigger', n.nspname, c.relname, t.tgname
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal
UNION ALL
SELECT 'policy', n.nspname, c.relname, p.polname
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
UNION ALL
SELECT 'column', n.nspname, c.relname, a.attname
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE a.attgenerated <> ''
"""


@pytest.mark.parametrize("name", HISTORIES)
def test_what_is_there_can_be_dropped_and_made_again(name: str, databases: EmptyDatabases) -> None:
    made = MadeObjects.of([BASE, HISTORIES[name]])
    with databases.lent() as dsn, psycopg.connect(dsn, autocommit=True) as connection:
        for statement in parse_script(f"{BASE}{HISTORIES[name]}"):
            connection.execute(statement.sql.encode())
        connection.execute(b"RESET ALL")
        objects = {key: each for key, each in made.objects.items() if each.kind != "setting"}
        assert sorted((kind, *table, own) for kind, table, own in objects) == _present(connection)
        before = read_objects(connection)
        for each in objects.values():
            if _stands_alone(each):
                connection.execute(each.removal.encode())
                assert read_objects(connection) != before
                connection.execute(each.creation.encode())
                assert read_objects(connection) == before, each


def _present(connection: psycopg.Connection[Any]) -> list[tuple[str, ...]]:
    return sorted(connection.execute(_PRESENT))


def _stands_alone(made: Made) -> bool:
    """A foreign key needs its constraint."""
    return made.table != ("public", "p")
