"""A Node project as a consumer has it: the two npm packages, packed by us and installed by npm."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from generators.node_client.generate import NodeClientTarget
from generators.packing import pack
from generators.target import GenerationRequest, Package, PackageNames
from generators.typescript_types.generate import TypesTarget
from schemas.prisma.bridge import PrismaBridge
from schemas.prisma.nodejs import node_environment, node_executable, npm_command
from schemas.versions import SchemaVersion

from ..typescript_compilers import tsc
from . import wire_format

_APP = Path(__file__).parent / "npm_app"
_TIMEOUT_SECONDS = 120
_PG = "pg@8.16.3"  # of those who make a pool of their own: another copy than the client's
_STRICT = {
    "strict": True,
    "noEmit": True,
    "isolatedModules": True,
    "exactOptionalPropertyTypes": True,
    "noUncheckedIndexedAccess": True,
    "verbatimModuleSyntax": False,
    "skipLibCheck": False,
    "target": "es2022",
    "lib": ["es2022"],
    "types": [],
}


@dataclass(frozen=True, slots=True)
class NpmProject:
    """A folder with a package.json; ``request`` is what its packages were generated from."""

    folder: Path
    request: GenerationRequest

    def install(self, *packages: Package) -> None:
        """Pack the packages and install the tarballs."""
        (self.folder / "package.json").write_text(json.dumps({"name": "consumer", "private": True}))
        tarballs = []
        for package in packages:
            artifact = pack(package)
            (self.folder / artifact.filename).write_bytes(artifact.content)
            tarballs.append(f"./{artifact.filename}")
        options = ["--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline", "--loglevel=error"]
        pools = [_PG] if any(package.language == "node" for package in packages) else []
        _checked([*npm_command(), "install", *options, *tarballs, *pools], self.folder)

    def run(self, script: str, *arguments: str, **environment: str) -> str:
        """Run one of ``npm_app``'s scripts from inside the project: what it printed."""
        shutil.copy(_APP / script, self.folder)
        return _checked([str(node_executable()), script, *arguments], self.folder, environment)

    def type_check(self, source: str, extension: str, compiler: str = "5.9", **options: object) -> str:
        """Compile one of ``npm_app``'s sources under the strictest settings: what tsc complained about."""
        target = self.folder / f"{Path(source).stem}.{extension}"
        shutil.copy(_APP / source, target)
        config = {"compilerOptions": {**_STRICT, **options}, "files": [target.name]}
        (self.folder / "tsconfig.json").write_text(json.dumps(config))
        return _ran(tsc(compiler), self.folder).stdout


def _ran(
    command: list[str], folder: Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env={**node_environment(), **(environment or {})},
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_SECONDS,
        check=False,
    )


def _checked(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> str:
    done = _ran(command, folder, environment)
    assert done.returncode == 0, f"{os.fspath(folder)}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def npm_request(bridge: PrismaBridge) -> GenerationRequest:
    """A version whose every text tries to become code."""
    text = (_APP / "schema.prisma").read_text("utf-8") + wire_format.model()
    hostile = "Compound\u2028 keys \u202e\u2066 */ globalThis.pwned = 5 /* \u0007 \u200f"
    return GenerationRequest(
        schema_name="shop",
        version=SchemaVersion.parse("2.0.0"),
        description='A "shop" */ globalThis.pwned = 6 /* `${x}` \\ \u202e <b>{{ 1 }}\nsecond line',
        author='Zoë "Z" O\'Neil <zoe@example.org>',
        schema=bridge.parse(text.replace("Compound keys.", hostile)),
        migrations=(),
        names=PackageNames(),
    )


@pytest.fixture(scope="session")
def new_npm_project(
    bridge: PrismaBridge, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., NpmProject]:
    """Makes a project with the types of a request and, unless ``types_only``, with its Node client."""

    def new(request: GenerationRequest, *, types_only: bool = False) -> NpmProject:
        project = NpmProject(tmp_path_factory.mktemp("npm_project"), request)
        targets = [TypesTarget()] if types_only else [TypesTarget(), NodeClientTarget(bridge)]
        project.install(*(target.generate(request) for target in targets))
        return project

    return new


@pytest.fixture(scope="session")
def npm_project(new_npm_project: Callable[..., NpmProject], npm_request: GenerationRequest) -> NpmProject:
    """A project with the Node client and the types."""
    return new_npm_project(npm_request)


@pytest.fixture(scope="session")
def types_project(new_npm_project: Callable[..., NpmProject], npm_request: GenerationRequest) -> NpmProject:
    """A front end: a project with nothing but the types."""
    return new_npm_project(npm_request, types_only=True)
