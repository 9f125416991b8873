"""docs/a-release.md, command by command, against real registries and a real receiver."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.cli.command_names.command_index import COMMANDS
from registry.local.devpi import LocalDevpi
from registry.local.verdaccio import LocalVerdaccio
from schemas.prisma.bridge import PrismaBridge
from schemas.workspace.files import private_folder

from ....documented_page import blocks
from ..release_kit import Finished, Team, leave_out_consumers, registry_contents, team_environment
from ..webhook_receiver import WebhookReceiver, webhook_receiver

_PAGE = "a-release.md"
_PACKAGES = """
[packages]
python_client = "page-client"
python_migrations = "page-migrations"
node_client = "@org/page-client"
typescript_types = "@org/page-types"
"""


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with webhook_receiver() as running:
        yield running


def run_block(team: Team, block: str) -> list[Finished]:
    """Run its lines in turn; those with a here-document by the shell. Each has to succeed."""
    done = []
    lines = iter(block.splitlines())
    for line in lines:
        if "<<'EOF'" in line:
            script = [line, *iter(lambda: next(lines), "EOF"), "EOF"]
            subprocess.run(["bash", "-ec", "\n".join(script)], cwd=team.root, check=True)
            continue
        program, *arguments = shlex.split(line)
        assert program == "schema-service", line
        finished = team.run(*arguments)
        assert finished.exit_code == 0, f"{line}\n{finished.output}{finished.errors}"
        done.append(finished)
    return done


@pytest.mark.soak
def test_the_page_from_draft_to_rollback(
    tmp_path: Path,
    devpi: LocalDevpi,
    verdaccio: LocalVerdaccio,
    receiver: WebhookReceiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    leave_out_consumers(monkeypatch)
    hook = {"SCHEMA_SERVICE_NOTIFY__WEBHOOK_ENV": "HOOK", "HOOK": receiver.url}
    environment = {**team_environment(devpi, verdaccio), **hook}
    first, draft, check, publish, told, *back = blocks(_PAGE, "sh")
    init, enter, *rest = first.splitlines()
    assert enter == "cd reviews"
    run_block(Team(tmp_path, "reviews", environment), init)
    team = Team(tmp_path / "reviews", "page", environment)
    toml = team.root / "schema-service.toml"
    toml.write_text(toml.read_text().split("[packages]")[0] + _PACKAGES)  # others publish under its names
    warm = private_folder(team.root, "local")
    warm.mkdir(parents=True, exist_ok=True, mode=0o700)
    with PrismaBridge(offered_in=warm) as bridge:
        bridge.start()
        run_block(team, "\n".join(rest))
        run_block(team, draft)
        shown = run_block(team, check)[-1].output
        assert shown.startswith("## 1.1.0: valid\n")
        assert "Tag is new" in shown
        published = run_block(team, publish)[0].output
        assert "Published 1.1.0; latest is 1.1.0." in published
        assert "Changes since 1.0.0: 1 additive" in published
        assert "pip install" in published
        assert "delivered" in run_block(team, told)[0].output
        assert receiver.versions == ["1.0.0", "1.1.0"]
        if any(entry[0] == "rollback" for entry in COMMANDS):
            _go_back(team, back, receiver)
    packages = registry_contents(team, devpi, verdaccio)
    assert packages["@org/page-client"]["tags"]["latest"] == "1.1.0"


def _go_back(team: Team, back: list[str], receiver: WebhookReceiver) -> None:
    rollback, withdrawal, afterwards = back
    planned, done = run_block(team, rollback)
    assert "1.0.0" in planned.output
    assert "1.0.0" in done.output
    run_block(team, withdrawal)
    assert [each.body["type"] for each in receiver.requests][-4:] == [
        "release.rolled_back",
        "release.withdrawn",
        "release.restored",
        "latest.moved",
    ]
    run_block(team, afterwards)
