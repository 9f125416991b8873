"""What the runner does with the answers to the checks of a downgrade, and with those it does not get."""

from __future__ import annotations

import psycopg
import pytest

from migrations.package.release_state import ReleaseState
from migrations.runner import commands
from migrations.runner.errors import MigrationFailedError, RefusedError
from migrations.runner.manifest import Manifest
from migrations.runner.options import Options, address

from ...databases import EmptyDatabases
from ..kit import Heard, execute, manifest, manifest_json, migration, objects, rows, upgrade


def test_a_check_that_takes_too_long_is_told_and_a_loss_refused(dsn: str) -> None:
    package = manifest(
        migration(1, "CREATE TABLE t (a int);"),
        migration(
            2,
            "ALTER TABLE t ADD b int; CREATE TABLE u (a int);",
            "ALTER TABLE t ALTER a SET NOT NULL; DROP TABLE u;",
            version="2.0.0",
        ),
    )
    upgrade(dsn, package)
    options = Options(check_timeout=0.2)
    with psycopg.connect(dsn) as other:
        other.execute("LOCK TABLE u")
        found = commands.plan(package, address(dsn), to="1.0.0", down=True, options=options)
        with pytest.raises(RefusedError) as refused:
            commands.downgrade(package, address(dsn), to="1.0.0", options=options)
        assert refused.value.code == "loss-unknown"
        assert refused.value.details == (
            '002_m2: table "u" (DROP TABLE): its rows can\'t be counted (no answer within 0.2 s)',
        )
        assert found.losses == refused.value.details
        other.rollback()
        other.execute("LOCK TABLE t")
        found = commands.plan(package, address(dsn), to="1.0.0", down=True, options=options)
        assert found.unchecked == (
            '002_m2: column "t"."a" becomes NOT NULL, and holds NULL (no answer within 0.2 s)',
        )
        assert found.losses == ()
    heard = Heard()
    commands.downgrade(package, address(dsn), to="1.0.0", options=options, listener=heard)
    assert heard.of("not_checked") == []
    assert rows(dsn, "SELECT to_regclass('u')") == [(None,)]


def test_checks_without_time_leave_it_to_the_script(dsn: str) -> None:
    package = manifest(
        migration(1, "CREATE TABLE t (a int);"),
        migration(2, "ALTER TABLE t ALTER a SET NOT NULL; CREATE TABLE u (a int);", version="2.0.0"),
    )
    upgrade(dsn, package, "1.0.0")
    with psycopg.connect(dsn) as other:
        other.execute("LOCK TABLE t")
        found = commands.plan(package, address(dsn), options=Options(check_timeout=0))
    assert found.unchecked == (
        '002_m2: column "t"."a" becomes NOT NULL, and holds NULL (no answer within 0 s)',
    )


def test_what_blocks_and_what_would_be_lost_are_told_at_once(dsn: str) -> None:
    package = manifest(
        migration(1, "CREATE TABLE t (a int);"),
        migration(
            2,
            "CREATE TABLE u (a int);",
            "ALTER TABLE t ALTER a SET NOT NULL; DROP TABLE u;",
            version="2.0.0",
        ),
    )
    upgrade(dsn, package)
    execute(dsn, "INSERT INTO u VALUES (1); INSERT INTO t VALUES (NULL)")
    with pytest.raises(RefusedError) as refused:
        commands.downgrade(package, address(dsn), to="1.0.0")
    assert refused.value.code == "in-use"
    assert refused.value.details == (
        '002_m2: column "t"."a" becomes NOT NULL, and holds NULL: 1 row',
        '002_m2: table "u" (DROP TABLE): 1 row',
    )
    assert "--allow-data-loss" in refused.value.fix
    assert rows(dsn, "SELECT to_regclass('u') IS NULL, count(*) FROM t") == [(False, 1)]


