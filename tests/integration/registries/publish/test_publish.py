"""`schema-service publish` against real registries: once, again, changed, cut short, locked out."""

from __future__ import annotations

import contextlib
import io
import shutil
import sqlite3
import tarfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urljoin

import psutil
import pytest
import requests

from migrations.scratch.scratch_server import ScratchServer
from registry.cli.command_server.start import command_server
from registry.local.devpi import LocalDevpi
from registry.local.verdaccio import LocalVerdaccio
from schemas.workspace.init_workspace import create_workspace

from ..release_kit import Team, leave_out_consumers, registry_contents, team_environment

NewTeam = Callable[[str], Team]


@pytest.fixture(scope="module")
def new_team(
    tmp_path_factory: pytest.TempPathFactory, devpi: LocalDevpi, verdaccio: LocalVerdaccio
) -> NewTeam:
    def make(name: str) -> Team:
        root = tmp_path_factory.mktemp(name)
        create_workspace(root, name=name, sample=True)
        return Team(root, name, team_environment(devpi, verdaccio))

    return make


@pytest.fixture(scope="module")
def published(new_team: NewTeam) -> Team:
    """A team that has published 1.0.0."""
    team = new_team("shop")
    done = team.run("publish", "1.0.0", "--json")
    assert done.exit_code == 0, done.output + done.errors
    assert done.document["latest"] == "1.0.0"
    assert not done.document["already_published"]
    return team


def test_all_four_packages_are_in_their_registries_and_latest_has_moved(
    published: Team, devpi: LocalDevpi, verdaccio: LocalVerdaccio
) -> None:
    contents = registry_contents(published, devpi, verdaccio)
    assert list(contents["shop-client"]) == ["shop_client-1.0.0-py3-none-any.whl"]
    assert list(contents["shop-migrations"]) == ["shop_migrations-1.0.0-py3-none-any.whl"]
    assert contents["@org/shop-client"]["tags"]["latest"] == "1.0.0"
    assert contents["@org/shop-types"]["tags"]["latest"] == "1.0.0"


def test_the_version_is_sealed_and_listed(published: Team) -> None:
    assert (published.root / "schemas/1.0.0/release.lock").is_file()
    assert (published.root / "schemas/1.0.0/CHANGELOG.md").read_text().startswith("# 1.0.0\n")
    listed = published.run("versions", "--json").document["versions"]
    first = {"version": "1.0.0", "status": "published", "latest": True, "follows": None, "takes": []}
    first["withdrawn"] = None
    assert listed[0] == first
    assert [row["status"] for row in listed[1:]] == ["draft", "draft"]
    shown = published.run("show", "1.0.0", "--json").document
    assert shown["migrations"] == ["001_init", "002_reviews"]
    assert len(shown["artifacts"]) == 4


def test_all_four_packages_carry_the_changelog_and_a_correction_changes_none(
    published: Team, devpi: LocalDevpi, verdaccio: LocalVerdaccio, tmp_path: Path
) -> None:
    before = registry_contents(published, devpi, verdaccio)
    sealed = (published.root / "schemas/1.0.0/CHANGELOG.md").read_bytes()
    team = Team(_copy(published, tmp_path), published.name, published.environment)
    done = team.run("amend", "1.0.0", "--description", "Better.", "--note", "Noted.", "--json")
    assert done.exit_code == 0, done.output + done.errors
    assert _carried(team, devpi, verdaccio) == dict.fromkeys(before, sealed)
    assert registry_contents(team, devpi, verdaccio) == before
    assert team.run("publish", "1.0.0", "--json").document["already_published"]
    assert team.run("show", "1.0.0", "--json").document["description"] == "Better."
    shown = team.run("show", "1.0.0", "--json").document
    assert list(shown["rehearsed_ms"]) == ["001_init", "002_reviews"]
    assert [event["what"] for event in team.run("log", "--json").document["events"]] == [
        *("corrected", "corrected", "published"),
    ]
    assert team.run("delete-draft", "1.0.0", "--yes", "--json").document["problems"][0]["code"] == (
        "version-is-immutable"
    )


def _carried(team: Team, devpi: LocalDevpi, verdaccio: LocalVerdaccio) -> dict[str, bytes]:
    """The changelogs in each package of the team, as the registries serve them."""
    found: dict[str, bytes] = {}
    for name in (f"{team.name}-client", f"{team.name}-migrations"):
        page = requests.get(
            f"{devpi.index_url}{name}/", headers={"Accept": "application/vnd.pypi.simple.v1+json"}, timeout=30
        )
        url = urljoin(page.url, page.json()["files"][0]["url"])
        with zipfile.ZipFile(io.BytesIO(requests.get(url, timeout=30).content)) as wheel:
            folder = name.replace("-", "_")
            found[name] = wheel.read(f"{folder}/CHANGELOG.md")
    for name in (f"@org/{team.name}-client", f"@org/{team.name}-types"):
        packument = requests.get(f"{verdaccio.url}{name.replace('/', '%2f')}", timeout=30).json()
        content = requests.get(packument["versions"]["1.0.0"]["dist"]["tarball"], timeout=30).content
        with tarfile.open(fileobj=io.BytesIO(content)) as tarball:
            file = tarball.extractfile("package/CHANGELOG.md")
            assert file is not None
            found[name] = file.read()
    return found


def test_publishing_the_same_again_says_so(
    published: Team, devpi: LocalDevpi, verdaccio: LocalVerdaccio
) -> None:
    before = registry_contents(published, devpi, verdaccio)
    again = published.run("publish", "1.0.0")
    assert again.exit_code == 0
    assert "already published" in again.output
    assert registry_contents(published, devpi, verdaccio) == before


