"""asyncio's primitives for waiting. The blocking side has its own, handwritten module of this name."""

from __future__ import annotations

import asyncio
import time
from asyncio import Lock, sleep
from asyncio import Lock as TransactionLock
from asyncio import TimerHandle as Alarm
from asyncio import current_task as current_holder
from collections.abc import AsyncGenerator, Callable
from typing import Any, TypeAlias, TypeVar

__all__ = [
    "Alarm", "Lock", "Stream", "TransactionLock", "Waiter", "call_later", "current_holder", "if_free",
    "is_stranded", "sleep",
]  # fmt: skip

_T = TypeVar("_T")

#: The type of a generator: of rows, notifications, or the session of a context manager.
Stream: TypeAlias = AsyncGenerator[_T, None]


class Waiter:
    """A task that waits for a slot; it may belong to another loop than the one that wakes it."""

    __slots__ = ("_awake", "_loop", "began_at", "slot")

    def __init__(self) -> None:
        self.slot: Any = None
        self.began_at = time.monotonic()
        self._loop = asyncio.get_running_loop()
        self._awake = asyncio.Event()

    def wake(self) -> bool:
        """Signal that ``slot`` is set, or that the pool was closed; False if the task's loop is closed."""
        if asyncio._get_running_loop() is self._loop:
            self._awake.set()
            return True
        try:
            self._loop.call_soon_threadsafe(self._awake.set)
        except RuntimeError:  # its loop has been closed
            return False
        return True

    async def sleep(self, seconds: float) -> None:
        """Wait to be woken, no longer than ``timeout_seconds``."""
        try:
            async with asyncio.timeout(seconds):
                await self._awake.wait()
        except TimeoutError:
            pass


def call_later(seconds: float, function: Callable[[], object]) -> Alarm:
    """Call a function from the running loop after that time, unless the alarm is cancelled before."""
    return asyncio.get_running_loop().call_later(seconds, function)


def if_free(lock: TransactionLock, function: Callable[[], None]) -> bool:
    """Call a function if nobody holds the lock; False if somebody does."""
    if lock.locked():
        return False
    function()
    return True


def is_stranded(holder: object) -> bool:
    """Whether a task was unfinished when its loop was closed, as a test's loop may be."""
    return isinstance(holder, asyncio.Future) and holder.get_loop().is_closed()
