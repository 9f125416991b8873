"""What a downgrade would destroy is never destroyed unasked, whatever down.sql calls it on the way."""

from __future__ import annotations

import json

import pytest

from migrations.planner.plan import plan
from migrations.runner import commands
from migrations.runner.errors import MigrationFailedError, RefusedError
from migrations.runner.manifest import Manifest
from migrations.runner.options import address
from schemas.answers import Answers
from schemas.prisma.bridge import PrismaBridge

from ..kit import downgrade, execute, manifest, manifest_json, migration, rows, upgrade

HEAD = 'datasource db {\n  provider = "postgresql"\n  schemas = ["a", "public"]\n}\n'


def test_a_column_of_a_table_that_changes_its_schema_is_not_lost_unasked(
    dsn: str, bridge: PrismaBridge
) -> None:
    before = bridge.parse(f'{HEAD}model T {{\n  id Int @id\n  @@schema("a")\n}}')
    after = bridge.parse(f'{HEAD}model T {{\n  id Int @id\n  c String?\n  @@schema("public")\n}}')
    first, second = plan(None, before, bridge), plan(before, after, bridge)
    package = manifest(
        migration(1, first.up, first.down), migration(2, second.up, second.down, version="2.0.0")
    )
    upgrade(dsn, package)
    execute(dsn, """INSERT INTO "T" VALUES (1, 'kept')""")
    with pytest.raises(RefusedError) as refused:
        downgrade(dsn, package, "1.0.0")
    assert refused.value.code == "data-loss"
    assert refused.value.details == ('002_m2: column "T"."c" (DROP COLUMN): 1 row',)
    assert rows(dsn, 'SELECT * FROM "T"') == [(1, "kept")]
    assert downgrade(dsn, package, "1.0.0", allow_data_loss=True) == ("002_m2",)


def test_no_planned_change_of_type_loses_on_downgrade_unasked(dsn: str, bridge: PrismaBridge) -> None:
    head = 'datasource db {\n  provider = "postgresql"\n}\nenum E {\n  A\n  B\n}\n'
    old = ("a String", "b E", "c DateTime", "d Boolean", "e Json", "f String", "g String[]", "h String?")
    new = ("a String[]", "b E[]", "c DateTime @db.Timestamptz(6)", "d Int", "e String", "f Json")
    new += ("g Json?", "h Json[]")
    before, after = (
        bridge.parse(head + "model T {\n  id Int @id\n  " + "\n  ".join(fields) + "\n}")
        for fields in (old, new)
    )
    reason = "each becomes a JSON string"
    answers = Answers(accepted_losses=tuple((f"T.{name}", reason) for name in "fgh"))
    first, second = plan(None, before, bridge), plan(before, after, bridge, answers)
    package = manifest(
        migration(1, first.up, first.down), migration(2, second.up, second.down, version="2.0.0")
    )
    upgrade(dsn, package, to="1.0.0")
    execute(
        dsn,
        """INSERT INTO "T" VALUES (1, 'a', 'A', '2024-01-02 03:04:05.678', true, '{"k": 1}', '{"k":1}',
           '{a}', 'a')""",
    )
    at_first = rows(dsn, 'SELECT t::text FROM "T" t')
    upgrade(dsn, package)
    assert downgrade(dsn, package, "1.0.0") == ("002_m2",)
    assert rows(dsn, 'SELECT t::text FROM "T" t') == at_first
    upgrade(dsn, package)
    execute(
        dsn,
        """UPDATE "T" SET a = '{a,b}', b = '{A,B}', c = c + interval '1 microsecond', d = 2, e = '{"k":1}',
           f = '{"k": 1}', g = '[1]', h = ARRAY['[1]'::jsonb]""",
    )
    at_second = rows(dsn, 'SELECT t::text FROM "T" t')
    with pytest.raises(RefusedError) as refused:
        downgrade(dsn, package, "1.0.0")
    assert refused.value.code == "data-loss"
    assert refused.value.details == (
        '002_m2: column "T"."a" (not all of it fits text): 1 row, such as \'{a,b}\'',
        '002_m2: column "T"."b" (not all of it fits "E"): 1 row, such as \'{A,B}\'',
        '002_m2: column "T"."c" (not all of it fits timestamp(3)): 1 row, '
        "such as '2024-01-02 03:04:05.678001+00'",
        '002_m2: column "T"."d" (not all of it fits boolean): 1 row, such as \'2\'',
        '002_m2: column "T"."e" (not all of it fits jsonb): 1 row, such as \'{"k":1}\'',
        '002_m2: column "T"."f" (not all of it fits text): 1 row, such as \'{"k": 1}\'',
        '002_m2: column "T"."g" (not all of it fits text[]): 1 row, such as \'[1]\'',
        '002_m2: column "T"."h" (not all of it fits text): 1 row, such as \'{[1]}\'',
    )
    assert rows(dsn, 'SELECT t::text FROM "T" t') == at_second


