"""Rows one after the other, locked rows, and Postgres' plans."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import pytest
from pydantic import BaseModel

SCHEMA = """
model Parent {
  id       Int     @id
  name     String
  children Child[]
}

model Child {
  id       Int    @id
  parentId Int
  parent   Parent @relation(fields: [parentId], references: [id])
}
"""


class Name(BaseModel):
    name: str


@pytest.fixture(scope="module")
def client(client_of: Callable[[str], Any]) -> Any:
    made = client_of(SCHEMA)
    with made.opened("sync") as db:
        db.parent.create_many([{"id": number, "name": f"p{number}"} for number in range(25)])
        db.child.create_many([{"id": number, "parentId": number // 2} for number in range(50)])
    return made


def test_rows_come_one_after_the_other(client: Any) -> None:
    with client.module.Client(client.dsn) as db:
        rows = list(db.parent.iterate(order={"id": "asc"}, include={"children": True}, batch_size=10))
        assert [row.id for row in rows] == list(range(25))
        assert all([child.parentId for child in row.children] == [row.id] * 2 for row in rows)
        arguments = {"where": {"id": {"gte": 5}}, "order": {"id": "desc"}, "take": 7, "skip": 1}
        assert [row.id for row in db.parent.iterate(**arguments, batch_size=3)] == list(range(23, 16, -1))
        assert list(db.parent.iterate(where={"id": 99})) == []
        assert next(iter(db.parent.selecting(Name).iterate(order={"id": "asc"}))) == Name(name="p0")
        with db.tx() as tx:
            pairs = zip(
                tx.parent.iterate(order={"id": "asc"}, batch_size=2),
                tx.child.iterate(order={"id": "asc"}, batch_size=3),
                strict=False,
            )
            assert [(parent.id, child.id) for parent, child in pairs] == [(n, n) for n in range(25)]
            assert tx.parent.count() == 25


def test_rows_come_to_tasks_too(client: Any) -> None:
    async def main() -> tuple[list[int], list[int]]:
        async with client.module.AsyncClient(client.dsn, pool_size=1) as db:
            every = [row.id async for row in db.parent.iterate(order={"id": "asc"}, batch_size=4)]
            some: list[int] = []
            async with aclosing(db.child.iterate(order={"id": "asc"}, batch_size=4)) as rows:
                async for row in rows:
                    some.append(row.id)
                    if len(some) == 6:
                        break
            assert await db.parent.count() == 25
            return every, some

    assert asyncio.run(main()) == (list(range(25)), list(range(6)))


def test_a_stream_that_is_left_gives_its_connection_back(client: Any) -> None:
    with client.module.Client(client.dsn, pool_size=1, connect_timeout_seconds=5) as db:
        for _ in range(3):
            for _row in db.parent.iterate(batch_size=2):
                break
            assert db.parent.count() == 25


def test_a_stream_that_is_left_in_a_transaction_harms_nothing(client: Any) -> None:
    """Its cursor stays until the transaction ends, also where a savepoint was undone under it."""
    errors = client.module.errors
    with client.module.Client(client.dsn, pool_size=1) as db:
        with db.tx() as tx:
            for _row in tx.parent.iterate(batch_size=2):
                break
            with pytest.raises(ValueError, match="x"):
                _raise_at_the_first(tx.parent.iterate(batch_size=2))
            ours = iter(tx.parent.iterate(order={"id": "asc"}, batch_size=10))
            assert next(ours).id == 0
            with pytest.raises(ValueError, match="x"), tx.tx() as inner:
                _raise_at_the_first(inner.parent.iterate(batch_size=2))
            with pytest.raises(errors.TransactionExpiredError):
                list(inner.parent.iterate())
            assert [row.id for row in ours] == list(range(1, 25))
            assert tx.parent.count() == 25
        assert db.query_first("SELECT count(*) AS open FROM pg_cursors") == {"open": 0}


def test_tasks_that_leave_streams_harm_nothing(client: Any) -> None:
    errors = client.module.errors

    async def read(db: Any) -> None:
        async for _ in db.parent.iterate(batch_size=1):
            await asyncio.sleep(0)

    async def main() -> None:
        async with client.module.AsyncClient(client.dsn, pool_size=2) as db:
            for turns in range(20):
                tasks = [asyncio.create_task(read(db)) for _ in range(2)]
                for _ in range(turns * 10):
                    await asyncio.sleep(0)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            assert await db.parent.count() == 25
            async with db.tx() as tx:
                async for _ in tx.parent.iterate(batch_size=2):
                    break
                assert await tx.parent.count() == 25
            with pytest.raises(errors.TransactionExpiredError):
                await read(tx)
            states = (
                "SELECT count(*) AS left FROM pg_stat_activity WHERE state LIKE 'idle in%' AND datname = $1"
            )
            name = (await db.query_first("SELECT current_database() AS name"))["name"]
            assert await db.query_first(states, name) == {"left": 0}

    asyncio.run(main())


def _raise_at_the_first(rows: Any) -> None:
    for _ in rows:
        raise ValueError("x")


def test_mistakes_are_found_when_the_stream_is_made(client: Any) -> None:
    errors = client.module.errors
    parent = client.module.Client(client.dsn).parent
    with pytest.raises(errors.FieldNotFoundError):
        parent.iterate(where={"x": 1})
    for wrong in ({"take": -1}, {"batch_size": 0}, {"batch_size": "1"}):
        with pytest.raises(errors.InputError):
            parent.iterate(**wrong)
    with pytest.raises(errors.ClientNotConnectedError):
        list(parent.iterate())


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_locked_rows(client: Any, mode: str) -> None:
    errors = client.module.errors
    with client.opened(mode) as db, client.opened("sync") as other:
        with db.tx() as tx:
            assert tx.parent.find_unique({"id": 1}, for_update=True).id == 1
            first = {"order": {"id": "asc"}, "where": {"id": {"lte": 3}}, "for_update": True}
            with other.tx() as theirs:
                assert [row.id for row in theirs.parent.find_many(**first, skip_locked=True)] == [0, 2, 3]
                assert theirs.parent.find_first(where={"id": 1}, for_update=True, skip_locked=True) is None
                assert theirs.parent.find_unique({"id": 1}, for_update=True, skip_locked=True) is None
            with pytest.raises(errors.DataError) as busy, other.tx() as theirs:
                theirs.parent.find_many(**first, nowait=True)
            assert busy.value.code == "55P03"
        assert db.parent.find_unique({"id": 1}, {"children": True}, for_update=True).children != []
        for wrong in (
            {"skip_locked": True},
            {"nowait": True},
            {"for_update": True, "skip_locked": True, "nowait": True},
            {"for_update": True, "distinct": ["name"]},
        ):
            with pytest.raises(errors.InputError):
                db.parent.find_many(**wrong)


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_plans(client: Any, mode: str) -> None:
    with client.opened(mode) as db:
        plan = db.parent.explain(where={"id": {"in": [1, 2]}}, order={"id": "asc"}, take=3)
        assert "Limit" in plan
        assert "actual" not in plan
        assert "actual" in db.parent.explain(where={"name": "p1"}, analyze=True)
