"""The services that pin the packages, each in its own environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..consumers.throwaway_environments import NpmProject, PythonEnvironment, npm_project, python_environment
from ..local.stack import LocalStack

# Without this machine's own pip configuration: the team's index is all that a consumer needs.
_CLEAN_PIP = {
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_INPUT": "1",
}
_OLD_PIN = ("schema-client==1.0.0",)
_PYTHON_PINS = ("schema-client==2.0.0", "schema-migrations==2.0.0")
_NPM_PINS = ("@org/schema-client@2.0.0", "@org/schema-types@2.0.0")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoConsumers:
    """``old`` is a service that still pins 1.0.0; ``python`` and ``node`` pin 2.0.0. ``installed`` are the
    commands that did it."""

    old: PythonEnvironment
    python: PythonEnvironment
    node: NpmProject
    installed: tuple[str, ...]


def install_consumers(folder: Path, stack: LocalStack) -> DemoConsumers:
    """Make all three. Raises ConsumerError with the installer's last lines."""
    index_url, registry = stack.devpi.index_url, stack.verdaccio.url
    return DemoConsumers(
        old=python_environment(folder / "old", _OLD_PIN, index_url=index_url),
        python=_with_pip(folder / "python", _PYTHON_PINS, index_url),
        node=npm_project(folder / "node", _NPM_PINS, registry=registry),
        installed=(
            f"pip install --index-url {index_url} {' '.join(_PYTHON_PINS)}",
            f"npm install --registry {registry} {' '.join(_NPM_PINS)}",
        ),
    )


def _with_pip(folder: Path, requirements: Sequence[str], index_url: str) -> PythonEnvironment:
    """As most people do it: ``python -m venv``, and plain pip with one index."""
    PythonEnvironment(Path(sys.prefix)).run_command([sys.executable, "-m", "venv", str(folder)])
    environment = PythonEnvironment(folder)
    command = [str(environment.python), "-m", "pip", "install", "--quiet", "--index-url", index_url]
    environment.run_command([*command, *requirements], variables=_CLEAN_PIP)
    return environment
