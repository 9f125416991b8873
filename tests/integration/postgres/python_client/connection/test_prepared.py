"""Statements that are prepared on a connection run without psycopg's cursors, and mean the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg
import pytest
from psycopg.errors import UniqueViolation

SCHEMA = """
model Thing {
  id    BigInt  @id
  name  String? @unique
  count Int     @default(0)
}
"""
_OFTEN = 8  # psycopg prepares a statement at its sixth execution


@contextmanager
def _no_cursor(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a cursor was used")

    with monkeypatch.context() as patched:
        for kind in (psycopg.Cursor, psycopg.AsyncCursor):
            patched.setattr(kind, "execute", refuse)
            patched.setattr(kind, "_convert_query", refuse)
        yield


def _repeat(call: Callable[[], Any]) -> None:
    for _ in range(_OFTEN):
        call()


@pytest.fixture(scope="module")
def client(client_of: Callable[[str], Any]) -> Any:
    return client_of(SCHEMA)


@pytest.fixture
def filled(db: Any) -> Any:
    db.thing.create_many([{"id": 1, "name": "a"}, {"id": 2, "name": None}, {"id": 2**40, "name": "c"}])
    return db


@pytest.fixture
def one(client: Any) -> Iterator[Callable[[str], Any]]:
    """A blocking client with one connection, and ``options`` in its URL."""
    client.empty()
    with ExitStack() as stack:

        def opened(options: str = "") -> Any:
            db = stack.enter_context(client.module.Client(client.dsn + options, pool_size=1))
            db.thing.create({"id": 1, "name": "a"})
            return db

        yield opened


def test_no_cursor_is_needed(filled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with filled.tx() as tx:
        calls: list[Callable[[], Any]] = [
            lambda: tx.thing.find_unique({"id": 1}),
            lambda: tx.thing.find_unique({"id": 2**40}),  # a value of another type
            lambda: tx.thing.update({"count": {"increment": 1}}, {"id": 1}),
            lambda: tx.thing.update_many({"count": 5}, {"name": "nobody"}),
            lambda: tx.thing.find_many(order={"id": "asc"}),
            lambda: tx.thing.find_unique({"id": 99}),
        ]
        for call in calls:
            _repeat(call)
        with _no_cursor(monkeypatch):
            assert tx.thing.find_unique({"id": 1}).name == "a"
            assert tx.thing.find_unique({"id": 2**40}).name == "c"
            assert tx.thing.find_unique({"id": 2}).name is None
            assert tx.thing.update({"count": {"increment": 1}}, {"id": 1}).count == _OFTEN + 1
            assert tx.thing.update_many({"count": 5}, {"name": "nobody"}) == 0
            assert tx.thing.update_many({"count": 5}, {"name": "c"}) == 1
            assert [row.id for row in tx.thing.find_many(order={"id": "asc"})] == [1, 2, 2**40]
            assert tx.thing.find_unique({"id": 99}) is None


def test_an_error_is_the_same(errors: Any, filled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the statement that goes with BEGIN, and in the next."""

    def create(*names: str) -> None:
        with filled.tx() as tx:
            for name in names:
                tx.thing.create({"id": 2**41 + len(name), "name": name})

    for number in range(_OFTEN):
        create("x" * (number + 10))
    with _no_cursor(monkeypatch):
        for names in (["a"], ["new", "a"]):
            with pytest.raises(errors.UniqueViolationError) as refused:
                create(*names)
            assert isinstance(refused.value.__cause__, UniqueViolation)
        create("new")
    assert filled.thing.count(where={"name": {"in": ["new", "a"]}}) == 2


def test_what_psycopg_forgets_is_forgotten(one: Callable[[str], Any]) -> None:
    """Statements that are gone, and columns that are others by now."""
    db = one("&statement_cache_size=2")
    _repeat(lambda: db.thing.find_unique({"id": 1}))
    for command in ("DISCARD ALL", "DEALLOCATE ALL", 'ALTER TABLE "Thing" ALTER name TYPE varchar(9)'):
        db.execute_raw(command)
        _repeat(lambda: db.thing.find_unique_or_raise({"id": 1}))
    for number in range(4):
        where = {"id": {"not_in": [7] * number}, "name": "a"} if number else {"name": "a"}
        _repeat(lambda where=where: db.thing.find_many(where=where, take=9 - len(where)))
        _repeat(lambda where=where: db.thing.update_many({"count": 1}, where))
    assert db.query_first("SELECT count(*)::int AS count FROM pg_prepared_statements")["count"] <= 3
    assert db.thing.find_unique({"id": 1}).name == "a"
