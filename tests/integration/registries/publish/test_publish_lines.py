"""docs/maintenance-lines.md: its commands in their order, against real registries and a real database."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from fastapi.testclient import TestClient

from migrations.scratch.scratch_server import ScratchServer
from registry.api.application import create_api
from registry.catalogue.opening import open_catalogue
from registry.config.settings import load_settings
from registry.local.devpi import LocalDevpi
from registry.local.verdaccio import LocalVerdaccio
from registry.publishers.pypi import PypiPublisher
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.files import private_folder
from schemas.workspace.init_workspace import create_workspace
from schemas.workspace.workspace import Workspace

from ..release_kit import Team, leave_out_consumers, registry_contents, team_environment

_PAGE = Path(__file__).parents[4] / "docs" / "maintenance-lines.md"
_BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
_SCHEMA = """datasource db {
  provider = "postgresql"
}

model Note {
  id    Int    @id
  text  String
%s}
"""
_TITLE, _PINNED, _INDEX = "  title String?\n", "  pinned Boolean @default(false)\n", "\n  @@index([title])\n"
_FIELDS = {
    "1.0.0": "",
    "1.1.0": _TITLE,
    "2.0.0": _TITLE + _PINNED,
    "1.1.1": _TITLE + _INDEX,
    "2.0.1": _TITLE + _PINNED + _INDEX,
}
_NAMES = {"1.0.0": "init", "1.1.0": "title", "2.0.0": "pinned"}


@dataclass(frozen=True, slots=True)
class Lines:
    """A workspace with 1.0.0, 1.1.0 and 2.0.0 published, and where its wheels are unpacked."""

    team: Team
    pypi: PypiPublisher
    place: Path

    def write(self, version: str) -> None:
        """Edit the schema, as the page says."""
        (self.team.root / f"schemas/{version}/schema.prisma").write_text(_SCHEMA % _FIELDS[version])

    def done(self, *arguments: str) -> str:
        finished = self.team.run(*arguments)
        assert finished.exit_code == 0, finished.output + finished.errors
        return finished.output

    def migrate(self, version: str, dsn: str, *arguments: str) -> tuple[int, str]:
        """Run the command of the migrations package of ``version`` as a process: exit code and output."""
        folder = self.place / version
        if not folder.exists():
            name = f"lines_migrations-{version}-py3-none-any.whl"
            wheel = self.place / name
            wheel.write_bytes(self.pypi.download("lines-migrations", version, name))
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(folder)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        ended = subprocess.run(
            [sys.executable, "-m", "lines_migrations", *arguments],
            env={**kept, "PYTHONPATH": str(folder), "DATABASE_URL": dsn},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return ended.returncode, ended.stdout + ended.stderr


@pytest.fixture(scope="module")
def lines(
    tmp_path_factory: pytest.TempPathFactory, devpi: LocalDevpi, verdaccio: LocalVerdaccio
) -> Iterator[Lines]:
    root = tmp_path_factory.mktemp("lines")
    create_workspace(root, name="lines", sample=False)
    warm = private_folder(root, "local")
    warm.mkdir(parents=True, mode=0o700)
    pypi = PypiPublisher(
        upload_url=devpi.upload_url, index_url=devpi.index_url, credentials=devpi.credentials
    )
    team = Team(root, "lines", team_environment(devpi, verdaccio))
    found = Lines(team, pypi, tmp_path_factory.mktemp("wheels"))
    with pytest.MonkeyPatch.context() as patch, PrismaBridge(offered_in=warm) as bridge:
        leave_out_consumers(patch)
        bridge.start()
        for version, name in _NAMES.items():
            if version != "1.0.0":
                found.done("new", version)
            found.write(version)
            found.done("migration", "new", name, version)
            found.done("publish", version)
        yield found


@pytest.mark.soak
def test_each_command_of_the_page_does_what_it_says(
    lines: Lines, scratch_server: ScratchServer, devpi: LocalDevpi, verdaccio: LocalVerdaccio
) -> None:
    with scratch_server.new_database() as dsn, scratch_server.new_database() as other:
        assert lines.migrate("1.1.0", dsn, "upgrade")[0] == 0
        assert lines.migrate("2.0.0", other, "upgrade")[0] == 0
        said: dict[str, str] = {}
        for command in _commands():
            match command.split():
                case ["schema-service", *arguments]:
                    said[command] = lines.done(*arguments)
                case ["#", "edit", file, *_]:
                    lines.write(file.split("/")[1])
                case ["lines-migrations", *arguments]:
                    _before(arguments[0], lines, dsn)
                    code, said[command] = lines.migrate("2.0.1", dsn, *arguments)
                    assert code == 0, said[command]
        assert "1.1.1            published  follows 1.1.0" in said["schema-service versions"]
        assert "2.0.1            published  latest  takes over 1.1.1" in said["schema-service versions"]
        assert "up        003_pinned" in said["lines-migrations plan"]
        assert "004" not in said["lines-migrations plan"]
        assert _columns(dsn) == ({"id", "text", "title"}, True)
        assert "1.1.1" in said["lines-migrations status"]
        # What a version takes over is told with what it does to a database.
        assert "004_note_index, " in said["schema-service publish 2.0.1"]
        assert "### 004_note_index" in (lines.team.root / "schemas/2.0.1/CHANGELOG.md").read_text()
        assert "004_note_index/up.sql" in lines.done("diff", "2.0.0", "2.0.1")
        assert "004_note_index/down.sql" in lines.done("diff", "2.0.1", "2.0.0")
        # The table of what the runner does.
        for command in ("plan", "upgrade", "verify"):
            code, told = lines.migrate("2.0.0", dsn, command)
            assert code == 1
            assert "2.0.0 doesn't contain 1.1.1's migration 004_note_index" in told
        code, told = lines.migrate("1.1.1", other, "upgrade")
        assert code == 1
        assert "2.0.0 doesn't contain 1.1.1's migration 004_note_index" in told
        assert lines.migrate("2.0.1", other, "upgrade")[0] == 0
        assert _columns(other) == ({"id", "text", "title", "pinned"}, True)
        assert lines.migrate("2.0.1", other, "downgrade", "--to", "2.0.0")[0] == 0
        assert _columns(other) == ({"id", "text", "title", "pinned"}, False)
    contents = registry_contents(lines.team, devpi, verdaccio)
    for name in ("@org/lines-client", "@org/lines-types"):
        assert contents[name]["tags"] == {"latest": "2.0.1", "v1": "1.1.1", "v2": "2.0.1"}
    workspace, settings = Workspace(lines.team.root), load_settings(lines.team.root)
    with open_catalogue(workspace, settings) as catalogue:
        listed = TestClient(create_api(catalogue, settings, {})).get("/versions").json()["versions"]
    assert [(each["version"], each["follows"], each["takes"]) for each in listed] == [
        ("2.0.1", "2.0.0", {"1.1.1": {"004_note_index": "run"}}),
        ("2.0.0", "1.1.0", {}),
        ("1.1.1", "1.1.0", {}),
        ("1.1.0", "1.0.0", {}),
        ("1.0.0", None, {}),
    ]
    lock = workspace.release_lock(SchemaVersion(2, 0, 1))
    assert lock is not None
    assert lock.takes == (SchemaVersion(1, 1, 1),)
    assert "follows" in (lines.team.root / "schemas/1.1.1/release.lock").read_text()
    # What the catalogue has of the lines is what the workspace has.
    assert lines.team.run("check", "--all", "--quick").exit_code == 0
    assert lines.team.run("publish", "1.1.1").exit_code == 0


def test_the_page_shows_every_answer() -> None:
    text = _PAGE.read_text()
    assert all(f'`"{answer}"`' in text for answer in ("run", "contained", "005_note_index"))


def _commands() -> list[str]:
    return [line for block in _BLOCK.findall(_PAGE.read_text()) for line in block.splitlines() if line]


_PREPARED: dict[str, Callable[[Lines, str], object]] = {
    "plan": lambda lines, dsn: lines.migrate("1.1.1", dsn, "upgrade"),
}


def _before(command: str, lines: Lines, dsn: str) -> None:
    if command in _PREPARED:
        _PREPARED[command](lines, dsn)


def _columns(dsn: str) -> tuple[set[str], bool]:
    """The table's columns, and whether the index is there."""
    query = "SELECT attname FROM pg_attribute WHERE attrelid = '\"Note\"'::regclass AND attnum > 0"
    index = "SELECT to_regclass('public.\"Note_title_idx\"') IS NOT NULL"
    with psycopg.connect(dsn) as connection:
        row = connection.execute(index).fetchone()
        return {name for (name,) in connection.execute(f"{query} AND NOT attisdropped")}, bool(row and row[0])
