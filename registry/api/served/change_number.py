"""What number the published versions are at, for many requests at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fastapi.concurrency import run_in_threadpool


class SharedChangeNumber:
    """Asks the state database one question at a time. Whoever comes while one is asked waits for the next, so
    that nobody gets an answer that is older than the request."""

    def __init__(self, ask: Callable[[], int]) -> None:
        self._ask = ask
        self._turn = asyncio.Lock()
        self._next: asyncio.Task[int] | None = None

    async def now(self) -> int:
        """Raises CatalogueError."""
        if self._next is None:
            self._next = asyncio.create_task(self._answer())
        return await asyncio.shield(self._next)

    async def _answer(self) -> int:
        async with self._turn:
            self._next = None
            return await run_in_threadpool(self._ask)
