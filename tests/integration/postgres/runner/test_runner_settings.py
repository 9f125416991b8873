"""Steps mean the same on every database, whatever zone and styles its owner has given it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from migrations.runner.connection.pinned_settings import PINNED_SETTINGS, unpinned
from migrations.runner.errors import RefusedError
from migrations.scratch.scratch_server import ScratchServer

from .conftest import Pooled
from .kit import downgrade, execute, manifest, migration, rows, upgrade

ROOT = Path(__file__).parents[4]
#: Each is what some database in production has, and none is what a rehearsal runs with.
FOREIGN_SETTINGS = {
    "TimeZone": "America/New_York",
    "DateStyle": "SQL, DMY",
    "IntervalStyle": "sql_standard",
    "extra_float_digits": "-15",
    "bytea_output": "escape",
    "standard_conforming_strings": "off",
    "quote_all_identifiers": "on",
    "transform_null_equals": "on",
    "array_nulls": "off",
}
#: Text that differs with each of these settings; all of it is read or written by Postgres inside a step.
WRITTEN = (
    "'2026-05-06 00:00'::timestamp::timestamptz AT TIME ZONE 'UTC'",
    "'2026-05-06'::date::timestamptz AT TIME ZONE 'UTC'",
    "'05/06/2026'::date - '2026-05-06'::date",
    "'2026-05-06 00:00Z'::timestamptz",
    "'2026-05-06 23:30Z'::timestamptz::date",
    "'2026-05-06'::date",
    "'1 day 2 hours'::interval",
    "'0.1'::float8 + '0.2'::float8",
    "'\\x6162'::bytea",
    "length('\\n')",
    "quote_ident('a')",
    "1 = NULL IS NULL",
    "('{NULL}'::text[])[1] IS NULL",
)
VALUES = [
    ("2026-05-06 00:00:00",),
    ("2026-05-06 00:00:00",),
    ("0",),
    ("2026-05-06 00:00:00+00",),
    ("2026-05-06",),
    ("2026-05-06",),
    ("1 day 02:00:00",),
    ("0.30000000000000004",),
    ("\\x6162",),
    ("2",),
    ("a",),
    ("true",),
    ("true",),
]
TABLE = "CREATE TABLE t (id int PRIMARY KEY, v text);"
ROWS = f"{TABLE} INSERT INTO t SELECT generate_series(1, {len(WRITTEN)});"
FILL = "UPDATE t SET v = CASE id " + " ".join(
    f"WHEN {number} THEN ({expression})::text" for number, expression in enumerate(WRITTEN, start=1)
)
FILL += " END"


def run_in_a_transaction(dsn: str) -> None:
    upgrade(dsn, manifest(migration(1, ROWS), migration(2, f"{FILL};")))


def run_in_batches(dsn: str) -> None:
    fill = migration(2, f"-- schema-service: backfill\n{FILL};")
    upgrade(dsn, manifest(migration(1, ROWS), fill), batch=3)


def run_after_a_statement_outside_transactions(dsn: str) -> None:
    script = f"CREATE INDEX CONCURRENTLY i ON t (v); {FILL};"
    upgrade(dsn, manifest(migration(1, ROWS), migration(2, script)))


def run_after_a_script_with_settings_of_its_own(dsn: str) -> None:
    own = "SET TimeZone = 'Asia/Tokyo'; SET DateStyle = 'German'; SET IntervalStyle = 'iso_8601';"
    upgrade(dsn, manifest(migration(1, f"{own} {ROWS}"), migration(2, f"{FILL};")))


def run_in_a_downgrade(dsn: str) -> None:
    package = manifest(migration(1, ROWS, "SELECT 1;"), migration(2, "SELECT 1;", f"{FILL};"))
    upgrade(dsn, package)
    downgrade(dsn, package)


RUNS = (
    run_in_a_transaction,
    run_in_batches,
    run_after_a_statement_outside_transactions,
    run_after_a_script_with_settings_of_its_own,
    run_in_a_downgrade,
)


@pytest.fixture
def foreign(server: ScratchServer, dsn: str, admin: str) -> str:
    """An empty database whose sessions start with other settings than a rehearsal's."""
    _set_foreign(admin, dsn)
    return dsn


def _set_foreign(admin: str, dsn: str) -> None:
    name = psycopg.conninfo.conninfo_to_dict(dsn)["dbname"]
    for setting, value in FOREIGN_SETTINGS.items():
        execute(admin, f"ALTER DATABASE \"{name}\" SET {setting} = '{value}'")


