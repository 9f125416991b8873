"""Standard output and error. A run must not stop because they can't be written."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO


def write_line(stream: TextIO | None, line: str) -> None:
    """Write and flush. If that fails, this line and all later ones are dropped."""
    if stream is None:  # closed before this program started
        return
    try:
        stream.write(f"{line}\n")
        stream.flush()
    except (OSError, ValueError):  # its reader is gone, its disk is full, or it was closed
        silence(stream)


def silence(stream: TextIO) -> None:
    """Send the rest to /dev/null: else Python would fail at exit on what is left in the buffer."""
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
    except (OSError, ValueError):
        return


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person is likely to read it."""
    return stream is not None and not stream.closed and stream.isatty()
