"""The install lines of a release, followed as they are, where our index has nothing but our packages.

The other index has the dependencies, and a higher version under our own name, of a stranger.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import uv

from generators.target import Artifact
from registry.catalogue import PublishedArtifact
from registry.config.settings import NpmTable, PypiTable, RegistriesTable, Settings
from registry.config.upstreams import Upstreams
from registry.consumers.install_commands import install_lines, tool_lines
from registry.consumers.throwaway_environments import python_environment
from schemas.prisma.nodejs import node_environment, npm_command

from ..artifacts import tarball_of, wheel_of

#: Of what nobody keeps for being new.
_LONG_AGO = "2020-01-01T00:00:00.000Z"


@contextmanager
def _serving(files: dict[str, bytes]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = files.get(unquote(self.path))
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Type", "text/html" if self.path.endswith("/") else "application/json")
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content or b"")

        do_HEAD = do_GET  # noqa: N815 - the base class names it

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def _follow(command: str, folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        command, shell=True, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def _index(*wheels: Artifact) -> Iterator[str]:
    pages = {
        f"/{wheel.name}/": f'<a href="/{wheel.filename}">{wheel.filename}</a>'.encode() for wheel in wheels
    }
    with _serving(pages | {f"/{wheel.filename}": wheel.content for wheel in wheels}) as url:
        yield url


@contextmanager
def _registry(*tarballs: Artifact) -> Iterator[str]:
    files: dict[str, bytes] = {}
    with _serving(files) as url:
        for tarball in tarballs:
            file = f"{tarball.name}/-/{tarball.name.rpartition('/')[2]}-{tarball.version}.tgz"
            dist = {"tarball": f"{url}{file}", "shasum": hashlib.sha1(tarball.content).hexdigest()}
            facts: dict[str, Any] = {"name": tarball.name, "version": tarball.version, "dist": dist}
            if tarball.name != "left":
                facts["dependencies"] = {"left": "1.0.0"}
            packument = {
                "name": tarball.name,
                "dist-tags": {"latest": tarball.version},
                "versions": {tarball.version: facts},
                "time": {
                    tarball.version: _LONG_AGO if tarball.name == "left" else datetime.now(UTC).isoformat()
                },
            }
            files |= {f"/{tarball.name}": json.dumps(packument).encode(), f"/{file}": tarball.content}
        yield url


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory, upstreams: Upstreams) -> dict[str, Path]:
    """The programs, from npm and PyPI."""
    folder = tmp_path_factory.mktemp("tools")
    wanted = ("pnpm@10", "@yarnpkg/cli-dist@4", "yarn@1")
    command = [*npm_command(), "install", "--prefix", str(folder), "--no-audit", "--no-fund", *wanted]
    done = subprocess.run(
        command, cwd=folder, env=node_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    modules = folder / "node_modules"
    poetry = python_environment(folder / "poetry", ["poetry"], upstream=upstreams.python)
    return {
        "pnpm": modules / "pnpm/bin/pnpm.cjs",
        "yarn": modules / "@yarnpkg/cli-dist/bin/yarn.js",
        "yarn-classic": modules / "yarn/bin/yarn.js",
        "poetry": poetry.scripts / "poetry",
    }


def _with_program(folder: Path, tool: str, program: Path) -> dict[str, str]:
    """The variables of a machine that has ``tool``, whose settings are in ``folder``."""
    programs = folder / "programs"
    programs.mkdir()
    (programs / tool.partition("-")[0]).symlink_to(program)
    (programs / "npm").write_text(f'#!/bin/sh\nexec {shlex.join(npm_command())} "$@"\n')
    (programs / "npm").chmod(0o755)
    kept = {
        name: value
        for name, value in node_environment().items()
        if not name.lower().startswith(("pip_", "uv_", "npm_config", "yarn_", "poetry_"))
    }
    own = {"HOME": str(folder), "XDG_CACHE_HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    own |= {"YARN_ENABLE_TELEMETRY": "0", "POETRY_VIRTUALENVS_IN_PROJECT": "true"}
    return {**kept, **own, "PATH": os.pathsep.join([str(programs), kept["PATH"]])}


@pytest.mark.soak
@pytest.mark.parametrize("tool", ["pnpm", "yarn", "yarn-classic"])
@pytest.mark.parametrize("name", ["@org/our-types", "our-types"])
@pytest.mark.parametrize("is_apart", [False, True], ids=["one registry", "two registries"])
def test_relatives_of_npm_follow_their_lines(
    tool: str, name: str, is_apart: bool, tools: dict[str, Path], tmp_path: Path
) -> None:
    tarball = tarball_of(name, dependencies={"left": "1.0.0"})
    stranger = tarball_of(name, "9.0.0")
    with _registry(tarball, tarball_of("left")) as ours, _registry(tarball_of("left"), stranger) as theirs:
        npm = NpmTable(url=ours, dependencies_url=theirs if is_apart else None)
        settings = Settings(name="x", registries=RegistriesTable(npm=npm))
        line = tool_lines(PublishedArtifact.of(tarball), settings)[tool]
        project = tmp_path / "project"
        project.mkdir()
        (project / "package.json").write_text('{"name": "consumer", "version": "1.0.0", "license": "MIT"}')
        (project / "yarn.lock" if tool == "yarn" else project / ".keep").touch()
        environment = _with_program(tmp_path, tool, tools[tool])
        environment |= {"YARN_NODE_LINKER": "node-modules", "NPM_CONFIG_REGISTRY": theirs}
        environment |= {"YARN_NPM_REGISTRY_SERVER": theirs} if tool == "yarn" and name[0] == "@" else {}
        _follow(line, project, environment)
    installed = json.loads((project / "node_modules" / name / "package.json").read_text())
    assert (installed["name"], installed["version"]) == (name, "1.0.0")


@pytest.mark.soak
@pytest.mark.parametrize("is_apart", [False, True], ids=["one index", "two indexes"])
def test_poetry_follows_its_line(is_apart: bool, tools: dict[str, Path], tmp_path: Path) -> None:
    wheel = wheel_of("our-client", dependencies=("left",) if is_apart else ())
    with _index(wheel) as ours, _index(wheel_of("left"), wheel_of("our-client", "9.0.0")) as theirs:
        pypi = PypiTable(url=ours, index_url=ours, dependencies_url=theirs if is_apart else None)
        settings = Settings(name="x", registries=RegistriesTable(pypi=pypi))
        line = tool_lines(PublishedArtifact.of(wheel), settings)["poetry"]
        project = tmp_path / "project"
        project.mkdir()
        (project / "pyproject.toml").write_text(
            '[project]\nname = "consumer"\nversion = "1.0.0"\nrequires-python = ">=3.11"\n'
            "[tool.poetry]\npackage-mode = false\n"
        )
        _follow(line, project, _with_program(tmp_path, "poetry", tools["poetry"]))
    found = {path.name for path in project.glob(".venv/lib/*/site-packages/*.dist-info")}
    assert "our_client-1.0.0.dist-info" in found
    assert ("left-1.0.0.dist-info" in found) == is_apart


@pytest.mark.parametrize("line", [0, 1], ids=["pip", "uv"])
def test_a_wheel_comes_from_our_index_and_what_it_needs_from_the_other(line: int, tmp_path: Path) -> None:
    wheel = wheel_of("our-client", dependencies=("left",))
    with _index(wheel) as ours, _index(wheel_of("left"), wheel_of("our-client", "9.0.0")) as theirs:
        pypi = PypiTable(url=ours, index_url=ours, dependencies_url=theirs)
        settings = Settings(name="x", registries=RegistriesTable(pypi=pypi))
        command = install_lines(PublishedArtifact.of(wheel), settings).commands[line]
        assert "--extra-index-url" not in command
        venv = tmp_path / "venv"
        subprocess.run([uv.find_uv_bin(), "venv", "--quiet", "--python", sys.executable, venv], check=True)
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_IND"))},
            "VIRTUAL_ENV": str(venv),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_PYTHON": str(venv / "bin" / "python"),
            "UV_NO_CONFIG": "1",
            "UV_NO_CACHE": "1",
            "PATH": os.pathsep.join([str(Path(uv.find_uv_bin()).parent), os.environ["PATH"]]),
        }
        _follow(command, tmp_path, environment)
    installed = {path.name for path in venv.glob("lib/*/site-packages/*.dist-info")}
    assert installed == {"our_client-1.0.0.dist-info", "left-1.0.0.dist-info"}


@pytest.mark.parametrize("name", ["@org/our-types", "our-types"])
def test_a_tarball_comes_from_our_registry_and_what_it_needs_from_the_other(
    name: str, tmp_path: Path
) -> None:
    tarball = tarball_of(name, dependencies={"left": "1.0.0"})
    with (
        _registry(tarball) as ours,
        _registry(tarball_of("left"), tarball_of(name, "9.0.0")) as theirs,
    ):
        npm = NpmTable(url=ours, dependencies_url=theirs)
        settings = Settings(name="x", registries=RegistriesTable(npm=npm))
        (command,) = install_lines(PublishedArtifact.of(tarball), settings).commands
        (tmp_path / "package.json").write_text("{}")
        (tmp_path / "npm").write_text(f'#!/bin/sh\nexec {shlex.join(npm_command())} "$@" --no-audit\n')
        (tmp_path / "npm").chmod(0o755)
        path = os.pathsep.join([str(tmp_path), os.environ["PATH"]])
        environment = {**node_environment(), "PATH": path, "npm_config_cache": str(tmp_path / "cache")}
        _follow(command, tmp_path, environment)
    lock = json.loads((tmp_path / "package-lock.json").read_text())["packages"]
    installed = {path: facts["version"] for path, facts in lock.items() if path}
    assert installed == {f"node_modules/{name}": "1.0.0", "node_modules/left": "1.0.0"}
