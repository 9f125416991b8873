"""asyncio's primitives for waiting. The blocking side has its own, handwritten module of this name."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from asyncio import Lock, sleep
from asyncio import Lock as TransactionLock
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


class Alarm:
    """A function that is called at its time of the loop's clock, unless it is cancelled before."""

    __slots__ = ("_clock", "at", "function")

    def __init__(self, clock: _Clock, at: float, function: Callable[[], object]) -> None:
        self._clock, self.at, self.function = clock, at, function

    def cancel(self) -> None:
        """Forget it."""
        self._clock.pending.discard(self)


class _Clock:
    """All alarms of a loop, with one timer: nearly all are cancelled, and a timer for each costs more."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.pending: set[Alarm] = set()
        self.loop = loop
        self._rings_at = math.inf
        self._timer: asyncio.TimerHandle | None = None

    def add(self, alarm: Alarm) -> None:
        """Ring it when its time comes."""
        self.pending.add(alarm)
        if alarm.at < self._rings_at:
            self._set(alarm.at)

    def _set(self, at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._rings_at = at
        self._timer = self.loop.call_at(at, self._ring)

    def _ring(self) -> None:
        self._timer, self._rings_at = None, math.inf
        now = self.loop.time()
        due = [alarm for alarm in self.pending if alarm.at <= now]
        self.pending.difference_update(due)
        if self.pending:
            self._set(min(alarm.at for alarm in self.pending))
        for alarm in due:
            alarm.function()


#: By thread: the clock of its running loop.
_clocks = threading.local()


def call_later(seconds: float, function: Callable[[], object]) -> Alarm:
    """Call a function from the running loop after that time, unless the alarm is cancelled before."""
    loop = asyncio.get_running_loop()
    clock: _Clock | None = getattr(_clocks, "clock", None)
    if clock is None or clock.loop is not loop:
        clock = _clocks.clock = _Clock(loop)
    alarm = Alarm(clock, loop.time() + seconds, function)
    clock.add(alarm)
    return alarm


def if_free(lock: TransactionLock, function: Callable[[], None]) -> bool:
    """Call a function if nobody holds the lock; False if somebody does."""
    if lock.locked():
        return False
    function()
    return True


def is_stranded(holder: object) -> bool:
    """Whether a task was unfinished when its loop was closed, as a test's loop may be."""
    return isinstance(holder, asyncio.Future) and holder.get_loop().is_closed()
