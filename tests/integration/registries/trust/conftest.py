"""One workspace with three published versions, for every test of this folder."""

from __future__ import annotations

import pytest

from registry.local.devpi import LocalDevpi
from registry.local.verdaccio import LocalVerdaccio

from ..release_kit import Team, leave_out_consumers, team_environment
from .released import FIRST_KEY, SECOND_KEY, UNSIGNED, Released, codes, done, write_versions


@pytest.fixture(scope="session")
def released(
    tmp_path_factory: pytest.TempPathFactory, devpi: LocalDevpi, verdaccio: LocalVerdaccio
) -> Released:
    folder = tmp_path_factory.mktemp("trust")
    team = Team(folder / "workspace", "trusted", team_environment(devpi, verdaccio))
    write_versions(team.root, team.name)
    with pytest.MonkeyPatch.context() as patch:
        leave_out_consumers(patch)
        done(team, "publish", UNSIGNED)
        first, second = folder / "keys" / "first.pem", folder / "keys" / "second.pem"
        done(team, "key", "new", "--file", str(first))
        refused = team.run("publish", FIRST_KEY, "--json")
        assert codes(refused.document) == ["signing-key-missing"]
        team.environment["SCHEMA_SERVICE_TRUST__KEY_FILE"] = str(first)
        done(team, "publish", FIRST_KEY)
        done(team, "key", "rotate", "--file", str(second))
        refused = team.run("publish", SECOND_KEY, "--json")
        assert codes(refused.document) == ["signing-key-unknown"]
        team.environment["SCHEMA_SERVICE_TRUST__KEY_FILE"] = str(second)
        done(team, "publish", SECOND_KEY)
    return Released(team, folder / "keys")
