"""This process's standard output and error, kept usable whatever they are connected to."""

from __future__ import annotations

import os
import sys


def prepare_streams() -> None:
    """Let output fail neither over a missing character nor over a closed stream."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the caller
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))
        else:
            stream.reconfigure(errors="backslashreplace")


def silence() -> None:
    """Nobody reads standard output any more: drop what is written to it from now on, also at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
