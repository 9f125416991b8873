"""Keeps a command server beside `up`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .address import PREFIX, server_name

_PROGRAM = "from registry.cli.command_server.server import main; main()"
_LOG = "commands.log"
_STOP_SECONDS = 3.0


@contextmanager
def command_server(folder: Path) -> Iterator[None]:
    """Run one for the block, found in ``folder``, which is this user's alone. It is ready some time later.

    A command that it still runs after the block ends by itself.
    """
    for left in folder.glob(f"{PREFIX}*.sock"):  # by a killed process
        left.unlink(missing_ok=True)
    name = server_name()
    if name is None:
        yield
        return
    descriptor = os.open(folder / _LOG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", _PROGRAM, name],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            cwd=folder,
            start_new_session=True,  # Ctrl-C is for `up`
        )
    try:
        yield
    finally:
        (folder / name).unlink(missing_ok=True)
        if process.stdin is not None:
            process.stdin.close()
        process.terminate()  # it takes no notice once it serves
        with suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS)
