"""Real histories come in by `init --from-prisma`, and go out as four packages, without a hand edit."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.local.devpi import LocalDevpi
from registry.local.verdaccio import LocalVerdaccio

from ..release_kit import Team, registry_contents, team_environment

CORPUS = Path(__file__).parents[5] / "shared" / "corpus"


@pytest.mark.parametrize("project", ["ghostfolio", pytest.param("linkwarden", marks=pytest.mark.soak)])
def test_a_real_history_is_imported_and_published(
    project: str, tmp_path: Path, devpi: LocalDevpi, verdaccio: LocalVerdaccio
) -> None:
    source = CORPUS / project / "head"
    if not source.is_dir():
        pytest.skip("the corpus of real histories is not on this machine")
    team = Team(tmp_path, project, team_environment(devpi, verdaccio))
    imported = team.run("init", ".", "--name", project, "--from-prisma", str(source), "--json")
    assert imported.exit_code == 0, imported.output + imported.errors
    assert any("generator" in each["what"] for each in imported.document["stripped"])
    done = team.run("publish", "1.0.0", "--json")
    assert done.exit_code == 0, done.output + done.errors
    contents = registry_contents(team, devpi, verdaccio)
    assert len(contents[f"{project}-client"]) == len(contents[f"{project}-migrations"]) == 1
    assert contents[f"@org/{project}-client"]["tags"]["latest"] == "1.0.0"
    assert contents[f"@org/{project}-types"]["tags"]["latest"] == "1.0.0"
