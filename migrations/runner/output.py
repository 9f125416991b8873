"""Standard output and error, also where nobody reads them: that is no reason to stop a run."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO


def write_line(stream: TextIO | None, line: str) -> None:
    """Write and flush. What can't be written is dropped, with all that follows it."""
    if stream is None:  # closed before this program began
        return
    try:
        stream.write(f"{line}\n")
        stream.flush()
    except (OSError, ValueError):  # its reader is gone, its disk is full, or it was closed
        silence(stream)


def silence(stream: TextIO) -> None:
    """Send the rest to nowhere: Python would fail on what is left in the buffer when it ends."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        return


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person reads it."""
    return stream is not None and not stream.closed and stream.isatty()
