"""Every command of docs/trust.md is run."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from schemas.workspace.init_workspace import create_workspace

from ..release_kit import Team
from .released import Released

pytestmark = pytest.mark.soak

_PAGE = Path(__file__).parents[4] / "docs" / "trust.md"
_COMMANDS = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```", _PAGE.read_text(), re.M | re.S)
    for line in block.splitlines()
]
#: These are followed to their end, with what they install, in the other files of this folder.
_ELSEWHERE = {
    "schema-service constraints 2.0.0 --only migrations --out constraints.txt": "test_verify.py",
    "pip install --require-hashes -r constraints.txt": "test_verify.py",
    "npm audit signatures": "test_npm_signatures.py",
    "schema-service verify 2.0.0 --rebuild": "test_verify.py",
}
_HERE = [line for line in _COMMANDS if line not in _ELSEWHERE]


def test_what_is_run_elsewhere_is_on_the_page() -> None:
    assert set(_ELSEWHERE) <= set(_COMMANDS)
    assert len(_HERE) >= 5


@pytest.fixture
def workspace(released: Released, tmp_path: Path) -> Team:
    """A copy of what was published, beside a consumer."""
    root = tmp_path / "shop"
    shutil.copytree(
        released.team.root, root, ignore=shutil.ignore_patterns("artifacts", "local", "rehearsal")
    )
    (tmp_path / "services" / "web").mkdir(parents=True)
    return Team(root, released.team.name, {**released.team.environment, "XDG_CONFIG_HOME": str(tmp_path)})


@pytest.mark.parametrize("line", _HERE)
def test_a_command_of_the_page_does_what_it_says(line: str, workspace: Team, tmp_path: Path) -> None:
    program, *arguments = shlex.split(line)
    assert program == "schema-service"
    if arguments == ["key", "new"]:  # of a workspace that has none yet
        workspace = Team(tmp_path / "new", "new", workspace.environment)
        create_workspace(workspace.root, name="new", sample=False)
    ended = workspace.run(*arguments)
    assert ended.exit_code == 0, ended.output + ended.errors
    if arguments[0] == "key" and arguments[1] != "list":
        (private,) = (tmp_path / "schema-service" / "keys").iterdir()
        assert f"export SCHEMA_SERVICE_TRUST__KEY_FILE={private}" in ended.output
        assert (workspace.root / "signing-keys.json").is_file()
