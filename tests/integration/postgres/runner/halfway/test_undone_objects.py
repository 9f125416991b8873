"""What undoes the first steps of a script leaves the objects that were there before, whatever the names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
import pytest

from migrations.runner.manifest import Direction
from migrations.runner.verification.fingerprint import read_objects
from migrations.scripts.split import ScriptStep, split
from migrations.undo.undo_steps import undo_steps

from ...databases import EmptyDatabases

BASE = """
CREATE SCHEMA a;
CREATE TABLE t (id int PRIMARY KEY, a int, b int);
CREATE TABLE a.t (id int, a int);
CREATE SEQUENCE s;
CREATE POLICY p ON t USING (a > 0);
CREATE TYPE mood AS ENUM ('x');
CREATE TYPE a.mood AS ENUM ('x');
CREATE TABLE r (id int CONSTRAINT c CHECK (id > 0), m mood);
CREATE INDEX h ON r (id);
"""
#: Each up.sql with its down.sql; VACUUM is a step of its own.
SCRIPTS = {
    "a table found by the search path": (
        "SET search_path = a; ALTER TABLE t ADD d int; VACUUM; ALTER TABLE t RENAME a TO e; VACUUM;",
        "ALTER TABLE a.t RENAME e TO a; VACUUM; ALTER TABLE a.t DROP d;",
    ),
    "what is made where the search path leads": (
        "SET search_path = a; CREATE TABLE u (id int); CREATE VIEW v AS SELECT 1 AS one;"
        "CREATE TYPE e AS ENUM ('y'); VACUUM; ALTER TYPE mood RENAME TO temper; VACUUM;",
        "ALTER TYPE a.temper RENAME TO mood; VACUUM; DROP TYPE a.e; DROP VIEW a.v; DROP TABLE a.u;",
    ),
    "checks without a name": (
        "ALTER TABLE t ADD CHECK (a > 0); VACUUM; ALTER TABLE t ADD CHECK (a > b); VACUUM;",
        "ALTER TABLE t DROP CONSTRAINT t_check; VACUUM; ALTER TABLE t DROP CONSTRAINT t_a_check;",
    ),
    "two checks that would have one name": (
        "ALTER TABLE t ADD CHECK (a > 0), ADD CHECK (a < 9); VACUUM; ALTER TABLE t ADD d int; VACUUM;",
        "ALTER TABLE t DROP d; VACUUM; ALTER TABLE t DROP CONSTRAINT t_a_check, DROP CONSTRAINT t_a_check1;",
    ),
    "indexes without a name": (
        "CREATE INDEX ON t (lower(a::text)); VACUUM; CREATE INDEX ON t (a) INCLUDE (b); VACUUM;"
        "CREATE INDEX ON t (a, b); VACUUM;",
        "DROP INDEX t_a_b_idx1; VACUUM; DROP INDEX t_a_b_idx; VACUUM; DROP INDEX t_lower_idx;",
    ),
    "a constraint that takes its index's name": (
        "CREATE UNIQUE INDEX CONCURRENTLY k ON t (a); ALTER TABLE t ADD UNIQUE USING INDEX k; VACUUM;",
        "ALTER TABLE t DROP CONSTRAINT k; VACUUM;",
    ),
    "a primary key, and one by an index": (
        "CREATE UNIQUE INDEX CONCURRENTLY k ON a.t (id); ALTER TABLE a.t ADD PRIMARY KEY USING INDEX k;"
        "VACUUM; ALTER TABLE r ADD PRIMARY KEY (id); VACUUM; ALTER TABLE t ADD d int; VACUUM;",
        "ALTER TABLE t DROP d; VACUUM; ALTER TABLE r DROP CONSTRAINT r_pkey;"
        "ALTER TABLE r ALTER id DROP NOT NULL; VACUUM; ALTER TABLE a.t DROP CONSTRAINT k;"
        "ALTER TABLE a.t ALTER id DROP NOT NULL; VACUUM;",
    ),
    "a primary key over what is NOT NULL": (
        "ALTER TABLE t DROP CONSTRAINT t_pkey; VACUUM; CREATE UNIQUE INDEX CONCURRENTLY k ON t (id);"
        "ALTER TABLE t ADD PRIMARY KEY USING INDEX k; VACUUM;",
        "ALTER TABLE t DROP CONSTRAINT k; VACUUM; ALTER TABLE t ADD PRIMARY KEY (id); VACUUM;",
    ),
    "an index that goes with the column of its condition": (
        "ALTER TABLE t ADD d int; CREATE INDEX CONCURRENTLY i ON t (a) WHERE d > 0; VACUUM;",
        "ALTER TABLE t DROP d; VACUUM;",
    ),
    "an index that goes with a column that it includes": (
        "ALTER TABLE t ADD d int; CREATE INDEX CONCURRENTLY i ON t (a) INCLUDE (d); VACUUM;",
        "ALTER TABLE t DROP d; VACUUM;",
    ),
    "a table that goes with its index and a key": (
        "CREATE TABLE u (id int); CREATE INDEX CONCURRENTLY i ON u (id); ALTER TABLE u ADD UNIQUE (id);"
        "VACUUM;",
        "DROP TABLE u; VACUUM;",
    ),
    "a constraint that goes with a column that it includes": (
        "ALTER TABLE t ADD d int; VACUUM; ALTER TABLE t ADD UNIQUE (a) INCLUDE (d); VACUUM;",
        "ALTER TABLE t DROP d; VACUUM;",
    ),
    "an index renamed as a table": (
        "CREATE INDEX CONCURRENTLY i ON t (a); ALTER TABLE i RENAME TO j; VACUUM;",
        "DROP INDEX CONCURRENTLY j;",
    ),
    "a constraint renamed by its index": (
        "ALTER TABLE t ADD CONSTRAINT k UNIQUE (a); VACUUM; ALTER INDEX k RENAME TO l; VACUUM;",
        "ALTER TABLE t RENAME CONSTRAINT l TO k; VACUUM; ALTER TABLE t DROP CONSTRAINT k;",
    ),
    "a table that moves to another schema": (
        "ALTER TABLE t ADD d int; VACUUM; ALTER TABLE t RENAME TO u; VACUUM; ALTER TABLE u SET SCHEMA a;"
        "VACUUM; ALTER TABLE a.u ADD e int; VACUUM;",
        "ALTER TABLE a.u DROP e; VACUUM; ALTER TABLE a.u SET SCHEMA public; VACUUM;"
        "ALTER TABLE u RENAME TO t; VACUUM; ALTER TABLE t DROP d;",
    ),
    "a sequence and a type that move to another schema": (
        "ALTER SEQUENCE s SET SCHEMA a; VACUUM; ALTER TYPE mood RENAME TO m; ALTER TYPE m SET SCHEMA a;"
        "VACUUM; ALTER TABLE t ADD d int; VACUUM;",
        "ALTER TABLE t DROP d; VACUUM; ALTER TYPE a.m SET SCHEMA public; ALTER TYPE m RENAME TO mood; VACUUM;"
        "ALTER SEQUENCE a.s SET SCHEMA public;",
    ),
    "a schema with another name": (
        "ALTER TABLE a.t ADD d int; VACUUM; ALTER SCHEMA a RENAME TO z; VACUUM; ALTER TABLE z.t ADD e int;"
        "VACUUM; CREATE INDEX CONCURRENTLY i ON z.t (e);",
        "DROP INDEX z.i; VACUUM; ALTER TABLE z.t DROP e; ALTER SCHEMA z RENAME TO a; VACUUM;"
        "ALTER TABLE a.t DROP d;",
    ),
    "an index that is made anew under its name": (
        "CREATE INDEX CONCURRENTLY k ON r (m); DROP INDEX h; ALTER INDEX k RENAME TO h; VACUUM;"
        "ALTER TABLE t ADD d int; VACUUM;",
        "ALTER TABLE t DROP d; VACUUM; CREATE INDEX CONCURRENTLY k ON r (id); DROP INDEX h;"
        "ALTER INDEX k RENAME TO h; VACUUM;",
    ),
    "a type that is made anew under its name": (
        "CREATE TYPE n AS ENUM ('y'); ALTER TABLE r ALTER m TYPE n USING 'y'; DROP TYPE mood;"
        "ALTER TYPE n RENAME TO mood; VACUUM; ALTER TABLE t ADD d int; VACUUM;",
        "ALTER TABLE t DROP d; VACUUM; CREATE TYPE n AS ENUM ('x'); ALTER TABLE r ALTER m TYPE n USING 'x';"
        "DROP TYPE mood; ALTER TYPE n RENAME TO mood; VACUUM;",
    ),
    "a constraint and an index that are renamed before they go": (
        "ALTER INDEX h RENAME TO k; ALTER TABLE r RENAME CONSTRAINT c TO e;"
        "ALTER TABLE r DROP CONSTRAINT e; DROP INDEX k; VACUUM; ALTER TABLE t ADD d int; VACUUM;",
        "ALTER TABLE t DROP d; VACUUM; CREATE INDEX k ON r (id);"
        "ALTER TABLE r ADD CONSTRAINT e CHECK (id > 0); ALTER TABLE r RENAME CONSTRAINT e TO c;"
        "ALTER INDEX k RENAME TO h; VACUUM;",
    ),
    "a policy with another name": (
        "ALTER POLICY p ON t RENAME TO q; VACUUM; ALTER TABLE t ADD d int; VACUUM;",
        "ALTER TABLE t DROP d; VACUUM; ALTER POLICY q ON t RENAME TO p;",
    ),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_objects_are_as_before_a_script_that_stopped(name: str, databases: EmptyDatabases) -> None:
    up, down = (split(script, "x.sql") for script in SCRIPTS[name])
    undos = undo_steps(up, down)
    ways: tuple[tuple[Direction, Sequence[ScriptStep]], ...] = (("up", up), ("down", down))
    with databases.lent() as dsn, psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(BASE.encode())
        for direction, steps in ways:
            before = read_objects(connection)
            for count in range(1, len(steps)):
                undo = undos[direction][count - 1]
                assert undo is not None, (direction, count)
                _run(connection, steps[:count])
                _run(connection, [each.step for each in undo.steps])
                assert read_objects(connection) == before, (direction, count)
            _run(connection, steps)


def _run(connection: psycopg.Connection[Any], steps: Sequence[ScriptStep]) -> None:
    for step in steps:
        connection.execute(b"RESET ALL")
        for sql in (*step.settings, *(each.sql for each in step.statements)):
            connection.execute(sql.encode())
    connection.execute(b"RESET ALL")
