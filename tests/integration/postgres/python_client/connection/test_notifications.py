"""LISTEN and NOTIFY, on both clients: what arrives, what is lost, and that no connection stays behind."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest

_SCHEMA = """
model Item {
  id Int @id
}
"""
_LISTENERS = b"SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'"
_WAIT = timedelta(seconds=30)


@pytest.fixture(scope="module")
def client(client_of: Callable[..., Any]) -> Any:
    return client_of(_SCHEMA)


def _listeners(client: Any) -> list[int]:
    with psycopg.connect(client.dsn) as connection:
        return [pid for (pid,) in connection.execute(_LISTENERS)]


def _wait_until_none_is_left(client: Any) -> None:
    """The server ends a session a moment after its client has hung up."""
    deadline = time.monotonic() + _WAIT.total_seconds()
    while _listeners(client):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _end_listeners(client: Any) -> None:
    with psycopg.connect(client.dsn) as connection:
        for pid in _listeners(client):
            connection.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])


def test_what_is_sent_arrives_in_its_order_and_once(client: Any) -> None:
    odd = 'a "channel"; DROP'
    with client.opened("sync") as db, db.listen("plain", odd) as notifications:
        db.notify("plain", "1")
        db.notify(odd, "2'; --")
        db.notify("other", "not ours")
        db.notify("plain")
        first = next(notifications(timeout=_WAIT))
        assert (first.channel, first.payload, first.is_gap) == ("plain", "1", False)
        assert first.pid > 0
        # What one loop leaves, the next one gives.
        rest = notifications(timeout=_WAIT)
        assert [(n.channel, n.payload) for n in (next(rest), next(rest))] == [(odd, "2'; --"), ("plain", "")]
        assert list(notifications(timeout=0.01)) == []
    _wait_until_none_is_left(client)


def test_what_comes_with_the_reply_to_listen_is_not_lost(client: Any) -> None:
    with client.opened("sync") as db:
        listener = db.listen("c")
        listener._inbox.statement += b"; NOTIFY c, 'at once'"
        with listener as notifications:
            assert [next(notifications(timeout=_WAIT)).payload] == ["at once"]
            assert list(notifications(timeout=0.01)) == []


def test_a_transaction_tells_when_it_is_committed(client: Any) -> None:
    with client.opened("sync") as db, db.listen("c") as notifications:
        with db.tx() as tx:
            tx.notify("c", "kept")
            assert list(notifications(timeout=0)) == []
        undone = db.tx()
        undone.start().notify("c", "undone")
        undone.rollback()
        db.notify("c", "last")
        received = notifications(timeout=_WAIT)
        assert [next(received).payload, next(received).payload] == ["kept", "last"]
        with db.tx() as tx, pytest.raises(client.module.errors.TransactionError):
            tx.listen("c")


def test_a_listener_takes_no_connection_of_the_pool(client: Any) -> None:
    with client.opened("sync", pool_size=1) as db, db.listen("c") as notifications, db.tx() as tx:
        tx.notify("c", "x")
        assert list(notifications(timeout=0)) == []


def test_a_lost_connection_is_an_error_unless_told_otherwise(client: Any) -> None:
    with client.opened("sync") as db:
        with db.listen("c") as notifications:
            _end_listeners(client)
            with pytest.raises(client.module.errors.DatabaseConnectionError, match="reconnect="):
                list(notifications(timeout=_WAIT))
        with pytest.raises(client.module.errors.ClientNotConnectedError, match="has ended"):
            list(notifications())
    _wait_until_none_is_left(client)


def test_reconnecting_tells_of_the_gap(client: Any) -> None:
    with client.opened("sync") as db, db.listen("a", "b", reconnect=_WAIT) as notifications:
        _end_listeners(client)
        received = notifications(timeout=_WAIT)
        gaps = [next(received), next(received)]
        assert [(gap.channel, gap.is_gap) for gap in gaps] == [("a", True), ("b", True)]
        db.notify("b", "again")
        assert next(received).payload == "again"
        assert len(_listeners(client)) == 1
    _wait_until_none_is_left(client)


def test_reconnecting_ends_at_its_limit(client: Any) -> None:
    parameters = psycopg.conninfo.conninfo_to_dict(client.dsn)
    name = parameters["dbname"]
    elsewhere = psycopg.conninfo.make_conninfo(client.dsn, dbname="postgres")
    with (
        client.opened("sync") as db,
        db.listen("c", reconnect=timedelta(seconds=0.2)) as notifications,
        psycopg.connect(elsewhere, autocommit=True) as connection,
    ):
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        try:
            _terminate(connection, str(name))
            with pytest.raises(client.module.errors.DatabaseConnectionError):
                list(notifications(timeout=_WAIT))
        finally:
            connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())


def _terminate(connection: psycopg.Connection[Any], name: str) -> None:
    connection.execute(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s", [name]
    )


@pytest.mark.parametrize(
    ("channels", "payload", "message"),
    [
        ([""], "", "needs a name"),
        (["a\0"], "", "needs a name"),
        (["é" * 32], "", "63 bytes"),
        (["c"], "é" * 4000, "7999 bytes"),
        (["c"], 1, "needs to be a str"),
    ],
)
def test_mistakes_are_found_before_anything_is_sent(
    client: Any, channels: list[str], payload: Any, message: str
) -> None:
    errors = client.module.errors
    with client.opened("sync") as db:
        with pytest.raises(errors.InputError, match=message):
            db.notify(channels[0], payload)
        if payload == "":
            with pytest.raises(errors.InputError, match=message):
                db.listen(*channels)
        with pytest.raises(errors.InputError, match="needs a channel"):
            db.listen()


def test_a_pooler_is_refused(client: Any) -> None:
    dsn = client.dsn + "&pgbouncer=true"
    with (
        client.opened("sync", dsn=dsn) as db,
        pytest.raises(client.module.errors.DatabaseConnectionError, match="transaction pooler"),
        db.listen("c"),
    ):
        pass


def test_asyncio_listens_too(client: Any) -> None:
    async def main() -> list[str]:
        received: list[str] = []
        async with client.module.AsyncClient(client.dsn) as db:
            async with db.listen("c", reconnect=_WAIT) as notifications:

                async def consume() -> None:
                    async for notification in notifications():
                        received.append("gap" if notification.is_gap else notification.payload)
                        if notification.payload == "end":
                            return

                consumer = asyncio.create_task(consume())
                await db.notify("c", "1")
                while received != ["1"]:
                    await asyncio.sleep(0.01)
                await asyncio.to_thread(_end_listeners, client)
                while received != ["1", "gap"]:
                    await asyncio.sleep(0.01)
                await db.notify("c", "end")
                await asyncio.wait_for(consumer, _WAIT.total_seconds())
                assert [n async for n in notifications(timeout=0.01)] == []
            # A cancelled task ends its block, and its connection.
            async with db.listen("c") as notifications:
                waiting = asyncio.create_task(anext(notifications()))
                await asyncio.sleep(0)
                waiting.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await waiting
            async with db.listen("c") as notifications:
                await asyncio.to_thread(_end_listeners, client)
                with pytest.raises(client.module.errors.DatabaseConnectionError):
                    await anext(notifications())
        return received

    assert asyncio.run(asyncio.wait_for(main(), 120)) == ["1", "gap", "end"]
    _wait_until_none_is_left(client)
