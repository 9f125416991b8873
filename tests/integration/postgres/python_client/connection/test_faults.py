"""A connection that is cut before, during and after each statement of each kind of write: never half of it,
never a silent second try, never a connection lost to the pool."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from .cutting_relay import MOMENTS, CuttingRelay, Moment

SCHEMA = """
model User {
  id    Int    @id @default(autoincrement())
  email String @unique
  posts Post[]
}

model Post {
  id     Int    @id @default(autoincrement())
  title  String
  user   User   @relation(fields: [userId], references: [id])
  userId Int
  tags   Tag[]
}

model Tag {
  name  String @id
  posts Post[]
}
"""
#: More statements than any of the operations sends; each stops at its own number.
_MOST = 20
_COPIED = 120
_SESSIONS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
_ROWS = 'SELECT (SELECT count(*) FROM "User"), (SELECT count(*) FROM "Post"), (SELECT count(*) FROM "Tag")'

Operation = Callable[[Any], object]


def _nested(db: Any) -> None:
    tags = {"connect_or_create": [{"where": {"name": "red"}, "create": {"name": "red"}}]}
    posts = [{"title": "a", "tags": tags}, {"title": "b", "tags": tags}]
    db.user.create({"email": "a", "posts": {"create": posts}})


def _transaction(db: Any) -> None:
    with db.tx() as tx:
        user = tx.user.create({"email": "a"})
        tx.post.create({"title": "a", "userId": user.id})
        tx.tag.create({"name": "red"})


def _nested_transaction(db: Any) -> None:
    with db.tx() as tx:
        user = tx.user.create({"email": "a"})
        with tx.tx() as inner:
            inner.post.create_many([{"title": "a", "userId": user.id}] * _COPIED)
        tx.tag.create({"name": "red"})


def _batch(db: Any) -> None:
    with db.batch_() as batch:
        batch.user.create({"email": "a"})
        batch.user.create_many([{"email": f"{number}"} for number in range(_COPIED)])
        batch.tag.create({"name": "red"})


def _copy(db: Any) -> None:
    rows: list[dict[str, Any]] = [{"email": f"{number}"} for number in range(_COPIED)]
    db.user.create_many([*rows, {"email": "other", "id": 10_000}])


def _included(db: Any) -> None:
    db.user.create({"email": "a"}, include={"posts": True})


#: Each write, and how many users, posts and tags there are after it.
_WRITES: dict[str, tuple[Operation, tuple[int, int, int]]] = {
    "nested": (_nested, (1, 2, 1)),
    "transaction": (_transaction, (1, 1, 1)),
    "nested transaction": (_nested_transaction, (1, _COPIED, 1)),
    "batch": (_batch, (1 + _COPIED, 0, 1)),
    "copy": (_copy, (1 + _COPIED, 0, 0)),
    "included": (_included, (1, 0, 0)),
    "one statement": (lambda db: db.tag.create({"name": "red"}), (0, 0, 1)),
}


@pytest.fixture(scope="module")
def client(client_of: Callable[[str], Any]) -> Any:
    return client_of(SCHEMA)


@pytest.fixture
def relay(client: Any) -> Iterator[tuple[CuttingRelay, str]]:
    client.empty()
    relay = CuttingRelay(client.dsn)
    with relay.opened() as dsn:
        yield relay, dsn


@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("name", _WRITES)
def test_a_cut_connection_never_leaves_half_a_write(
    client: Any, errors: Any, relay: tuple[CuttingRelay, str], mode: str, name: str
) -> None:
    write, whole = _WRITES[name]
    cutting, dsn = relay
    with client.opened(mode, dsn=dsn, pool_size=1) as db:
        for moment in MOMENTS if mode == "sync" else MOMENTS[1:2]:  # both send the same statements
            for number in range(1, _MOST):
                client.empty()
                db.tag.count()  # there is a connection, and it works
                cutting.cut(number, moment)
                if not _was_cut(cutting, errors, lambda: write(db)):
                    assert _rows(client) == whole
                    break
                _wait_for_sessions(client, 0)
                _assert_all_or_nothing(client, whole, moment, number)
                assert db.tag.count() == _rows(client)[2]
            else:
                raise AssertionError("more statements than expected")
            assert number > 1
            _assert_pool_is_whole(db, mode)
    _wait_for_sessions(client, 0)


def _was_cut(cutting: CuttingRelay, errors: Any, write: Callable[[], object]) -> bool:
    """Whether the write was cut off; then it has to say so."""
    try:
        write()
    except errors.DatabaseConnectionError:
        assert cutting.has_cut
        return True
    except errors.TransactionError:  # it was the COMMIT: nobody knows whether it was done
        assert cutting.has_cut
        return True
    assert not cutting.has_cut
    cutting.spare()
    return False


def _assert_all_or_nothing(client: Any, whole: tuple[int, int, int], moment: Moment, number: int) -> None:
    rows = _rows(client)
    assert rows in {(0, 0, 0), whole}, f"half of it was written, cut {moment} statement {number}"
    if moment == "before":
        assert rows == (0, 0, 0), f"it was written although nothing told so, statement {number}"


def _rows(client: Any) -> tuple[int, int, int]:
    with psycopg.connect(client.dsn) as connection:
        users, posts, tags = connection.execute(_ROWS).fetchone() or (0, 0, 0)
    return users, posts, tags


def _wait_for_sessions(client: Any, most: int) -> None:
    """Until the server has noticed that connections are gone; what they were doing is then decided."""
    deadline = time.monotonic() + 30
    with psycopg.connect(client.dsn, autocommit=True) as connection:
        while (connection.execute(_SESSIONS).fetchone() or (0,))[0] > most:
            assert time.monotonic() < deadline, "a connection has leaked"
            time.sleep(0.01)


def _assert_pool_is_whole(db: Any, mode: str) -> None:
    target = db._target if mode == "async" else db
    state = target._pool._pool._state
    assert len(state._idle) + len(state._vacant) == state.size
    assert not state._waiters


def test_a_task_cancelled_while_it_connects_leaves_no_session(
    client: Any, relay: tuple[CuttingRelay, str]
) -> None:
    cutting, dsn = relay

    async def main() -> None:
        async with client.module.AsyncClient(dsn, pool_size=2) as db:
            async with db.tx():  # the first connection is in use: the next has to connect
                cutting.answers.clear()
                waiting = asyncio.create_task(db.tag.count())
                await asyncio.to_thread(_wait_until_connecting, client)
                waiting.cancel()
                with pytest.raises(asyncio.CancelledError) as kept:
                    await waiting
                cutting.answers.set()
                await asyncio.to_thread(_wait_for_sessions, client, 1)
                assert kept.tb  # as long as somebody keeps it, so are the frames that it went through
            assert await db.tag.count() == 0
            state = db._pool._pool._state
            assert len(state._idle) + len(state._vacant) == 2

    gc.disable()  # it would close what was forgotten
    try:
        asyncio.run(main())
    finally:
        gc.enable()
    _wait_for_sessions(client, 0)


def _wait_until_connecting(client: Any) -> None:
    deadline = time.monotonic() + 30
    with psycopg.connect(client.dsn, autocommit=True) as connection:
        while (connection.execute(_SESSIONS).fetchone() or (0,))[0] < 2:
            assert time.monotonic() < deadline
            time.sleep(0.01)
