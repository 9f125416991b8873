"""Registered databases: listed with one that doesn't answer, and rolled back as rehearsed."""

from __future__ import annotations

import io
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from migrations.runner.report import Report
from migrations.scratch.scratch_server import ScratchServer
from registry.artifacts.store import open_store
from registry.catalogue import Catalogue
from registry.config.settings import load_settings
from registry.databases import database as one
from registry.databases.manifests import PublishedManifests
from registry.databases.registered import RegisteredDatabase, database_named
from registry.errors import DatabaseError
from registry.lifecycle.unfinished_note import note_databases
from registry.local.devpi import LocalDevpi
from registry.local.verdaccio import LocalVerdaccio
from registry.publishers.opening import open_publishers
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.files import private_folder
from schemas.workspace.init_workspace import create_workspace
from schemas.workspace.workspace import Workspace

from ..release_kit import Team, team_environment

_PAGE = (Path(__file__).parents[4] / "docs/releases.md").read_text()
(_MAIN,) = re.findall(r"```toml\n(.*?)```", _PAGE, re.DOTALL)
_REGISTERED = f"""
{_MAIN}
[databases.other]
url_env = "OTHER_URL"
labels = ["eu"]
[databases.gone]
url_env = "GONE_URL"
[databases.unset]
url_env = "UNSET_URL"
"""


_BACKFILL = '\n-- schema-service: backfill\nUPDATE "examples" SET "note" = "name" WHERE "note" IS NULL;\n'
_NO_UPDATES = """
CREATE FUNCTION refused() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no updates'; END $$;
CREATE TRIGGER refused BEFORE UPDATE ON examples FOR EACH ROW EXECUTE FUNCTION refused();
INSERT INTO examples (id, name) VALUES (gen_random_uuid(), 'b')
"""


@pytest.fixture(scope="module")
def team(
    tmp_path_factory: pytest.TempPathFactory,
    devpi: LocalDevpi,
    verdaccio: LocalVerdaccio,
    scratch_server: ScratchServer,
) -> Iterator[Team]:
    """1.1.0 has one column more than 1.0.0. The tests go on from where the one before them ended."""
    root = tmp_path_factory.mktemp("databases")
    create_workspace(root, name="stored", sample=False)
    with (root / "schema-service.toml").open("a") as settings:
        settings.write(_REGISTERED)
    warm = private_folder(root, "local")
    warm.mkdir(parents=True, mode=0o700)
    with (
        scratch_server.new_database() as main,
        scratch_server.new_database() as other,
        PrismaBridge(offered_in=warm) as bridge,
    ):
        bridge.start()
        urls = {
            "MAIN_DATABASE_URL": main,
            "OTHER_URL": other,
            "GONE_URL": "postgresql://u:s3kret@127.0.0.1:1/x",
        }
        team = Team(root, "stored", {**team_environment(devpi, verdaccio), **urls})
        assert team.run("migration", "new", "init", "1.0.0").exit_code == 0
        assert not team.killed_after(99, "publish", "1.0.0")
        assert team.run("new", "1.1.0").exit_code == 0
        schema = root / "schemas/1.1.0/schema.prisma"
        schema.write_text(
            schema.read_text().replace("  name      String\n", "  name      String\n  note String?\n")
        )
        assert team.run("migration", "new", "note", "1.1.0").exit_code == 0
        with (root / "schemas/1.1.0/migrations/002_note/up.sql").open("a") as script:
            script.write(_BACKFILL)
        assert not team.killed_after(99, "publish", "1.1.0")
        yield team


@pytest.fixture
def manifests(team: Team, monkeypatch: pytest.MonkeyPatch) -> Iterator[PublishedManifests]:
    for name, value in team.environment.items():
        monkeypatch.setenv(name, value)
    workspace, settings = Workspace.find(team.root), load_settings(team.root)
    catalogue = Catalogue.open(settings.state.url, root=team.root, schema_name=settings.name)
    store = open_store(settings.artifacts, team.root)
    yield PublishedManifests(catalogue, dict(open_publishers(workspace, settings)), store)
    catalogue.close()


def rows(team: Team, *arguments: str) -> dict[str, dict[str, object]]:
    listed = team.run("databases", "--ask", *arguments, "--json")
    assert "s3kret" not in listed.output + listed.errors
    return {row["name"]: row for row in listed.document["databases"]}


