"""Drafts that can be installed, and a publish in two parts: what is where, and what a kill leaves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from fastapi.testclient import TestClient

from registry.api.application import create_api
from registry.catalogue.opening import open_catalogue
from registry.config.settings import load_settings
from registry.local.devpi import LocalDevpi
from registry.local.verdaccio import LocalVerdaccio
from registry.publishers.npm_placeholder import PLACEHOLDER_VERSION
from schemas.prisma.bridge import PrismaBridge
from schemas.workspace.files import private_folder
from schemas.workspace.init_workspace import create_workspace
from schemas.workspace.workspace import Workspace

from ..release_kit import Team, leave_out_consumers, registry_contents, team_environment

_WHEELS = ("parts-client", "parts-migrations")
_TARBALLS = ("@org/parts-client", "@org/parts-types")
_NOTHING = "SCHEMA_SERVICE_REGISTRIES__PYPI__STAGING_URL"


@pytest.fixture(autouse=True)
def _no_consumers(monkeypatch: pytest.MonkeyPatch) -> None:
    leave_out_consumers(monkeypatch)


@pytest.fixture(scope="module")
def team(
    tmp_path_factory: pytest.TempPathFactory, devpi: LocalDevpi, verdaccio: LocalVerdaccio
) -> Iterator[Team]:
    """Its versions are published one after the other: the tests need their order."""
    root = tmp_path_factory.mktemp("parts")
    create_workspace(root, name="parts", sample=False)
    warm = private_folder(root, "local")
    warm.mkdir(parents=True, mode=0o700)
    staging = {_NOTHING: devpi.staging_url}
    team = Team(root, "parts", {**team_environment(devpi, verdaccio), **staging})
    with PrismaBridge(offered_in=warm) as bridge:  # as `up` has it: the many commands start no Node
        bridge.start()
        assert team.run("migration", "new", "init", "1.0.0").exit_code == 0
        yield team


def done(team: Team, *arguments: str, **environment: str) -> dict[str, Any]:
    finished = team.run(*arguments, "--json", **environment)
    assert finished.exit_code == 0, finished.output + finished.errors
    return finished.document


def refused(team: Team, *arguments: str) -> list[str]:
    finished = team.run(*arguments, "--json")
    assert finished.exit_code == 1, finished.output + finished.errors
    return [problem["code"] for problem in finished.document["problems"]]


def wheels(url: str, name: str) -> dict[str, str]:
    """The versions that an index has itself of a project, with their digests."""
    page = requests.get(
        f"{url}{name}/", headers={"Accept": "application/vnd.pypi.simple.v1+json"}, timeout=30
    )
    files = page.json()["files"] if page.ok else []
    return {file["filename"].split("-")[1]: file["hashes"]["sha256"] for file in files}


def released(devpi: LocalDevpi) -> list[set[str]]:
    return [set(wheels(devpi.index_url, name)) for name in _WHEELS]


def staged(devpi: LocalDevpi) -> list[set[str]]:
    return [set(wheels(devpi.staging_index_url, name)) for name in _WHEELS]


def tags(team: Team, devpi: LocalDevpi, verdaccio: LocalVerdaccio) -> list[dict[str, str]]:
    contents = registry_contents(team, devpi, verdaccio)
    return [contents[name]["tags"] for name in _TARBALLS]


def test_a_draft_is_kept_apart_from_versions(
    team: Team, devpi: LocalDevpi, verdaccio: LocalVerdaccio
) -> None:
    first = done(team, "publish", "1.0.0", "--draft")
    assert (first["draft"], first["already_published"]) == ("1.0.0-dev.1", False)
    again = done(team, "publish", "1.0.0", "--draft")
    assert (again["draft"], again["already_published"], again["steps"]) == ("1.0.0-dev.1", True, {})
    (team.root / "schemas/1.0.0/version.toml").write_text('description = "Tried."\n')
    second = done(team, "publish", "1.0.0", "--draft")
    assert second["draft"] == "1.0.0-dev.2"
    client = second["artifacts"][0]
    line = f"pip install --index-url {devpi.staging_index_url} parts-client==1.0.0.dev2"
    assert (client["version"], client["install"]) == ("1.0.0.dev2", line)
    assert staged(devpi) == [{"1.0.0.dev1", "1.0.0.dev2"}] * 2
    assert released(devpi) == [set(), set()]
    assert tags(team, devpi, verdaccio) == [{"latest": PLACEHOLDER_VERSION, "dev": "1.0.0-dev.2"}] * 2
    listed = done(team, "versions")
    assert [(row["version"], row["status"], row["latest"]) for row in listed["versions"]] == [
        ("1.0.0", "draft", False)
    ]
    assert [row["draft"] for row in listed["drafts"]] == ["1.0.0-dev.1", "1.0.0-dev.2"]
    assert "1.0.0-dev.2" in team.run("versions").output
    assert not (team.root / "schemas/1.0.0/release.lock").exists()
    assert refused(team, "publish", "1.0.0-dev.2") == ["invalid-version"]
    assert refused(team, "promote", "1.0.0") == ["not-pushed"]


def test_the_next_number_is_free_in_the_registries_too(team: Team, tmp_path: Path) -> None:
    """A machine whose state database knows of no draft."""
    state = {"SCHEMA_SERVICE_STATE__URL": f"sqlite:///{tmp_path}/state.db"}
    assert done(team, "publish", "1.0.0", "--draft", **state)["draft"] == "1.0.0-dev.3"


def test_a_draft_that_is_killed_keeps_its_number(
    team: Team, devpi: LocalDevpi, verdaccio: LocalVerdaccio
) -> None:
    (team.root / "schemas/1.0.0/version.toml").write_text('description = "Tried again."\n')
    before, after = "1.0.0-dev.3", "1.0.0-dev.4"
    # The wheels come first, so that the tag never names what has no migrations.
    for requests_made, newest in ((2, [before, before]), (1, [after, before])):
        assert team.killed_after(requests_made, "publish", "1.0.0", "--draft")
        assert [row["draft"] for row in done(team, "versions")["drafts"]] == ["1.0.0-dev.1", "1.0.0-dev.2"]
        assert [tag["dev"] for tag in tags(team, devpi, verdaccio)] == newest
    assert not team.killed_after(99, "publish", "1.0.0", "--draft")
    assert done(team, "versions")["drafts"][-1]["draft"] == after
    assert done(team, "publish", "1.0.0", "--draft")["already_published"]


def test_a_push_moves_nothing_and_seals(team: Team, devpi: LocalDevpi, verdaccio: LocalVerdaccio) -> None:
    for requests_made in (1, 2):
        assert team.killed_after(requests_made, "push", "1.0.0")
        assert team.run("versions").errors == "", "nobody can see anything of it"
        assert released(devpi) == [set(), set()]
        assert {tag["latest"] for tag in tags(team, devpi, verdaccio)} == {PLACEHOLDER_VERSION}
    assert not team.killed_after(99, "push", "1.0.0")
    assert all("1.0.0" in found for found in staged(devpi))
    assert [tag["staged"] for tag in tags(team, devpi, verdaccio)] == ["1.0.0"] * 2
    assert "staged = true" in (team.root / "schemas/1.0.0/release.lock").read_text()
    (row,) = done(team, "versions")["versions"]
    assert (row["version"], row["status"], row["latest"]) == ("1.0.0", "pushed", False)
    assert done(team, "show", "1.0.0")["status"] == "pushed"
    again = done(team, "push", "1.0.0")
    assert (again["already_published"], again["latest"], again["staged"]) == (True, None, True)
    assert devpi.staging_index_url in again["artifacts"][0]["install"]
    assert refused(team, "publish", "1.0.0", "--draft") == ["no-draft"]


def test_the_api_lists_what_waits_when_asked(team: Team) -> None:
    workspace = Workspace(team.root)
    settings = load_settings(team.root)
    with open_catalogue(workspace, settings) as catalogue:
        client = TestClient(create_api(catalogue, settings, {}))
        plain = client.get("/versions").json()
        assert (plain["versions"], plain["drafts"]) == ([], [])
        asked = client.get("/versions", params={"drafts": True, "staged": True}).json()
        assert [(each["version"], each["staged"]) for each in asked["versions"]] == [("1.0.0", True)]
        assert asked["drafts"][0]["draft"] == "1.0.0-dev.4"
        assert client.get("/versions/latest").status_code == 404
        assert client.get("/schema/1.0.0").json()["staged"]


def test_a_promotion_moves_the_same_bytes_and_survives_kills(
    team: Team, devpi: LocalDevpi, verdaccio: LocalVerdaccio
) -> None:
    waiting = [wheels(devpi.staging_index_url, name)["1.0.0"] for name in _WHEELS]
    seen = []
    while team.killed_after(1, "promote", "1.0.0"):
        seen.append((released(devpi), [tag["latest"] for tag in tags(team, devpi, verdaccio)]))
    holds, ready = PLACEHOLDER_VERSION, "1.0.0"
    assert seen[:4] == [
        ([set(), {ready}], [holds, holds]),
        ([{ready}, {ready}], [holds, holds]),
        ([{ready}, {ready}], [ready, holds]),
        ([{ready}, {ready}], [ready, ready]),
    ]
    assert [wheels(devpi.index_url, name)["1.0.0"] for name in _WHEELS] == waiting
    last = {"latest": "1.0.0", "v1": "1.0.0", "dev": "1.0.0-dev.4"}
    assert tags(team, devpi, verdaccio) == [last, last]
    assert done(team, "versions")["versions"] == [{"version": "1.0.0", "status": "published", "latest": True}]
    assert "staged" not in (team.root / "schemas/1.0.0/release.lock").read_text()
    assert done(team, "promote", "1.0.0")["already_published"]
    assert done(team, "push", "1.0.0")["already_published"]


def test_the_next_command_finishes_a_promotion_that_was_cut_short(team: Team, devpi: LocalDevpi) -> None:
    assert team.run("new", "1.0.1").exit_code == 0
    done(team, "push", "1.0.1")
    assert team.killed_after(1, "promote", "1.0.1")
    told = team.run("versions")
    assert "Finished the release of 1.0.1" in told.errors
    assert all("1.0.1" in found for found in released(devpi))
    assert team.run("versions").errors == ""


def test_publish_is_both_parts(team: Team, devpi: LocalDevpi, verdaccio: LocalVerdaccio) -> None:
    assert team.run("new", "1.0.2").exit_code == 0
    whole = done(team, "publish", "1.0.2")
    assert (whole["latest"], whole["staged"]) == ("1.0.2", False)
    assert "2 moved" in whole["steps"]["promote"]
    assert all("1.0.2" in found for found in released(devpi))
    assert team.run("new", "1.0.3").exit_code == 0
    done(team, "push", "1.0.3")
    assert done(team, "publish", "1.0.3")["latest"] == "1.0.3", "what was pushed is promoted"
    assert [tag["latest"] for tag in tags(team, devpi, verdaccio)] == ["1.0.3"] * 2


def test_without_a_staging_index_a_push_says_what_pip_takes(team: Team, devpi: LocalDevpi) -> None:
    assert team.run("new", "1.0.4").exit_code == 0
    environment = {name: value for name, value in team.environment.items() if name != _NOTHING}
    plain = Team(team.root, team.name, environment)
    assert plain.killed_after(3, "push", "1.0.4")  # between the wheels
    assert "Finished the release of 1.0.4" in plain.run("versions").errors
    assert done(plain, "show", "1.0.4")["status"] == "pushed"
    assert done(plain, "push", "1.0.4")["picked_by_pip"]
    assert plain.run("new", "1.0.5").exit_code == 0
    told = plain.run("push", "1.0.5")
    assert told.exit_code == 0, told.errors
    assert "Pushed 1.0.5; latest is still 1.0.3" in told.output
    assert "pip takes these wheels" in told.output
    assert all("1.0.4" in found for found in released(devpi))
    assert done(plain, "promote", "1.0.4")["latest"] == "1.0.4", "1.0.5 is sealed, and waits"
    assert done(plain, "promote", "1.0.5")["latest"] == "1.0.5"


def test_another_machine_knows_by_the_seal_what_waits(team: Team, tmp_path: Path) -> None:
    """Its state database has nothing of it, and what was published stays published."""
    assert team.run("new", "1.0.6").exit_code == 0
    done(team, "push", "1.0.6")
    state = {"SCHEMA_SERVICE_STATE__URL": f"sqlite:///{tmp_path}/state.db"}
    statuses = {row["version"]: row["status"] for row in done(team, "versions", **state)["versions"]}
    assert (statuses["1.0.5"], statuses["1.0.6"]) == ("published elsewhere", "pushed elsewhere")
    assert done(team, "show", "1.0.6", **state)["status"] == "pushed elsewhere"
    there = done(team, "push", "1.0.5", **state)
    assert (there["latest"], there["staged"]) == ("1.0.5", False)
    there = done(team, "push", "1.0.6", **state)
    assert (there["latest"], there["staged"]) == ("1.0.5", True)
    assert done(team, "promote", "1.0.6", **state)["latest"] == "1.0.6"