def test_a_conversion_by_hand_is_asked_about_every_value(dsn: str) -> None:
    package = manifest(
        migration(1, "CREATE TABLE t (a int, b text, c boolean, d int, e text);"),
        migration(
            2,
            "ALTER TABLE t ALTER a TYPE text, ALTER c TYPE text, ALTER d TYPE numeric;",
            "ALTER TABLE t ALTER a TYPE int USING length(a), ALTER b TYPE text USING lower(b), "
            "ALTER c TYPE boolean USING c = 'yes', ALTER d TYPE int USING trunc(d), "
            "ALTER e TYPE text USING b;",
            version="2.0.0",
        ),
    )
    upgrade(dsn, package)
    execute(dsn, "INSERT INTO t VALUES ('1', 'b', NULL, 7, 'b')")
    assert downgrade(dsn, package, "1.0.0") == ("002_m2",)
    upgrade(dsn, package)
    execute(dsn, "UPDATE t SET a = 'abc', b = 'B', c = 'yes', d = 7.5, e = 'e'")
    with pytest.raises(RefusedError) as refused:
        downgrade(dsn, package, "1.0.0")
    assert refused.value.details == (
        '002_m2: column "t"."a" (USING length(a) may change it): 1 row, such as \'abc\'',
        '002_m2: column "t"."b" (USING lower(b) may change it): 1 row, such as \'B\'',
        "002_m2: column \"t\".\"c\" (USING c = 'yes' may change it): 1 row, such as 'yes'",
        '002_m2: column "t"."d" (USING trunc(d) may change it): 1 row, such as \'7.5\'',
        '002_m2: column "t"."e" (USING b may change it): 1 row, such as \'e\'',
    )


def test_a_column_is_asked_about_where_its_table_is_before_the_whole_downgrade(dsn: str) -> None:
    package = manifest(
        migration(1, "CREATE SCHEMA a; CREATE TABLE a.t (id int);", "DROP TABLE a.t; DROP SCHEMA a;"),
        migration(2, "ALTER TABLE a.t ADD c text;", "ALTER TABLE a.t DROP COLUMN c;", version="2.0.0"),
        migration(3, "ALTER TABLE a.t SET SCHEMA public;", "ALTER TABLE t SET SCHEMA a;", version="3.0.0"),
        migration(4, "ALTER SCHEMA a RENAME TO b;", "ALTER SCHEMA b RENAME TO a;", version="4.0.0"),
    )
    upgrade(dsn, package)
    execute(dsn, "INSERT INTO t VALUES (1, 'kept')")
    with pytest.raises(RefusedError) as refused:
        downgrade(dsn, package, "1.0.0")
    assert refused.value.details == ('002_m2: column "t"."c" (DROP COLUMN): 1 row',)
    assert commands.status(package, address(dsn)).version == "4.0.0"
    assert downgrade(dsn, package, "1.0.0", allow_data_loss=True) == ("004_m4", "003_m3", "002_m2")


def test_what_the_downgrade_makes_itself_is_no_loss_when_its_turn_comes(dsn: str) -> None:
    package = manifest(
        migration(1, "CREATE TABLE t (id int);", "DROP TABLE t;"),
        migration(
            2,
            "ALTER TABLE t ADD c text; CREATE TABLE u (id int);",
            "DROP TABLE u; ALTER TABLE t DROP COLUMN c;",
            version="2.0.0",
        ),
        migration(
            3,
            "ALTER TABLE t DROP COLUMN c; DROP TABLE u;",
            "ALTER TABLE t ADD c text NOT NULL DEFAULT 'x'; CREATE TABLE u AS SELECT id FROM t;",
            version="3.0.0",
        ),
    )
    upgrade(dsn, package)
    execute(dsn, "INSERT INTO t VALUES (1)")
    assert commands.plan(package, address(dsn), to="1.0.0", down=True).losses == ()
    assert downgrade(dsn, package, "1.0.0") == ("003_m3", "002_m2")
    assert rows(dsn, "SELECT * FROM t") == [(1,)]
    # What others have put there since is theirs.
    upgrade(dsn, package, to="2.0.0")
    execute(dsn, "INSERT INTO u VALUES (1)")
    with pytest.raises(RefusedError, match="would destroy data"):
        downgrade(dsn, package, "1.0.0")


