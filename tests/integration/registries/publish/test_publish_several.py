"""Two registries of each kind: all or none, and no secret of any of them where it doesn't belong."""

from __future__ import annotations

import base64
import copy
import hashlib
import io
import os
import secrets
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psutil
import pytest

from registry.catalogue import Catalogue
from registry.local.devpi import LocalDevpi
from registry.local.verdaccio import LocalVerdaccio
from registry.publishers.npm_placeholder import PLACEHOLDER_VERSION
from schemas.workspace.init_workspace import create_workspace

from ..release_kit import Team, leave_out_consumers, registry_contents, team_environment
from ..shaped_server import ShapedServer, basic, shaped_server

pytestmark = pytest.mark.soak

_PASSWORD, _TOKEN = f"mirror-{secrets.token_hex(16)}", f"mirror-{secrets.token_hex(16)}"
_TARBALLS = ("@org/several-client", "@org/several-types")
_WHEELS = ("several-client", "several-migrations")


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A team whose packages go to devpi and Verdaccio, and to a mirror."""

    team: Team
    mirror: ShapedServer


@pytest.fixture(scope="module")
def mirrored(
    tmp_path_factory: pytest.TempPathFactory, devpi: LocalDevpi, verdaccio: LocalVerdaccio
) -> Iterator[Mirrored]:
    """Its versions are published one after the other: the tests need their order."""
    root = tmp_path_factory.mktemp("several")
    create_workspace(root, name="several", sample=False)
    bearer = ("Authorization", f"Bearer {_TOKEN}")
    with shaped_server("nexus", basic("mirror", _PASSWORD), bearer) as mirror:
        settings = root / "schema-service.toml"
        settings.write_text(
            f"{_without_registries(settings.read_text())}{_registries(devpi, verdaccio, mirror)}"
        )
        environment = {
            name: value
            for name, value in team_environment(devpi, verdaccio).items()
            if "REGISTRIES" not in name
        }
        own = {
            "SCHEMA_SERVICE_PYPI_MIRROR_USERNAME": "mirror",
            "SCHEMA_SERVICE_PYPI_MIRROR_PASSWORD": _PASSWORD,
            "SCHEMA_SERVICE_NPM_MIRROR_TOKEN": _TOKEN,
        }
        team = Team(root, "several", {**environment, **own})
        assert team.run("migration", "new", "init", "1.0.0").exit_code == 0
        yield Mirrored(team, mirror)


def _without_registries(text: str) -> str:
    tables = text.split("\n[")
    return "\n[".join(table for table in tables if not table.startswith("registries.")) + "\n"


def _registries(devpi: LocalDevpi, verdaccio: LocalVerdaccio, mirror: ShapedServer) -> str:
    return f"""
[[registries.pypi]]
url = "{devpi.upload_url}"
[[registries.pypi]]
name = "mirror"
kind = "nexus"
url = "{mirror.upload_url}"

