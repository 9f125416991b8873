"""``toolchain``: install the npm packages that the service runs on, before they are first needed."""

from __future__ import annotations

import typer

from schemas.prisma.bridge import TOOLCHAIN_FOLDER
from schemas.toolchain import installed

from ..embedded import EMBEDDED_FOLDER
from .output import JsonFlag, console, emit_json


def register(app: typer.Typer) -> None:
    app.command("toolchain")(toolchain)


def toolchain(as_json: JsonFlag = False) -> None:
    """Install the npm toolchain into the cache folder; every other command does so when it must."""
    folders = [installed(folder) for folder in (TOOLCHAIN_FOLDER, EMBEDDED_FOLDER)]
    if as_json:
        emit_json({"ok": True, "folders": [str(folder) for folder in folders]})
        return
    for folder in folders:
        console.print(str(folder), markup=False)
