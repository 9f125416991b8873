"""`releases` and `release show`: finished, failed, interrupted; and a release that another machine ends."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from pathlib import Path

import pytest

from migrations.scratch.scratch_server import ScratchServer
from registry.local.devpi import LocalDevpi
from registry.local.verdaccio import LocalVerdaccio
from schemas.prisma.bridge import PrismaBridge
from schemas.workspace.files import private_folder
from schemas.workspace.init_workspace import create_workspace

from ..release_kit import Team, leave_out_consumers, registry_contents, team_environment

pytestmark = pytest.mark.soak


@pytest.mark.parametrize("shares_state", [False, True])
def test_each_step_is_told_and_another_machine_ends_what_was_killed(
    tmp_path: Path,
    devpi: LocalDevpi,
    verdaccio: LocalVerdaccio,
    scratch_server: ScratchServer,
    monkeypatch: pytest.MonkeyPatch,
    shares_state: bool,
) -> None:
    leave_out_consumers(monkeypatch)
    name = f"stepwise-{shares_state}".lower()
    create_workspace(tmp_path / "one", name=name, sample=False)
    warm = private_folder(tmp_path / "one", "local")
    warm.mkdir(parents=True, mode=0o700)
    with ExitStack() as stack:
        stack.enter_context(PrismaBridge(offered_in=warm)).start()
        environment = team_environment(devpi, verdaccio)
        if shares_state:  # a Postgres
            environment["SCHEMA_SERVICE_STATE__URL"] = stack.enter_context(scratch_server.new_database())
        team, other = (Team(tmp_path / folder, name, environment) for folder in ("one", "two"))
        assert team.run("releases").output.startswith("No release was begun here yet")
        assert team.run("release", "show", "1.0.0").exit_code == 1
        assert team.run("publish", "1.0.0").exit_code == 1, "it has no migration"
        (failed,) = team.run("release", "show", "1.0.0", "--json").document["releases"]
        assert failed["state"] == "failed"
        assert failed["steps"][0]["state"] == "failed"
        assert failed["steps"][0]["problems"][0]["code"] == "missing-migration"
        assert {step["state"] for step in failed["steps"][1:]} == {"not begun"}
        assert team.run("migration", "new", "init", "1.0.0").exit_code == 0
        assert team.killed_after(2, "publish", "1.0.0")  # nobody can see anything of it
        (_, interrupted) = team.run("releases", "--json").document["releases"]
        states = {step["name"]: step["state"] for step in interrupted["steps"]}
        assert interrupted["state"] == "interrupted"
        assert (states["test"], states["upload"], states["verify"]) == (
            "finished",
            "interrupted",
            "not begun",
        )
        assert "interrupted at upload" in team.run("releases").output
        assert team.killed_after(3, "publish", "1.0.0")  # between the wheels
        shutil.copytree(team.root, other.root, ignore=shutil.ignore_patterns(".schema-service"))
        ended = other.run("publish", "1.0.0", "--json")
        assert ended.exit_code == 0, ended.output + ended.errors
        contents = registry_contents(team, devpi, verdaccio)
        assert team.run("publish", "1.0.0").exit_code == 0
        assert registry_contents(team, devpi, verdaccio) == contents
        tags = [contents[f"@org/{name}-{kind}"]["tags"] for kind in ("client", "types")]
        assert tags == [{"latest": "1.0.0", "v1": "1.0.0"}] * 2
        finished = other.run("release", "show", "1.0.0", "--json").document["releases"][-1]
        assert finished["state"] == "finished"
        assert {step["state"] for step in finished["steps"]} == {"finished"}
        assert all(step["started_at"] <= step["ended_at"] for step in finished["steps"])
        assert "finished" in other.run("releases").output
        if shares_state:
            _a_change_that_one_machine_began_is_ended_by_another(team, other, devpi, verdaccio)


def _a_change_that_one_machine_began_is_ended_by_another(
    team: Team, other: Team, devpi: LocalDevpi, verdaccio: LocalVerdaccio
) -> None:
    for version in ("1.1.0", "1.2.0"):
        assert team.run("new", version).exit_code == 0
        assert not team.killed_after(99, "publish", version)
    assert team.killed_after(1, "rollback", "--to", "1.0.0")
    for version in ("1.1.0", "1.2.0"):
        shutil.copytree(team.root / f"schemas/{version}", other.root / f"schemas/{version}")
    assert other.run("publish", "1.1.0", "--json").document["latest"] == "1.0.0"
    contents = registry_contents(team, devpi, verdaccio)
    tags = [contents[f"@org/{team.name}-{kind}"]["tags"] for kind in ("client", "types")]
    assert tags == [{"latest": "1.0.0", "v1": "1.2.0", "latest-set-1": "1.0.0"}] * 2
    assert team.run("versions").errors == ""
