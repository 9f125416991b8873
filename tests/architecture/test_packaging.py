"""The application as it is handed out: what is in its files, and that it works where they were installed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from registry.config.upstreams import read_upstreams
from registry.consumers.throwaway_environments import PythonEnvironment, python_environment

ROOT = Path(__file__).parents[2]
ROOMS = ("generators", "migrations", "registry", "schemas")
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the wheel and the source archive, the wheel built from what the archive holds."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    (built,) = dist.glob("*.whl")
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


def test_the_licence_is_named_and_comes_along(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        folder = f"schema_service-{VERSION}.dist-info"
        metadata = HeaderParser().parsestr(archive.read(f"{folder}/METADATA").decode())
        assert archive.read(f"{folder}/licenses/LICENSE") == (ROOT / "LICENSE").read_bytes()
    assert metadata["License-Expression"] == "Apache-2.0"


def test_an_index_takes_both_files_as_they_are(dist: Path) -> None:
    checked = [sys.executable, "-m", "twine", "check", "--strict", *map(str, dist.iterdir())]
    subprocess.run(checked, check=True, capture_output=True)


def test_it_says_what_it_is_for_and_runs_on(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        metadata = HeaderParser().parsestr(
            archive.read(f"schema_service-{VERSION}.dist-info/METADATA").decode()
        )
    oldest = metadata["Requires-Python"].removeprefix(">=")
    assert f"Programming Language :: Python :: {oldest}" in metadata.get_all("Classifier", [])
    assert "postgres" in metadata["Keywords"].split(",")
    assert metadata["Summary"]
    assert metadata["Description-Content-Type"] == "text/markdown"


def test_the_source_archive_has_the_pins_and_no_tests(dist: Path) -> None:
    with tarfile.open(dist / f"schema_service-{VERSION}.tar.gz") as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"CHANGELOG.md", "LICENSE", "README.md", "constraints.txt", "pyproject.toml"} <= names
    assert {name.split("/")[0] for name in names if "/" in name} == {*ROOMS, "docker"}


def test_every_pin_has_the_digests_of_its_files() -> None:
    lines = (ROOT / "constraints.txt").read_text().replace("\\\n", " ").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert len(pins) > 100
    assert [pin for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []


def test_the_image_installs_what_the_tool_needs_by_the_same_pins() -> None:
    pins, image = (
        {
            canonicalize_name(name): (version, set(re.findall("sha256:[0-9a-f]{64}", files)))
            for name, version, files in re.findall(
                r"^(\S+?)==(\S+)((?:.*\\\n)*.*)", (ROOT / file).read_text(), re.M
            )
        }
        for file in ("constraints.txt", "docker/requirements.txt")
    )
    assert image.items() <= pins.items()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    needed = [*project["dependencies"], *extras["local"], *extras["opentelemetry"]]
    assert {canonicalize_name(Requirement(each).name) for each in needed} <= image.keys()
    assert not {"pytest", "mypy", "ruff"} & image.keys()


def test_the_versions_that_pipx_is_given_are_all_of_them(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "install.md").read_text()
    (command,) = re.findall(r"^sed .*", page, re.M)
    subprocess.run(command.replace("> ", f"> {tmp_path}/"), shell=True, cwd=ROOT, check=True)
    versions = (tmp_path / "versions.txt").read_text().splitlines()
    pins = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line]
    assert [line.strip() for line in versions] == [pin.removesuffix("\\").strip() for pin in pins]


def test_the_page_on_installing_names_these_files(dist: Path) -> None:
    page = (ROOT / "docs" / "install.md").read_text()
    for built in dist.iterdir():
        assert built.name in page
    assert f"schema-service[local]=={VERSION}" in page


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
    checked = subprocess.run(
        [*program, "check", "2.0.0", "--json"], cwd=tmp_path / "shop", check=True, capture_output=True
    )
    assert json.loads(checked.stdout)["ok"] is True
    built = subprocess.run(
        [*program, "build", "2.0.0", "--out", "out"], cwd=tmp_path / "shop", check=True, capture_output=True
    )
    assert len(built.stdout.splitlines()) == 4


def test_installed_clean_it_says_its_version(installed: PythonEnvironment) -> None:
    assert installed.run_command([str(installed.scripts / "schema-service"), "--version"]) == f"{VERSION}\n"