@pytest.mark.parametrize("run", RUNS)
def test_values_are_read_and_written_the_same_everywhere(foreign: str, run: Callable[[str], None]) -> None:
    run(foreign)
    assert rows(foreign, "SELECT v FROM t ORDER BY id") == VALUES


@pytest.mark.parametrize("run", RUNS[:2])
def test_the_same_through_a_pooler(server: ScratchServer, pooled: Pooled, run: Callable[[str], None]) -> None:
    _set_foreign(pooled.direct.replace("scratch_owner", "postgres"), pooled.direct)
    run(pooled.dsn)
    assert rows(pooled.direct, "SELECT v FROM t ORDER BY id") == VALUES
    assert rows(pooled.dsn, "SHOW TimeZone") == [("America/New_York",)]


def test_changes_of_type_take_times_for_utc(foreign: str) -> None:
    first = migration(
        1,
        "CREATE TABLE t (day date, slots timestamp(3)[], at time, at_zone timestamptz);"
        "INSERT INTO t VALUES ('2026-05-06', '{2026-05-06 07:00}', '07:00', '2026-05-06 23:30Z');",
    )
    second = migration(
        2,
        "ALTER TABLE t ALTER COLUMN day SET DATA TYPE timestamptz(3), "
        "ALTER COLUMN slots SET DATA TYPE timestamptz(3)[], ALTER COLUMN at SET DATA TYPE timetz, "
        "ALTER COLUMN at_zone SET DATA TYPE date; "
        "ALTER TABLE t ADD COLUMN made timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;",
    )
    upgrade(foreign, manifest(first, second))
    query = (
        "SELECT day = '2026-05-06 00:00Z', slots[1] = '2026-05-06 07:00Z', at = '07:00Z', "
        "at_zone = '20260506', made > (now() AT TIME ZONE 'UTC') - interval '1 hour' FROM t"
    )
    assert rows(foreign, query) == [(True, True, True, True, True)]


def test_a_statement_outside_transactions_reads_its_constants_the_same(foreign: str) -> None:
    upgrade(foreign, manifest(*INDEXED))
    assert _predicate(foreign) == PREDICATE


def test_behind_a_pooler_a_constant_outside_transactions_is_refused(pooled: Pooled) -> None:
    _set_foreign(pooled.direct.replace("scratch_owner", "postgres"), pooled.direct)
    with pytest.raises(RefusedError, match="TimeZone") as refused:
        upgrade(pooled.dsn, manifest(*INDEXED))
    assert refused.value.code == "pooled"
    assert upgrade(pooled.direct, manifest(*INDEXED)) == ("002_m2",)
    assert _predicate(pooled.direct) == PREDICATE


def test_behind_a_pooler_an_index_without_constants_is_built(pooled: Pooled) -> None:
    _set_foreign(pooled.direct.replace("scratch_owner", "postgres"), pooled.direct)
    package = manifest(migration(1, ROWS), migration(2, "CREATE INDEX CONCURRENTLY i ON t (v);"))
    assert upgrade(pooled.dsn, package) == ("001_m1", "002_m2")


def test_the_readme_s_grants_reach_what_is_made_before_and_after_them(
    dsn: str, admin: str, server: ScratchServer
) -> None:
    text = (ROOT / "generators/migrations_package/templates/README.md.jinja").read_text("utf-8")
    recipe = text.partition("## Rights of applications")[2].partition("```sql")[2].partition("```")[0]
    first = migration(1, "CREATE TYPE e AS ENUM ('a'); CREATE TABLE t (id serial PRIMARY KEY, m e);")
    second = migration(
        2,
        "CREATE TABLE u (id bigserial PRIMARY KEY, t int REFERENCES t); ALTER TABLE t ALTER id TYPE bigint;"
        "ALTER TABLE t RENAME TO v;",
        version="2.0.0",
    )
    # Roles belong to the whole server, which other tests use too.
    roles = "recipe_migrator", "recipe_application"
    recipe = recipe.replace("migrator", roles[0]).replace("application", roles[1])
    for role in roles:
        execute(admin, f"CREATE ROLE {role} LOGIN")
    try:
        execute(admin, f"GRANT ALL ON SCHEMA public TO {roles[0]}")
        execute(admin, f"GRANT CREATE ON DATABASE {conninfo_to_dict(dsn)['dbname']} TO {roles[0]}")
        migrator, application = (dsn.replace("scratch_owner", role) for role in roles)
        upgrade(migrator, manifest(first))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            execute(application, "INSERT INTO t (m) VALUES ('a')")
        execute(admin, recipe)
        upgrade(migrator, manifest(first, second))
        execute(application, "INSERT INTO v (m) VALUES ('a'); INSERT INTO u (t) SELECT id FROM v")
        execute(application, "UPDATE u SET id = id; DELETE FROM u; DELETE FROM v")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            execute(application, "DROP TABLE u")
    finally:
        for role in roles:
            execute(admin, f"DROP OWNED BY {role} CASCADE; DROP ROLE {role}")