[[registries.npm]]
url = "{verdaccio.url}"
[[registries.npm]]
name = "mirror"
url = "{mirror.npm_url}"
"""


def mirror_tags(mirror: ShapedServer) -> list[str | None]:
    return [mirror.packuments.get(name, {"dist-tags": {}})["dist-tags"].get("latest") for name in _TARBALLS]


def test_one_that_is_down_refuses_before_the_first_upload(
    mirrored: Mirrored,
    devpi: LocalDevpi,
    verdaccio: LocalVerdaccio,
    unused_port: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    leave_out_consumers(monkeypatch)
    team, before = mirrored.team, registry_contents(mirrored.team, devpi, verdaccio)
    for kind in ("PYPI", "NPM"):
        down = {f"SCHEMA_SERVICE_REGISTRIES__{kind}__1__URL": f"http://127.0.0.1:{unused_port}/"}
        refused = team.run("publish", "1.0.0", "--json", **down)
        assert refused.exit_code == 3, refused.output
        (problem,) = refused.document["problems"]
        assert problem["code"] == "registry-unreachable"
        assert str(unused_port) in problem["message"]
    wrong = {"SCHEMA_SERVICE_PYPI_MIRROR_PASSWORD": "wrong", "SCHEMA_SERVICE_NPM_MIRROR_TOKEN": "wrong"}
    refused = team.run("publish", "1.0.0", "--json", **wrong)
    assert [problem["code"] for problem in refused.document["problems"]] == ["credentials-refused"] * 2
    assert "SCHEMA_SERVICE_PYPI_MIRROR_USERNAME" in refused.document["problems"][0]["fix"]
    unset = dict.fromkeys(wrong, "")
    refused = team.run("publish", "1.0.0", "--json", **unset)
    assert [problem["code"] for problem in refused.document["problems"]] == ["credentials-missing"] * 2
    assert mirrored.mirror.writes == []
    assert registry_contents(team, devpi, verdaccio) == before


def test_no_latest_moves_before_all_of_them_give_back_what_they_got(
    mirrored: Mirrored, devpi: LocalDevpi, verdaccio: LocalVerdaccio, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_out_consumers(monkeypatch)
    mirrored.mirror.alter = True
    refused = mirrored.team.run("publish", "1.0.0", "--json")
    mirrored.mirror.alter = False
    assert refused.exit_code == 1
    codes = {problem["code"] for problem in refused.document["problems"]}
    assert codes <= {"artifact-altered", "registry-digest-mismatch"}, refused.output
    contents = registry_contents(mirrored.team, devpi, verdaccio)
    tags = [contents[name]["tags"].get("latest") for name in _TARBALLS] + mirror_tags(mirrored.mirror)
    assert set(tags) <= {PLACEHOLDER_VERSION, None}


def test_all_get_the_same_and_no_secret_is_left_anywhere(
    mirrored: Mirrored, devpi: LocalDevpi, verdaccio: LocalVerdaccio, tmp_path: Path
) -> None:
    """One publish as a process of its own, with its consumers: its files, words, children and packages."""
    team, mirror = mirrored.team, mirrored.mirror
    places = {name: tmp_path / name.lower() for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME")}
    for place in places.values():
        place.mkdir()
    with _command_lines() as heard:
        done = team.run_process("publish", "1.0.0", **{name: str(place) for name, place in places.items()})
    assert done.exit_code == 0, done.output + done.errors
    assert "all 4 registries answer" in done.output
    assert mirror_tags(mirror) == ["1.0.0", "1.0.0"]
    contents = registry_contents(team, devpi, verdaccio)
    assert [contents[name]["tags"] for name in _TARBALLS] == [{"latest": "1.0.0", "v1": "1.0.0"}] * 2
    mirror.packuments[_TARBALLS[0]]["dist-tags"]["latest"] = PLACEHOLDER_VERSION
    assert team.run("publish", "1.0.0").exit_code == 0
    assert mirror_tags(mirror) == ["1.0.0", "1.0.0"], "it agrees again"
    for name in _WHEELS:
        ((file, (_, content)),) = mirror.wheels[name].items()
        assert contents[name] == {file: {"sha256": hashlib.sha256(content).hexdigest()}}
    texts = {"its output": (done.output + done.errors).encode()}
    texts |= {f"the arguments {words}": words.encode() for words in heard}
    for root in (team.root, *places.values()):
        texts |= {str(file): file.read_bytes() for file in root.rglob("*") if file.is_file()}
    texts |= dict(_packed(mirror))
    assert len(heard) > 3, "the publish and its children"
    assert [name for name, text in texts.items() if any(secret in text for secret in _secrets(team))] == []


def test_of_two_indexes_one_has_a_staging_index(
    mirrored: Mirrored, devpi: LocalDevpi, verdaccio: LocalVerdaccio, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_out_consumers(monkeypatch)
    assert mirrored.team.run("new", "1.0.1").exit_code == 0
    staging = {"SCHEMA_SERVICE_REGISTRIES__PYPI__0__STAGING_URL": devpi.staging_url}
    done = mirrored.team.run("publish", "1.0.1", **staging)
    assert done.exit_code == 0, done.output + done.errors
    contents = registry_contents(mirrored.team, devpi, verdaccio)
    for name in _WHEELS:
        assert len(contents[name]) == len(mirrored.mirror.wheels[name]) == 2


def test_repair_puts_right_what_the_second_registry_of_a_kind_has_lost(
    mirrored: Mirrored, devpi: LocalDevpi, verdaccio: LocalVerdaccio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a version that waits, whose files are put back where they wait, and nowhere else."""
    leave_out_consumers(monkeypatch)
    team, mirror = mirrored.team, mirrored.mirror
    staging = {"SCHEMA_SERVICE_REGISTRIES__PYPI__0__STAGING_URL": devpi.staging_url}
    assert team.run("new", "1.0.3").exit_code == 0
    pushed = team.run("push", "1.0.3", **staging)
    assert pushed.exit_code == 0, pushed.output + pushed.errors

    def repaired(*options: str) -> list[str]:
        found = team.run("repair", "--json", *options, **staging)
        assert found.exit_code == 0, found.output + found.errors
        return [str(each) for each in found.document["changes"]]

    def state() -> tuple[Any, ...]:
        wheels = {name: dict(files) for name, files in mirror.wheels.items()}
        return registry_contents(team, devpi, verdaccio), wheels, copy.deepcopy(mirror.packuments)

    assert repaired() == []
    before = state()
    client, types = (mirror.packuments[name] for name in _TARBALLS)
    client["dist-tags"]["latest"] = "1.0.0"
    del types["versions"]["1.0.0"], types["versions"]["1.0.3"], types["dist-tags"]["staged"]
    for version in ("1.0.1", "1.0.3"):
        del mirror.wheels["several-client"][f"several_client-{version}-py3-none-any.whl"]
    wanted = [
        f"org-several-types-1.0.0.tgz is uploaded again to {mirror.npm_url}",
        f"several_client-1.0.1-py3-none-any.whl is uploaded again to {mirror.upload_url}",
        f"org-several-types-1.0.3.tgz is uploaded again to {mirror.npm_url}",
        f"several_client-1.0.3-py3-none-any.whl is uploaded again to {mirror.upload_url}",
        f"@org/several-client: latest moves from 1.0.0 to 1.0.1 in {mirror.npm_url}",
    ]
    damaged = state()
    assert repaired("--dry-run") == wanted
    assert state() == damaged
    assert repaired() == wanted
    assert state() == before
    assert repaired() == []


