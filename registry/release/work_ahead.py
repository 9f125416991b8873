"""Work of later steps, done beside the earlier ones.

None of it is stored. A step takes what was begun, and does what wasn't, as after a resume; so a result is
only used by the step that it belongs to, and a failure is told only there.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any, TypeVar

Result = TypeVar("Result")
#: Most of the time they wait, for Node, npm and uv.
_THREADS = 4


class WorkAhead:
    """Results by key. Each is worked for once, by whoever comes first, so no work waits for a free thread."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None
        self._results: dict[Hashable, Future[Any]] = {}
        self._lock = Lock()

    def start(self) -> None:
        """From now on, until :meth:`end`, work is begun; before, and afterwards, each step does its own."""
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="ahead")

    def begin(self, key: Hashable, work: Callable[[], object]) -> None:
        """Work for the result in the background."""
        if self._pool is not None:
            self._pool.submit(self._once, key, work)

    def result(self, key: Hashable, work: Callable[[], Result]) -> Result:
        """What ``work`` gives or raises: now, or wherever it was begun."""
        result: Result = self._once(key, work).result()
        return result

    def end(self) -> None:
        """Begin nothing more of what is there, wait for what is under way, and forget all results."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None
        self._results.clear()

    def _once(self, key: Hashable, work: Callable[[], object]) -> Future[Any]:
        with self._lock:
            if (known := self._results.get(key)) is not None:
                return known
            mine: Future[Any] = Future()
            self._results[key] = mine
        try:
            mine.set_result(work())
        except BaseException as error:
            mine.set_exception(error)
        return mine
