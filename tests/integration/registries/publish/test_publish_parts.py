"""Drafts that can be installed, and a publish in two parts: what is where, and what a kill leaves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

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


def states(team: Team) -> list[tuple[str, str, bool]]:
    """Each version, what it is, and whether it is latest."""
    return [(row["version"], row["status"], row["latest"]) for row in done(team, "versions")["versions"]]


def told(team: Team) -> list[str]:
    """The log, the newest first."""
    events = done(team, "log")["events"]
    return [f"{event['version']} {event['what']}" for event in events]


def feed(team: Team) -> dict[str, tuple[str, str]]:
    """When each entry was published and updated."""
    atom = "{http://www.w3.org/2005/Atom}"
    settings = load_settings(team.root)
    with open_catalogue(Workspace(team.root), settings) as catalogue:
        answer = TestClient(create_api(catalogue, settings, {})).get("/feed.atom")
    entries = ElementTree.fromstring(answer.content).findall(f"{atom}entry")
    names = [f"{atom}{name}" for name in ("title", "published", "updated")]
    texts = [[each.findtext(name, "") for name in names] for each in entries]
    return {title: (published, updated) for title, published, updated in texts}


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
    assert states(team) == [("1.0.0", "draft", False)]
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
    assert states(team) == [("1.0.0", "pushed", False)]
    assert done(team, "show", "1.0.0")["status"] == "pushed"
    again = done(team, "push", "1.0.0")
    assert (again["already_published"], again["latest"], again["staged"]) == (True, None, True)
    assert devpi.staging_index_url in again["artifacts"][0]["install"]
    assert refused(team, "publish", "1.0.0", "--draft") == ["no-draft"]
    assert told(team) == ["1.0.0 pushed"]
    assert feed(team) == {}


def test_what_waits_or_is_a_draft_is_neither_latest_nor_withdrawn(
    team: Team, devpi: LocalDevpi, verdaccio: LocalVerdaccio
) -> None:
    assert team.run("new", "1.0.1").exit_code == 0
    before = registry_contents(team, devpi, verdaccio)
    for version, code, fix in (
        ("1.0.0", "not-promoted", "promote it first: schema-service promote 1.0.0"),
        ("1.0.1", "not-published", "publish it first: schema-service publish 1.0.1"),
    ):
        for command in (
            ("latest", "set", version),
            ("rollback", "--to", version),
            ("withdraw", version, "--reason", "no"),
            ("restore", version),
        ):
            finished = team.run(*command, "--json")
            assert finished.exit_code == 1, command
            (problem,) = finished.document["problems"]
            assert (problem["code"], problem["fix"]) == (code, fix), command
    assert registry_contents(team, devpi, verdaccio) == before
    assert done(team, "repair")["changes"] == []
    assert registry_contents(team, devpi, verdaccio) == before
    assert done(team, "delete-draft", "1.0.1", "--yes")["ok"]


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
    assert states(team) == [("1.0.0", "published", True)]
    assert "staged" not in (team.root / "schemas/1.0.0/release.lock").read_text()
    assert told(team) == ["1.0.0 promoted", "1.0.0 pushed"]
    assert list(feed(team)) == ["parts 1.0.0"]
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


def test_without_a_staging_index_a_push_says_what_pip_takes(
    team: Team, devpi: LocalDevpi, verdaccio: LocalVerdaccio
) -> None:
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
    assert [tag["v1"] for tag in tags(team, devpi, verdaccio)] == ["1.0.4"] * 2
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


def test_repair_promotes_again_what_a_release_index_has_lost(
    team: Team, devpi: LocalDevpi, verdaccio: LocalVerdaccio
) -> None:
    """1.0.7 was promoted by another machine, says its seal, and the release index has nothing of it."""
    assert team.run("new", "1.0.7").exit_code == 0
    done(team, "push", "1.0.7")
    lock = team.root / "schemas/1.0.7/release.lock"
    lock.write_text(lock.read_text().replace("staged = true\n", ""))
    assert not any("1.0.7" in found for found in released(devpi))
    assert done(team, "repair")["changes"] == [
        "the state database gets that 1.0.6 is promoted",
        "the state database gets that 1.0.7 is promoted",
        "parts_migrations-1.0.7-py3-none-any.whl is promoted again to " + devpi.upload_url,
        "parts_client-1.0.7-py3-none-any.whl is promoted again to " + devpi.upload_url,
        "@org/parts-client: the tag staged leaves 1.0.7, which doesn't wait",
        "@org/parts-types: the tag staged leaves 1.0.7, which doesn't wait",
        "the state database gets that latest is 1.0.7",
        "@org/parts-client: latest moves from 1.0.6 to 1.0.7",
        "@org/parts-types: latest moves from 1.0.6 to 1.0.7",
        "@org/parts-client: the tag v1 is on 1.0.7, instead of 1.0.6",
        "@org/parts-types: the tag v1 is on 1.0.7, instead of 1.0.6",
    ]
    assert all("1.0.7" in found for found in released(devpi))
    assert {tag["latest"] for tag in tags(team, devpi, verdaccio)} == {"1.0.7"}
    assert told(team)[0] == "1.0.7 promoted"
    assert done(team, "repair")["changes"] == []
