"""What the runner does with the answers to the checks of a downgrade, and with those it does not get."""

from __future__ import annotations

import psycopg
import pytest

from migrations.runner import commands
from migrations.runner.errors import MigrationFailedError, RefusedError
from migrations.runner.options import Options, address

from .kit import Heard, execute, manifest, migration, rows, upgrade


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