def test_a_sealed_version_that_was_edited_is_refused(
    published: Team, devpi: LocalDevpi, verdaccio: LocalVerdaccio, tmp_path: Path
) -> None:
    team = Team(_copy(published, tmp_path), published.name, published.environment)
    _append(team.root / "schemas/1.0.0/schema.prisma", "\nmodel Extra {\n  id Int @id\n}\n")
    before = registry_contents(team, devpi, verdaccio)
    refused = team.run("publish", "1.0.0", "--json")
    assert refused.exit_code == 1
    assert refused.document["problems"][0]["code"] == "sealed-version-edited"
    assert registry_contents(team, devpi, verdaccio) == before


def test_other_content_is_refused_by_the_catalogue_when_the_seal_is_gone(
    published: Team, devpi: LocalDevpi, verdaccio: LocalVerdaccio, tmp_path: Path
) -> None:
    team = Team(_copy(published, tmp_path), published.name, published.environment)
    (team.root / "schemas/1.0.0/release.lock").unlink()
    _append(team.root / "schemas/1.0.0/schema.prisma", "\nmodel Extra {\n  id Int @id\n}\n")
    before = registry_contents(team, devpi, verdaccio)
    refused = team.run("publish", "1.0.0", "--json")
    assert refused.exit_code == 1
    assert refused.document["problems"][0]["code"] == "version-is-immutable"
    assert registry_contents(team, devpi, verdaccio) == before


def test_other_content_is_refused_by_the_registries_when_the_catalogue_is_gone_too(
    published: Team,
    devpi: LocalDevpi,
    verdaccio: LocalVerdaccio,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    leave_out_consumers(monkeypatch)
    team = Team(_copy(published, tmp_path), published.name, published.environment)
    (team.root / "schemas/1.0.0/release.lock").unlink()
    shutil.rmtree(team.root / ".schema-service")
    (team.root / "schemas/1.0.0/version.toml").write_text('description = "Something else."\n')
    before = registry_contents(team, devpi, verdaccio)
    refused = team.run("publish", "1.0.0", "--json")
    assert refused.exit_code == 1
    assert {problem["code"] for problem in refused.document["problems"]} == {"version-is-immutable"}
    assert len(refused.document["problems"]) == 4
    assert registry_contents(team, devpi, verdaccio) == before
    assert not (team.root / "schemas/1.0.0/release.lock").exists()


def test_the_same_content_is_taken_for_published_when_the_catalogue_is_gone(
    published: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_out_consumers(monkeypatch)
    team = Team(_copy(published, tmp_path), published.name, published.environment)
    shutil.rmtree(team.root / ".schema-service")
    done = team.run("publish", "1.0.0", "--json")
    assert done.exit_code == 0, done.output + done.errors
    assert "4 already there" in done.document["steps"]["upload"]


def test_a_publish_that_is_killed_again_and_again_goes_on_where_it_was_cut_short(new_team: NewTeam) -> None:
    team = new_team("killed")
    finished: dict[str, int] = {}
    local = team.root / ".schema-service" / "local"
    local.mkdir(parents=True, mode=0o700)
    for step in ("rehearse", "pack", "upload"):
        with command_server(local) if step == "pack" else contextlib.nullcontext():
            if step == "pack":  # a process of `up` runs it, and has to end with the one that is killed
                _wait_until(lambda: list(local.glob("*.sock")))
            team.kill_after(step, "publish", "1.0.0")
            _wait_until(lambda: not any(server.children() for server in _command_servers()))
            assert all(server.cpu_times().children_user > 0 for server in _command_servers())
        after = _finished_steps(team)
        assert finished.items() <= after.items(), f"a step ran again before {step}"
        assert len(after) < 12, f"nothing was left to do after {step}"
        finished = after
    done = team.run("publish", "1.0.0", "--json")
    assert done.exit_code == 0, done.output + done.errors
    after = _finished_steps(team)
    assert finished.items() <= after.items(), "a step that was finished ran again"
    assert len(after) == 12


def _command_servers() -> list[psutil.Process]:
    return [each for each in psutil.Process().children() if "command_server" in " ".join(each.cmdline())]


def _wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_draft_below_is_published_first(new_team: NewTeam) -> None:
    refused = new_team("hasty").run("publish", "1.1.0", "--json")
    assert refused.exit_code == 1
    assert refused.document["problems"][0]["code"] == "draft-below"


def test_a_shared_state_in_postgres_serves_a_second_machine(
    new_team: NewTeam, scratch_server: ScratchServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_out_consumers(monkeypatch)
    with scratch_server.new_database() as dsn:
        team = new_team("shared")
        state = {"SCHEMA_SERVICE_STATE__URL": dsn}
        first = team.run("publish", "1.0.0", "--json", **state)
        assert first.exit_code == 0, first.output + first.errors
        elsewhere = Team(tmp_path / "clone", team.name, team.environment)
        shutil.copytree(team.root, elsewhere.root, ignore=shutil.ignore_patterns(".schema-service"))
        again = elsewhere.run("publish", "1.0.0", "--json", **state)
        assert again.document["already_published"]


def _copy(team: Team, folder: Path) -> Path:
    return Path(shutil.copytree(team.root, folder / "copy"))


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def _finished_steps(team: Team) -> dict[str, int]:
    """The stored results of the release's steps: name and the moment it was stored, in milliseconds."""
    with sqlite3.connect(team.root / ".schema-service" / "state.db") as state:
        rows = state.execute(
            "SELECT function_name, completed_at_epoch_ms FROM operation_outputs WHERE output IS NOT NULL"
        )
        return dict(rows.fetchall())
