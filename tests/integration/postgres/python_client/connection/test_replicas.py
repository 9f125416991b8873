"""Reads on replicas. Which database answered is told by its rows: each holds its own name."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from generators.python_client.runtime.connection import replicas as replicas_of_source
from migrations.scratch.scratch_server import ScratchServer
from schemas.prisma.bridge import PrismaBridge

_SCHEMA = """
model Item {
  id   Int    @id @default(autoincrement())
  name String
}
"""
_NOWHERE = "postgresql://nobody@127.0.0.1:1/none"


@pytest.fixture(scope="module")
def client(client_of: Callable[..., Any]) -> Any:
    return client_of(_SCHEMA)


@pytest.fixture(scope="module")
def replicas(
    client: Any, bridge: PrismaBridge, scratch_server: ScratchServer, make_request: Callable[..., Any]
) -> Iterator[list[str]]:
    """Two more databases with the same table, which hold one row each: their own name."""
    with scratch_server.new_database() as first, scratch_server.new_database() as second:
        for name, dsn in (("first", first), ("second", second)):
            with psycopg.connect(dsn, autocommit=True) as connection:
                connection.execute(bridge.diff(None, make_request(_SCHEMA).schema.text).encode())
                connection.execute('INSERT INTO "Item" (name) VALUES (%s)', [name])
        yield [first, second]


@pytest.fixture(autouse=True)
def _rows(client: Any) -> None:
    client.empty()
    with psycopg.connect(client.dsn) as connection:
        connection.execute("""INSERT INTO "Item" (name) VALUES ('primary')""")


@pytest.fixture(params=["sync", "async"])
def mode(request: pytest.FixtureRequest) -> str:
    mode: str = request.param
    return mode


def _name(db: Any) -> str:
    name: str = db.item.find_first().name
    return name


def test_reads_take_turns_and_all_else_goes_to_the_primary(
    client: Any, replicas: list[str], mode: str
) -> None:
    with client.opened(mode, replicas=[replicas[0], {"url": replicas[1]}]) as db:
        assert [_name(db) for _ in range(4)] == ["first", "second"] * 2
        assert {db.item.find_many()[0].name for _ in range(2)} == {"first", "second"}
        assert db.item.count(where={"name": "first"}) + db.item.count(where={"name": "first"}) == 1
        assert db.item.aggregate(max={"name": True})["_max"]["name"] in ("first", "second")
        assert db.item.find_first(for_update=True).name == "primary"
        assert db.query_raw('SELECT name FROM "Item"') == [{"name": "primary"}]
        assert db.query_first('SELECT name FROM "Item"', replica=True)["name"] in ("first", "second")
        with db.tx() as tx:
            assert _name(tx) == "primary"
            assert _name(tx.primary) == "primary"
            assert tx.query_raw('SELECT name FROM "Item"', replica=True) == [{"name": "primary"}]
        row = db.item.create({"name": "new"})
        assert db.item.update({"name": "newer"}, {"id": row.id}).name == "newer"
        assert (
            db.item.upsert({"id": row.id}, {"create": {"name": "x"}, "update": {"name": "newest"}}).name
            == "newest"
        )
        with db.batch_() as batch:
            batch.item.create({"name": "batched"})
        db.notify("c", "x")
    with psycopg.connect(client.dsn) as connection:
        names = connection.execute('SELECT name FROM "Item" ORDER BY id').fetchall()
    assert names == [("primary",), ("newest",), ("batched",)]


def test_the_primary_can_be_asked_for(client: Any, replicas: list[str], mode: str) -> None:
    with client.opened(mode, replicas=replicas) as db:
        primary = db.primary
        assert _name(primary) == _name(primary.primary) == "primary"
        with primary.tx(isolation_level="serializable") as tx:
            assert _name(tx) == "primary"
        assert primary.is_connected()
    with client.opened(mode) as db:
        assert _name(db.primary) == _name(db) == "primary"


def test_streams_are_read_from_replicas(client: Any, replicas: list[str]) -> None:
    with client.opened("sync", replicas=replicas) as db:
        names = [row.name for _ in range(2) for row in db.item.iterate()]
        assert sorted(names) == ["first", "second"]
        assert [row.name for row in db.primary.item.iterate()] == ["primary"]
        with db.tx() as tx:
            assert [row.name for row in tx.item.iterate()] == ["primary"]


def test_a_replica_that_is_down_is_left_for_a_while(
    client: Any, replicas: list[str], mode: str, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.WARNING, client.module.__name__),
        client.opened(mode, replicas=[_NOWHERE, replicas[0]]) as db,
    ):
        assert [_name(db) for _ in range(6)] == ["first"] * 6
    told = [record.getMessage() for record in caplog.records if "replica" in record.getMessage()]
    assert len(told) == 1
    assert told[0].startswith("replica 0 is left alone for 10 s")


def test_without_any_replica_the_primary_answers(client: Any, mode: str) -> None:
    with client.opened(mode, replicas=[_NOWHERE]) as db:
        assert [_name(db) for _ in range(2)] == ["primary"] * 2
        if mode == "sync":
            assert [row.name for row in db.item.iterate()] == ["primary"]


def test_a_replica_is_asked_again_when_its_rest_is_over(
    client: Any, replicas: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = __import__(f"{client.module.__name__}._runtime.connection.replicas", fromlist=["REST_SECONDS"])
    assert module.REST_SECONDS == replicas_of_source.REST_SECONDS
    monkeypatch.setattr(module, "REST_SECONDS", 0.0)
    with client.opened("sync", replicas=replicas[:1]) as db:
        assert _name(db) == "first"
        # Idle connections of the pool are ended; the read that finds out is answered elsewhere.
        with psycopg.connect(replicas[0]) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        assert [_name(db) for _ in range(3)][1:] == ["first"] * 2


def test_a_mistake_is_no_reason_to_ask_elsewhere(client: Any, replicas: list[str], mode: str) -> None:
    errors = client.module.errors
    with client.opened(mode, replicas=replicas) as db:
        with pytest.raises(errors.FieldNotFoundError):
            db.item.find_many(where={"nam": "x"})
        with pytest.raises(errors.RawQueryError):
            db.query_raw("SELECT 1/0", replica=True)
        assert _name(db) in ("first", "second")
    with pytest.raises(errors.ClientNotConnectedError):
        db.item.count()
    with pytest.raises(errors.InputError, match="needs a list"):
        client.opened(mode, replicas="postgresql://x")
    with pytest.raises(errors.DatabaseConnectionError, match="malformed"):
        client.opened(mode, replicas=["no dsn"]).__enter__()


def test_a_pool_that_is_busy_is_no_reason_to_leave_a_replica(client: Any, replicas: list[str]) -> None:
    with client.opened("sync", replicas=replicas[:1], pool_size=1, connect_timeout_seconds=0.05) as db:
        stream = db.item.iterate(batch_size=1)
        assert next(stream).name == "first"
        assert _name(db) == "primary"
        stream.close()
        assert _name(db) == "first"
