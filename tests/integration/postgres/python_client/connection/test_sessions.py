"""Connections under load and under fault: none is lost, none is left in a bad state."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import psycopg
import pytest

SCHEMA = """
model Counter {
  id    Int    @id @default(autoincrement())
  name  String @unique
  value Int    @default(0)
}
"""


@pytest.fixture(scope="module")
def client(client_of: Callable[[str], Any]) -> Any:
    return client_of(SCHEMA)


@pytest.fixture(autouse=True)
def _empty(client: Any) -> Iterator[None]:
    client.empty()
    yield
    with psycopg.connect(client.dsn) as connection:
        states = connection.execute(
            "SELECT state FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchall()
    assert [state for (state,) in states if state and "transaction" in state] == []


def test_threads_share_a_blocking_client(client: Any) -> None:
    def work(number: int) -> int:
        with db.tx() as tx:
            tx.counter.create({"name": f"{number}"})
        row = db.counter.update({"value": number}, {"name": f"{number}"})
        return int(row.value)

    with client.module.Client(client.dsn, pool_size=4) as db, ThreadPoolExecutor(16) as threads:
        assert list(threads.map(work, range(100))) == list(range(100))
        assert db.counter.count() == 100


def test_tasks_share_an_asyncio_client(client: Any) -> None:
    async def work(db: Any, number: int) -> None:
        async with db.tx() as tx:
            await tx.counter.create({"name": f"{number}"})
        await db.counter.update({"value": number}, {"name": f"{number}"})

    async def main() -> Any:
        async with client.module.AsyncClient(client.dsn, pool_size=4) as db:
            await asyncio.gather(*(work(db, number) for number in range(100)))
            return await db.counter.count(where={"value": {"gt": 0}})

    assert asyncio.run(main()) == 99


def test_a_cancelled_task_gives_its_connection_back(client: Any) -> None:
    async def hold(db: Any, begun: asyncio.Event) -> None:
        async with db.tx() as tx:
            await tx.counter.create({"name": "never"})
            begun.set()
            await asyncio.sleep(60)

    async def main() -> None:
        async with client.module.AsyncClient(client.dsn, pool_size=1) as db:
            for _ in range(5):
                begun = asyncio.Event()
                task = asyncio.create_task(hold(db, begun))
                await begun.wait()
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                assert await db.counter.count() == 0

    asyncio.run(main())


def test_an_exhausted_pool_says_so(client: Any) -> None:
    errors = client.module.errors
    with (
        client.module.Client(client.dsn, pool_size=1, connect_timeout_seconds=0.2) as db,
        db.tx(),
        pytest.raises(errors.DatabaseConnectionError),
    ):
        db.counter.count()


def test_a_lost_connection_is_an_error_and_is_replaced(client: Any) -> None:
    errors = client.module.errors
    with client.module.Client(client.dsn, pool_size=1) as db:
        db.counter.create({"name": "a"})
        with pytest.raises(errors.DatabaseConnectionError), db.tx() as tx:  # noqa: PT012 - what is inside is lost
            tx.counter.create({"name": "b"})
            _end_others(client.dsn)
            tx.counter.create({"name": "c"})
        assert [row.name for row in db.counter.find_many()] == ["a"]


def test_prismas_urls_are_understood(client: Any) -> None:
    with psycopg.connect(client.dsn, autocommit=True) as connection:
        connection.execute('CREATE SCHEMA IF NOT EXISTS "other side"')
        connection.execute('CREATE TABLE IF NOT EXISTS "other side"."Counter" (LIKE "Counter" INCLUDING ALL)')
    joint = "&" if "?" in client.dsn else "?"
    url = f"{client.dsn}{joint}schema=other%20side&connection_limit=2"
    with client.module.Client(url) as db, client.module.Client(client.dsn) as plain:
        plain.counter.create({"name": "a"})
        assert (db.counter.count(), plain.counter.count()) == (0, 1)
        for number in range(10):
            db.counter.create({"name": f"{number}"})


def test_behind_a_pooler_nothing_is_asked_of_the_session(client: Any) -> None:
    errors = client.module.errors
    joint = "&" if "?" in client.dsn else "?"
    with client.module.Client(f"{client.dsn}{joint}pgbouncer=true&schema=public") as db:
        db.counter.create({"name": "a"})
        prepared = db.query_raw("SELECT count(*) AS prepared FROM pg_prepared_statements")
        assert prepared == [{"prepared": 0}]
    for options, url in (
        ({}, f"{client.dsn}{joint}pgbouncer=true&schema=other"),
        ({"statement_timeout": timedelta(seconds=1)}, f"{client.dsn}{joint}pgbouncer=true"),
    ):
        with pytest.raises(errors.DatabaseConnectionError, match="ALTER ROLE"):
            client.module.Client(url, **options).connect()


def _end_others(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