def test_repair_on_a_machine_that_knows_nothing_takes_all_of_it_over(
    mirrored: Mirrored, devpi: LocalDevpi, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    leave_out_consumers(monkeypatch)
    team, mirror = mirrored.team, mirrored.mirror
    elsewhere = {
        "SCHEMA_SERVICE_REGISTRIES__PYPI__0__STAGING_URL": devpi.staging_url,
        "SCHEMA_SERVICE_STATE__URL": f"sqlite:///{tmp_path}/state.db",
    }
    wheel = mirror.wheels["several-client"].pop("several_client-1.0.1-py3-none-any.whl")
    found = team.run("repair", "--json", **elsewhere)
    assert found.exit_code == 0, found.output + found.errors
    assert [each.split(",")[0] for each in found.document["changes"]] == [
        "the state database gets 1.0.0",
        "the state database gets 1.0.1",
        "the state database gets 1.0.3",
        f"several_client-1.0.1-py3-none-any.whl is uploaded again to {mirror.upload_url}",
        "the state database gets that latest is 1.0.1",
    ]
    assert mirror.wheels["several-client"]["several_client-1.0.1-py3-none-any.whl"] == wheel
    rows = {row["version"]: row for row in team.run("versions", "--json", **elsewhere).document["versions"]}
    assert (rows["1.0.3"]["status"], rows["1.0.1"]["latest"]) == ("pushed", True)
    url = f"sqlite:///{tmp_path}/state.db"
    catalogue = Catalogue.open(url, root=team.root, schema_name="several", to_read=True)
    for version in catalogue.versions():
        published = catalogue.find(version)
        assert published is not None
        assert all(each.size > 0 for each in published.artifacts), "the first registry has them"
    catalogue.close()


@pytest.mark.parametrize(
    "command", [["publish", "1.0.2"], ["push", "1.0.2"], ["publish", "1.0.2", "--draft"]]
)
def test_an_error_shows_no_secret(mirrored: Mirrored, command: list[str], unused_port: int) -> None:
    team = mirrored.team
    team.run("new", "1.0.2")
    somewhere = {"SCHEMA_SERVICE_REGISTRIES__NPM__0__URL": f"http://127.0.0.1:{unused_port}/"}
    failed = team.run(*command, **somewhere, SCHEMA_SERVICE_PYPI_MIRROR_PASSWORD=f"{_PASSWORD}x")
    assert failed.exit_code != 0
    assert not any(secret in (failed.output + failed.errors).encode() for secret in _secrets(team))


def _secrets(team: Team) -> list[bytes]:
    """Each as it is and as basic authentication writes it."""
    plain = [
        value
        for name, value in team.environment.items()
        if name.endswith(("_PASSWORD", "_TOKEN")) and len(value) > 8
    ]
    pairs = [("schema", team.environment["SCHEMA_SERVICE_PYPI_PASSWORD"]), ("mirror", _PASSWORD)]
    encoded = [base64.b64encode(f"{user}:{password}".encode()) for user, password in pairs]
    assert len(plain) == 4
    return [*(value.encode() for value in plain), *encoded]


def _packed(mirror: ShapedServer) -> Iterator[tuple[str, bytes]]:
    for files in mirror.wheels.values():
        for name, (_, content) in files.items():
            with zipfile.ZipFile(io.BytesIO(content)) as wheel:
                yield from ((f"{name}: {path}", wheel.read(path)) for path in wheel.namelist())
    for name, content in mirror.tarballs.items():
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            for member in archive:
                file = archive.extractfile(member)
                yield f"{name}: {member.name}", file.read() if file else b""


class _command_lines:  # noqa: N801 - a context manager
    """The arguments of every process that runs below this one in the meantime."""

    def __init__(self) -> None:
        self._heard: set[str] = set()
        self._is_over = Event()
        self._thread = Thread(target=self._listen, daemon=True)
        self._known = {child.pid for child in psutil.Process().children(recursive=True)}

    def __enter__(self) -> set[str]:
        self._thread.start()
        return self._heard

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _listen(self) -> None:
        while not self._is_over.wait(0.02):
            for child in psutil.Process(os.getpid()).children(recursive=True):
                if child.pid not in self._known:
                    try:
                        self._heard.add(" ".join(child.cmdline()))
                    except psutil.Error:
                        continue
