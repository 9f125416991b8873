"""The API's metadata under load, with three versions and with ten thousand, beside devpi's and Verdaccio's.

Figures are shown and written down, never asserted. What is asserted is that every request is answered.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
import requests

from generators.packing import pack
from generators.target import Artifact, GenerationRequest
from generators.targets import all_targets
from registry.publishers.npm import NpmPublisher
from registry.publishers.pypi import PypiPublisher
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.init_workspace import create_workspace
from schemas.workspace.workspace import Workspace

from ..programs import known
from ..registries import Registries, round_names, running_registries
from .load import load
from .load_report import Question, report
from .many_versions import fill, versions

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(1200)]

_FEW, _MANY = 3, 10_000
_ROUNDS = int(os.environ.get("API_LOAD_ROUNDS", "5"))
_SECONDS = 2.0
_FIRST_SECONDS = 8.0  # so that each address is asked for once
_ASKED = 2000  # different addresses
_NAMES = round_names("api", "load", 0)
_PROGRAM = Path(sys.executable).with_name("schema-service")
_RESULT = Path(__file__).parents[3] / "dist" / "benchmarks" / "api.md"
_JSON = "application/json"
_SIMPLE = "application/vnd.pypi.simple.v1+json"


@pytest.fixture(scope="module")
def registries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registries]:
    with running_registries(tmp_path_factory.mktemp("registries"), [_NAMES]) as running:
        yield running


@pytest.fixture(scope="module")
def artifacts(
    bridge: PrismaBridge, registries: Registries, tmp_path_factory: pytest.TempPathFactory
) -> list[Artifact]:
    """Those of the sample's newest version; the registries have them of all three."""
    workspace = create_workspace(tmp_path_factory.mktemp("sample") / "w", name="sample", sample=True)
    devpi, verdaccio = registries.devpi, registries.verdaccio
    publishers = {
        "wheel": PypiPublisher(
            upload_url=devpi.upload_url, index_url=devpi.index_url, credentials=devpi.credentials
        ),
        "npm": NpmPublisher(url=verdaccio.url, credentials=verdaccio.credentials),
    }
    built: list[Artifact] = []
    for version in workspace.versions():
        built = _built(workspace, version, bridge)
        for artifact in built:
            publishers[artifact.kind].upload(artifact)
    return built


def _built(workspace: Workspace, version: SchemaVersion, bridge: PrismaBridge) -> list[Artifact]:
    source = workspace.load(version)
    request = GenerationRequest(
        schema_name="sample",
        version=version,
        description=source.description,
        author=source.author,
        schema=bridge.parse(source.schema_text),
        migrations=source.history,
        names=_NAMES,
    )
    return [pack(target.generate(request)) for target in all_targets(bridge)]


@contextmanager
def _serving(root: Path, registries: Registries) -> Iterator[str]:
    """``schema-service serve`` until the block ends: its address."""
    limits = {"SCHEMA_SERVICE_API__LIMITS__REQUESTS_A_MINUTE": "10000000"}
    environment = {**known(os.environ), **registries.settings(_NAMES), **limits}
    port = str(random.Random(str(root)).randrange(20_000, 30_000))
    with (
        (root / "log").open("w") as log,
        subprocess.Popen(
            [_PROGRAM, "serve", "--json", "--port", port],
            cwd=root,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            assert said.startswith('{"ok": true'), (root / "log").read_text()
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _served(folder: Path, count: int, artifacts: list[Artifact], bridge: PrismaBridge) -> Path:
    workspace = create_workspace(folder, name="sample", sample=True)
    text = bridge.parse(workspace.load(SchemaVersion(2, 0, 0)).schema_text).text
    fill(folder, "sample", count, artifacts, text)
    return folder


def test_metadata_under_load(
    registries: Registries, artifacts: list[Artifact], bridge: PrismaBridge, tmp_path: Path
) -> None:
    few = _served(tmp_path / "few", _FEW, artifacts, bridge)
    many = _served(tmp_path / "many", _MANY, artifacts, bridge)
    with _serving(few, registries) as small, _serving(many, registries) as large:
        asked = {
            **_of_ours(small, _FEW),
            **_of_ours(large, _MANY),
            **_of_peers(registries),
        }
        for address, paths, accept in asked.values():
            answer = requests.get(address + paths[0], headers={"Accept": accept}, timeout=60)
            assert answer.status_code == 200, answer.text
            assert answer.json()
        found: dict[Question, list[object]] = {question: [] for question in asked}
        for number in range(-1, _ROUNDS):  # the first one, which fills caches, doesn't count
            for question, (address, paths, accept) in asked.items():
                one = load(address, paths, accept, seconds=_SECONDS if number >= 0 else _FIRST_SECONDS)
                if number >= 0:
                    found[question].append(one)
    text = report(found, seconds=_SECONDS, many=_MANY)  # type: ignore[arg-type]
    _RESULT.parent.mkdir(parents=True, exist_ok=True)
    _RESULT.write_text(text, "utf-8")
    print(f"\n\n{text}")


Asked = dict[Question, tuple[str, Sequence[str], str]]


def _of_ours(address: str, count: int) -> Asked:
    chosen = random.Random(count)
    some = [str(version) for version in chosen.choices(versions(count), k=_ASKED)]
    pages = [chosen.randrange(1, count // _FEW + 1) for _ in range(_ASKED)]
    scoped = quote(_NAMES.node_client, safe="@")
    paths = {
        "/versions?page=N": [f"/versions?per_page={_FEW}&page={page}" for page in pages],
        "/schema/V": [f"/schema/{version}" for version in some],
        "/client/V/python": [f"/client/{version}/python" for version in some],
        "/npm/NAME/V": [f"/npm/{scoped}/{version}" for version in some],
    }
    return {Question(what, "schema-service", count): (address, each, _JSON) for what, each in paths.items()}


def _of_peers(registries: Registries) -> Asked:
    name, scoped = _NAMES.python_client, quote(_NAMES.node_client, safe="@")
    devpi, index = registries.devpi.url.rstrip("/"), registries.devpi.upload_url.rstrip("/")
    verdaccio = registries.verdaccio.url.rstrip("/")
    below = index.removeprefix(devpi)
    return {
        Question("+simple/NAME/", "devpi", _FEW): (devpi, [f"{below}/+simple/{name}/"], _SIMPLE),
        Question("NAME/V", "devpi", _FEW): (devpi, [f"{below}/{name}/2.0.0"], _JSON),
        Question("NAME", "Verdaccio", _FEW): (verdaccio, [f"/{scoped}"], _JSON),
        Question("NAME/V", "Verdaccio", _FEW): (verdaccio, [f"/{scoped}/2.0.0"], _JSON),
    }
