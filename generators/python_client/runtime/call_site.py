"""Where in the user's own code something happens."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from types import FrameType

_PACKAGE = str(Path(__file__).parent.parent)
_STANDARD_LIBRARY = str(Path(threading.__file__).parent)


def users_place(frame: FrameType | None) -> str | None:
    """The innermost place outside this package, libraries and the standard library."""
    while frame is not None and not is_users(frame):
        frame = frame.f_back
    if frame is None:
        return None
    return f"{frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_name}"


def callers_place() -> str | None:
    """The place of the current call. A task's frames are on the stack while it runs."""
    return users_place(sys._getframe())  # pyright: ignore[reportPrivateUsage]


def is_users(frame: FrameType) -> bool:
    """Whether a frame is of the user's own code."""
    name = frame.f_code.co_filename
    return not (name.startswith((_PACKAGE, _STANDARD_LIBRARY, "<")) or "site-packages" in name)
