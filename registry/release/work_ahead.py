"""Work of later steps, done in the background of earlier ones.

None of it is stored. A step takes the results of work that was begun, and does the rest itself, as after a
resume; so a result is only used by the step that it belongs to, and a failure is reported only there.
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
    """Results by key. Each is computed once, by whoever comes first, so no work waits for a free thread."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None
        self._results: dict[Hashable, Future[Any]] = {}
        self._lock = Lock()

    def start(self) -> None:
        """Let :meth:`begin` work, until :meth:`end`: a step that runs alone has nothing to do ahead."""
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="ahead")

    def begin(self, key: Hashable, work: Callable[[], object]) -> None:
        """Compute the result in the background, inside a release; else nothing happens."""
        if self._pool is not None:
            self._pool.submit(self._once, key, work)

    def result(self, key: Hashable, work: Callable[[], Result]) -> Result:
        """What ``work`` returns or raises, whether run now or begun earlier in the background."""
        result: Result = self._once(key, work).result()
        return result

    def end(self) -> None:
        """Cancel what has not begun, wait for what is running, and forget all results."""
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
