"""Publishing with this tool, each time as a process of its own: interpreter start, Node start and all."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from generators.target import PackageNames
from schemas.versions import SchemaVersion

from .programs import known, run
from .registries import Registries

_STEP = re.compile(r" (?P<name>[a-z]+) +(?P<seconds>\d+\.\d+) s  ")
_PROGRAM = Path(sys.executable).with_name("schema-service")
_WARM_UP_SECONDS = 5.0
_WITHOUT_GATES = Path(__file__).with_name("without_gates.py")


def publish(
    workspace: Path, version: SchemaVersion, names: PackageNames, registries: Registries
) -> dict[str, float]:
    """``schema-service publish``, every gate included; returns the seconds that it shows for its steps."""
    printed = run([_PROGRAM, "publish", str(version)], workspace, _environment(names, registries))
    return {step["name"]: float(step["seconds"]) for step in _STEP.finditer(printed)}


@contextlib.contextmanager
def running_up(workspace: Path, names: PackageNames, registries: Registries) -> Iterator[dict[str, str]]:
    """``schema-service up`` for ``workspace``, on ports of its own, until the block ends: the environment in
    which the workspace publishes to it."""
    devpi, verdaccio, postgres, api = _free_ports(4)
    environment = {
        **known(_environment(names, registries)),
        "SCHEMA_SERVICE_REGISTRIES__PYPI__URL": f"http://127.0.0.1:{devpi}/schema/release/",
        "SCHEMA_SERVICE_REGISTRIES__NPM__URL": f"http://127.0.0.1:{verdaccio}/",
    }
    del environment["SCHEMA_SERVICE_REGISTRIES__PYPI__INDEX_URL"]
    command = [_PROGRAM, "up", "--json", "--postgres-port", str(postgres), "--api-port", str(api)]
    with subprocess.Popen(
        command, cwd=workspace, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            assert said.startswith('{"ok": true'), said
            time.sleep(_WARM_UP_SECONDS)
            yield environment
        finally:
            process.terminate()


def publish_beside_up(workspace: Path, version: SchemaVersion, environment: dict[str, str]) -> None:
    """``schema-service publish``, every gate included, in the environment of :func:`running_up`."""
    run([_PROGRAM, "publish", str(version)], workspace, environment)


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def publish_without_gates(
    workspace: Path, version: SchemaVersion, names: PackageNames, registries: Registries
) -> None:
    """Generate, pack and upload, and nothing else."""
    command = [sys.executable, str(_WITHOUT_GATES), str(version)]
    run(command, workspace, _environment(names, registries))


def _environment(names: PackageNames, registries: Registries) -> dict[str, str]:
    return {**os.environ, "PYTHONUTF8": "1", **registries.settings(names)}