def test_a_check_of_what_hands_have_dropped_is_told_before_the_script_fails(dsn: str) -> None:
    package = manifest(
        migration(1, "CREATE TABLE t (a int);"),
        migration(2, "ALTER TABLE t ADD b int;", "ALTER TABLE t ALTER a SET NOT NULL;", version="2.0.0"),
    )
    upgrade(dsn, package)
    execute(dsn, "ALTER TABLE t DROP a")
    heard = Heard()
    with pytest.raises(MigrationFailedError):
        commands.downgrade(package, address(dsn), to="1.0.0", listener=heard)
    (told,) = heard.of("not_checked")
    assert told["what"] == 'column "t"."a" becomes NOT NULL, and holds NULL'
    assert told["reason"] == 'column "a" does not exist'


def test_a_check_that_fails_for_another_reason_refuses(dsn: str) -> None:
    package = manifest(
        migration(1, "CREATE TABLE t (a int);"),
        migration(2, "ALTER TABLE t ADD b int;", "ALTER TABLE t ALTER a SET NOT NULL;", version="2.0.0"),
    )
    upgrade(dsn, package)
    for statement in (
        "ALTER TABLE t RENAME TO moved",
        "CREATE FUNCTION refuse() RETURNS int LANGUAGE plpgsql AS $$BEGIN RAISE 'no'; END$$",
        "CREATE VIEW t AS SELECT refuse() AS a",
    ):
        execute(dsn, statement)
    with pytest.raises(RefusedError) as refused:
        commands.downgrade(package, address(dsn), to="1.0.0")
    assert refused.value.code == "in-use"
    assert refused.value.details == (
        '002_m2: column "t"."a" becomes NOT NULL, and holds NULL: its rows can\'t be counted (no)',
    )


_BASE = (
    "CREATE TYPE e AS ENUM ('x', 'y'); CREATE TABLE p (id int PRIMARY KEY, k int CONSTRAINT p_k UNIQUE);"
    "CREATE TABLE t (id int PRIMARY KEY, a int, b text, s e, p int REFERENCES p);"
    "CREATE VIEW v AS SELECT b FROM t;"
    "CREATE FUNCTION f(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1'; CREATE SCHEMA own;"
)
_A, _B = 'column "t"."a" {}, and {} depends on it', 'column "t"."b" {}, and {} depends on it'
_LOST, _RETYPED = "is dropped", "gets another type"

