"""The command ``schema-service``.

Nothing is imported here but the standard library: beside a running `up` its process has all that a command
needs, and only has to be asked.
"""

from __future__ import annotations

import gc
import sys

from .command_server.client import run_in_server


def main() -> None:
    """The console script's entry point; ends the process with one of :class:`ExitCode`, or 128 + a signal."""
    gc.disable()  # until the command is loaded: see .loading
    arguments = sys.argv[1:]
    exit_code = run_in_server(arguments)
    if exit_code is None:
        from .dispatch import run_as_process  # noqa: PLC0415

        exit_code = run_as_process(arguments)
    gc.freeze()  # the process ends: nothing is gained by looking for garbage once more
    sys.exit(exit_code)
