"""Questions to the state database that many ask at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Hashable, Mapping
from typing import Generic, TypeVar

from fastapi.concurrency import run_in_threadpool

Key = TypeVar("Key", bound=Hashable)
Answer = TypeVar("Answer")


class Gathering(Generic[Key, Answer]):
    """Asks one question at a time, about all that anybody wants to know by then. Whoever comes while one is
    asked waits for the next, so that nobody gets an answer that is older than the request."""

    def __init__(self, ask: Callable[[Collection[Key]], Mapping[Key, Answer]]) -> None:
        self._ask = ask
        self._turn = asyncio.Lock()
        self._keys: set[Key] = set()
        self._next: asyncio.Task[Mapping[Key, Answer]] | None = None

    async def get(self, key: Key) -> Answer | None:
        """None where the answer has nothing about ``key``. Raises what asking raises."""
        if self._next is None:
            self._keys = set()
            self._next = asyncio.create_task(self._answers(self._keys))
        self._keys.add(key)
        return (await asyncio.shield(self._next)).get(key)

    async def _answers(self, keys: set[Key]) -> Mapping[Key, Answer]:
        async with self._turn:
            self._next = None
            return await run_in_threadpool(self._ask, keys)
