"""Any nested write leaves what a naive model in memory leaves, and a refused one leaves nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st

from ..reading.naive_tables import Link
from .naive_writes import Reference, Refusal, Store

SCHEMA = """
model User {
  id      Int      @id
  name    String?
  bossId  Int?
  boss    User?    @relation("boss", fields: [bossId], references: [id])
  staff   User[]   @relation("boss")
  profile Profile?
  posts   Post[]
  friends User[]   @relation("friends")
  fans    User[]   @relation("friends")
}

model Profile {
  id     Int     @id
  name   String?
  userId Int?    @unique
  user   User?   @relation(fields: [userId], references: [id])
}

model Post {
  id     Int     @id
  name   String?
  userId Int?
  user   User?   @relation(fields: [userId], references: [id])
  notes  Note[]
  tags   Tag[]
}

model Note {
  id     Int     @id
  name   String?
  postId Int
  post   Post    @relation(fields: [postId], references: [id])
}

model Tag {
  id    Int     @id
  name  String?
  posts Post[]
}
"""
LINKS = {
    "user": {
        "boss": Link("user", "bossId", "id", is_list=False),
        "staff": Link("user", "id", "bossId", is_list=True),
        "profile": Link("profile", "id", "userId", is_list=False),
        "posts": Link("post", "id", "userId", is_list=True),
        "friends": Link("user", "id", "id", is_list=True, pairs="friends", is_reversed=True),
        "fans": Link("user", "id", "id", is_list=True, pairs="friends"),
    },
    "profile": {"user": Link("user", "userId", "id", is_list=False)},
    "post": {
        "user": Link("user", "userId", "id", is_list=False),
        "notes": Link("note", "id", "postId", is_list=True),
        "tags": Link("tag", "id", "id", is_list=True, pairs="tags"),
    },
    "note": {"post": Link("post", "postId", "id", is_list=False)},
    "tag": {"posts": Link("post", "id", "id", is_list=True, pairs="tags", is_reversed=True)},
}
REFERENCES = (
    Reference("user", "bossId", "user"),
    Reference("profile", "userId", "user", is_unique=True),
    Reference("post", "userId", "user"),
    Reference("note", "postId", "post", is_required=True),
)
#: What a row that is created through a relation says nothing of: the relation's other side.
_OPPOSITES = {
    ("user", "boss"): "staff", ("user", "staff"): "boss",
    ("user", "profile"): "user", ("profile", "user"): "profile",
    ("user", "posts"): "user", ("post", "user"): "posts",
    ("post", "notes"): "post", ("note", "post"): "notes",
}  # fmt: skip
_TABLES = {
    "user": '"User"', "profile": '"Profile"', "post": '"Post"', "note": '"Note"', "tag": '"Tag"',
}  # fmt: skip
_PAIRS = {"friends": '"_friends"', "tags": '"_PostToTag"'}
_EXAMPLES = settings(
    max_examples=40,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
_TABLE = st.sampled_from(["user", "user", "post", "post", "profile", "note", "tag"])
_ID = st.integers(0, 3)
_KEY = st.builds(lambda key: {"id": key}, _ID)
_NAME = st.sampled_from(["a", "b", None])


def _start() -> Store:
    keys = {"user": ("bossId",), "profile": ("userId",), "post": ("userId",), "note": ("postId",), "tag": ()}
    return Store(
        columns={table: ("id", "name", *keys) for table, keys in keys.items()},
        rows={
            "user": {n: {"id": n, "name": "a", "bossId": boss} for n, boss in enumerate([None, 0, 0])},
            "profile": {n: {"id": n, "name": None, "userId": user} for n, user in enumerate([1, None])},
            "post": {n: {"id": n, "name": "a", "userId": user} for n, user in enumerate([0, 0, None])},
            "note": {0: {"id": 0, "name": "a", "postId": 1}},
            "tag": {n: {"id": n, "name": "b"} for n in range(2)},
        },
        pairs={"friends": {(0, 1), (1, 0), (2, 2)}, "tags": {(0, 0), (0, 1), (2, 1)}},
        links=LINKS,
        references=REFERENCES,
    )


@pytest.fixture(scope="module")
def client(client_of: Callable[[str], Any]) -> Any:
    return client_of(SCHEMA)


@pytest.fixture(scope="module")
def connection(client: Any) -> Iterator[psycopg.Connection]:
    with psycopg.connect(client.dsn, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def db(client: Any) -> Iterator[Any]:
    with client.module.Client(client.dsn, pool_size=1) as opened:
        yield opened


def _reset(connection: psycopg.Connection, store: Store) -> None:
    names = ", ".join([*_TABLES.values(), *_PAIRS.values()])
    statements = [f"TRUNCATE {names}"]
    for table, rows in store.rows.items():
        for row in rows.values():
            columns = ", ".join(f'"{name}"' for name in row)
            values = ", ".join("NULL" if value is None else repr(value) for value in row.values())
            statements.append(f"INSERT INTO {_TABLES[table]} ({columns}) VALUES ({values})")
    for name, pairs in store.pairs.items():
        statements += [f"INSERT INTO {_PAIRS[name]} VALUES {pair}" for pair in pairs]
    connection.execute("; ".join(statements).encode())


def _stored(connection: psycopg.Connection) -> tuple[Any, Any]:
    rows = {
        table: {row[0]: row for row in connection.execute(f"SELECT * FROM {name}".encode()).fetchall()}
        for table, name in _TABLES.items()
    }
    pairs = {
        table: set(connection.execute(f'SELECT "A", "B" FROM {name}'.encode()).fetchall())
        for table, name in _PAIRS.items()
    }
    return rows, pairs


def _new(table: str, depth: int, without: str = "") -> st.SearchStrategy[dict[str, Any]]:
    """``data`` of a create; ``without`` the relation that it gets from above."""
    own: dict[str, st.SearchStrategy[Any]] = {"id": st.integers(0, 5), "name": _NAME}
    needed = {"post": _created("note", "post", depth)} if table == "note" and not without else {}
    relations = {
        name: _created(table, name, depth)
        for name in LINKS[table]
        if name not in (without, *needed) and depth > 0
    }
    return st.builds(
        lambda row, more: row | more, st.fixed_dictionaries(own | needed), _some_of(relations, 1)
    )


def _created(table: str, name: str, depth: int) -> st.SearchStrategy[dict[str, Any]]:
    """What a new row says of a relation."""
    link = LINKS[table][name]
    words = _creations(table, name, depth)
    if not link.is_list:
        return _one_of(words)
    return _some_of({word: st.lists(value, max_size=2) | value for word, value in words.items()}, 2)


def _creations(table: str, name: str, depth: int) -> dict[str, st.SearchStrategy[Any]]:
    target = LINKS[table][name].table
    data = st.deferred(lambda: _new(target, depth - 1, _OPPOSITES.get((table, name), "")))
    either = st.builds(lambda data: {"where": {"id": data["id"]}, "create": data}, data)
    return {"create": data, "connect": _KEY, "connect_or_create": either}


def _changes(table: str, depth: int) -> st.SearchStrategy[dict[str, Any]]:
    """``data`` of an update."""
    entries: dict[str, st.SearchStrategy[Any]] = {"name": _NAME}
    if depth:
        entries |= {name: _changed(table, name, depth) for name in LINKS[table]}
    return _some_of(entries, 2)


def _changed(table: str, name: str, depth: int) -> st.SearchStrategy[dict[str, Any]]:
    """What an update says of a relation."""
    link, words = LINKS[table][name], _creations(table, name, depth)
    below = st.deferred(lambda: _changes(link.table, depth - 1))
    creation = words["create"]
    if not link.is_list:
        words |= {"update": below, "upsert": st.fixed_dictionaries({"create": creation, "update": below})}
        if (table, name) != ("note", "post"):
            words |= {"disconnect": st.booleans(), "delete": st.booleans()}
        return _one_of(words)
    wanted = st.fixed_dictionaries({}, optional={"name": st.sampled_from("ab")})
    words |= {
        "delete": _KEY,
        "update": st.fixed_dictionaries({"where": _KEY, "data": below}),
        "upsert": st.fixed_dictionaries({"where": _KEY, "create": creation, "update": below}),
        "update_many": st.fixed_dictionaries(
            {"where": wanted, "data": st.fixed_dictionaries({"name": _NAME})}
        ),
        "delete_many": wanted,
    }
    if (table, name) != ("post", "notes"):
        words |= {"set": _KEY, "disconnect": _KEY}
    return _some_of({word: st.lists(value, max_size=2) | value for word, value in words.items()}, 2)


def _some_of(entries: dict[str, st.SearchStrategy[Any]], most: int) -> st.SearchStrategy[dict[str, Any]]:
    if not entries:
        return st.just({})
    names = st.lists(st.sampled_from(list(entries)), max_size=most, unique=True)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({name: entries[name] for name in chosen}))


def _one_of(entries: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    names = st.sampled_from(list(entries))
    return names.flatmap(lambda name: st.fixed_dictionaries({name: entries[name]}))


@_EXAMPLES
@given(table=_TABLE, key=_ID, draw=st.data())
def test_any_nested_update(
    client: Any, db: Any, connection: psycopg.Connection, table: str, key: int, draw: st.DataObject
) -> None:
    data = draw.draw(_changes(table, 2))

    def expected(store: Store) -> None:
        if key in store.rows[table]:  # without the row nothing is done, and None is the answer
            store.update(table, store.rows[table][key], data)

    _leaves_the_same(client, connection, expected, lambda: getattr(db, table).update(data, {"id": key}))


@_EXAMPLES
@given(table=_TABLE, draw=st.data())
def test_any_nested_create(
    client: Any, db: Any, connection: psycopg.Connection, table: str, draw: st.DataObject
) -> None:
    data = draw.draw(_new(table, 2))
    _leaves_the_same(
        client,
        connection,
        lambda store: store.create(table, data),
        lambda: getattr(db, table).create(data),
    )


@_EXAMPLES
@given(table=_TABLE, key=_ID, draw=st.data())
def test_any_nested_upsert(
    client: Any, db: Any, connection: psycopg.Connection, table: str, key: int, draw: st.DataObject
) -> None:
    create, update = draw.draw(_new(table, 1)), draw.draw(_changes(table, 1))

    def expected(store: Store) -> None:
        found = store.rows[table].get(key)
        store.create(table, create) if found is None else store.update(table, found, update)

    given_data = {"create": create, "update": update}
    _leaves_the_same(client, connection, expected, lambda: getattr(db, table).upsert({"id": key}, given_data))


def _leaves_the_same(
    client: Any,
    connection: psycopg.Connection,
    expected: Callable[[Store], Any],
    done: Callable[[], Any],
) -> None:
    after, refused, error = _start(), "", ""
    try:
        expected(after)
    except Refusal as refusal:
        refused, after = str(refusal), _start()
    except KeyError:
        reject()  # a row that deletes itself, and is then referred to
    _reset(connection, _start())
    try:
        done()
    except client.module.errors.PrismaError as caught:
        error = type(caught).__name__
    assert error == refused
    rows = {
        table: {key: tuple(row.values()) for key, row in rows.items()} for table, rows in after.rows.items()
    }
    assert _stored(connection) == (rows, after.pairs)
