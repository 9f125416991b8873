"""What a script is said to lock, held to what Postgres says while the transaction is open."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from migrations.ddl.names import sql_name
from migrations.scratch.scratch_server import ScratchServer
from migrations.scripts.locks import MODES, script_locks

_BASE = """
CREATE TABLE t (id int PRIMARY KEY, n int, label text, CONSTRAINT t_n CHECK (n > 0) NOT VALID);
CREATE TABLE u (id int PRIMARY KEY, t_id int, UNIQUE (t_id));
CREATE INDEX u_t ON u (t_id);
CREATE TABLE log (at int, k text) PARTITION BY RANGE (at);
CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM (0) TO (10);
CREATE TABLE log_2 (at int, k text);
CREATE SCHEMA a;
CREATE TABLE a."T t" (id int PRIMARY KEY);
CREATE VIEW seen AS SELECT n FROM t;
CREATE MATERIALIZED VIEW kept AS SELECT n FROM t;
CREATE UNIQUE INDEX kept_n ON kept (n);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER before_t BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch();
CREATE POLICY p ON t USING (true);
"""
_STATEMENTS = (
    "ALTER TABLE t ADD COLUMN x int",
    "ALTER TABLE t ADD COLUMN x int NOT NULL DEFAULT 1",
    "ALTER TABLE t ADD COLUMN x uuid DEFAULT gen_random_uuid()",
    "ALTER TABLE t ADD COLUMN x int REFERENCES u (id)",
    "ALTER TABLE t ADD COLUMN x int UNIQUE CHECK (x > 0)",
    "ALTER TABLE t DROP COLUMN label, ALTER COLUMN n SET NOT NULL",
    "ALTER TABLE u ALTER COLUMN t_id TYPE bigint",
    "ALTER TABLE t ALTER COLUMN n SET DEFAULT 3",
    "ALTER TABLE t ALTER COLUMN n SET STATISTICS 200",
    "ALTER TABLE t SET (fillfactor = 70)",
    "ALTER TABLE t VALIDATE CONSTRAINT t_n",
    "ALTER TABLE t ADD CHECK (n < 9) NOT VALID",
    "ALTER TABLE u ADD FOREIGN KEY (t_id) REFERENCES t",
    "ALTER TABLE u ADD FOREIGN KEY (t_id) REFERENCES t NOT VALID",
    "ALTER TABLE t ADD UNIQUE (label)",
    "ALTER TABLE t DISABLE TRIGGER before_t",
    "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE t RENAME COLUMN n TO m",
    "ALTER TABLE t RENAME TO v",
    "ALTER TABLE t RENAME CONSTRAINT t_n TO t_m",
    'ALTER TABLE a."T t" SET SCHEMA public',
    "ALTER TABLE log ATTACH PARTITION log_2 FOR VALUES FROM (10) TO (20)",
    "ALTER TABLE log DETACH PARTITION log_1",
    "CREATE TABLE log_3 PARTITION OF log FOR VALUES FROM (30) TO (40)",
    "CREATE TABLE n (id int PRIMARY KEY, t_id int REFERENCES t, FOREIGN KEY (t_id) REFERENCES u (t_id))",
    "CREATE TABLE n (id int); CREATE INDEX ON n (id); ALTER TABLE n ADD COLUMN t_id int REFERENCES t",
    "CREATE TABLE n (LIKE t INCLUDING ALL)",
    "CREATE TABLE n AS SELECT n FROM t",
    "CREATE INDEX ON t (n)",
    "CREATE UNIQUE INDEX ON u (id, t_id)",
    "CREATE TRIGGER after_t AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION touch()",
    "DROP TRIGGER before_t ON t",
    "ALTER TRIGGER before_t ON t RENAME TO other",
    "CREATE POLICY q ON t USING (true)",
    "ALTER POLICY p ON t USING (false)",
    "DROP POLICY p ON t",
    "CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING",
    "INSERT INTO t VALUES (1, 1, 'x')",
    "UPDATE t SET n = 2",
    "DELETE FROM t",
    "TRUNCATE t",
    "REFRESH MATERIALIZED VIEW kept",
    "REFRESH MATERIALIZED VIEW CONCURRENTLY kept",
    "CREATE OR REPLACE VIEW seen AS SELECT n, 1 AS one FROM t",
    "DROP TABLE u",
    "DROP VIEW seen",
    "DROP MATERIALIZED VIEW kept",
    "COMMENT ON TABLE t IS 'x'",
    "COMMENT ON COLUMN t.n IS 'x'",
    "ALTER VIEW seen RENAME TO saw",
    "CREATE TYPE mood AS ENUM ('a'); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
)


@pytest.fixture(scope="module")
def connection(scratch_server: ScratchServer) -> Iterator[psycopg.Connection]:
    with scratch_server.new_database() as dsn, psycopg.connect(dsn) as connection:
        connection.execute(_BASE.encode())
        connection.commit()
        yield connection


@pytest.mark.parametrize("script", _STATEMENTS)
def test_it_is_what_postgres_locks(connection: psycopg.Connection, script: str) -> None:
    query = "SELECT oid, relname, relnamespace::regnamespace::text FROM pg_class"
    before = {oid: (schema, name) for oid, name, schema in connection.execute(query)}
    try:
        connection.execute(script.encode())
        query = "SELECT l.relation, l.mode FROM pg_locks l WHERE l.pid = pg_backend_pid()"
        held: dict[str, set[str]] = {}
        for oid, mode in connection.execute(query + " AND l.locktype = 'relation'"):
            schema, name = before.get(oid, ("pg_catalog", ""))
            if schema in ("public", "a"):
                held.setdefault(sql_name((schema, name)), set()).add(mode)
    finally:
        connection.rollback()
    kinds = dict(connection.execute("SELECT relname, relkind::text FROM pg_class").fetchall())
    connection.rollback()
    strongest = {
        table: max(found, key=MODES.index)
        for table, modes in held.items()
        if (found := [mode for mode in map(_spelled, modes) if mode in MODES])
        and kinds.get(table.rpartition(".")[2].strip('"'), "r") not in ("i", "I", "S", "t")
    }
    assert {lock.table: lock.mode for lock in script_locks(script)} == strongest


def _spelled(mode: str) -> str:
    """``ShareRowExclusiveLock`` is SHARE ROW EXCLUSIVE."""
    words = "".join(f" {letter}" if letter.isupper() else letter for letter in mode.removesuffix("Lock"))
    return words.strip().upper()


def test_who_waits_and_for_what_takes_long() -> None:
    (lock,) = script_locks("ALTER TABLE t ADD UNIQUE (n); UPDATE t SET n = 1; CREATE INDEX ON t (n);")
    assert (lock.mode, lock.waiting) == ("ACCESS EXCLUSIVE", "reads and writes")
    assert lock.works == ("builds-index", "writes-rows")
    waiting = {
        "CREATE INDEX CONCURRENTLY i ON t (n)": "nobody",
        "CREATE INDEX i ON t (n)": "writes",
        "UPDATE t SET n = 1": "nobody",
    }
    assert {script: script_locks(script)[0].waiting for script in waiting} == waiting
    works = {
        "ALTER TABLE t ADD COLUMN x int DEFAULT 1": (),
        "ALTER TABLE t ADD COLUMN x timestamptz DEFAULT now()": (),
        "ALTER TABLE t ADD COLUMN x uuid DEFAULT gen_random_uuid()": ("may-rewrite",),
        "ALTER TABLE t ADD COLUMN x serial": ("rewrites",),
        "ALTER TABLE t ADD COLUMN x int GENERATED ALWAYS AS (n + 1) STORED": ("rewrites",),
        "ALTER TABLE t ADD CONSTRAINT c CHECK (n > 1) NOT VALID": (),
        "ALTER TABLE t ADD CONSTRAINT c CHECK (n > 1)": ("reads-rows",),
        "ALTER TABLE t ADD CONSTRAINT c UNIQUE USING INDEX i": (),
    }
    assert {script: script_locks(script)[0].works for script in works} == works