def test_one_that_does_not_answer_is_a_row_with_its_error(team: Team, manifests: PublishedManifests) -> None:
    settings, latest = load_settings(team.root), SchemaVersion(1, 1, 0)
    assert one.upgrade(database_named(settings, "main"), manifests.of(latest), latest).version == "1.1.0"
    oldest = SchemaVersion(1, 0, 0)
    assert one.upgrade(database_named(settings, "other"), manifests.of(oldest), oldest).version == "1.0.0"
    found = rows(team)
    assert (found["main"]["version"], found["main"]["pending"], found["main"]["drift"]) == ("1.1.0", [], [])
    assert (found["other"]["version"], found["other"]["pending"]) == ("1.0.0", ["002_note"])
    codes = [problem["code"] for name in ("gone", "unset") for problem in found[name]["problems"]]
    assert codes == ["database-away", "variable-not-set"]
    assert team.run("databases").exit_code == 3
    shown = team.run("databases", "--fleet", "eu")
    assert shown.exit_code == 0
    assert "no drift  [eu, production]" in shown.output
    assert team.run("databases", "--fleet", "nope").exit_code == 1


def test_a_drift_is_told(team: Team) -> None:
    with psycopg.connect(team.environment["OTHER_URL"], autocommit=True) as connection:
        connection.execute("ALTER TABLE examples ADD extra int")
        (difference,) = rows(team)["other"]["drift"]  # type: ignore[misc]
        connection.execute("ALTER TABLE examples DROP extra")
    assert "extra" in difference


