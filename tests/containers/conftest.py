"""The whole of docker/compose.yml, built from this checkout and run for real."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

_DOCKER = Path(__file__).parents[2] / "docker"
_SECONDS = 60
_PROJECT = "label=com.docker.compose.project=schema-service"
_HEALTH = {"web": "http://127.0.0.1:18080/healthz", "service": "http://127.0.0.1:18000/healthz"}
_SETTINGS = """\
POSTGRES_PASSWORD=onlyfortests
REGISTRY_PASSWORD=onlyfortests
WEB_PORT=18080
API_PORT=18000
DEVPI_PORT=13141
VERDACCIO_PORT=14873
"""


@dataclass(frozen=True, slots=True)
class Picture:
    """The running containers. ``variables`` are those of the scripts in docker/."""

    variables: Mapping[str, str]

    @property
    def engine(self) -> str:
        return self.variables.get("ENGINE", "docker")

    def script(self, text: str, **variables: str) -> str:
        """What a line of shell prints, beside docker/engine.sh."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", f". ./engine.sh; {text}"],
            cwd=_DOCKER,
            env={**self.variables, **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{text}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done.stdout

    def up(self, service: str, **versions: str) -> None:
        """Start one service anew with other versions, and nothing else."""
        self.script(f"compose up --detach --no-deps --force-recreate {service}", **versions)

    def container(self, service: str) -> str:
        """The name of its container."""
        label = f"label=com.docker.compose.service={service}"
        names = self.engine_prints(
            "ps", "--all", "--filter", label, "--filter", _PROJECT, "--format", "{{.Names}}"
        )
        return names.splitlines()[0]

    def engine_prints(self, *arguments: str, text: str | None = None) -> str:
        """What the engine prints."""
        done = subprocess.run(
            [self.engine, *arguments],
            env=dict(self.variables),
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def exit_code(self, service: str) -> int:
        """Of a container that is waited for."""
        return int(self.engine_prints("wait", self.container(service)).split()[-1])

    def python(self, service: str, program: str) -> str:
        """What a program prints in the container of the schema service."""
        return self.engine_prints(
            "exec", "--interactive", self.container(service), "python", "-", text=program
        )

    def feed(self, name: str, document: Any) -> None:
        """Give the ingestor a file, and wait until it was written."""
        program = f"""
import os, pathlib
path = pathlib.Path({f"/feed/{name}.part"!r})
path.write_text({json.dumps(document)!r})
path.rename(path.with_suffix(''))
"""
        container = self.container("ingestor")
        run = ("exec", "--interactive", container, "/opt/ingestor/bin/python")
        self.engine_prints(*run, "-", text=program)
        exists = f"import os, sys; sys.exit(not os.path.exists({f'/feed/done/{name}'!r}))"
        _until(lambda: _works(lambda: self.engine_prints(*run, "-c", exists)), f"{name} to be read")

    def products(self) -> dict[str, Any]:
        """What the web service answers."""
        answer: dict[str, Any] = requests.get("http://127.0.0.1:18080/api/products", timeout=10).json()
        return answer

    def kill(self, service: str) -> None:
        """End its first process as a crash does, and wait until it runs and is healthy again."""
        container = self.container(service)
        before = self._process(container)
        os.kill(before, signal.SIGKILL)
        _until(lambda: self._process(container) not in {before, 0}, f"{service} to be started again")
        self.script(f"until_healthy {service}")

    def start_seconds(self, service: str) -> float:
        """How long it takes from its start until it answers, or until it has ended where it does."""
        container = self.container(service)
        self.engine_prints("stop", container)
        began = time.monotonic()
        if service == "migrate":
            self.engine_prints("start", "--attach", container)
        else:
            self.engine_prints("start", container)
            _until(lambda: self._answers(service, container), f"{service} to answer")
        return time.monotonic() - began

    def _answers(self, service: str, container: str) -> bool:
        if service not in _HEALTH:
            alive = ("/opt/ingestor/bin/python", "/opt/ingestor/ingestor.py", "--is-alive")
            return _works(lambda: self.engine_prints("exec", container, *alive))
        try:
            return requests.get(_HEALTH[service], timeout=10).ok
        except requests.ConnectionError:
            return False

    def size(self, image: str) -> int:
        """In bytes."""
        return int(self.engine_prints("image", "inspect", "--format", "{{.Size}}", image))

    def _process(self, container: str) -> int:
        return int(self.engine_prints("inspect", "--format", "{{.State.Pid}}", container))


def _works(call: Any) -> bool:
    try:
        call()
    except AssertionError:
        return False
    return True


def _until(condition: Any, what: str) -> None:
    deadline = time.monotonic() + _SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited {_SECONDS} s for {what}"
        time.sleep(0.3)


@pytest.fixture(scope="session")
def picture() -> Iterator[Picture]:
    """All images, built, and everything of compose.yml, started; nothing of it is left behind."""
    variables = _engine()
    settings = _DOCKER / ".env"
    assert not settings.exists(), "docker/.env is somebody's: move it away for this test"
    running = Picture(variables)
    settings.write_text(_SETTINGS)
    try:
        running.script("./images.sh")
        running.script("compose up --detach")
        yield running
    finally:
        try:
            running.script("compose down --volumes")
        finally:
            settings.unlink()
    left = [
        *running.engine_prints("ps", "--all", "--filter", _PROJECT, "--quiet").split(),
        *running.engine_prints("volume", "ls", "--filter", _PROJECT, "--quiet").split(),
    ]
    assert left == []


def _engine() -> dict[str, str]:
    """The variables for docker/engine.sh: this machine's own docker, or podman from Debian's packages."""
    scripts = str(Path(sys.executable).parent)
    variables = {**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"}
    if (
        shutil.which("docker")
        and subprocess.run(["docker", "version"], capture_output=True, check=False).returncode == 0
    ):
        bases = {"PYTHON_IMAGE": "python:3.13-slim", "NODE_IMAGE": "node:24-slim"}
        return {**bases, **variables, "ENGINE": "docker"}
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("apt-get"):
        pytest.skip("neither a docker daemon nor a Debian machine where root may install podman")
    line = 'eval "$(testing/setup.sh)"; env -0'
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", line], cwd=_DOCKER, env=variables, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    pairs = (entry.split("=", 1) for entry in done.stdout.decode().split("\0") if "=" in entry)
    return dict(pairs)
