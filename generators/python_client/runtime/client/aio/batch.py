"""Writes of an asyncio client that are collected, and run in one transaction."""

from __future__ import annotations

from types import TracebackType
from typing import Any, LiteralString, Self

from ...operations import raw
from ...operations.batch_queue import Queue
from ...operations.writes import Write
from .runner import AsyncRunner


class AsyncBatchBase:
    """An ``async with`` block runs the collected writes if it ends without an error; so does ``commit()``."""

    def __init__(self, runner: AsyncRunner) -> None:
        self._runner = runner
        self._queue = Queue(runner.schema)

    def execute_raw(self, query: LiteralString, *args: Any) -> None:
        """Add a statement."""
        self._queue.add(Write(raw.execute_raw(query, args)))

    async def commit(self) -> None:
        """Run the collected writes: all of them or none."""
        queued = self._queue.taken()
        if queued:
            async with self._runner.session.transaction() as session:
                inside = self._runner.within(session)
                for write in queued:
                    await inside.run(write.steps, atomic=write.is_atomic)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            await self.commit()
