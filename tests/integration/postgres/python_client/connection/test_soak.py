"""200 tasks on a pool of ten, while some are cancelled and backends are killed: nothing lost, nothing halved.

It takes three seconds, and a minute with ``SCHEMA_SERVICE_SOAK``.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

SCHEMA = """
model Account {
  id      Int @id
  balance Int @default(0)
}
"""
_SECONDS = 60.0 if "SCHEMA_SERVICE_SOAK" in os.environ else 3.0
_TASKS = 200
_POOL = 10
_ACCOUNTS = 50
_KILL_ONE = """
SELECT pg_terminate_backend(pid) FROM (
  SELECT pid FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
  ORDER BY random() LIMIT 1
) AS victim
"""

_SESSIONS = """
SELECT state FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""

pytestmark = pytest.mark.timeout(_SECONDS + 120)


class Soak:
    """What runs: ``moves`` are transactions that were certainly committed."""

    def __init__(self, client: Any, db: Any) -> None:
        errors = client.module.errors
        self._expected = (errors.DatabaseConnectionError, errors.TransactionError)
        self._db, self._dsn = db, client.dsn
        self._until = time.monotonic() + _SECONDS
        self._chance = random.Random(11)
        self._tasks: set[asyncio.Task[None]] = set()
        self.moves = self.failures = self.cancelled = 0

    async def run(self) -> None:
        killer = asyncio.create_task(self._kill())
        while time.monotonic() < self._until:
            while len(self._tasks) < _TASKS:
                self._tasks.add(asyncio.create_task(self._work()))
            await asyncio.sleep(0.02)
            for task in self._chance.sample(sorted(self._tasks, key=id), 5):
                task.cancel()
            self._reap({task for task in self._tasks if task.done()})
        await killer
        done, _ = await asyncio.wait(self._tasks)
        self._reap(done)

    def _reap(self, done: set[asyncio.Task[None]]) -> None:
        self._tasks -= done
        for task in done:
            if task.cancelled():
                self.cancelled += 1
            else:
                task.result()

    async def _work(self) -> None:
        while time.monotonic() < self._until:
            try:
                await self._move()
                assert await self._db.account.count() == _ACCOUNTS
            except self._expected:
                self.failures += 1

    async def _move(self) -> None:
        """From one account to another; half of it would be seen in the sum."""
        source, target = sorted(self._chance.sample(range(_ACCOUNTS), 2))
        async with self._db.tx() as tx:
            await tx.account.update({"balance": {"decrement": 1}}, {"id": source})
            await asyncio.sleep(0)
            row = await tx.account.update({"balance": {"increment": 1}}, {"id": target})
            assert row.id == target
        self.moves += 1

    async def find_the_killed(self) -> None:
        """The last kill may have met a connection that nobody has used since."""
        for _ in range(_POOL):
            with contextlib.suppress(*self._expected):
                await self._db.account.count()

    async def _kill(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._dsn, autocommit=True) as admin:
            while time.monotonic() < self._until:
                await asyncio.sleep(0.3)
                await admin.execute(_KILL_ONE)


def _assert_server_at_rest(dsn: str) -> None:
    """No more sessions than the pool has, none of them in a transaction, once the server has noticed all."""
    deadline = time.monotonic() + 30
    with psycopg.connect(dsn, autocommit=True) as admin:
        while True:
            states = [state for (state,) in admin.execute(_SESSIONS)]
            if len(states) <= _POOL and set(states) == {"idle"}:
                return
            assert time.monotonic() < deadline, states
            time.sleep(0.05)


def test_the_pool_outlives_cancellation_and_killed_backends(client_of: Callable[[str], Any]) -> None:
    client = client_of(SCHEMA)

    async def main() -> Soak:
        # Whoever waits does so behind two hundred others.
        async with client.module.AsyncClient(client.dsn, pool_size=_POOL, connect_timeout_seconds=60) as db:
            await db.account.create_many([{"id": number} for number in range(_ACCOUNTS)])
            soak = Soak(client, db)
            await soak.run()
            state = db._pool._pool._state
            assert len(state._idle) + len(state._vacant) == _POOL
            assert not state._waiters
            await soak.find_the_killed()
            rows = await db.account.find_many()
            assert sum(row.balance for row in rows) == 0
            await asyncio.to_thread(_assert_server_at_rest, client.dsn)
        return soak

    soak = asyncio.run(main())
    assert soak.moves > 0
    assert soak.cancelled > 0
