"""Seeding: what tables of every kind get, read from databases that hand-written SQL made."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from migrations.rehearsal.seeding.pg_catalog import Connection
from migrations.rehearsal.seeding.seed import Seeding, seed
from migrations.scratch.scratch_server import ScratchServer


@pytest.fixture
def database(scratch_server: ScratchServer) -> Iterator[Connection]:
    with scratch_server.new_database() as dsn, psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


def seeded(database: Connection, script: str) -> Seeding:
    database.execute(script.encode())
    return seed(database)


def column(database: Connection, query: str) -> list[object]:
    return [row[0] for row in database.execute(query.encode())]


def test_a_column_of_any_type_has_ordinary_boundary_and_no_values(database: Connection) -> None:
    types = (
        *(
            "int2",
            "int4",
            "int8",
            "numeric",
            "numeric(6,2)",
            "numeric(3,3)",
            "numeric(4,0)",
            "float4",
            "float8",
        ),
        *(
            "money",
            "bool",
            "text",
            "varchar",
            "varchar(3)",
            "char(5)",
            '"char"',
            "name",
            "bytea",
            "uuid",
            "oid",
        ),
        *(
            "json",
            "jsonb",
            "date",
            "time",
            "timetz",
            "timestamp(3)",
            "timestamptz",
            "interval",
            "inet",
            "cidr",
        ),
        *("macaddr", "macaddr8", "bit(4)", "varbit(5)", "point", "line", "lseg", "box", "path", "polygon"),
        *("circle", "tsvector", "tsquery", "pg_lsn", "int4range", "daterange", "tstzrange", "int4multirange"),
        *("text[]", "int4[]", "numeric(4,1)[]", "box[]", "timestamptz[]", "vector(3)"),
    )
    columns = ", ".join(f"c{number} {kind}" for number, kind in enumerate(types))
    found = seeded(database, f"CREATE EXTENSION vector; CREATE TABLE every ({columns})")
    assert found.warnings == ()
    for number, kind in enumerate(types):
        filled, rows = database.execute(f"SELECT count(c{number}), count(*) FROM every".encode()).fetchall()[
            0
        ]
        assert rows > filled >= 3, kind
    assert {-32768, 32767} <= set(column(database, "SELECT c0 FROM every"))
    lengths = {
        len(value)
        for value in column(database, "SELECT c51 FROM every WHERE c51 IS NOT NULL")
        if isinstance(value, list)
    }
    assert {0, 1} <= lengths


def test_every_enum_value_and_every_default_is_there(database: Connection) -> None:
    script = """
    CREATE TYPE mood AS ENUM ('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i');
    CREATE TABLE t (id int PRIMARY KEY, m mood NOT NULL, ms mood[] NOT NULL, d text NOT NULL DEFAULT 'kept',
                    g int GENERATED ALWAYS AS (id + 1) STORED, n bigint GENERATED ALWAYS AS IDENTITY)
    """
    assert seeded(database, script).warnings == ()
    assert set(column(database, "SELECT m::text FROM t")) == set("abcdefghi")
    assert "kept" in column(database, "SELECT d FROM t")
    assert [] in column(database, "SELECT ms::text[] FROM t")


def test_keys_and_unique_constraints_hold(database: Connection) -> None:
    script = """
    CREATE TABLE tenant (id uuid PRIMARY KEY);
    CREATE TABLE person (tenant uuid REFERENCES tenant, id serial, mail varchar(2) UNIQUE, boss int,
                         PRIMARY KEY (tenant, id), FOREIGN KEY (tenant, boss) REFERENCES person);
    CREATE TABLE profile (tenant uuid, person int, PRIMARY KEY (tenant, person),
                          FOREIGN KEY (tenant, person) REFERENCES person);
    CREATE TABLE friend (tenant uuid NOT NULL, one int NOT NULL, other int NOT NULL,
                         PRIMARY KEY (tenant, one, other),
                         FOREIGN KEY (tenant, one) REFERENCES person,
                         FOREIGN KEY (tenant, other) REFERENCES person);
    CREATE TABLE flag (value bool PRIMARY KEY);
    CREATE TABLE "select" ("from" int PRIMARY KEY, "a""b" text NOT NULL DEFAULT 'x');
    """
    found = seeded(database, script)
    assert found.warnings == ()
    assert found.rows['"flag"'] == 2
    assert all(count > 0 for count in found.rows.values())
    assert any(column(database, "SELECT boss IS NOT NULL FROM person"))


def test_references_in_circles(database: Connection) -> None:
    script = """
    CREATE TABLE node (id int PRIMARY KEY, root int NOT NULL REFERENCES node);
    CREATE TABLE husband (id int PRIMARY KEY, wife int);
    CREATE TABLE wife (id int PRIMARY KEY, husband int NOT NULL REFERENCES husband);
    ALTER TABLE husband ADD FOREIGN KEY (wife) REFERENCES wife;
    CREATE TABLE egg (id int PRIMARY KEY, hen int NOT NULL);
    CREATE TABLE hen (id int PRIMARY KEY, egg int NOT NULL REFERENCES egg DEFERRABLE);
    ALTER TABLE egg ADD FOREIGN KEY (hen) REFERENCES hen DEFERRABLE;
    """
    found = seeded(database, script)
    assert found.warnings == ()
    assert any(column(database, "SELECT wife IS NOT NULL FROM husband"))
    assert all(count > 0 for count in found.rows.values())


def test_a_circle_without_a_way_in_is_told_and_the_rest_is_seeded(database: Connection) -> None:
    script = """
    CREATE TABLE egg (id int PRIMARY KEY, hen int NOT NULL);
    CREATE TABLE hen (id int PRIMARY KEY, egg int NOT NULL REFERENCES egg);
    ALTER TABLE egg ADD FOREIGN KEY (hen) REFERENCES hen;
    CREATE TABLE other (id int);
    """
    found = seeded(database, script)
    assert found.rows['"other"'] > 0
    assert len(found.warnings) == 2
    assert all(warning.severity == "warning" for warning in found.warnings)


def test_checks_are_satisfied(database: Connection) -> None:
    script = """
    CREATE DOMAIN over AS int CHECK (VALUE > 100);
    CREATE DOMAIN code AS varchar(4) NOT NULL CHECK (VALUE ~ '^[A-Z]{2,3}$');
    CREATE TABLE t (
        o over NOT NULL, c code, state text NOT NULL CHECK (state IN ('open', 'closed')),
        mail text NOT NULL CHECK (mail LIKE '%@%'), age int NOT NULL CHECK (age BETWEEN 18 AND 99),
        since date NOT NULL, until date NOT NULL, CHECK (since < until),
        list jsonb NOT NULL CHECK (jsonb_typeof(list) = 'array'),
        long text NOT NULL CHECK (length(long) >= 40),
        one text, two text, CHECK (num_nonnulls(one, two) = 1));
    CREATE TABLE never (a int NOT NULL CHECK (a < 0 AND a > 0));
    """
    found = seeded(database, script)
    assert found.rows['"t"'] >= 3
    assert set(column(database, "SELECT state FROM t")) == {"open", "closed"}
    (warning,) = found.warnings
    assert '"never"' in warning.message
    assert "never_a_check" in warning.message


def test_a_trigger_that_refuses_and_tables_of_others_are_left_alone(database: Connection) -> None:
    script = """
    CREATE SCHEMA shop; CREATE TABLE shop.t (id int);
    CREATE TABLE guarded (id int);
    CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'closed'; END $$;
    CREATE TRIGGER no BEFORE INSERT ON guarded FOR EACH ROW EXECUTE FUNCTION no();
    CREATE TABLE kept (id int); CREATE TABLE kept_log (id int);
    CREATE FUNCTION log() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO kept_log VALUES (NEW.id); RETURN NEW; END $$;
    CREATE TRIGGER log AFTER INSERT ON kept FOR EACH ROW EXECUTE FUNCTION log();
    CREATE TABLE parts (id int NOT NULL, day date NOT NULL) PARTITION BY RANGE (day);
    CREATE TABLE parts_2001 PARTITION OF parts FOR VALUES FROM ('2001-01-01') TO ('2002-01-01');
    CREATE TABLE _prisma_migrations (id int); CREATE TABLE nothing ();
    """
    found = seeded(database, script)
    assert set(found.rows) == {'"shop"."t"', '"guarded"', '"kept"', '"kept_log"', '"parts"', '"nothing"'}
    (warning,) = found.warnings
    assert warning.message == 'table "guarded" was rehearsed without rows: closed'


def test_the_same_rows_every_time_and_more_beside_them(
    database: Connection, scratch_server: ScratchServer
) -> None:
    script = "CREATE TABLE a (id int PRIMARY KEY, t text UNIQUE); CREATE TABLE b (a int REFERENCES a, u uuid)"
    first = seeded(database, script)
    rows = database.execute(b"SELECT * FROM a, b ORDER BY a, b").fetchall()
    with scratch_server.new_database() as dsn, psycopg.connect(dsn, autocommit=True) as other:
        assert seeded(other, script) == first
        assert other.execute(b"SELECT * FROM a, b ORDER BY a, b").fetchall() == rows
    again = seed(database)
    assert again.rows['"a"'] > 0
    plain = seed(database, with_boundaries=False)
    assert 0 < plain.rows['"a"'] <= again.rows['"a"']


def test_tables_that_take_no_ordinary_insert_get_rows(database: Connection) -> None:
    script = """
    CREATE TYPE kind AS ENUM ('A', 'B');
    CREATE TABLE late_key (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED,
        flag boolean NOT NULL UNIQUE DEFERRABLE INITIALLY DEFERRED,
        span int4range NOT NULL, EXCLUDE USING gist (span WITH &&) DEFERRABLE INITIALLY DEFERRED);
    CREATE TABLE parent (id int PRIMARY KEY);
    CREATE TABLE late_reference (id int PRIMARY KEY,
        parent int NOT NULL REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
    CREATE TABLE egg (id int PRIMARY KEY, hen int NOT NULL,
        flag boolean UNIQUE DEFERRABLE INITIALLY DEFERRED);
    CREATE TABLE hen (id int PRIMARY KEY, egg int NOT NULL REFERENCES egg DEFERRABLE);
    ALTER TABLE egg ADD FOREIGN KEY (hen) REFERENCES hen DEFERRABLE;
    CREATE TABLE hidden (id int PRIMARY KEY, tenant text NOT NULL);
    CREATE POLICY own ON hidden USING (tenant = current_setting('app.tenant'));
    ALTER TABLE hidden ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
    CREATE TABLE of_hidden (id int PRIMARY KEY, hidden int NOT NULL REFERENCES hidden);
    CREATE TABLE made (id int PRIMARY KEY, a int NOT NULL,
        twice bigint GENERATED ALWAYS AS (a::bigint * 2) STORED,
        words tsvector NOT NULL GENERATED ALWAYS AS (to_tsvector('simple', a::text)) STORED);
    CREATE TABLE numbered (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY CHECK (id > 0),
        root int NOT NULL REFERENCES numbered, a text NOT NULL);
    CREATE TABLE of_numbered (id int PRIMARY KEY, numbered int NOT NULL REFERENCES numbered);
    CREATE TABLE by_list (id int, region text NOT NULL, k kind NOT NULL, PRIMARY KEY (id, region, k))
        PARTITION BY LIST (region);
    CREATE TABLE by_list_eu PARTITION OF by_list FOR VALUES IN ('eu-1', 'eu-2') PARTITION BY LIST (k);
    CREATE TABLE by_list_eu_a PARTITION OF by_list_eu FOR VALUES IN ('A');
    CREATE TABLE by_list_us PARTITION OF by_list FOR VALUES IN ('us');
    CREATE TABLE by_range (id int, day date NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    CREATE TABLE by_range_2031 PARTITION OF by_range FOR VALUES FROM ('2031-01-01') TO ('2031-02-01');
    CREATE TABLE of_by_range (id int PRIMARY KEY, range int NOT NULL, day date NOT NULL,
        FOREIGN KEY (range, day) REFERENCES by_range);
    CREATE TABLE by_hash (id int PRIMARY KEY) PARTITION BY HASH (id);
    CREATE TABLE by_hash_0 PARTITION OF by_hash FOR VALUES WITH (MODULUS 3, REMAINDER 0);
    CREATE TABLE by_default (id int, region text NOT NULL) PARTITION BY LIST (region);
    CREATE TABLE by_default_rest PARTITION OF by_default DEFAULT;
    """
    found = seeded(database, script)
    assert found.warnings == ()
    assert {name: count for name, count in found.rows.items() if count < 2} == {}
    assert column(database, "SELECT count(*) FROM late_key") == [2]
    assert set(column(database, "SELECT tableoid::regclass::text FROM by_list")) == {
        "by_list_eu_a",
        "by_list_us",
    }
    assert column(database, "SELECT relforcerowsecurity FROM pg_class WHERE relname = 'hidden'") == [True]
    assert set(column(database, "INSERT INTO numbered (root, a) VALUES (1, '') RETURNING id > 3")) == {True}


def test_values_that_migrations_get_wrong_are_there(database: Connection) -> None:
    script = """
    CREATE TYPE kind AS ENUM ('A', 'B', 'C', 'D');
    CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL, d numeric(10, 4), f float8, j jsonb NOT NULL, b bool,
        s text NOT NULL, at timestamp, at_3 timestamp(3), list text[], kinds kind[], k kind);
    """
    seeded(database, script)
    held = "SELECT bool_or(n = 0) AND bool_or(n < 0) AND bool_or(n = 2147483647), "
    held += "bool_or(d = -999999.9999) AND bool_or(d = 1.1234), bool_or(f <> round(f)), "
    held += "count(DISTINCT jsonb_typeof(j)) = 6, count(DISTINCT b) = 2, "
    held += "bool_or(s = '') AND bool_or(s ~ '[日]'), "
    held += "bool_or(at <> at::timestamp(3)), bool_or(at_3 <> at_3::timestamp(2)), "
    held += "bool_or(list = '{}') AND bool_or(list[1] IS NULL AND list <> '{}'), "
    held += "bool_or(cardinality(kinds) = 4), count(DISTINCT k) = 4 FROM t"
    assert database.execute(held.encode()).fetchall() == [(True,) * 11]
