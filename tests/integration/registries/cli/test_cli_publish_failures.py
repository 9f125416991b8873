"""A publish that fails or is interrupted: the exit code, and everything as it was before."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from registry.local.devpi import LocalDevpi
from registry.local.verdaccio import LocalVerdaccio
from schemas.workspace.init_workspace import create_workspace
from schemas.workspace.private_folder import PRIVATE_FOLDER

from ..release_kit import COMMAND, Team, leave_out_consumers, registry_contents, team_environment


@pytest.fixture
def team(
    tmp_path: Path, devpi: LocalDevpi, verdaccio: LocalVerdaccio, new_name: Callable[[str], str]
) -> Team:
    name = new_name("failing")
    create_workspace(tmp_path / "workspace", name=name, sample=True)
    return Team(tmp_path / "workspace", name, team_environment(devpi, verdaccio))


def files(team: Team) -> Mapping[str, bytes]:
    """The workspace's files but for the tool's own state."""
    return {
        str(path.relative_to(team.root)): path.read_bytes()
        for path in sorted(team.root.rglob("*"))
        if path.is_file() and PRIVATE_FOLDER not in path.parts
    }


@pytest.mark.soak
def test_a_registry_that_is_down_or_locked_changes_nothing_anywhere(
    team: Team,
    devpi: LocalDevpi,
    verdaccio: LocalVerdaccio,
    unused_port: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    leave_out_consumers(monkeypatch)
    before, in_registries = files(team), registry_contents(team, devpi, verdaccio)
    nowhere = f"http://127.0.0.1:{unused_port}/"
    cases = (
        ({"SCHEMA_SERVICE_REGISTRIES__PYPI__URL": f"{nowhere}schema/release/"}, 3, nowhere),
        ({"SCHEMA_SERVICE_REGISTRIES__NPM__URL": nowhere}, 3, nowhere),
        ({"SCHEMA_SERVICE_PYPI_PASSWORD": "wrong-password"}, 1, "SCHEMA_SERVICE_PYPI_PASSWORD"),
        ({"SCHEMA_SERVICE_NPM_TOKEN": "wrong-token"}, 1, "NODE_AUTH_TOKEN"),
    )
    for environment, exit_code, named in cases:
        if "SCHEMA_SERVICE_REGISTRIES__PYPI__URL" in environment:
            environment["SCHEMA_SERVICE_REGISTRIES__PYPI__INDEX_URL"] = f"{nowhere}schema/release/+simple/"
        finished = team.run("publish", "1.0.0", "--json", **environment)
        assert finished.exit_code == exit_code, finished.output + finished.errors
        problem = finished.document["problems"][0]
        assert (problem["code"] == "registry-unreachable") is (exit_code == 3)
        assert named in problem["message" if exit_code == 3 else "fix"]
        assert "wrong-" not in finished.output + finished.errors
        assert files(team) == before
        assert registry_contents(team, devpi, verdaccio) == in_registries
    # Everything at once: both registries, and the version itself.
    draft = team.root / "schemas/1.0.0/schema.prisma"
    text = draft.read_text()
    draft.write_text(f"{text}\nmodel Extra {{\n  id Int @id\n}}\n")
    nobody = {"SCHEMA_SERVICE_PYPI_PASSWORD": "", "SCHEMA_SERVICE_NPM_TOKEN": ""}
    finished = team.run("publish", "1.0.0", "--json", **nobody)
    assert finished.exit_code == 1
    codes = [problem["code"] for problem in finished.document["problems"]]
    assert codes[-2:] == ["credentials-missing", "credentials-missing"]
    assert len(codes) > 2
    draft.write_text(text)
    listed = team.run("versions", "--json").document["versions"]
    assert {row["status"] for row in listed} == {"draft"}
    assert team.run("publish", "1.0.0").exit_code == 0


def test_a_disk_that_fills_under_the_state_database_is_told_as_that(team: Team) -> None:
    before = files(team)
    done = subprocess.run(
        ["bash", "-c", 'ulimit -f 100; exec "$@"', "-", *COMMAND, "publish", "1.0.0"],
        cwd=team.root,
        env={**os.environ, **team.environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3, done.stdout + done.stderr
    assert done.stderr.startswith("error[catalogue-unavailable]: the state database can't be used: ")
    assert files(team) == before


@pytest.mark.soak  # test_publish kills one again and again
def test_an_interrupted_publish_goes_on_behind_the_step_that_it_finished(
    team: Team, devpi: LocalDevpi, verdaccio: LocalVerdaccio
) -> None:
    before = files(team)
    with subprocess.Popen(
        [*COMMAND, "publish", "1.0.0"],
        cwd=team.root,
        env={**os.environ, **team.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert any("pack" in said.split() for said in process.stdout)
        process.send_signal(signal.SIGINT)
        _output, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.startswith("error[interrupted]: interrupted")
    assert files(team) == before
    assert registry_contents(team, devpi, verdaccio)[f"{team.name}-client"] == {}
    assert not (team.root / PRIVATE_FOLDER / "test").exists()
    finished = team.run("publish", "1.0.0", "--json")
    assert finished.exit_code == 0, finished.output + finished.errors
    assert files(team).keys() - before.keys() == {"schemas/1.0.0/CHANGELOG.md", "schemas/1.0.0/release.lock"}


def test_a_private_folder_that_leads_elsewhere_is_left_alone(team: Team, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    for name in ("test", "rehearsal/data", "rehearsal/states", "artifacts"):
        (elsewhere / name).mkdir(parents=True)
        (elsewhere / name / "precious").write_text("x")
    before = sorted(elsewhere.rglob("*"))
    for link in ("", "test", "rehearsal", "artifacts", "rehearsal/data", "rehearsal/states"):
        place = team.root / PRIVATE_FOLDER / link
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(elsewhere / link)
        for command in (["publish", "1.0.0"], ["build", "1.0.0", "--out", str(tmp_path / "out")]):
            refused = team.run(*command, "--json")
            assert refused.exit_code == 1, refused.output + refused.errors
            (problem,) = refused.document["problems"]
            assert problem["code"] == "linked-private-folder"
            assert problem["file"] == f"{PRIVATE_FOLDER}/{link}".rstrip("/")
        assert sorted(elsewhere.rglob("*")) == before
        place.unlink()
