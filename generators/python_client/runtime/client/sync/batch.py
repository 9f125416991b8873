# Generated from client/aio/batch.py by `make blocking`: change that file, not this one.
"""Writes of a blocking client that are collected, and run in one transaction."""

from __future__ import annotations

from types import TracebackType
from typing import Any, LiteralString, Self

from ...operations import raw
from ...operations.batch_queue import Queue
from ...operations.writes import Write
from .runner import Runner


class BatchBase:
    """A ``with`` block runs the collected writes if it ends without an error; so does ``commit()``."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._queue = Queue(runner.schema)

    def execute_raw(self, query: LiteralString, *args: Any) -> None:
        """Add a statement."""
        self._queue.add(Write(raw.execute_raw(query, args)))

    def commit(self) -> None:
        """Run the collected writes: all of them or none."""
        queued = self._queue.taken()
        if queued:
            with self._runner.session.transaction() as session:
                inside = self._runner.within(session)
                for write in queued:
                    inside.run(write.steps, atomic=write.is_atomic)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.commit()