# What somebody else has made, the script, and what is told.
_DEPENDENT = {
    "a view on a column that is dropped": (
        "CREATE VIEW reporting.v AS SELECT a FROM t",
        "ALTER TABLE t DROP a;",
        [_A.format(_LOST, "view reporting.v")],
    ),
    "a view on another view, under a name of the history": (
        "CREATE VIEW reporting.t AS SELECT * FROM v; CREATE MATERIALIZED VIEW reporting.m AS SELECT a FROM t",
        "DROP VIEW v; ALTER TABLE t DROP b; CREATE VIEW v AS SELECT a FROM t;"
        "ALTER TABLE t ALTER a TYPE bigint;",
        [
            'table, view or sequence "v" is dropped, and view reporting.t depends on it',
            _A.format(_RETYPED, "materialized view reporting.m"),
        ],
    ),
    "all that refuses another type": (
        "CREATE RULE r AS ON UPDATE TO t WHERE NEW.a > 1 DO INSTEAD NOTHING; "
        "ALTER TABLE t ENABLE ROW LEVEL SECURITY; "
        "CREATE POLICY q ON t USING (a > 0); ALTER TABLE t ADD g int GENERATED ALWAYS AS (a + 1) STORED; "
        "CREATE FUNCTION reporting.n() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT sum(a) FROM t; END; "
        "CREATE TRIGGER w BEFORE UPDATE OF a ON t FOR EACH ROW "
        "EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "ALTER TABLE t ALTER a TYPE bigint;",
        [
            _A.format(_RETYPED, each)
            for each in (
                "function reporting.n()",
                "column g of table public.t",
                "rule r on table public.t",
                "trigger w on table public.t",
                "policy q on table public.t",
            )
        ],
    ),
    "foreign keys to a key that is dropped": (
        "CREATE TABLE reporting.c (k int CONSTRAINT c_k REFERENCES p (k))",
        "ALTER TABLE p DROP CONSTRAINT p_k;",
        ['constraint "p"."p_k" is dropped, and constraint c_k on table reporting.c depends on it'],
    ),
    "foreign keys to a column that they can't be compared with": (
        "CREATE TABLE reporting.c (k int CONSTRAINT c_k REFERENCES p (k), b bigint REFERENCES p (id))",
        "ALTER TABLE p ALTER k TYPE text; ALTER TABLE p ALTER id TYPE bigint;",
        ['column "p"."k" gets another type, and constraint c_k on table reporting.c depends on it'],
    ),
    "tables of others with a type, a function or a table of the history": (
        "CREATE TABLE reporting.c (s e, n int DEFAULT f(1), t t); CREATE TABLE reporting.d () INHERITS (t); "
        "CREATE TABLE own.z (a int)",
        "DROP VIEW v; DROP TABLE t; DROP TYPE e; DROP FUNCTION f(int); DROP SCHEMA own;",
        [
            'table, view or sequence "t" is dropped, and column t of table reporting.c depends on it',
            'table, view or sequence "t" is dropped, and table reporting.d depends on it',
            'type "e" is dropped, and column s of table reporting.c depends on it',
            'type "e" is dropped, and column s of table reporting.d depends on it',
            'function "f"(integer) is dropped, and the default of column n of table reporting.c '
            "depends on it",
            'schema "own" is dropped, and table own.z depends on it',
        ],
    ),
    "a default that has no cast": (
        "ALTER TABLE t ALTER b SET DEFAULT 'x', ALTER a SET DEFAULT 1",
        "DROP VIEW v; ALTER TABLE t ALTER b TYPE e USING b::e, ALTER a TYPE bigint;",
        ['column "t"."b" gets another type, and its default can\'t be converted'],
    ),
    "a column list of a publication, and a default that calls a function": (
        "CREATE PUBLICATION pub FOR TABLE t (id, a); ALTER TABLE t ALTER id SET DEFAULT f(1)",
        "ALTER TABLE t DROP a; DROP FUNCTION f;",
        [
            _A.format(_LOST, "publication of table public.t in publication pub"),
            'function "f" is dropped, and the default of column id of table public.t depends on it',
        ],
    ),
    "a column that the run itself renames before, of a child table": (
        "CREATE TABLE reporting.d (x int) INHERITS (t); CREATE VIEW reporting.x AS SELECT b FROM reporting.d",
        "ALTER TABLE t RENAME b TO c; ALTER TABLE t RENAME TO u; -- next\nDROP VIEW v; ALTER TABLE u DROP c;",
        ['column "u"."c" is dropped, and view reporting.x depends on it'],
    ),
}


@pytest.mark.parametrize("case", _DEPENDENT)
def test_what_others_made_is_named_before_what_it_depends_on_is_altered(
    databases: EmptyDatabases, case: str
) -> None:
    others, script, told = _DEPENDENT[case]
    scripts = script.split("-- next\n")
    first, *rest = [migration(n, up, version=f"{n}.0.0") for n, up in enumerate([_BASE, *scripts], 1)]
    with databases.lent() as dsn:
        upgrade(dsn, manifest(first))
        there = ReleaseState(version=first.version, schema_digest="0" * 64, objects=objects(dsn))
        package = manifest(first, *rest, history=[there])
        execute(dsn, f"CREATE SCHEMA reporting; {others}")
        before = objects(dsn)
        with pytest.raises(RefusedError, match="nothing was changed") as refused:
            upgrade(dsn, package)
        lines = [line.rpartition(" (owned by ")[0].partition(": ")[2] for line in refused.value.details]
        assert (refused.value.code, lines) == ("depended-on", told)
        assert objects(dsn) == before
        assert commands.plan(package, address(dsn)).blocked_by == refused.value.details
        older = manifest_json(first, *rest, history=[there])
        for each in older["migrations"]:
            each["up_checks"] = {"needs": each["up_checks"].get("needs", ())}
        with pytest.raises(MigrationFailedError):  # a package of before
            upgrade(dsn, Manifest.from_json(older))


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("ALTER TABLE t DROP a CASCADE;", 0),
        ("DROP VIEW reporting.v; ALTER TABLE t DROP a;", 0),
        ("DO $$BEGIN EXECUTE 'DROP VIEW reporting.' || 'v'; END$$; ALTER TABLE t DROP a;", 1),
        ("DROP TABLE t CASCADE; CREATE TABLE t (a int); ALTER TABLE t DROP a;", 0),
        ("ALTER TABLE t ADD z int; ALTER TABLE t DROP z; ALTER TABLE t RENAME a TO c;", 0),
    ],
)
def test_what_the_scripts_themselves_drop_refuses_nothing(
    databases: EmptyDatabases, script: str, told: int
) -> None:
    base = migration(1, _BASE)
    with databases.lent() as dsn:
        upgrade(dsn, manifest(base))
        there = ReleaseState(version=base.version, schema_digest="0" * 64, objects=objects(dsn))
        package = manifest(base, migration(2, script, version="2.0.0"), history=[there])
        execute(dsn, "CREATE SCHEMA reporting; CREATE VIEW reporting.v AS SELECT a FROM t")
        found = commands.plan(package, address(dsn))
        assert (len(found.unchecked), found.blocked_by) == (told, ())
        assert upgrade(dsn, package) == ("002_m2",)


