"""The install lines of a release, followed as they are, where our index has nothing but our packages.

The other index has the dependencies, and a higher version under our own name, of a stranger.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import pytest
import uv

from generators.target import Artifact
from registry.catalogue import PublishedArtifact
from registry.config.settings import NpmTable, PypiTable, RegistriesTable, Settings
from registry.consumers.install_commands import install_lines
from schemas.prisma.nodejs import node_environment, npm_command

from ..artifacts import tarball_of, wheel_of


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
            facts = {"name": tarball.name, "version": tarball.version, "dist": {"tarball": f"{url}{file}"}}
            if tarball.name != "left":
                facts["dependencies"] = {"left": "1.0.0"}
            packument = {
                "name": tarball.name,
                "dist-tags": {"latest": tarball.version},
                "versions": {tarball.version: facts},
            }
            files |= {f"/{tarball.name}": json.dumps(packument).encode(), f"/{file}": tarball.content}
        yield url


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
