"""The Python client reading from a real standby: Debian's Postgres 15, streaming from its primary."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import psycopg
import pytest

from schemas.prisma.bridge import PrismaBridge

from ...debian import DebianServer, debian_server, scratch, standby
from ..clients import imported_client

_SCHEMA = """
datasource db {
  provider = "postgresql"
}

model Item {
  id   Int    @id @default(autoincrement())
  name String
}
"""
_IN_RECOVERY = "SELECT pg_is_in_recovery() AS told"
_SECONDS = 60


class Pair(NamedTuple):
    """A client's module, the database on the primary, and its address on the standby."""

    module: Any
    primary: str
    follower: DebianServer
    replica: str


@pytest.fixture(scope="module")
def pair(bridge: PrismaBridge, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    schema = bridge.parse(_SCHEMA)
    module = imported_client(schema, "client_of_a_pair", tmp_path_factory.mktemp("pair"))
    with (
        debian_server() as server,
        scratch(server) as databases,
        databases.new_database() as dsn,
        standby(server) as follower,
    ):
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(bridge.diff(None, schema.text).encode())
        database = str(psycopg.conninfo.conninfo_to_dict(dsn)["dbname"])
        yield Pair(module, dsn, follower, follower.dsn("scratch_owner", database))


def _wait_until_followed(pair: Pair) -> None:
    """Until the standby has all that the primary has written so far."""
    deadline = time.monotonic() + _SECONDS
    with psycopg.connect(pair.primary) as primary, psycopg.connect(pair.replica, autocommit=True) as replica:
        written = primary.execute("SELECT pg_current_wal_insert_lsn()").fetchone()
        assert written is not None
        behind = "SELECT pg_last_wal_replay_lsn() < %s"
        while replica.execute(behind, written).fetchone() != (False,):
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_what_is_written_to_the_primary_is_read_from_its_standby(pair: Pair) -> None:
    with pair.module.Client(pair.primary, replicas=[pair.replica]) as db:
        row = db.item.create({"name": "a"})
        assert db.primary.item.find_unique({"id": row.id}) == row
        _wait_until_followed(pair)
        assert db.item.find_unique({"id": row.id}) == row
        assert list(db.item.iterate()) == [row]
        assert db.query_first(_IN_RECOVERY, replica=True) == {"told": True}
        assert db.query_first(_IN_RECOVERY) == {"told": False}
        # All of these would be refused there.
        assert db.item.find_first(for_update=True) == row
        assert db.item.update({"name": "b"}, {"id": row.id}).name == "b"
        with db.tx() as tx:
            tx.item.update_many({"name": "c"}, {})
            assert tx.item.count(where={"name": "c"}) == 1
        with pytest.raises(pair.module.errors.RawQueryError, match="read-only"):
            db.query_raw('DELETE FROM "Item"', replica=True)
        with db.listen("c") as notifications:
            db.notify("c", "x")
            assert next(notifications(timeout=_SECONDS)).payload == "x"


def test_reads_go_on_while_the_standby_is_away(pair: Pair) -> None:
    with pair.module.Client(pair.primary, replicas=[pair.replica]) as db:
        db.item.delete_many()
        _wait_until_followed(pair)
        assert db.item.count() == 0
        pair.follower.stop()
        try:
            # The connection in the pool is found to be lost by the first read, which is answered elsewhere.
            assert [db.item.count() for _ in range(3)] == [0] * 3
            db.item.create({"name": "meanwhile"})
            assert db.item.count() == 1
        finally:
            pair.follower.start()
        _wait_until_followed(pair)
        with pair.module.Client(pair.primary, replicas=[pair.replica]) as fresh:
            assert fresh.query_first(_IN_RECOVERY, replica=True) == {"told": True}
            assert fresh.item.count() == 1


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_read_that_the_standby_cancels_is_asked_again_or_told(pair: Pair, mode: str) -> None:
    """Rows that the primary has vacuumed are taken from under reads of the standby (SQLSTATE 40001)."""
    with psycopg.connect(pair.follower.dsn(), autocommit=True) as standby:
        standby.execute("ALTER SYSTEM SET max_standby_streaming_delay = 0")
        standby.execute("SELECT pg_reload_conf()")
    if mode == "sync":
        _read_while_vacuumed(pair)
    else:
        asyncio.run(_read_as_a_task_while_vacuumed(pair))


_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
#: What the standby cannot finish, and the primary answers at once.
_LONG_THERE = (
    'SELECT count(*) AS items, pg_is_in_recovery() AS told FROM "Item" '
    "WHERE pg_sleep(CASE WHEN pg_is_in_recovery() THEN 600 ELSE 0 END)::text = ''"
)


def _read_while_vacuumed(pair: Pair) -> None:
    errors = pair.module.errors
    with pair.module.Client(pair.primary, replicas=[pair.replica], pool_size=1) as db:
        _fill(pair, db.primary)
        with ThreadPoolExecutor() as threads:
            read = threads.submit(lambda: db.query_first(_LONG_THERE, replica=True))
            _wait_until_reading(pair)
            _vacuum(pair)
            assert read.result(_SECONDS) == {"items": 0, "told": False}
        # A stream has given rows already, so it can't begin anew elsewhere: it says so.
        _fill(pair, db.primary)
        rows = iter(db.item.iterate(order={"id": "asc"}, batch_size=1))
        assert next(rows).name == "a"
        _vacuum(pair)
        with pytest.raises(errors.TransactionConflictError):
            list(rows)
        assert db.query_first(_IN_RECOVERY, replica=True) == {"told": True}
        assert db.item.count() == 0


async def _read_as_a_task_while_vacuumed(pair: Pair) -> None:
    errors = pair.module.errors
    async with pair.module.AsyncClient(pair.primary, replicas=[pair.replica], pool_size=1) as db:
        with pair.module.Client(pair.primary) as blocking:
            _fill(pair, blocking)
            read = asyncio.create_task(db.query_first(_LONG_THERE, replica=True))
            await asyncio.to_thread(_wait_until_reading, pair)
            await asyncio.to_thread(_vacuum, pair)
            assert await asyncio.wait_for(read, _SECONDS) == {"items": 0, "told": False}
            _fill(pair, blocking)
            rows = db.item.iterate(order={"id": "asc"}, batch_size=1)
            assert (await anext(rows)).name == "a"
            await asyncio.to_thread(_vacuum, pair)
            with pytest.raises(errors.TransactionConflictError):
                _ = [row async for row in rows]
            assert await db.query_first(_IN_RECOVERY, replica=True) == {"told": True}
            assert await db.item.count() == 0


def _fill(pair: Pair, db: Any) -> None:
    db.item.delete_many()
    db.item.create_many([{"name": "a"} for _ in range(200)])
    _wait_until_followed(pair)


def _wait_until_reading(pair: Pair) -> None:
    """Until the standby sleeps in a read."""
    deadline = time.monotonic() + _SECONDS
    with psycopg.connect(pair.replica, autocommit=True) as replica:
        while replica.execute(_WAITING).fetchone() == (0,):
            assert time.monotonic() < deadline
            time.sleep(0.01)


def _vacuum(pair: Pair) -> None:
    """Take all rows away, on the standby too."""
    with psycopg.connect(pair.primary, autocommit=True) as primary:
        primary.execute('DELETE FROM "Item"')
        primary.execute('VACUUM "Item"')
    _wait_until_followed(pair)