def test_between_versions_and_backwards_dependents_are_told(databases: EmptyDatabases) -> None:
    first = migration(1, "CREATE TABLE t (id int);")
    second = migration(2, "ALTER TABLE t ADD a int;", "ALTER TABLE t DROP a;", version="2.0.0")
    broken = "CREATE INDEX CONCURRENTLY i ON t (a); SELECT 1 / 0;"
    third = migration(3, broken, "DROP INDEX i;", version="3.0.0")
    with databases.lent() as dsn:
        upgrade(dsn, manifest(first, second))
        there = ReleaseState(version=second.version, schema_digest="0" * 64, objects=objects(dsn))
        package = manifest(first, second, third, history=[there])
        execute(dsn, "CREATE VIEW v AS SELECT a FROM t")
        line = 'column "t"."a" is dropped, and view public.v depends on it'
        with pytest.raises(RefusedError) as refused:
            commands.downgrade(package, address(dsn), to="1.0.0")
        (told,) = refused.value.details
        assert (refused.value.code, line in told) == ("depended-on", True)
        with pytest.raises(MigrationFailedError):
            upgrade(dsn, package)
        found = commands.plan(package, address(dsn), to="1.0.0", down=True)
        assert [line in each for each in found.unchecked] == [True]


def test_what_is_there_already_in_another_shape_is_told(databases: EmptyDatabases) -> None:
    package = manifest(
        migration(1, "CREATE TABLE t (id int);"),
        migration(
            2,
            "CREATE TABLE IF NOT EXISTS u (id serial, a varchar(5), b numeric(10, 2)[], c text);"
            "ALTER TABLE t ADD COLUMN IF NOT EXISTS a text, ADD COLUMN IF NOT EXISTS b int;"
            "CREATE TABLE IF NOT EXISTS v (id int); CREATE INDEX ON u (a);",
            version="2.0.0",
        ),
        migration(3, "ALTER TABLE u ADD COLUMN IF NOT EXISTS d int; DROP TABLE v;", version="2.0.0"),
    )
    with databases.lent() as dsn:
        upgrade(dsn, package, to="1.0.0")
        execute(
            dsn, "CREATE TABLE u (id int, a varchar(9), b numeric(10,2)[]); CREATE VIEW v AS SELECT 1 AS id"
        )
        execute(dsn, "ALTER TABLE t ADD a int, ADD b int")
        with pytest.raises(RefusedError) as refused:
            upgrade(dsn, package)
        assert refused.value.code == "name-taken"
        how = "(IF NOT EXISTS leaves it as it is)"
        assert refused.value.details == (
            f'002_m2: there is u already, and its column "a" is character varying(9), not varchar(5) {how}',
            f'002_m2: there is u already, and it has no column "c" {how}',
            f'002_m2: there is t already, and its column "a" is integer, not text {how}',
            f"002_m2: there is v already, and it is no table {how}",
        )
        execute(dsn, "DROP VIEW v; ALTER TABLE t ALTER a TYPE text")
        execute(dsn, "ALTER TABLE u ADD c text, ALTER a TYPE varchar(5)")
        assert upgrade(dsn, package) == ("002_m2", "003_m3")