def test_a_loss_that_can_t_be_told_is_refused(dsn: str) -> None:
    package = manifest(
        migration(1, "CREATE TABLE t (id int);"),
        migration(2, "ALTER TABLE t ADD c text;", "ALTER TABLE t DROP COLUMN c;", version="2.0.0"),
    )
    upgrade(dsn, package)
    execute(dsn, "INSERT INTO t VALUES (1, 'kept'); ALTER TABLE t RENAME c TO by_hand")
    with pytest.raises(RefusedError) as refused:
        downgrade(dsn, package, "1.0.0")
    assert refused.value.code == "loss-unknown"
    assert refused.value.details == (
        '002_m2: column "t"."c" (DROP COLUMN): its rows can\'t be counted (column "c" does not exist)',
    )
    assert "--allow-data-loss" in refused.value.fix
    assert commands.plan(package, address(dsn), to="1.0.0", down=True).losses == refused.value.details
    assert commands.status(package, address(dsn)).version == "2.0.0"


def test_what_was_put_there_before_a_downgrade_is_resumed_is_not_lost_unasked(dsn: str) -> None:
    down = """
        DO $$BEGIN PERFORM 'what no check can tell beforehand'; END$$;
        ALTER TABLE t DROP b; CREATE UNIQUE INDEX CONCURRENTLY u ON t (id); ALTER TABLE t DROP c;
    """
    package = manifest(
        migration(1, "CREATE TABLE t (id int);"),
        migration(2, "ALTER TABLE t ADD b text, ADD c text;", down, version="2.0.0"),
    )
    upgrade(dsn, package)
    execute(dsn, "INSERT INTO t VALUES (1), (1)")
    with pytest.raises(MigrationFailedError):
        downgrade(dsn, package, "1.0.0")
    execute(dsn, "TRUNCATE t; INSERT INTO t (id, c) VALUES (1, 'kept')")
    with pytest.raises(RefusedError) as refused:
        downgrade(dsn, package, "1.0.0")
    assert refused.value.details == ('002_m2: column "t"."c" (DROP COLUMN): 1 row',)
    execute(dsn, "UPDATE t SET c = NULL")
    assert downgrade(dsn, package, "1.0.0") == ("002_m2",)


@pytest.mark.parametrize(
    "script",
    [
        "DROP TABLE IF EXISTS t;",
        "ALTER TABLE IF EXISTS t DROP COLUMN c;",
        "ALTER TABLE v DROP COLUMN IF EXISTS c;",
        "ALTER TABLE IF EXISTS t RENAME TO w; DROP TABLE IF EXISTS w;",
        "DROP SCHEMA IF EXISTS s CASCADE;",
        "DROP TYPE IF EXISTS e CASCADE;",
    ],
)
def test_what_need_not_be_there_may_be_missing(dsn: str, script: str) -> None:
    package = manifest(
        migration(1, "CREATE TABLE v (id int);"),
        migration(2, "CREATE TABLE t (id int, c int);", script, version="2.0.0"),
    )
    upgrade(dsn, package)
    execute(dsn, "DROP TABLE t")
    assert downgrade(dsn, package, "1.0.0") == ("002_m2",)


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("DO $$ BEGIN DROP TABLE t; END $$;", "what DROP TABLE takes away"),
        ("SELECT empty();", "what DELETE FROM in empty() takes away"),
        ("DROP EXTENSION IF EXISTS absent CASCADE;", "what DROP EXTENSION … CASCADE takes away"),
    ],
)
def test_code_that_takes_something_away_needs_permission(dsn: str, script: str, told: str) -> None:
    body = "CREATE FUNCTION empty() RETURNS void LANGUAGE sql AS 'DELETE FROM t';"
    package = manifest(
        migration(1, f"CREATE TABLE t (id int); {body}"),
        migration(2, "SELECT 1;", script, version="2.0.0"),
    )
    upgrade(dsn, package)
    with pytest.raises(RefusedError) as refused:
        downgrade(dsn, package, "1.0.0")
    assert refused.value.code == "loss-unknown"
    assert refused.value.details == (f"002_m2: {told}: its rows can't be counted (only running it can tell)",)
    assert downgrade(dsn, package, "1.0.0", allow_data_loss=True) == ("002_m2",)


