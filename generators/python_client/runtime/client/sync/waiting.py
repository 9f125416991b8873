"""What threads wait with. The asyncio side has its own module of this name; neither is generated."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Generator
from threading import Lock, RLock
from threading import RLock as TransactionLock  # a thread may come back to a lock that it holds
from threading import get_ident as current_holder
from time import sleep
from typing import Any, TypeAlias, TypeVar

__all__ = [
    "Alarm", "Lock", "Stream", "TransactionLock", "Waiter", "call_later", "current_holder", "if_free",
    "is_stranded", "sleep",
]  # fmt: skip

_T = TypeVar("_T")

#: What yields: rows, notifications, the session of a context manager.
Stream: TypeAlias = Generator[_T, None, None]


class Waiter:
    """A thread asleep until it has a slot."""

    __slots__ = ("_asleep", "began_at", "slot")

    def __init__(self) -> None:
        self.slot: Any = None
        self.began_at = time.monotonic()
        self._asleep = threading.Lock()
        self._asleep.acquire()

    def wake(self) -> bool:
        """Say that ``slot`` is set, or that the pool was closed."""
        self._asleep.release()
        return True

    def sleep(self, seconds: float) -> None:
        """Wait to be woken, no longer than that."""
        self._asleep.acquire(timeout=max(seconds, 0))


class Alarm:
    """A function that is called at its time of the monotonic clock, unless it is cancelled before."""

    __slots__ = ("at", "function")

    def __init__(self, at: float, function: Callable[[], object]) -> None:
        self.at, self.function = at, function

    def cancel(self) -> None:
        """Forget it."""
        _clock.pending.discard(self)


class _Clock:
    """One thread for all alarms of the process; it begins with the first.

    Nearly all are cancelled, and few are due before those that came earlier, so it seldom has to wake.
    """

    def __init__(self) -> None:
        self.pending: set[Alarm] = set()
        self._changed = threading.Condition()
        self._wakes_at = 0.0
        self._thread: threading.Thread | None = None

    def add(self, alarm: Alarm) -> None:
        """Ring it when its time comes."""
        self.pending.add(alarm)
        if self._thread is None:
            self._begin()
        elif alarm.at < self._wakes_at:
            with self._changed:
                self._changed.notify()

    def _begin(self) -> None:
        with self._changed:
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="transaction timeouts", daemon=True)
                try:
                    thread.start()
                except RuntimeError:  # the interpreter is ending: there is no later time
                    return
                self._thread = thread

    def _run(self) -> None:
        while True:
            with self._changed:
                # First, so that whoever adds one from now on compares it, or waits for the lock and notifies.
                self._wakes_at = threading.TIMEOUT_MAX
                now = time.monotonic()
                pending = list(self.pending)
                due = [alarm for alarm in pending if alarm.at <= now]
                if not due:
                    self._wakes_at = min((alarm.at for alarm in pending), default=threading.TIMEOUT_MAX)
                    self._changed.wait(min(self._wakes_at - now, _LONGEST_SLEEP_SECONDS))
            for alarm in due:
                alarm.cancel()
                alarm.function()


_LONGEST_SLEEP_SECONDS = 3600.0
_clock = _Clock()


def _after_fork() -> None:
    global _clock  # noqa: PLW0603 - the child has neither the thread nor the transactions
    _clock = _Clock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def call_later(seconds: float, function: Callable[[], object]) -> Alarm:
    """Call a function from another thread after that time, unless the alarm is cancelled before."""
    alarm = Alarm(time.monotonic() + seconds, function)
    _clock.add(alarm)
    return alarm


def if_free(lock: RLock, function: Callable[[], None]) -> bool:
    """Call a function if no other thread holds the lock; False if one does."""
    if not lock.acquire(blocking=False):
        return False
    try:
        function()
    finally:
        lock.release()
    return True


def is_stranded(_holder: object) -> bool:
    """Whether a thread was left in the middle: none is."""
    return False
