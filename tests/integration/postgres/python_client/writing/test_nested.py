"""Nested writes: rows written and linked together, all of it or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

SCHEMA = """
model User {
  id        Int       @id @default(autoincrement())
  email     String    @unique
  name      String?
  visits    Int       @default(0)
  bossId    Int?
  boss      User?     @relation("boss", fields: [bossId], references: [id])
  staff     User[]    @relation("boss")
  profile   Profile?
  badge     Badge?
  posts     Post[]
  notes     Note[]
  updatedAt DateTime  @updatedAt
}

model Profile {
  id     Int    @id @default(autoincrement())
  text   String
  userId Int?   @unique
  user   User?  @relation(fields: [userId], references: [id])
}

model Badge {
  id     Int    @id @default(autoincrement())
  userId Int    @unique
  user   User   @relation(fields: [userId], references: [id])
}

model Post {
  id       Int    @id @default(autoincrement())
  title    String @unique
  rank     Int    @default(0)
  authorId Int
  author   User   @relation(fields: [authorId], references: [id])
  tags     Tag[]
}

model Note {
  id     String @id @default(uuid()) @db.Uuid
  text   String @unique
  userId Int?
  user   User?  @relation(fields: [userId], references: [id])
}

model Tag {
  name  String @id
  posts Post[]
}

model Tenant {
  id    String  @id
  rooms Room[]
  seats Seat[]
}

model Room {
  tenantId String
  number   Int
  tenant   Tenant @relation(fields: [tenantId], references: [id])
  seats    Seat[]

  @@id([tenantId, number])
}