def test_a_script_s_own_setting_holds_for_the_rest_of_it_and_no_longer(foreign: str) -> None:
    first = migration(
        1,
        "CREATE TABLE t (id int PRIMARY KEY, v text, at timestamptz); INSERT INTO t VALUES (1), (2), (3);"
        "SET TimeZone = 'Asia/Tokyo';"
        "UPDATE t SET v = '2026-05-06 00:00Z'::timestamptz::text WHERE id = 1;"
        "CREATE INDEX CONCURRENTLY i ON t (at) WHERE at > '2026-05-06 00:00';"
        "UPDATE t SET v = '2026-05-06 00:00Z'::timestamptz::text WHERE id = 2;",
    )
    second = migration(2, "UPDATE t SET v = '2026-05-06 00:00Z'::timestamptz::text WHERE id = 3;")
    upgrade(foreign, manifest(first, second))
    assert rows(foreign, "SELECT v FROM t ORDER BY id") == [
        ("2026-05-06 09:00:00+09",),
        ("2026-05-06 09:00:00+09",),
        ("2026-05-06 00:00:00+00",),
    ]
    assert _predicate(foreign) == "2026-05-05 15:00:00+00"


def test_a_backfill_goes_on_at_a_key_that_is_written_in_another_style(foreign: str) -> None:
    first = migration(
        1,
        "CREATE TABLE t (at timestamp PRIMARY KEY, f float8, n int DEFAULT 0);"
        "INSERT INTO t SELECT timestamp '2026-01-01' + i * interval '10 days', i * 0.1"
        " FROM generate_series(1, 20) i;",
    )
    second = migration(2, "-- schema-service: backfill\nUPDATE t SET n = n + 1;")
    upgrade(foreign, manifest(first, second), batch=3)
    assert rows(foreign, "SELECT DISTINCT n FROM t") == [(1,)]


@pytest.mark.parametrize(
    ("sql", "time_zone", "date_style", "setting"),
    [
        ("WHERE a > '2026-05-06'", "America/New_York", "ISO, MDY", "TimeZone"),
        ("WHERE a > 'tomorrow'", "Europe/London", "ISO, MDY", "TimeZone"),
        ("WHERE a > '2026-05-06'", "Etc/UTC", "ISO, DMY", None),
        ("WHERE a > '05/06/2026'", "UTC", "SQL, DMY", "DateStyle"),
        ("WHERE a = 'it''s' AND b1 - 2 > 3", "Asia/Tokyo", "German, DMY", None),
        ("WHERE kind = 'open'", "Asia/Tokyo", "German, DMY", None),
    ],
)
def test_what_a_statement_s_constants_depend_on(
    sql: str, time_zone: str, date_style: str, setting: str | None
) -> None:
    assert unpinned(sql, time_zone, date_style) == setting


def test_every_pinned_setting_is_foreign_here() -> None:
    assert FOREIGN_SETTINGS.keys() == PINNED_SETTINGS.keys()


INDEXED = (
    migration(1, "CREATE TABLE t (at timestamptz);"),
    migration(2, "CREATE INDEX CONCURRENTLY i ON t (at) WHERE at > '2026-05-06 00:00';"),
)
PREDICATE = "2026-05-06 00:00:00+00"


def _predicate(dsn: str) -> str:
    """The constant in the index's condition, in UTC."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SET TimeZone = 'UTC'; SET DateStyle = 'ISO'")
        row = connection.execute(
            "SELECT pg_get_expr(indpred, indrelid) FROM pg_index WHERE indexrelid = 'i'::regclass"
        ).fetchone()
    assert row is not None
    return str(row[0]).split("'")[1]
