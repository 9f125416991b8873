"""A migration that stopped between two of its steps: both ways out, and what it takes to take a third."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from migrations.runner import commands
from migrations.runner.errors import MigrationFailedError, RefusedError, TryAgainError
from migrations.runner.manifest import Manifest
from migrations.runner.options import Options, address
from migrations.scratch.scratch_server import ScratchServer

from ..kit import (
    Command,
    downgrade,
    execute,
    finish,
    manifest,
    manifest_json,
    migration,
    objects,
    rehearsed,
    rows,
    tables,
    upgrade,
    wait_for,
)
from .stops import stopping


@pytest.fixture
def server(scratch_server: ScratchServer) -> ScratchServer:
    """One server is enough: what stops where depends on none."""
    return scratch_server


FIRST = migration(
    1,
    "CREATE TABLE t (id int PRIMARY KEY, a text); CREATE UNIQUE INDEX t_a ON t (a); CREATE TABLE u (id int);",
    "DROP TABLE u; DROP TABLE t;",
)
# One name is new, one index goes, a column comes, and rows can be in the way of what is last: which values
# random() leads to is not asked before the first step.
SECOND = migration(
    2,
    "ALTER TABLE t RENAME a TO name; DROP INDEX CONCURRENTLY t_a; ALTER TABLE t ADD b int;"
    "-- schema-service: backfill\nUPDATE t SET b = 1 + (random() * 0)::int WHERE b IS NULL;\n"
    "CREATE UNIQUE INDEX CONCURRENTLY t_b ON t (b);",
    "DROP INDEX CONCURRENTLY t_b; ALTER TABLE t DROP b; CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (name);"
    "ALTER TABLE t RENAME name TO a;",
    version="2.0.0",
)
PACKAGE = manifest(FIRST, SECOND)


def _stop(dsn: str) -> MigrationFailedError:
    """The second migration stops at its last step, over two rows."""
    upgrade(dsn, PACKAGE, to="1.0.0")
    execute(dsn, "INSERT INTO t VALUES (1, 'x'), (2, 'y')")
    with pytest.raises(MigrationFailedError) as failed:
        upgrade(dsn, PACKAGE)
    return failed.value


def _is_settled(dsn: str, package: Manifest, version: str | None) -> bool:
    state = commands.status(package, address(dsn))
    query = "SELECT count(*) FROM schema_service.steps"
    statuses = {entry.status for entry in state.migrations}
    return (state.version, rows(dsn, query)) == (version, [(0,)]) and statuses <= {
        "success",
        "rolled_back",
        "pending",
    }


def test_downgrade_undoes_the_steps_that_are_done_and_loses_nothing_unasked(dsn: str) -> None:
    failed = _stop(dsn)
    assert (failed.steps_done, failed.steps) == (4, 5)
    assert "4 of 5 steps are done" in failed.fix
    assert "downgrade --to 1.0.0" in failed.fix
    told = commands.plan(PACKAGE, address(dsn), to="1.0.0", down=True)
    assert told.losses == ('002_m2: column "t"."b" (DROP COLUMN): 2 rows',)
    assert [(each["direction"], each["undoes"]) for each in told.migrations] == [("down", "up")]
    with pytest.raises(RefusedError) as refused:
        downgrade(dsn, PACKAGE, "1.0.0")
    assert (refused.value.code, refused.value.details) == ("data-loss", told.losses)
    assert downgrade(dsn, PACKAGE, "1.0.0", allow_data_loss=True) == ("002_m2",)
    assert rows(dsn, "SELECT * FROM t ORDER BY id") == [(1, "x"), (2, "y")]
    assert rows(dsn, "SELECT indexname FROM pg_indexes WHERE indexname LIKE 't\\__'") == [("t_a",)]
    assert _is_settled(dsn, PACKAGE, "1.0.0")
    execute(dsn, "DELETE FROM t WHERE id = 2")
    assert upgrade(dsn, PACKAGE) == ("002_m2",)


def test_whatever_stops_a_command_between_versions_it_names_the_next_commands(dsn: str) -> None:
    _stop(dsn)
    at = address(dsn)
    calls: list[Callable[[], object]] = [
        lambda: commands.verify(PACKAGE, at),
        lambda: commands.baseline(PACKAGE, at),
        lambda: commands.plan(PACKAGE, at, to="1.0.0"),
        lambda: commands.upgrade(PACKAGE, at, to="1.0.0"),
        lambda: commands.downgrade(PACKAGE, at, to="1.0.0"),
        lambda: commands.downgrade(PACKAGE, at, to="2.0.0"),
    ]
    for call in calls:
        with pytest.raises(RefusedError) as refused:
            call()
        assert refused.value.fix.endswith("from here these work: upgrade, downgrade --to 1.0.0")
    with psycopg.connect(dsn) as other:
        other.execute("LOCK TABLE t IN SHARE ROW EXCLUSIVE MODE")
        with pytest.raises(TryAgainError) as locked:
            commands.upgrade(PACKAGE, at, options=Options(lock_timeout=0.05, retry=0.1))
    assert locked.value.fix.endswith("from here these work: upgrade, downgrade --to 1.0.0")


def test_two_migrations_of_a_version_of_which_one_is_applied_can_go_back(dsn: str) -> None:
    second = migration(
        2, "CREATE TABLE v (a int); INSERT INTO v SELECT NULL;", "DROP TABLE v;", version="2.0.0"
    )
    third = migration(3, "ALTER TABLE v ALTER a SET NOT NULL;", "SELECT 1;", version="2.0.0")
    package = manifest(FIRST, second, third)
    with pytest.raises((RefusedError, MigrationFailedError)):
        upgrade(dsn, package)
    assert tables(dsn) == {"t", "u", "v"}
    with pytest.raises(RefusedError) as refused:
        commands.verify(package, address(dsn))
    assert refused.value.fix.endswith("from here these work: upgrade, downgrade --to 1.0.0")
    assert downgrade(dsn, package, "1.0.0", allow_data_loss=True) == ("002_m2",)


def test_a_retry_with_an_older_package_names_the_one_to_install(dsn: str) -> None:
    broken = manifest(FIRST, replace(SECOND, up="SELECT 1 / count(*) FROM t"))
    with pytest.raises(MigrationFailedError):
        upgrade(dsn, broken)
    older = manifest(FIRST)
    with pytest.raises(RefusedError) as refused:
        commands.retry(older, address(dsn))
    assert refused.value.code == "ahead"
    assert refused.value.fix == (
        "install shop-migrations of version 2.0.0, then run retry; or stay, with: upgrade"
    )
    assert upgrade(dsn, older) == ()
    assert _is_settled(dsn, older, "1.0.0")
    _stop(dsn)
    with pytest.raises(RefusedError, match=r"2\.0\.0 of the package has begun with 002_m2"):
        commands.retry(older, address(dsn))


def test_an_older_package_names_the_one_that_has_begun(dsn: str) -> None:
    _stop(dsn)
    with pytest.raises(RefusedError) as refused:
        upgrade(dsn, manifest(FIRST))
    assert refused.value.message == (
        "the database is ahead of this package (1.0.0): 2.0.0 of the package has begun with 002_m2 and not "
        "finished"
    )
    assert (
        refused.value.fix
        == "install shop-migrations of version 2.0.0, then run retry, or downgrade to go back"
    )


def test_downgrade_goes_on_below_and_tells_what_was_undone_when_it_stops_there(dsn: str) -> None:
    _stop(dsn)
    execute(dsn, "INSERT INTO u VALUES (1)")
    with pytest.raises(RefusedError) as refused:
        downgrade(dsn, PACKAGE)
    assert 'table "u" (DROP TABLE): 1 row' in "\n".join(refused.value.details)
    assert "nothing was changed" in refused.value.message
    assert downgrade(dsn, PACKAGE, allow_data_loss=True) == ("002_m2", "001_m1")
    assert tables(dsn) == set()
    assert _is_settled(dsn, PACKAGE, None)


def test_upgrade_goes_on_with_the_data_or_the_script_corrected(dsn: str) -> None:
    _stop(dsn)
    with pytest.raises(RefusedError, match=r"past 1\.0\.0: 002_m2 is half applied"):
        upgrade(dsn, PACKAGE, to="1.0.0")
    without_end = replace(SECOND, up=SECOND.up.partition("CREATE UNIQUE")[0])
    assert upgrade(dsn, manifest(FIRST, without_end)) == ("002_m2",)
    assert _is_settled(dsn, manifest(FIRST, without_end), "2.0.0")


def test_a_downgrade_that_stopped_goes_on_or_is_taken_back(dsn: str) -> None:
    upgrade(dsn, PACKAGE)
    whole, data = objects(dsn), manifest_json(FIRST, SECOND)
    for step in (1, 2, 3):
        with pytest.raises(MigrationFailedError) as failed:
            downgrade(dsn, stopping(data, 2, "down", step), "1.0.0")
        assert "run upgrade, which applies them again" in failed.value.fix
        assert upgrade(dsn, PACKAGE) == ("002_m2",)
        assert objects(dsn) == whole
        assert _is_settled(dsn, PACKAGE, "2.0.0")
    with pytest.raises(MigrationFailedError):
        downgrade(dsn, stopping(data, 2, "down", 2), "1.0.0")
    assert downgrade(dsn, PACKAGE, "1.0.0") == ("002_m2",)
    assert _is_settled(dsn, PACKAGE, "1.0.0")


@pytest.mark.parametrize(
    "down",
    ["DROP INDEX CONCURRENTLY missing; DROP TABLE v;", "VACUUM missing;", "ALTER TABLE v DROP missing;"],
    ids=["index", "vacuum", "transaction"],
)
def test_a_downgrade_that_undid_nothing_does_not_bind(dsn: str, server: ScratchServer, down: str) -> None:
    second = migration(2, "CREATE TABLE v (id int);", down, version="2.0.0")
    third = migration(3, "CREATE TABLE w (id int);", "DROP TABLE w;", version="3.0.0")
    package = rehearsed(server, FIRST, second, third)
    upgrade(dsn, package, to="2.0.0")
    with pytest.raises(MigrationFailedError) as failed:
        downgrade(dsn, package, "1.0.0", allow_data_loss=True)
    assert "nothing of this script is done" in failed.value.fix
    assert rows(dsn, "SELECT * FROM schema_service.steps") == []
    assert upgrade(dsn, package, to="2.0.0") == ()
    assert _is_settled(dsn, package, "2.0.0")
    assert commands.verify(package, address(dsn)).differences == ()
    assert upgrade(dsn, package) == ("003_m3",)


def test_an_upgrade_that_did_nothing_is_settled_by_going_nowhere(dsn: str, server: ScratchServer) -> None:
    package = rehearsed(server, FIRST, migration(2, "CREATE TABLE v (id int);", version="2.0.0"))
    broken = manifest(FIRST, migration(2, "CREATE TABLE v (id nothing);", version="2.0.0"))
    with pytest.raises(MigrationFailedError):
        upgrade(dsn, broken)
    assert downgrade(dsn, package, "1.0.0") == ()
    assert _is_settled(dsn, package, "1.0.0")
    assert commands.verify(package, address(dsn)).differences == ()


def test_an_undo_that_is_cut_short_goes_on_in_either_direction(dsn: str) -> None:
    _stop(dsn)
    options = Options(lock_timeout=0.05, retry=0.1)
    for command in ("downgrade", "upgrade"):
        with psycopg.connect(dsn) as other:
            other.execute("SELECT 1 FROM t")
            with pytest.raises(TryAgainError):
                downgrade(dsn, PACKAGE, "1.0.0", allow_data_loss=True, options=options)
        if command == "downgrade":
            assert downgrade(dsn, PACKAGE, "1.0.0", allow_data_loss=True) == ("002_m2",)
            with pytest.raises(MigrationFailedError):
                upgrade(dsn, PACKAGE)
    execute(dsn, "DELETE FROM t WHERE id = 2")
    assert commands.retry(PACKAGE, address(dsn), allow_data_loss=True).version == "1.0.0"
    assert upgrade(dsn, PACKAGE) == ("002_m2",)
    assert _is_settled(dsn, PACKAGE, "2.0.0")


def test_a_killed_index_build_is_undone(dsn: str, tmp_path: Path) -> None:
    upgrade(dsn, PACKAGE, to="1.0.0")
    command = Command.of(tmp_path, dsn, FIRST, SECOND)
    with psycopg.connect(dsn) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reader.execute("SELECT * FROM u")
        process = command.start("upgrade")
        wait_for(dsn, "SELECT 1 FROM pg_index WHERE NOT indisvalid")
        process.kill()
        finish(process)
    wait_for(
        dsn,
        "SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE 'CREATE UNIQUE%'"
        " AND state = 'active')",
    )
    assert downgrade(dsn, PACKAGE, "1.0.0", allow_data_loss=True) == ("002_m2",)
    assert rows(dsn, "SELECT indexname FROM pg_indexes WHERE indexname LIKE 't\\__'") == [("t_a",)]
    assert _is_settled(dsn, PACKAGE, "1.0.0")


def test_what_no_script_tells_is_refused_and_resolved_with_proof(dsn: str, server: ScratchServer) -> None:
    up = "CREATE TABLE v (id int); DO $$ BEGIN PERFORM 1; END $$; CREATE INDEX CONCURRENTLY v_id ON v (id);"
    second = migration(2, f"{up}CREATE TABLE w AS SELECT 1 AS id;", "DROP TABLE w, v;", version="2.0.0")
    package = rehearsed(server, FIRST, second)
    upgrade(dsn, package, to="1.0.0")
    execute(dsn, "CREATE TABLE w (n int)")
    with pytest.raises(MigrationFailedError) as failed:
        upgrade(dsn, package)
    assert "resolve --to" in failed.value.fix
    with pytest.raises(RefusedError, match="does not know what undoes them") as refused:
        downgrade(dsn, package, "1.0.0", allow_data_loss=True)
    assert refused.value.code == "half-applied"
    told: list[str] = []
    for version, repair in (("2.0.0", "DROP TABLE w; CREATE TABLE w (id int)"), ("1.0.0", "DROP TABLE w, v")):
        with pytest.raises(RefusedError) as refused:
            commands.resolve(package, address(dsn), to=version)
        assert refused.value.code == "no-match"
        execute(dsn, repair)
        commands.resolve(package, address(dsn), to=version, listener=lambda event, /, **_: told.append(event))
        assert _is_settled(dsn, package, version)
        assert commands.verify(package, address(dsn)).version == version
    assert upgrade(dsn, package) == ("002_m2",)


def test_every_event_of_a_step_tells_which_of_how_many(dsn: str) -> None:
    told: list[tuple[object, ...]] = []

    def listen(event: str, /, **fields: object) -> None:
        if event == "migration_started":
            told.append((fields["number"], fields["migrations"], fields["steps"]))
        if event == "step_finished":
            told.append((fields["step"], fields["steps"]))

    commands.upgrade(PACKAGE, address(dsn), listener=listen)
    assert told == [(1, 2, 1), (2, 2, 5), *((step, 5) for step in range(1, 6))]


@pytest.mark.parametrize("by", ["statement", "trigger"])
def test_a_backfill_that_raises_its_own_key_ends(dsn: str, by: str) -> None:
    table = (
        "CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t SELECT g, 0 FROM generate_series(1, 50) g;"
    )
    raised = "SET id = id + 20000, n = n + 1"
    if by == "trigger":
        raised = "SET n = n + 1"
        table += (
            "CREATE FUNCTION up() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN NEW.id = NEW.id + 20000; RETURN NEW; END $$;"
            "CREATE TRIGGER up BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION up();"
        )
    fill = migration(2, f"-- schema-service: backfill\nUPDATE t {raised};")
    upgrade(dsn, manifest(migration(1, table), fill), batch=7)
    (found,) = rows(dsn, "SELECT count(*), min(id) > 20000, max(n) FROM t")
    assert found[:2] == (50, True)
    if by == "statement":
        assert found[2] == 1


def test_prisma_migrates_own_table_leads_to_baseline(dsn: str, server: ScratchServer) -> None:
    package = rehearsed(server, FIRST, SECOND)
    prisma = (
        "CREATE TABLE _prisma_migrations (migration_name text, checksum text, finished_at timestamptz,"
        " rolled_back_at timestamptz)"
    )
    execute(dsn, f"{FIRST.up}{prisma}")
    with pytest.raises(RefusedError) as refused:
        commands.baseline(package, address(dsn))
    assert refused.value.code == "prisma-empty"
    assert "--to" in refused.value.fix
    assert commands.status(package, address(dsn)).version is None
    execute(dsn, "INSERT INTO _prisma_migrations VALUES ('20240101_m1', 'x', now())")
    with pytest.raises(RefusedError) as refused:
        upgrade(dsn, package)
    assert (refused.value.code, re.findall("baseline", refused.value.fix)) == ("made-by-prisma", ["baseline"])
    execute(dsn, "DROP TABLE _prisma_migrations")
    with pytest.raises((MigrationFailedError, RefusedError), match="baseline"):
        upgrade(dsn, package)
    commands.baseline(package, address(dsn), to="1.0.0")
    assert upgrade(dsn, package) == ("002_m2",)
