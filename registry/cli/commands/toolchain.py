"""``toolchain``: install the npm packages that the service runs on, before they are first needed."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from migrations.scratch.embedded.binaries import install_contrib
from schemas.prisma.toolchain import installed

from ..output import JsonFlag, emit_json, say

_LOCKED_IN = ("schemas.prisma", "registry.package_checks", "registry.local")


def toolchain(as_json: JsonFlag = False) -> None:
    """Install the npm toolchain into the cache folder.

    Other commands install it when they first need it; an image can install it at build time.
    """
    folders = [installed(Path(str(files(package)))) for package in _LOCKED_IN]
    folders += filter(None, [install_contrib()])
    if as_json:
        emit_json({"ok": True, "folders": [str(folder) for folder in folders]})
        return
    for folder in folders:
        say(str(folder))
