"""What threads wait with. The asyncio side has its own module of this name; neither is generated."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from threading import Lock
from threading import RLock as TransactionLock  # a thread may come back to a lock that it holds
from threading import get_ident as current_holder
from time import sleep
from typing import Any, TypeAlias, TypeVar

__all__ = ["Lock", "Stream", "TransactionLock", "Waiter", "current_holder", "is_stranded", "sleep"]

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


def is_stranded(_holder: object) -> bool:
    """Whether a thread was left in the middle: none is."""
    return False
