"""The stock `npm audit signatures` against our API: what is signed passes, what was changed does not."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from registry.api.application import create_api
from registry.api.server import serving
from registry.catalogue.opening import open_catalogue
from registry.config.settings import load_settings
from registry.local.verdaccio import LocalVerdaccio
from registry.publishers.npm import NpmPublisher
from schemas.prisma.nodejs import node_environment, npm_command
from schemas.workspace.workspace import Workspace

from .released import FIRST_KEY, SECOND_KEY, UNSIGNED, Released, done
from .sigstore_stand_in import seed, sigstore_stand_in

pytestmark = pytest.mark.soak


@dataclass
class Changing:
    """npm's registry, which can serve other signatures than it has."""

    publisher: NpmPublisher
    change: Any = None

    def packument(self, name: str) -> dict[str, Any]:
        found = self.publisher.packument(name)
        for manifest in found.get("versions", {}).values():
            if self.change is not None and "signatures" in manifest["dist"]:
                self.change(manifest["dist"])
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self.publisher, name)


#: The API with changed signatures, until the block ends.
Serve = Callable[[Any], AbstractContextManager[str]]


@pytest.fixture(scope="module")
def serve(released: Released, verdaccio: LocalVerdaccio) -> Iterator[Serve]:
    registry = Changing(NpmPublisher(url=verdaccio.url, credentials=None))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in released.team.environment.items():
            patch.setenv(name, value)
        settings = load_settings(released.team.root)
    with open_catalogue(Workspace(released.team.root), settings) as catalogue:
        publishers: Any = {"npm": registry}

        def with_change(change: Any) -> AbstractContextManager[str]:
            """An API that asks the registry for the first time."""
            registry.change = change
            return serving(create_api(catalogue, settings, publishers), host="127.0.0.1", port=0)

        yield with_change


@pytest.fixture(scope="module")
def consumer(serve: Serve, released: Released, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An npm project with both signed versions, whose scope points to the API."""
    folder = tmp_path_factory.mktemp("npm-consumer")
    name = f"@org/{released.team.name}-types"
    dependencies = {name: SECOND_KEY, "types-before": f"npm:{name}@{FIRST_KEY}"}
    (folder / "package.json").write_text(json.dumps({"name": "consumer", "dependencies": dependencies}))
    with serve(None) as api:
        (folder / ".npmrc").write_text(f"@org:registry={api}/npm/\n")
        install = [*npm_command(), "install", "--no-audit", "--no-fund", "--cache", str(folder / "cache")]
        subprocess.run(install, cwd=folder, env=node_environment(), check=True, capture_output=True)
    installed = folder / "node_modules" / "@org" / f"{released.team.name}-types"
    assert (installed / "sbom.cdx.json").is_file()
    return folder


def _audit(consumer: Path, api: str, tmp_path: Path) -> tuple[int, str]:
    (consumer / ".npmrc").write_text(f"@org:registry={api}/npm/\n")
    with sigstore_stand_in(tmp_path / "sigstore") as variables:
        seed(tmp_path / "sigstore", tmp_path / "cache")
        done = subprocess.run(
            [*npm_command(), "audit", "signatures", "--cache", str(tmp_path / "cache")],
            cwd=consumer,
            env=node_environment() | variables,
            capture_output=True,
            text=True,
            check=False,
        )
    return done.returncode, done.stdout + done.stderr


def test_what_is_signed_passes_with_the_current_and_with_a_retired_key(
    consumer: Path, serve: Serve, tmp_path: Path
) -> None:
    with serve(None) as api:
        exit_code, output = _audit(consumer, api, tmp_path)
    assert exit_code == 0, output
    assert "2 packages have verified registry signatures" in output


def test_a_changed_signature_and_a_missing_one_fail(consumer: Path, serve: Serve, tmp_path: Path) -> None:
    def flipped(dist: dict[str, Any]) -> None:
        signature = bytearray(base64.b64decode(dist["signatures"][0]["sig"]))
        signature[12] ^= 1
        dist["signatures"][0]["sig"] = base64.b64encode(signature).decode()

    with serve(flipped) as api:
        exit_code, output = _audit(consumer, api, tmp_path / "flipped")
    assert (exit_code, "2 packages have invalid registry signatures" in output) == (1, True), output
    with serve(lambda dist: dist.pop("signatures")) as api:
        exit_code, output = _audit(consumer, api, tmp_path / "gone")
    assert (exit_code, "2 packages have missing registry signatures" in output) == (1, True), output


def test_the_api_serves_keys_and_our_packages(serve: Serve, released: Released) -> None:
    name = f"@org/{released.team.name}-types"
    with serve(None) as api:
        keys = requests.get(f"{api}/-/npm/v1/keys", timeout=30).json()["keys"]
        assert [key["keyid"] for key in keys] == [
            key["keyid"] for key in done(released.team, "key", "list")["keys"]
        ]
        assert [key["expires"] is None for key in keys] == [False, True]
        versions = requests.get(f"{api}/npm/{name.replace('/', '%2f')}", timeout=30).json()["versions"]
        assert {UNSIGNED, FIRST_KEY, SECOND_KEY} <= set(versions)
        assert requests.get(versions[UNSIGNED]["dist"]["tarball"], timeout=30).ok