def test_a_rollback_shows_the_rows_that_would_be_lost_and_changes_nothing_unasked(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(team.environment["MAIN_DATABASE_URL"], autocommit=True) as connection:
        connection.execute("INSERT INTO examples (id, name, note) VALUES (gen_random_uuid(), 'a', 'kept?')")
    back = ("rollback", "--to", "1.0.0", "--fleet", "eu")
    dry = team.run(*back, "--dry-run", "--json").document
    assert [row["name"] for row in dry["databases"]] == ["main", "other"]
    (loss,) = dry["databases"][0]["losses"]
    assert "002_note" in loss
    assert "1 row" in loss
    refused = team.run(*back, "--json")
    assert (refused.exit_code, refused.document["problems"][0]["code"]) == (1, "data-would-be-lost")
    assert loss in refused.document["problems"][0]["message"]
    # One that can't be asked stops all of it.
    gone = team.run("rollback", "--to", "1.0.0", "--database", "gone", "--database", "main", "--json")
    assert gone.exit_code == 3
    monkeypatch.setattr("registry.cli.commands.lifecycle.latest.can_ask", lambda: True)
    monkeypatch.setattr(sys, "stdin", io.StringIO("1.1.0\n"))
    assert "error[not-confirmed]" in team.run(*back).errors
    versions = {
        row["version"] for row in team.run("versions", "--json").document["versions"] if row["latest"]
    }
    assert versions == {"1.1.0"}
    assert rows(team)["main"]["version"] == "1.1.0"
    monkeypatch.setattr(sys, "stdin", io.StringIO("1.0.0\n"))
    done = team.run(*back)
    assert done.exit_code == 0, done.output + done.errors
    assert "Latest went from 1.1.0 to 1.0.0." in done.output
    assert "main: from 1.1.0 to 1.0.0" in done.output
    found = rows(team)
    assert [found[name]["version"] for name in ("main", "other")] == ["1.0.0", "1.0.0"]
    assert (found["main"]["pending"], found["main"]["drift"]) == ([], [])
    assert not found["main"]["is_between"]
    assert "no drift" in team.run("databases", "--ask", "--fleet", "eu").output


def test_a_rollback_that_is_killed_among_its_databases_says_what_is_left(
    team: Team, manifests: PublishedManifests, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, newest = load_settings(team.root), SchemaVersion(1, 1, 0)
    assert team.run("latest", "set", "1.1.0").exit_code == 0
    for name in ("main", "other"):
        one.upgrade(database_named(settings, name), manifests.of(newest), newest)
    downgrade = one.downgrade

    def killed(database: RegisteredDatabase, *arguments: Any, **more: Any) -> Report:
        if database.name == "other":
            raise KeyboardInterrupt
        return downgrade(database, *arguments, **more)

    with monkeypatch.context() as patch:
        patch.setattr(one, "downgrade", killed)
        assert team.run("rollback", "--to", "1.0.0", "--fleet", "eu", "--allow-data-loss").exit_code == 130
    command = "schema-service rollback --to 1.0.0 --database other --allow-data-loss"
    told = f"The rollback to 1.0.0 was cut short before other. To finish it: {command}\n"
    assert team.run("versions").errors == told
    # Another machine, which shares the state database, has no note in its workspace.
    note_databases(team.root, are_left=False)
    assert team.run("databases", "--json").document["unfinished_rollback"] == command
    assert team.run("repair", "--json").document["left"][0]["fix"] == command
    assert team.run(*shlex.split(command)[1:]).exit_code == 0
    assert [rows(team)[name]["version"] for name in ("main", "other")] == ["1.0.0", "1.0.0"]
    assert team.run("repair", "--json").document["left"] == []
    assert team.run("databases", "--fleet", "eu").errors == ""


def test_one_that_stopped_between_two_versions_goes_back_to_the_one_before(
    team: Team, manifests: PublishedManifests
) -> None:
    main, newest = database_named(load_settings(team.root), "main"), SchemaVersion(1, 1, 0)
    with psycopg.connect(team.environment["MAIN_DATABASE_URL"], autocommit=True) as connection:
        connection.execute(_NO_UPDATES)
        with pytest.raises(DatabaseError, match="1 of 2 steps"):
            one.upgrade(main, manifests.of(newest), newest)
        connection.execute("DROP FUNCTION refused CASCADE")
    for latest in ("1.1.0", "1.0.0"):  # what has begun is in the package of the first only
        assert team.run("latest", "set", latest).exit_code == 0
        found = rows(team)["main"]
        assert (found["version"], found["is_between"], found["problems"]) == ("1.0.0", True, [])
    done = team.run("rollback", "--to", "1.0.0", "--database", "main", "--json")
    assert done.exit_code == 0, done.output + done.errors
    assert [each["migration"] for each in done.document["databases"][0]["migrations"]] == ["002_note"]
    found = rows(team)["main"]
    assert (found["version"], found["is_between"], found["drift"]) == ("1.0.0", False, [])


def test_one_that_ran_a_draft_is_a_row_and_does_not_go_back(team: Team) -> None:
    def record(version: str) -> None:
        with psycopg.connect(team.environment["MAIN_DATABASE_URL"]) as connection:
            connection.execute("UPDATE schema_service.versions SET version = %s", [version])

    record("1.1.0-dev.1")
    found = rows(team)["main"]
    assert (found["version"], found["drift"], found["problems"]) == ("1.1.0-dev.1", None, [])
    refused = team.run("rollback", "--to", "1.0.0", "--database", "main", "--json")
    assert (refused.exit_code, refused.document["problems"][0]["code"]) == (1, "database-at-draft")
    assert "stored-migrations==1.1.0.dev1" in refused.document["problems"][0]["fix"]
    record("1.0.0")


def test_a_package_of_another_format_is_refused_by_name(
    team: Team, manifests: PublishedManifests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.databases.manifests.FORMAT", 2)
    with pytest.raises(DatabaseError) as refused:
        manifests.of(SchemaVersion(1, 0, 0))
    (problem,) = refused.value.problems
    assert problem.code == "manifest-format-unknown"
    assert "stored_migrations-1.0.0-py3-none-any.whl" in problem.message


@pytest.mark.soak
def test_every_command_of_the_page_does_what_it_says(team: Team, manifests: PublishedManifests) -> None:
    newest = SchemaVersion(1, 2, 0)
    assert team.run("new", "1.2.0").exit_code == 0
    assert not team.killed_after(99, "publish", "1.2.0")
    one.upgrade(database_named(load_settings(team.root), "main"), manifests.of(newest), newest)
    lines = re.findall(r"^schema-service (.*)$", _PAGE, re.MULTILINE)
    commands = [shlex.split(line, comments=True) for line in lines if "…" not in line]
    assert {"rollback", "latest", "withdraw", "restore", "repair", "releases", "release", "databases"} <= {
        command[0] for command in commands
    }
    for command in commands:
        ran = team.run(*command)
        away = command == ["databases"]  # two of them don't answer here
        assert ran.exit_code == (3 if away else 0), (command, ran.output, ran.errors)
    assert rows(team, "--fleet", "eu")["main"]["version"] == "1.1.0"
    assert "agree; nothing to do" in team.run("repair").output
