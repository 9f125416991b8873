"""The application's own wheel: exact top-level names, every data file, and decoy folders are harmless."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from registry.config.upstreams import read_upstreams
from registry.consumers.throwaway_environments import PythonEnvironment, python_environment

ROOT = Path(__file__).parents[2]
ROOMS = ("generators", "migrations", "registry", "schemas")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_has_the_four_rooms_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        top_level = {name.split("/")[0] for name in archive.namelist()}
    assert {name for name in top_level if not name.endswith(".dist-info")} == set(ROOMS)


def test_every_file_that_git_tracks_in_a_room_is_in_the_wheel(wheel: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", *ROOMS], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    with zipfile.ZipFile(wheel) as archive:
        shipped = set(archive.namelist())
    assert [path for path in listed if path not in shipped] == []


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> PythonEnvironment:
    folder = tmp_path_factory.mktemp("installed") / "venv"
    pins = ROOT / "constraints.txt"
    return python_environment(folder, [wheel], upstream=read_upstreams().python, constraints=pins)


def test_installed_clean_it_works_beside_decoys(installed: PythonEnvironment, tmp_path: Path) -> None:
    for room in ROOMS:
        decoy = tmp_path / room / "__init__.py"
        decoy.parent.mkdir()
        decoy.write_text("raise SystemExit('the decoy was imported')\n")
    program = [str(installed.scripts / "schema-service")]
    subprocess.run([*program, "init", "shop", "--sample"], cwd=tmp_path, check=True, capture_output=True)
    built = subprocess.run(
        [*program, "build", "2.0.0", "--out", "out"], cwd=tmp_path / "shop", check=True, capture_output=True
    )
    assert len(built.stdout.splitlines()) == 4
