"""docs/registries.md: its settings are valid, and its commands do what it says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from migrations.runner.cli.args import parser
from migrations.runner.manifest import Manifest
from registry.config.settings import PypiTable, Settings, load_settings
from registry.local.devpi import LocalDevpi
from registry.local.verdaccio import LocalVerdaccio
from schemas.workspace.init_workspace import create_workspace

from ..release_kit import Team, leave_out_consumers, registry_contents, team_environment

pytestmark = pytest.mark.soak

_PAGE = (Path(__file__).parents[4] / "docs/registries.md").read_text()
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_TABLES = [text for kind, text in _BLOCK.findall(_PAGE) if kind == "toml"]
_COMMANDS = [
    shlex.split(line, comments=True)
    for kind, text in _BLOCK.findall(_PAGE)
    if kind == "sh"
    for line in text.splitlines()
]


@pytest.mark.parametrize("text", _TABLES)
def test_the_settings_are_valid(text: str, tmp_path: Path) -> None:
    (tmp_path / "schema-service.toml").write_text(f'name = "x"\n{text}')
    registries = load_settings(tmp_path).registries
    assert registries.pypi is not None
    assert registries.npm is not None


def test_every_key_is_explained() -> None:
    explained = re.findall(r"^\| (`.*?) \|", _PAGE, re.MULTILINE)
    keys = {key for cell in explained for key in re.findall(r"`(\w+)`", cell)}
    assert set(PypiTable.model_fields) <= keys
    assert set(Settings.model_fields) & keys == {"name"}


def test_the_commands_do_what_they_are_shown_for(
    devpi: LocalDevpi, verdaccio: LocalVerdaccio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_workspace(tmp_path, name="page", sample=False)
    (tmp_path / "schemas/1.0.0").rename(tmp_path / "schemas/2.1.0")
    staging = {"SCHEMA_SERVICE_REGISTRIES__PYPI__STAGING_URL": devpi.staging_url}
    team = Team(tmp_path, "page", {**team_environment(devpi, verdaccio), **staging})
    assert team.run("migration", "new", "init", "2.1.0").exit_code == 0
    ours = [words[1:] for words in _COMMANDS if words[0] == "schema-service"]
    drafts, parts = ours[2:], ours[:2]
    for words in (*drafts, *parts):
        done = team.run(*words)
        leave_out_consumers(monkeypatch)  # those of the draft are enough
        assert done.exit_code == 0, done.output + done.errors
    assert [words[0] for words in (*drafts, *parts)] == ["publish", "versions", "push", "promote"]
    contents = registry_contents(team, devpi, verdaccio)
    assert contents["@org/page-client"]["tags"] == {
        "latest": "2.1.0",
        "v2": "2.1.0",
        "dev": "2.1.0-dev.1",
    }
    assert list(contents["page-client"]) == ["page_client-2.1.0-py3-none-any.whl"]


def test_the_runners_command_is_one() -> None:
    manifest = Manifest(
        schema_name="x",
        package="schema-migrations",
        package_version="2.1.0.dev1",
        version="2.1.0-dev.1",
        versions=("2.1.0-dev.1",),
        compatible_from={},
        migrations=(),
        state_changes=(),
        is_draft=True,
    )
    ((_, *words),) = [words for words in _COMMANDS if words[0] == "schema-migrations"]
    assert parser(manifest).parse_args(words).allow_draft
