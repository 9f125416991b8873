"""Reports at intervals on the progress of a long statement, and which sessions it waits for.

It has a connection and a thread of its own: the connection that runs the statement is busy, and the one that
holds the lock must not take snapshots, which CREATE INDEX CONCURRENTLY would wait for.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from types import TracebackType
from typing import Any

import psycopg
from psycopg.rows import dict_row

from ..errors import RunnerError
from ..events import Listener, silent
from ..options import Address, Options
from .connection import Connection, connect

_PROGRESS = """
SELECT a.wait_event_type, p.phase, p.lockers_done, p.lockers_total,
       round(100.0 * p.blocks_done / nullif(p.blocks_total, 0))::integer AS percent,
       (SELECT coalesce(json_agg(json_build_object(
                   'pid', b.pid, 'application', b.application_name, 'role', b.usename, 'state', b.state,
                   'since', b.xact_start,
                   'seconds', round(extract(epoch FROM clock_timestamp() - b.xact_start)))), '[]')
        FROM pg_stat_activity b
        WHERE b.pid = p.current_locker_pid OR b.pid = ANY (pg_blocking_pids(a.pid))) AS waits_for
FROM pg_stat_activity a LEFT JOIN pg_stat_progress_create_index p ON p.pid = a.pid
WHERE a.datname = current_database() AND a.application_name = %s AND a.state <> 'idle'
ORDER BY a.query_start LIMIT 1
"""


class Monitor:
    """Enter it around a run; :meth:`watching` says what is running at the moment."""

    def __init__(self, address: Address, options: Options, application_name: str, listener: Listener) -> None:
        self._address = address
        self._options = replace(options, database_wait=0)
        self._watched_name = application_name
        self._listener = listener
        self._current: tuple[float, dict[str, Any]] | None = None
        #: Whom the step has last been seen waiting for, as sentences.
        self.waited_for: list[str] = []
        self._rows: int | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="progress", daemon=True)

    def __enter__(self) -> Monitor:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stopped.set()
        self._thread.join(timeout=5)

    @contextlib.contextmanager
    def watching(self, **step: Any) -> Iterator[None]:
        """Report on this step until the block ends; ``step`` are the fields of the events."""
        self._current, self.waited_for, self._rows = (time.monotonic(), step), [], None
        try:
            yield
        finally:
            self._current = None

    def add_rows(self, rows: int) -> None:
        """A batch of the backfill that runs is committed."""
        self._rows = (self._rows or 0) + rows

    def _run(self) -> None:
        with contextlib.ExitStack() as stack:
            connection: Connection | None = None
            while not self._stopped.wait(self._options.progress):
                current = self._current
                if current is None or time.monotonic() - current[0] < self._options.progress:
                    continue
                # An error here is ignored: the next round tries again.
                with contextlib.suppress(psycopg.Error, RunnerError):
                    if connection is None or connection.closed:
                        opened = connect(self._address, self._options, "schema-service-progress", silent)
                        connection = stack.enter_context(contextlib.closing(opened))
                    self._report(connection, *current)

    def _report(self, connection: Connection, since: float, step: dict[str, Any]) -> None:
        seconds = round(time.monotonic() - since)
        found = self._progress(connection)
        self.waited_for = _waited_for(found) or self.waited_for
        self._listener(
            "progress",
            **step,
            seconds=seconds,
            phase=found.get("phase"),
            percent=found.get("percent"),
            rows=self._rows,
            waits_for=found.get("waits_for", []),
            sentence=_sentence(found, self._rows),
        )

    def _progress(self, connection: Connection) -> dict[str, Any]:
        with connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(_PROGRESS, (self._watched_name,)).fetchone() or {}


def _sentence(found: dict[str, Any], rows: int | None) -> str:
    parts = [found["phase"]] if found.get("phase") else []
    if rows is not None:
        parts.append(f"{rows} rows")
    if found.get("percent") is not None:
        parts.append(f"{found['percent']} %")
    parts += [f"waits for {other}" for other in _waited_for(found)]
    return "; ".join(parts) or "running"


def _waited_for(found: dict[str, Any]) -> list[str]:
    return [
        f"process {other['pid']} ({other['application'] or 'no application name'}, role {other['role']})"
        # Another role's times are for superusers and pg_read_all_stats.
        + ("" if other["seconds"] is None else f", whose transaction is {other['seconds']} s old")
        for other in found.get("waits_for", [])
    ]
