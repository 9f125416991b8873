"""Publishing with this tool, each time as a process of its own: interpreter start, Node start and all."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from generators.target import PackageNames
from schemas.versions import SchemaVersion

from .programs import run
from .registries import Registries

_STEP = re.compile(r" (?P<name>[a-z]+) +(?P<seconds>\d+\.\d+) s  ")
_WITHOUT_GATES = Path(__file__).with_name("without_gates.py")


def publish(
    workspace: Path, version: SchemaVersion, names: PackageNames, registries: Registries
) -> dict[str, float]:
    """``schema-service publish``, every gate included; returns the seconds that it shows for its steps."""
    program = Path(sys.executable).with_name("schema-service")
    printed = run([program, "publish", str(version)], workspace, _environment(names, registries))
    return {step["name"]: float(step["seconds"]) for step in _STEP.finditer(printed)}


def publish_without_gates(
    workspace: Path, version: SchemaVersion, names: PackageNames, registries: Registries
) -> None:
    """Generate, pack and upload, and nothing else."""
    command = [sys.executable, str(_WITHOUT_GATES), str(version)]
    run(command, workspace, _environment(names, registries))


def _environment(names: PackageNames, registries: Registries) -> dict[str, str]:
    return {**os.environ, "PYTHONUTF8": "1", **registries.settings(names)}