def test_tables_that_no_script_names_are_lost_with_their_schema(dsn: str) -> None:
    package = manifest(
        migration(1, "SELECT 1;"),
        migration(
            2,
            "CREATE SCHEMA s; CREATE TYPE s.e AS ENUM ('x');",
            "DROP TYPE s.e CASCADE; DROP SCHEMA s CASCADE;",
            version="2.0.0",
        ),
    )
    upgrade(dsn, package)
    execute(dsn, "CREATE TABLE s.by_hand (id int); INSERT INTO s.by_hand VALUES (1), (2)")
    execute(dsn, "CREATE TABLE other (v s.e, vs s.e[]); INSERT INTO other VALUES ('x', NULL), ('x', '{x}')")
    with pytest.raises(RefusedError) as refused:
        downgrade(dsn, package, "1.0.0")
    assert refused.value.details == (
        '002_m2: type "s"."e" (DROP TYPE), with all columns of it: 3 rows',
        '002_m2: schema "s" (DROP SCHEMA), with all its tables: 2 rows',
    )


def test_a_column_may_be_called_as_a_check_calls_things(dsn: str) -> None:
    columns = ", ".join(f"{name} e DEFAULT 'A'" for name in ("value", "held", "held_values", "s", "c", "n"))
    changes = ", ".join(
        f"ALTER {name} DROP DEFAULT, ALTER {name} TYPE e_new USING {name}::text::e_new"
        for name in ("value", "held", "held_values", "s", "c", "n")
    )
    package = manifest(
        migration(1, f"CREATE TYPE e AS ENUM ('A'); CREATE TABLE held_values ({columns});"),
        migration(
            2,
            "ALTER TYPE e ADD VALUE 'B';",
            f"CREATE TYPE e_new AS ENUM ('A'); ALTER TABLE held_values {changes};",
            version="2.0.0",
        ),
    )
    upgrade(dsn, package)
    execute(dsn, "INSERT INTO held_values (value) VALUES ('B')")
    with pytest.raises(RefusedError) as refused:
        downgrade(dsn, package, "1.0.0")
    assert refused.value.details == (
        '002_m2: column "held_values"."value" holds values that its enum will not have: 1 row, such as \'B\'',
    )


def test_a_package_without_the_newer_entries_is_read(dsn: str) -> None:
    document = manifest_json(
        migration(1, "CREATE TABLE t (id int);"),
        migration(2, "ALTER TABLE t ADD c text;", "ALTER TABLE t DROP COLUMN c;", version="2.0.0"),
        migration(3, "ALTER TABLE t RENAME TO u;", "ALTER TABLE u RENAME TO t;", version="3.0.0"),
    )
    text = json.dumps(document)
    assert '"made"' not in text
    assert '"missing_ok"' not in text
    package = Manifest.from_json(json.loads(text))
    upgrade(dsn, package)
    execute(dsn, "INSERT INTO u VALUES (1, 'kept')")
    with pytest.raises(RefusedError, match="would destroy data"):
        downgrade(dsn, package, "1.0.0")


def test_values_that_a_downgrade_makes_from_others_are_lost_where_they_do_not_come_back(dsn: str) -> None:
    package = manifest(
        migration(1, "CREATE TABLE t (id int PRIMARY KEY, cents int, name text, code text, kept int);"),
        migration(
            2,
            "UPDATE t SET cents = cents * 100, kept = kept + 1; ALTER TABLE t RENAME name TO title;"
            "UPDATE t SET code = upper(code) WHERE id > 0;",
            "UPDATE t SET code = lower(code) WHERE id > 0; ALTER TABLE t RENAME title TO name;"
            "UPDATE t SET cents = cents / 100, kept = kept - 1; UPDATE t SET name = trim(name);",
            version="2.0.0",
        ),
    )
    upgrade(dsn, package)
    execute(
        dsn, "INSERT INTO t VALUES (1, 200, 'x', 'A', 7), (2, 250, ' y', 'b', NULL), (-1, NULL, 'z', 'b', 1)"
    )
    with pytest.raises(RefusedError) as refused:
        downgrade(dsn, package, "1.0.0")
    assert refused.value.code == "data-loss"
    back = "(UPDATE, and up.sql does not restore it)"
    assert refused.value.details == (
        f"""002_m2: column "t"."code" {back}: 1 row, such as 'id 2, code b'""",
        f"""002_m2: column "t"."cents" {back}: 1 row, such as 'id 2, cents 250'""",
        f"""002_m2: column "t"."title" {back}: 1 row, such as 'id 2, title  y'""",
    )
    assert rows(dsn, "SELECT cents FROM t WHERE id = 1") == [(200,)]
    execute(dsn, "DELETE FROM t WHERE id = 2")
    assert downgrade(dsn, package, "1.0.0") == ("002_m2",)
    upgrade(dsn, package)
    assert rows(dsn, "SELECT * FROM t ORDER BY id") == [(-1, None, "z", "b", 1), (1, 200, "x", "A", 7)]
