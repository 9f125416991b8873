"""A wrong name is told with the one that was meant, before any SQL; every error says where it was asked."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

SCHEMA = """
enum Role {
  READER
  EDITOR
}

model User {
  id     Int     @id
  email  String  @unique @db.VarChar(10)
  role   Role    @default(READER)
  points Int     @default(0)
  data   Json?
  words  String[]
  posts  Post[]
}

model Post {
  id       Int    @id
  title    String
  views    Int    @default(0)
  authorId Int
  author   User   @relation(fields: [authorId], references: [id])
}
"""
_HERE = Path(__file__).name
#: A wrong call, and what the message has to say was meant.
MISTAKES: list[tuple[Callable[[Any], Any], str]] = [
    (lambda db: db.user.find_many(where={"emial": "x"}), "email"),
    (lambda db: db.user.find_many(where={"and": [{"email": "x"}]}), "AND"),
    (lambda db: db.user.find_many(where={"OR": [{"NOT": [{"emial": "x"}]}]}), "email"),
    (lambda db: db.user.find_many(where={"email": {"contain": "x"}}), "contains"),
    (lambda db: db.user.find_many(where={"email": {"not": {"contain": "x"}}}), "contains"),
    (lambda db: db.user.find_many(where={"words": {"hass": "x"}}), "has"),
    (lambda db: db.user.find_many(where={"data": {"pth": ["x"]}}), "path"),
    (lambda db: db.user.find_many(where={"role": "EDITR"}), "EDITOR"),
    (lambda db: db.user.find_many(where={"role": {"in": ["READER", "EDITR"]}}), "EDITOR"),
    (lambda db: db.user.find_many(where={"posts": {"sme": {}}}), "some"),
    (lambda db: db.user.find_many(where={"posts": {"some": {"titel": "x"}}}), "title"),
    (lambda db: db.post.find_many(where={"author": {"isnot": {}}}), "is_not"),
    (lambda db: db.user.find_unique({"emial": "x"}), "email"),
    (lambda db: db.user.find_many(cursor={"emial": "x"}), "email"),
    (lambda db: db.user.find_many(order={"emial": "asc"}), "email"),
    (lambda db: db.user.find_many(order={"posts": {"_cout": "asc"}}), "_count"),
    (lambda db: db.post.find_many(order={"author": {"emial": "asc"}}), "email"),
    (
        lambda db: db.user.find_many(
            order={"_relevance": {"fields": ["emial"], "search": "x", "sort": "asc"}}
        ),
        "email",
    ),
    (lambda db: db.user.find_many(distinct=["emial"]), "email"),
    (lambda db: db.user.find_many(omit=["emial"]), "email"),
    (lambda db: db.user.find_many(include={"post": True}), "posts"),
    (lambda db: db.user.find_many(include={"_cuont": True}), "_count"),
    (lambda db: db.user.find_many(include={"_count": {"post": True}}), "posts"),
    (lambda db: db.user.find_many(include={"posts": {"wher": {}}}), "where"),
    (lambda db: db.user.find_many(include={"posts": {"where": {"titel": "x"}}}), "title"),
    (lambda db: db.user.find_many(include={"posts": {"include": {"autor": True}}}), "author"),
    (lambda db: db.user.count(select={"emial": True}), "email"),
    (lambda db: db.user.group_by(["emial"]), "email"),
    (lambda db: db.post.group_by(["title"], sum={"viws": True}), "views"),
    (lambda db: db.post.group_by(["title"], having={"viws": {"_sum": 1}}), "views"),
    (lambda db: db.post.group_by(["title"], having={"views": {"_smu": 1}}), "_sum"),
    (lambda db: db.post.group_by(["title"], having={"views": {"_sum": {"equal": 1}}}), "equals"),
    (lambda db: db.post.group_by(["title"], order={"titel": "asc"}), "title"),
    (lambda db: db.user.create({"id": 1, "emial": "x"}), "email"),
    (lambda db: db.user.create({"id": 1, "email": "x", "role": "EDITR"}), "EDITOR"),
    (lambda db: db.user.create({"id": 1, "email": "x", "posts": {"creat": {}}}), "create"),
    (lambda db: db.user.create({"id": 1, "email": "x", "posts": {"create": {"titel": "x"}}}), "title"),
    (lambda db: db.user.create({"id": 1, "email": "x", "posts": {"connect": {"ID": 1}}}), "id"),
    (lambda db: db.user.create_many([{"id": 1, "emial": "x"}]), "email"),
    (lambda db: db.user.create_many([{"id": 1, "emial": "x"}] * 200), "email"),
    (lambda db: db.user.update({"emial": "x"}, {"id": 1}), "email"),
    (lambda db: db.user.update({"points": {"incremnt": 1}}, {"id": 1}), "increment"),
    (lambda db: db.user.update({"words": {"psh": "x"}}, {"id": 1}), "push"),
    (lambda db: db.user.update({"posts": {"conect": {"id": 1}}}, {"id": 1}), "connect"),
    (
        lambda db: db.user.update(
            {"posts": {"update": {"where": {"id": 1}, "data": {"titel": "x"}}}}, {"id": 1}
        ),
        "title",
    ),
    (lambda db: db.user.update_many({"emial": "x"}, {}), "email"),
    (lambda db: db.user.update_many({"points": 1}, {"emial": "x"}), "email"),
    (lambda db: db.user.delete_many({"emial": "x"}), "email"),
    (lambda db: db.user.delete({"emial": "x"}), "email"),
    (lambda db: db.user.upsert({"id": 1}, {"create": {}, "update": {"emial": "x"}}), "email"),
    (lambda db: db.batch_().user.create({"id": 1, "emial": "x"}), "email"),
]
#: What only the database, or the state of the client, can refuse.
FAILURES: list[tuple[Callable[[Any], Any], str]] = [
    (lambda db: db.user.create({"id": 1, "email": "a"}), "UniqueViolationError"),
    (lambda db: db.user.create_many([{"id": 1, "email": "a"}]), "UniqueViolationError"),
    (lambda db: db.user.create_many([{"id": n, "email": "a"} for n in range(200)]), "UniqueViolationError"),
    (lambda db: db.user.update({"email": "b"}, {"id": 1}), "UniqueViolationError"),
    (lambda db: db.user.update_many({"email": "b"}, {"id": 1}), "UniqueViolationError"),
    (
        lambda db: db.user.upsert({"id": 3}, {"create": {"id": 3, "email": "a"}, "update": {}}),
        "UniqueViolationError",
    ),
    (
        lambda db: db.user.create({"id": 3, "email": "c", "posts": {"create": {"id": 1, "title": "x"}}}),
        "UniqueViolationError",
    ),
    (
        lambda db: db.post.update({"author": {"create": {"id": 3, "email": "a"}}}, {"id": 1}),
        "UniqueViolationError",
    ),
    (lambda db: db.post.create({"id": 2, "title": "x", "authorId": 9}), "ForeignKeyViolationError"),
    (lambda db: db.user.delete({"id": 1}), "ForeignKeyViolationError"),
    (lambda db: db.user.delete_many(), "ForeignKeyViolationError"),
    (lambda db: db.post.create({"id": 2, "title": "x"}), "MissingRequiredValueError"),
    (lambda db: db.post.create({"id": 2, "title": None, "authorId": 1}), "MissingRequiredValueError"),
    (
        lambda db: db.user.update({"posts": {"update": {"where": {"id": 9}, "data": {}}}}, {"id": 1}),
        "RecordNotFoundError",
    ),
    (lambda db: db.user.find_unique_or_raise({"id": 9}), "RecordNotFoundError"),
    (lambda db: db.user.find_first_or_raise(where={"id": 9}), "RecordNotFoundError"),
    (lambda db: db.user.create({"id": 3, "email": "x" * 11}), "DataError"),
    (lambda db: db.user.find_many(where={"email": {"search": "x &"}}), "DataError"),
    (lambda db: db.user.find_many(take="1"), "InputError"),
    (lambda db: db.user.update({"points": "1"}, {"id": 1}), "InputError"),
    (lambda db: db.query_raw("SELECT nothing"), "RawQueryError"),
    (lambda db: db.query_first("SELECT $1::int", "x"), "RawQueryError"),
    (lambda db: db.execute_raw('DELETE FROM "Nowhere"'), "RawQueryError"),
    (lambda db: db.query_raw("SELECT $1", object()), "InputError"),
    (lambda db: db.tx(isolation_level="high"), "InputError"),
    (lambda db: db.batch_().user.create({"id": 1}), "MissingRequiredValueError"),
]


@pytest.fixture(scope="module")
def client(client_of: Callable[[str], Any]) -> Any:
    made = client_of(SCHEMA)
    with made.module.Client(made.dsn) as db:
        db.user.create({"id": 1, "email": "a", "posts": {"create": {"id": 1, "title": "x"}}})
        db.user.create({"id": 2, "email": "b"})
    return made


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_wrong_name_is_told_with_the_one_that_was_meant(client: Any, mode: str) -> None:
    events: list[Any] = []
    with client.opened(mode, on_query=events.append) as db:
        for call, name in MISTAKES:
            with pytest.raises(client.module.errors.DataError) as caught:
                call(db)
            text = inspect.getsource(call)
            assert str(caught.value).endswith(f"did you mean {name!r}?"), (text, str(caught.value))
    assert events == []  # nothing was sent


def _line(call: Callable[[Any], Any], error: Any) -> bool:
    """Whether an error says a line of the lambda that was called."""
    lines, first = inspect.getsourcelines(call)
    place = str(error.place)
    return any(f"{_HERE}:{first + offset} in <lambda>" in place for offset in range(len(lines)))


def test_every_error_says_where_it_was_asked(client: Any) -> None:
    with client.module.Client(client.dsn) as db:
        for call, name in FAILURES:
            with pytest.raises(client.module.errors.PrismaError) as caught:
                call(db)
            assert type(caught.value).__name__ == name, str(caught.value)
            assert _line(call, caught.value), (name, caught.value.place)
            assert caught.value.__notes__ == [f"The query is at {caught.value.place}"]
        for call, _ in MISTAKES:
            with pytest.raises(client.module.errors.PrismaError) as caught:
                call(db)
            assert _line(call, caught.value), (str(caught.value), caught.value.place)


def test_every_error_of_a_task_says_where_it_was_asked(client: Any) -> None:
    async def main() -> None:
        async with client.module.AsyncClient(client.dsn) as db:
            for call, name in FAILURES:
                with pytest.raises(client.module.errors.PrismaError) as caught:
                    await call(db)
                assert type(caught.value).__name__ == name
                assert f"{_HERE}:" in str(caught.value.place), (name, caught.value.place)

    asyncio.run(main())


def test_errors_of_batches_and_transactions_say_where(client: Any) -> None:
    errors = client.module.errors
    with client.module.Client(client.dsn) as db:
        with pytest.raises(errors.UniqueViolationError) as batched, db.batch_() as batch:
            batch.user.create({"id": 1, "email": "x"})
        with pytest.raises(errors.TransactionExpiredError) as expired, db.tx(timeout=timedelta(0)) as tx:
            tx.user.count()
        with db.tx() as tx, pytest.raises(errors.UniqueViolationError) as nested, tx.tx() as inner:
            inner.user.create({"id": 1, "email": "x"})
    with pytest.raises(errors.ClientNotConnectedError) as closed:
        db.user.count()
    for caught in (batched, expired, nested, closed):
        assert f"{_HERE}:" in str(caught.value.place), caught.value
        assert caught.value.place.endswith("in test_errors_of_batches_and_transactions_say_where")
