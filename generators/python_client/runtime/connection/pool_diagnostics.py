"""Who holds the connections of an exhausted pool, and where in the code that is.

When a connection is taken, only the thread's number or the task itself is recorded. What these are doing is
only looked up after a wait has timed out, so it costs queries nothing.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterable
from types import FrameType
from typing import Any

from ..call_site import is_users, users_place
from .pool import Slot

_MOST_SHOWN = 5


def exhausted(slots: Iterable[Slot[Any, Any]], waited_seconds: float) -> str:
    """The message for a caller that got no connection."""
    held = sorted((slot for slot in slots if slot.holder is not None), key=lambda slot: slot.taken_at)
    now = time.monotonic()
    shown = [f"{_holder(slot.holder)}, for {now - slot.taken_at:.1f} s" for slot in held[:_MOST_SHOWN]]
    if len(held) > _MOST_SHOWN:
        shown.append(f"and {len(held) - _MOST_SHOWN} more")
    return (
        f"no connection became free in {waited_seconds:g} s; {len(held)} are in use by: {'; '.join(shown)}. "
        "Shorten the transactions, or raise pool_size"
    )


def _holder(holder: Any) -> str:
    if isinstance(holder, int):
        names = {thread.ident: thread.name for thread in threading.enumerate()}
        frame = sys._current_frames().get(holder)  # pyright: ignore[reportPrivateUsage]
        return f"thread {names.get(holder, holder)!r}{_place(frame)}"
    name = holder.get_name() if hasattr(holder, "get_name") else "unknown"
    return f"task {name!r}{_place(_suspended_at(holder))}"


def _place(frame: FrameType | None) -> str:
    place = users_place(frame)
    return "" if place is None else f" at {place}"


def _suspended_at(task: Any) -> FrameType | None:
    """The innermost frame of the user's code in which a task waits, along what it awaits."""
    found: FrameType | None = None
    waiting: Any = task.get_coro() if hasattr(task, "get_coro") else None
    while waiting is not None:
        frame = getattr(waiting, "cr_frame", None) or getattr(waiting, "ag_frame", None)
        if frame is not None and is_users(frame):
            found = frame
        waiting = getattr(waiting, "cr_await", None) or getattr(waiting, "ag_await", None)
    return found