model Seat {
  id       Int    @id
  tenantId String
  number   Int?
  tenant   Tenant @relation(fields: [tenantId], references: [id])
  room     Room?  @relation(fields: [tenantId, number], references: [tenantId, number])
}
"""


@pytest.fixture(scope="module")
def client(client_of: Callable[[str], Any]) -> Any:
    return client_of(SCHEMA)


@pytest.fixture
def ann(db: Any) -> Any:
    return db.user.create(
        {
            "email": "ann",
            "posts": {"create": [{"title": "a", "rank": 1}, {"title": "b", "rank": 2}]},
            "notes": {"create": [{"text": "n1"}, {"text": "n2"}]},
            "profile": {"create": {"text": "p"}},
            "badge": {"create": {}},
        },
        include={"posts": True, "notes": True, "profile": True, "badge": True},
    )


def _titles(db: Any, email: str = "ann") -> list[str]:
    user = db.user.find_unique({"email": email}, include={"posts": {"order": {"title": "asc"}}})
    return [post.title for post in user.posts]


def _notes(db: Any, email: str = "ann") -> list[str]:
    user = db.user.find_unique({"email": email}, include={"notes": {"order": {"text": "asc"}}})
    return [note.text for note in user.notes]


def _tags(db: Any, title: str = "a") -> list[str]:
    post = db.post.find_unique({"title": title}, include={"tags": {"order": {"name": "asc"}}})
    return [tag.name for tag in post.tags]


def test_create_with_everything_nested(db: Any, ann: Any) -> None:
    assert sorted(post.title for post in ann.posts) == ["a", "b"]
    assert (ann.profile.text, ann.badge.userId, ann.visits) == ("p", ann.id, 0)
    deep = db.post.create(
        {
            "title": "deep",
            "author": {
                "create": {
                    "email": "bob",
                    "boss": {"connect": {"email": "ann"}},
                    "staff": {"create": {"email": "cy", "notes": {"create": {"text": "x"}}}},
                }
            },
            "tags": {
                "create": {"name": "red"},
                "connect_or_create": [
                    {"where": {"name": "red"}, "create": {"name": "red"}},
                    {"where": {"name": "blue"}, "create": {"name": "blue"}},
                ],
            },
        },
        include={"author": {"include": {"boss": True, "staff": {"include": {"notes": True}}}}, "tags": True},
    )
    assert deep.author.boss.id == ann.id
    assert deep.author.staff[0].notes[0].text == "x"
    assert sorted(tag.name for tag in deep.tags) == ["blue", "red"]
    assert db.post.create({"title": "plain", "author": {"connect": {"email": "bob"}}}).author is None


def test_a_new_row_connects_rows_that_are_there(db: Any, ann: Any) -> None:
    bob = db.user.create(
        {
            "email": "bob",
            "posts": {"connect": [{"title": "a"}]},
            "notes": {
                "connect": {"text": "n1"},
                "connect_or_create": [
                    {"where": {"text": "n2"}, "create": {"text": "n2"}},
                    {"where": {"text": "n3"}, "create": {"text": "n3"}},
                ],
            },
            "boss": {"connect_or_create": {"where": {"email": "ann"}, "create": {"email": "ann"}}},
        }
    )
    assert bob.bossId == ann.id
    assert (_titles(db), _titles(db, "bob")) == (["b"], ["a"])
    assert (_notes(db), _notes(db, "bob")) == ([], ["n1", "n2", "n3"])
    eve = db.user.create(
        {
            "email": "eve",
            "boss": {"connect_or_create": {"where": {"email": "zed"}, "create": {"email": "zed"}}},
        },
        include={"boss": True},
    )
    assert eve.boss.email == "zed"


def test_update_creates_and_connects(db: Any, ann: Any) -> None:
    db.user.create({"email": "bob", "posts": {"create": {"title": "c"}}})
    changed = db.user.update(
        {
            "visits": {"increment": 2},
            "posts": {
                "create": {"title": "d"},
                "connect": {"title": "c"},
                "connect_or_create": {"where": {"title": "e"}, "create": {"title": "e"}},
            },
        },
        {"email": "ann"},
        include={"posts": True},
    )
    assert changed.visits == 2
    assert changed.updatedAt >= ann.updatedAt
    assert _titles(db) == ["a", "b", "c", "d", "e"]
    assert _titles(db, "bob") == []


def test_disconnect_set_and_delete_of_many(db: Any, ann: Any) -> None:
    def update(**notes: Any) -> list[str]:
        db.user.update({"notes": notes}, {"email": "ann"})
        return _notes(db)

    assert update(disconnect={"text": "n1"}) == ["n2"]
    assert update(disconnect=[{"text": "n1"}]) == ["n2"]
    assert update(set=[{"text": "n1"}]) == ["n1"]
    assert update(set=[{"text": "n1"}, {"text": "n2"}]) == ["n1", "n2"]
    assert update(delete=[{"text": "n1"}], create={"text": "n4"}) == ["n2", "n4"]
    assert db.note.find_unique({"text": "n1"}) is None
    assert update(set=[]) == []
    assert db.note.count() == 2


def test_update_and_upsert_of_many(db: Any, ann: Any, errors: Any) -> None:
    db.user.update(
        {
            "posts": {
                "update": [
                    {"where": {"title": "a"}, "data": {"rank": {"increment": 5}}},
                    {"where": {"title": "b"}, "data": {"tags": {"create": {"name": "red"}}}},
                ],
                "upsert": [
                    {"where": {"title": "a"}, "create": {"title": "no"}, "update": {"rank": {"multiply": 2}}},
                    {"where": {"title": "z"}, "create": {"title": "z"}, "update": {"rank": 9}},
                ],
            }
        },
        {"email": "ann"},
    )
    posts = db.post.find_many(order={"title": "asc"}, include={"tags": True})
    assert [(post.title, post.rank, len(post.tags)) for post in posts] == [
        ("a", 12, 0),
        ("b", 2, 1),
        ("z", 0, 0),
    ]
    db.user.update(
        {
            "posts": {
                "update_many": {"where": {"rank": {"lt": 5}}, "data": {"rank": 7}},
                "delete_many": [{"title": {"startswith": "z"}}],
            }
        },
        {"email": "ann"},
    )
    assert [(post.title, post.rank) for post in db.post.find_many(order={"title": "asc"})] == [
        ("a", 12),
        ("b", 7),
    ]
    db.user.create({"email": "bob", "posts": {"create": {"title": "theirs"}}})
    for operation in ("update", "delete"):
        item = (
            {"where": {"title": "theirs"}, "data": {"rank": 1}}
            if operation == "update"
            else {"title": "theirs"}
        )
        with pytest.raises(errors.RecordNotFoundError, match=rf"data\.posts\.{operation}"):
            db.user.update({"posts": {operation: item}}, {"email": "ann"})
    assert db.post.find_unique({"title": "theirs"}).rank == 0


def test_many_to_many(db: Any, ann: Any) -> None:
    def update(**tags: Any) -> list[str]:
        db.post.update({"tags": tags}, {"title": "a"})
        return _tags(db)

    db.tag.create_many([{"name": "red"}, {"name": "blue"}])
    assert update(connect=[{"name": "red"}, {"name": "red"}]) == ["red"]
    assert update(create={"name": "green"}, connect={"name": "blue"}) == ["blue", "green", "red"]
    assert update(disconnect=[{"name": "red"}]) == ["blue", "green"]
    assert update(set=[{"name": "red"}, {"name": "blue"}]) == ["blue", "red"]
    assert update(delete={"name": "red"}) == ["blue"]
    assert db.tag.find_unique({"name": "red"}) is None
    assert update(update={"where": {"name": "blue"}, "data": {"name": "navy"}}) == ["navy"]
    assert update(
        upsert={"where": {"name": "green"}, "create": {"name": "lime"}, "update": {"name": "never"}}
    ) == ["lime", "navy"]
    assert update(connect_or_create={"where": {"name": "red"}, "create": {"name": "red"}}) == [
        "lime",
        "navy",
        "red",
    ]
    assert update(update_many={"where": {"name": "lime"}, "data": {"name": "leaf"}}) == [
        "leaf",
        "navy",
        "red",
    ]
    assert update(delete_many={"name": {"in": ["leaf", "green"]}}) == ["navy", "red"]
    assert db.tag.count(where={"name": "green"}) == 1
    assert update(set=[]) == []
    assert db.tag.count() == 3


def test_one_to_one_from_the_side_without_the_key(db: Any, ann: Any, errors: Any) -> None:
    def update(**profile: Any) -> Any:
        row = db.user.update({"profile": profile}, {"email": "ann"}, include={"profile": True})
        return row.profile and row.profile.text

    assert update(update={"text": "q"}) == "q"
    assert update(update={"data": {"text": "r"}}) == "r"
    assert update(upsert={"create": {"text": "no"}, "update": {"text": "s"}}) == "s"
    assert update(create={"text": "t"}) == "t"
    assert db.profile.find_first(where={"text": "s"}).userId is None
    assert update(connect={"id": ann.profile.id}) == "s"
    assert db.profile.count(where={"userId": None}) == 1
    assert update(disconnect=False) == "s"
    assert update(disconnect=True) is None
    assert update(upsert={"create": {"text": "u"}, "update": {"text": "no"}}) == "u"
    assert update(delete=True) is None
    assert db.profile.count() == 2
    for operation in ({"delete": True}, {"update": {"text": "x"}}):
        with pytest.raises(errors.RecordNotFoundError):
            update(**operation)
    with pytest.raises(errors.UniqueViolationError):
        db.user.update({"badge": {"create": {}}}, {"email": "ann"})


def test_one_to_one_and_to_many_from_the_side_with_the_key(db: Any, ann: Any, errors: Any) -> None:
    def update(**boss: Any) -> Any:
        row = db.user.update({"boss": boss}, {"email": "ann"}, include={"boss": True})
        return row.boss and row.boss.email

    assert update(create={"email": "top"}) == "top"
    assert update(update={"name": "Top"}) == "top"
    assert db.user.find_unique({"email": "top"}).name == "Top"
    assert update(upsert={"create": {"email": "no"}, "update": {"email": "tip"}}) == "tip"
    assert update(disconnect=True) is None
    assert update(disconnect=False) is None
    assert update(upsert={"create": {"email": "new"}, "update": {"email": "no"}}) == "new"
    assert update(connect={"email": "tip"}) == "tip"
    assert update(delete=True) is None
    assert db.user.find_unique({"email": "tip"}) is None
    for operation in ({"delete": True}, {"update": {"name": "x"}}, {"connect": {"email": "gone"}}):
        with pytest.raises(errors.RecordNotFoundError):
            update(**operation)
    post = db.post.update({"author": {"update": {"posts": {"create": {"title": "via"}}}}}, {"title": "a"})
    assert post.authorId == ann.id
    assert _titles(db) == ["a", "b", "via"]


def test_keys_that_share_a_column(db: Any, errors: Any) -> None:
    db.tenant.create({"id": "t", "rooms": {"create": [{"number": 1}, {"number": 2}]}})
    db.tenant.create({"id": "u", "rooms": {"create": {"number": 1}}})
    room = {"tenantId_number": {"tenantId": "t", "number": 1}}
    seat = db.seat.create({"id": 1, "tenant": {"connect": {"id": "t"}}, "room": {"connect": room}})
    assert (seat.tenantId, seat.number) == ("t", 1)
    with pytest.raises(errors.InputError, match="different values of 'tenantId'"):
        db.seat.create({"id": 2, "tenant": {"connect": {"id": "u"}}, "room": {"connect": room}})
    assert db.seat.update({"room": {"disconnect": True}}, {"id": 1}).number is None
    found = db.room.find_unique(room, include={"seats": True})
    assert found.seats == []
    db.room.update({"seats": {"connect": {"id": 1}}}, room)
    assert db.seat.find_unique({"id": 1}).number == 1
    db.room.update({"seats": {"set": []}}, room)
    assert (db.seat.find_unique({"id": 1}).number, db.seat.count()) == (None, 1)


def test_nothing_is_half_applied(db: Any, ann: Any, errors: Any) -> None:
    before = (db.user.count(), db.post.count(), db.note.count(), db.tag.count())
    failing: list[tuple[Callable[[], Any], str]] = [
        (
            lambda: db.user.create({"email": "x", "posts": {"create": [{"title": "c"}, {"title": "a"}]}}),
            "UniqueViolationError",
        ),
        (
            lambda: db.user.create({"email": "x", "posts": {"connect": [{"title": "a"}, {"title": "gone"}]}}),
            "RecordNotFoundError",
        ),
        (
            lambda: db.user.update(
                {"email": "y", "posts": {"create": {"title": "c"}}, "boss": {"connect": {"email": "gone"}}},
                {"email": "ann"},
            ),
            "RecordNotFoundError",
        ),
        (
            lambda: db.user.update(
                {"notes": {"delete": {"text": "n1"}}, "posts": {"create": {"title": "a"}}}, {"email": "ann"}
            ),
            "UniqueViolationError",
        ),
        (
            lambda: db.user.upsert(
                {"email": "new"},
                {"create": {"email": "new", "posts": {"create": [{"title": "a"}]}}, "update": {}},
            ),
            "UniqueViolationError",
        ),
    ]
    for call, kind in failing:
        with pytest.raises(getattr(errors, kind)):
            call()
    assert (db.user.count(), db.post.count(), db.note.count(), db.tag.count()) == before
    assert (_titles(db), _notes(db)) == (["a", "b"], ["n1", "n2"])
    with db.tx() as tx:
        with pytest.raises(errors.UniqueViolationError):
            tx.user.create({"email": "x", "posts": {"create": [{"title": "c"}, {"title": "a"}]}})
        tx.tag.create({"name": "kept"})
    assert (db.user.count(), db.tag.count()) == (before[0], 1)


def test_an_update_of_no_row(db: Any) -> None:
    assert db.user.update({"posts": {"create": {"title": "c"}}}, {"email": "nobody"}) is None
    assert db.post.count() == 0


def test_upsert(db: Any, client: Any) -> None:
    def upsert(where: Any, create: Any, update: Any, **more: Any) -> Any:
        return db.user.upsert(where, {"create": create, "update": update}, **more)

    new = {"email": "a", "name": "new", "updatedAt": datetime(2020, 1, 1, tzinfo=UTC)}
    made = upsert({"email": "a"}, new, {"visits": {"increment": 1}})
    assert (made.name, made.visits) == ("new", 0)
    again = upsert({"email": "a"}, {"email": "a", "name": "other"}, {"visits": {"increment": 1}})
    assert (again.id, again.name, again.visits) == (made.id, "new", 1)
    assert again.updatedAt > made.updatedAt
    assert upsert({"email": "a"}, {"email": "a"}, {}).visits == 1
    assert upsert({"id": made.id}, {"email": "b"}, {"visits": 5}).visits == 5
    assert upsert({"id": 99}, {"email": "b"}, {"visits": 5}).email == "b"
    nested = upsert(
        {"email": "a"},
        {"email": "a"},
        {"posts": {"create": {"title": "t"}}},
        include={"posts": True},
    )
    assert [post.title for post in nested.posts] == ["t"]
    fresh = upsert(
        {"email": "z"}, {"email": "z", "posts": {"create": {"title": "u"}}}, {}, include={"posts": True}
    )
    assert [post.title for post in fresh.posts] == ["u"]
    key = {"tenantId_number": {"tenantId": "t", "number": 1}}
    db.tenant.create({"id": "t"})
    for _ in range(2):
        room = db.room.upsert(key, {"create": {"tenantId": "t", "number": 1}, "update": {}})
        assert (room.tenantId, room.number) == ("t", 1)
    assert db.tag.upsert({"name": "x"}, {"create": {"name": "x"}, "update": {"name": "y"}}).name == "x"
    assert db.tag.upsert({"name": "x"}, {"create": {"name": "x"}, "update": {"name": "y"}}).name == "y"


def test_an_upsert_by_its_own_key_is_one_statement(client: Any) -> None:
    table = client.module._data.SCHEMA.table("Tag")
    writes = client.module._runtime.operations.writes
    data = {"create": {"name": "x"}, "update": {"name": "y"}}
    write = writes.upsert(
        table, {"name": "x"}, data, client.module._runtime.results.row_classes.ReadOptions()
    )
    sql = next(write.steps).sql.decode()
    assert "ON CONFLICT" in sql
    assert not write.is_atomic


def test_update_many_and_delete_many(db: Any, ann: Any) -> None:
    db.user.create_many([{"email": "b"}, {"email": "c", "visits": 4}])
    assert db.user.update_many({"visits": {"increment": 1}, "name": "n"}, {"email": {"in": ["b", "c"]}}) == 2
    assert db.user.update_many({"visits": {"divide": 2}}, {"email": "c"}) == 1
    assert db.user.find_unique({"email": "c"}).visits == 2
    assert db.user.update_many({}, {}) == 3
    assert db.user.update_many({"name": "m"}, {"posts": {"some": {"title": "a"}}}) == 1
    assert db.user.find_unique({"email": "ann"}).name == "m"
    assert db.user.delete_many({"posts": {"none": {}}}) == 2
    assert db.note.delete_many() == 2
    assert db.post.delete_many(where={"rank": {"gt": 1}}) == 1


def test_atomic_numbers(db: Any, client: Any) -> None:
    db.user.create({"email": "a", "visits": 10})
    for change, expected in (
        ({"increment": 5}, 15),
        ({"decrement": 1}, 14),
        ({"multiply": 3}, 42),
        ({"divide": 4}, 10),
        ({"set": 7}, 7),
        (8, 8),
    ):
        assert db.user.update({"visits": change}, {"email": "a"}).visits == expected
    assert db.user.update({"name": {"set": "x"}}, {"email": "a"}).name == "x"
    assert db.user.update({"name": {"set": None}}, {"email": "a"}).name is None


def test_mistakes_are_found_before_any_sql(client: Any, errors: Any) -> None:
    user = client.module.Client(client.dsn).user
    post = client.module.Client(client.dsn).post
    calls: list[tuple[Callable[[], Any], str, str]] = [
        (lambda: user.create({"email": "a", "posts": {"creat": {}}}), "InputError", "did you mean 'create'"),
        (lambda: user.create({"email": "a", "posts": {"set": []}}), "InputError", "no 'set'"),
        (lambda: user.create({"email": "a", "posts": [{}]}), "InputError", "data.posts: needs a dict"),
        (
            lambda: user.create({"email": "a", "posts": None}),
            "MissingRequiredValueError",
            "posts: needs a dict",
        ),
        (
            lambda: user.create({"email": "a", "posts": {"create": [{"title": "a"}, {}]}}),
            "MissingRequiredValueError",
            r"data\.posts\.create\[1\]: Post needs a value for title",
        ),
        (
            lambda: user.create({"email": "a", "posts": {"create": {"title": 1}}}),
            "InputError",
            r"data\.posts\.create\.title: needs a str",
        ),
        (
            lambda: user.create({"email": "a", "posts": {"create": {"titel": "x"}}}),
            "FieldNotFoundError",
            "did you mean 'title'",
        ),
        (
            lambda: user.create({"email": "a", "posts": {"connect": {"rank": 1}}}),
            "InputError",
            "exactly one of",
        ),
        (lambda: user.create({"email": "a", "profile": {"create": [{}]}}), "InputError", "takes no list"),
        (
            lambda: user.create({"email": "a", "posts": {"connect_or_create": {"where": {"title": "x"}}}}),
            "InputError",
            "needs a dict of where, create",
        ),
        (lambda: post.create({"title": "a"}), "MissingRequiredValueError", "authorId"),
        (
            lambda: post.create({"title": "a", "authorId": 1, "author": {"connect": {"id": 1}}}),
            "InputError",
            r"data\.authorId: gets its value from a relation",
        ),
        (lambda: post.create({"title": "a", "author": {}}), "InputError", "exactly one of"),
        (
            lambda: post.create({"title": "a", "author": {"create": {"email": "x"}, "connect": {"id": 1}}}),
            "InputError",
            "exactly one of",
        ),
        (lambda: post.update({"author": {"disconnect": True}}, {"id": 1}), "InputError", "is required"),
        (lambda: post.update({"author": {"delete": True}}, {"id": 1}), "InputError", "is required"),
        (lambda: post.update({"author": {"delete": 1}}, {"id": 1}), "InputError", "needs True or False"),
        (lambda: user.update({"posts": {"set": []}}, {"id": 1}), "InputError", "can't be unlinked"),
        (
            lambda: user.update({"posts": {"disconnect": {"id": 1}}}, {"id": 1}),
            "InputError",
            "can't be unlinked",
        ),
        (lambda: user.update({"badge": {"disconnect": True}}, {"id": 1}), "InputError", "can't be unlinked"),
        (lambda: user.update({"visits": {"add": 1}}, {"id": 1}), "InputError", "no 'add'"),
        (lambda: user.update({"name": {"increment": 1}}, {"id": 1}), "InputError", "no 'increment'"),
        (
            lambda: user.update({"visits": {"set": 1, "increment": 1}}, {"id": 1}),
            "InputError",
            "one operation",
        ),
        (lambda: user.update({"visits": {"increment": "1"}}, {"id": 1}), "InputError", "needs an int"),
        (lambda: user.update({("visits", "increment"): 1}, {"id": 1}), "InputError", "names as keys"),
        (lambda: user.upsert({"id": 1}, {"create": {}}), "InputError", "create and update"),
        (lambda: user.upsert({"id": 1}, {"create": {}, "update": {}}), "MissingRequiredValueError", "email"),
        (
            lambda: user.update_many({"posts": {"create": {}}}, {}),
            "FieldNotFoundError",
            "'posts' is a relation",
        ),
        (
            lambda: user.update({"posts": {"update_many": {"where": {"x": 1}, "data": {}}}}, {"id": 1}),
            "FieldNotFoundError",
            r"data\.posts\.update_many\.where",
        ),
    ]
    for call, kind, message in calls:
        with pytest.raises(getattr(errors, kind), match=message):
            call()


def test_deep_data_is_refused_not_fatal(client: Any, errors: Any) -> None:
    data: dict[str, Any] = {"email": "x"}
    for _ in range(3000):
        data = {"email": "x", "boss": {"create": data}}
    with pytest.raises(errors.InputError, match="nested more than"):
        client.module.Client(client.dsn).user.create(data)


def test_unset_lists_and_pushes(client_of: Callable[[str], Any]) -> None:
    made = client_of("model Thing {\n  id Int @id\n  texts String[]\n  numbers Int[]\n}\n")
    with made.opened("sync") as db:
        assert db.thing.create({"id": 1}).texts == []
        with psycopg.connect(made.dsn) as connection:
            assert connection.execute('SELECT texts FROM "Thing"').fetchone() == (None,)
        assert db.thing.find_many(where={"texts": {"is_empty": True}}) == []
        assert db.thing.update({"texts": {"push": "a"}}, {"id": 1}).texts == ["a"]
        assert db.thing.update({"texts": {"push": ["b", "c"]}}, {"id": 1}).texts == ["a", "b", "c"]
        assert db.thing.update({"texts": {"set": []}}, {"id": 1}).texts == []
        assert db.thing.count(where={"texts": {"is_empty": True}}) == 1
        assert db.thing.create({"id": 2, "numbers": {"set": [1, 2, 2]}}).numbers == [1, 2, 2]
        for where, expected in (
            ({"has": 2}, [2]),
            ({"has": 3}, []),
            ({"has_every": [1, 2]}, [2]),
            ({"has_every": [1, 3]}, []),
            ({"has_every": []}, [2]),
            ({"has_some": [3, 1]}, [2]),
            ({"has_some": []}, []),
            ({"equals": [1, 2, 2]}, [2]),
            ({"equals": None}, [1]),
            ({"is_empty": False}, [2]),
            ({"is_empty": True}, []),
        ):
            assert [row.id for row in db.thing.find_many(where={"numbers": where})] == expected, where


def test_all_rows_of_a_write_have_one_time(db: Any) -> None:
    staff = [{"email": f"s{number}"} for number in range(40)]
    boss = db.user.create({"email": "boss", "staff": {"create": staff}}, include={"staff": True})
    assert {row.updatedAt for row in boss.staff} == {boss.updatedAt}
    words = {
        "update": [{"where": row, "data": {"name": "updated"}} for row in staff[:30]],
        "update_many": {"where": {}, "data": {"visits": 1}},
        "disconnect": staff[30:],
    }
    boss = db.user.update({"name": "changed", "staff": words}, {"id": boss.id})
    assert {row.updatedAt for row in db.user.find_many()} == {boss.updatedAt}


def test_a_row_of_which_nothing_is_changed_keeps_its_time(db: Any, ann: Any) -> None:
    past = datetime(2020, 1, 1, tzinfo=UTC)
    boss = db.user.create({"email": "boss", "staff": {"connect": {"id": ann.id}}})
    db.user.update_many({"updatedAt": past}, {})
    db.user.update({"posts": {"create": {"title": "c"}}, "profile": {"disconnect": True}}, {"id": ann.id})
    db.user.upsert({"email": "ann"}, {"create": {"email": "ann"}, "update": {}})
    assert db.user.update_many({}, {}) == 2
    nothing = [{"where": {"id": ann.id}, "data": {}}]
    db.user.update({"staff": {"update": nothing, "update_many": {"where": {}, "data": {}}}}, {"id": boss.id})
    same = {"create": {"email": "new"}, "update": {}}
    db.user.update({"boss": {"upsert": same}}, {"id": ann.id})
    assert [row.updatedAt for row in db.user.find_many()] == [past, past]
    db.user.update({"staff": {"disconnect": {"id": ann.id}}}, {"id": boss.id})
    assert db.user.find_unique_or_raise({"id": boss.id}).updatedAt == past
    assert db.user.find_unique_or_raise({"id": ann.id}).updatedAt > past


@pytest.mark.parametrize("word", ["connect", "connect_or_create"])
def test_the_key_of_one_to_one_is_taken_from_the_row_that_has_it(
    db: Any, ann: Any, errors: Any, word: str
) -> None:
    def linked(key: int) -> dict[str, Any]:
        where = {"id": key}
        return {word: where if word == "connect" else {"where": where, "create": {"email": "no"}}}

    made = db.profile.create({"text": "second", "user": linked(ann.id)})
    assert made.userId == ann.id
    assert db.profile.find_unique_or_raise({"id": ann.profile.id}).userId is None
    changed = db.profile.update({"user": linked(ann.id)}, {"id": ann.profile.id})
    assert changed.userId == ann.id
    assert db.profile.find_unique_or_raise({"id": made.id}).userId is None
    again = db.profile.update({"text": "same", "user": linked(ann.id)}, {"id": ann.profile.id})
    assert (again.text, again.userId) == ("same", ann.id)
    # Where the key is required, the other row can't do without it.
    with pytest.raises(errors.UniqueViolationError):
        db.badge.create({"user": linked(ann.id)})
    # One to many: others keep theirs.
    db.note.create({"text": "n3", "user": linked(ann.id)})
    assert db.note.count(where={"userId": ann.id}) == 3


def test_a_list_of_links_takes_one_statement(client: Any) -> None:
    """Whatever its length, by whichever keys; what is missing is named by its place."""
    client.empty()
    events: list[Any] = []
    with client.module.Client(client.dsn, on_query=events.append) as db:

        def statements(word: str, value: Any, field: str) -> int:
            events.clear()
            db.user.update({field: {word: value}}, {"email": "a"})
            return len(
                [event for event in events if event.sql.startswith(("WITH", "INSERT", "UPDATE", "DELETE"))]
            )

        user = db.user.create({"email": "a"})
        db.note.create_many([{"text": f"n{number}"} for number in range(300)])
        db.tag.create_many([{"name": f"t{number}"} for number in range(300)])
        post = db.post.create({"title": "p", "author": {"connect": {"email": "a"}}})
        by_text = [{"text": f"n{number}"} for number in range(300)]
        by_id = [{"id": row.id} for row in db.note.find_many(order={"text": "asc"})]
        assert statements("connect", [*by_text, by_text[0]], "notes") == 1
        assert db.note.count(where={"userId": user.id}) == 300
        assert statements("set", [by_text[1], by_text[2], *by_id[:2]], "notes") == 3
        kept = {row.id for row in db.note.find_many(where={"userId": user.id})}
        wanted = {"text": {"in": ["n1", "n2"]}}
        assert kept == {row.id for row in db.note.find_many(where=wanted)} | {one["id"] for one in by_id[:2]}
        assert statements("disconnect", [*by_text, *by_id], "notes") == 1
        assert db.note.count(where={"userId": user.id}) == 0
        assert statements("set", [], "notes") == 1

        def tagged(word: str, numbers: Any) -> int:
            events.clear()
            tags = {word: [{"name": f"t{number}"} for number in numbers]}
            db.post.update({"tags": tags}, {"id": post.id})
            return len([event for event in events if "_PostToTag" in event.sql])

        assert tagged("connect", [*range(300), 5]) == 1
        assert db.tag.count(where={"posts": {"some": {"id": post.id}}}) == 300
        assert tagged("disconnect", range(100, 400)) == 1
        assert tagged("set", range(90, 110)) == 2
        assert db.tag.count(where={"posts": {"some": {"id": post.id}}}) == 20
        made = db.user.create({"email": "b", "notes": {"connect": by_text}}, include={"notes": True})
        assert len(made.notes) == 300
        for word in ("connect", "set"):
            with pytest.raises(client.module.errors.RecordNotFoundError, match=rf"data\.notes\.{word}\[1\]"):
                db.user.update({"notes": {word: [by_id[0], {"text": "nope"}]}}, {"email": "a"})
            with pytest.raises(client.module.errors.InputError, match=rf"data\.notes\.{word}\[1\].*str"):
                db.user.update({"notes": {word: [by_text[0], {"text": 7}]}}, {"email": "a"})
        assert db.note.count(where={"userId": made.id}) == 300
        seats = [{"tenantId_number": {"tenantId": "t", "number": number}} for number in (1, 2)]
        db.tenant.create({"id": "t", "rooms": {"create": [{"number": 1}, {"number": 2}]}})
        with pytest.raises(client.module.errors.InputError, match="required"):
            db.tenant.update({"rooms": {"disconnect": seats}}, {"id": "t"})
        db.tenant.create({"id": "u"})
        db.room.update_many({"number": 3}, {"number": 2})
        db.tenant.update({"rooms": {"connect": seats[:1]}}, {"id": "t"})


@pytest.mark.parametrize("kind", ["parent", "child", "many", "upsert"])
def test_what_two_create_at_the_same_time_is_made_once(client: Any, kind: str) -> None:
    """Each of many tasks finds or makes the same row, and all are linked to it."""
    client.empty()
    either = {"where": {"email": "boss"}, "create": {"email": "boss"}}
    data: dict[str, Callable[[int], Any]] = {
        "parent": lambda number: {"email": f"{number}", "boss": {"connect_or_create": either}},
        "child": lambda number: {
            "email": f"{number}",
            "notes": {"connect_or_create": {"where": {"text": "n"}, "create": {"text": "n"}}},
        },
        "many": lambda number: {
            "title": f"{number}",
            "author": {"create": {"email": f"{number}"}},
            "tags": {"connect_or_create": [{"where": {"name": "t"}, "create": {"name": "t"}}]},
        },
    }

    async def main() -> None:
        async with client.module.AsyncClient(client.dsn, pool_size=8) as db:
            for turn in range(5):
                await asyncio.gather(*(_one(db, turn * 8 + number) for number in range(8)))
                await db.user.delete_many({"email": "boss", "staff": {"none": {}}})
            if kind == "upsert":
                assert await db.note.count() == 1
                assert (await db.user.find_unique({"email": "up"})).visits == 39
            if kind == "parent":
                assert await db.user.count(where={"boss": {"is": {"email": "boss"}}}) == 40
            if kind == "many":
                assert await db.post.count(where={"tags": {"some": {"name": "t"}}}) == 40

    async def _one(db: Any, number: int) -> None:
        if kind == "upsert":
            created = {
                "email": "up",
                "notes": {"connect_or_create": {"where": {"text": "n"}, "create": {"text": "n"}}},
            }
            await db.user.upsert({"email": "up"}, {"create": created, "update": {"visits": {"increment": 1}}})
        else:
            await (db.post if kind == "many" else db.user).create(data[kind](number))

    asyncio.run(main())
