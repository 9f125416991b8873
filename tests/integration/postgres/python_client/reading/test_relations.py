"""Related rows: read with a query, and asked for in its conditions and its order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

SCHEMA = """
model User {
  id        Int          @id
  name      String
  bossId    Int?
  boss      User?        @relation("boss", fields: [bossId], references: [id])
  staff     User[]       @relation("boss")
  knows     User[]       @relation("acquaintance")
  knownTo   User[]       @relation("acquaintance")
  profile   Profile?
  posts     Post[]       @relation("wrote")
  edited    Post[]       @relation("edited")
  members   Membership[]
}

model Profile {
  id     Int    @id
  text   String
  userId Int?   @unique @map("user id")
  user   User?  @relation(fields: [userId], references: [id])
}

model Post {
  id       Int       @id
  title    String
  rank     Int?
  authorId Int
  author   User      @relation("wrote", fields: [authorId], references: [id])
  editorId Int?
  editor   User?     @relation("edited", fields: [editorId], references: [id])
  tags     Tag[]
  class    Class?
}

model Tag {
  A     String @id @map("B")
  posts Post[]
}

model Team {
  country String
  code    Int
  members Membership[]

  @@id([country, code])
}

model Membership {
  userId  Int
  country String
  code    Int
  role    String
  user    User   @relation(fields: [userId], references: [id])
  team    Team   @relation(fields: [country, code], references: [country, code])

  @@id([userId, country, code])
}

model Class {
  id     Int   @id
  Class  Int?
  postId Int?  @unique
  Post   Post? @relation(fields: [postId], references: [id])
}
"""


@pytest.fixture(scope="module")
def client(client_of: Callable[[str], Any]) -> Any:
    made = client_of(SCHEMA)
    with made.opened("sync") as db:
        db.user.create_many(
            [
                {"id": 1, "name": "Ann"},
                {"id": 2, "name": "Bob", "bossId": 1},
                {"id": 3, "name": "Cy", "bossId": 1},
                {"id": 4, "name": "Di", "bossId": 2},
            ]
        )
        db.profile.create_many([{"id": 1, "text": "a", "userId": 1}, {"id": 2, "text": "none"}])
        db.post.create_many(
            [
                {"id": 1, "title": "x", "rank": 3, "authorId": 1, "editorId": 2},
                {"id": 2, "title": "y", "rank": 1, "authorId": 1},
                {"id": 3, "title": "z", "rank": None, "authorId": 1, "editorId": 2},
                {"id": 4, "title": "x", "rank": 2, "authorId": 2},
            ]
        )
        db.tag.create_many([{"A": "red"}, {"A": "blue"}, {"A": "unused"}])
        db.team.create_many([{"country": "x", "code": 1}, {"country": "x", "code": 2}])
        db.membership.create_many(
            [
                {"userId": 1, "country": "x", "code": 1, "role": "lead"},
                {"userId": 2, "country": "x", "code": 1, "role": "member"},
            ]
        )
        db.class_.create({"id": 1, "Class": 7, "postId": 1})
        db.post.update({"tags": {"connect": [{"A": "red"}, {"A": "blue"}]}}, {"id": 1})
        db.post.update({"tags": {"connect": [{"A": "red"}]}}, {"id": 4})
        db.user.update({"knows": {"connect": [{"id": 2}, {"id": 3}]}}, {"id": 1})
        db.user.update({"knows": {"connect": [{"id": 1}]}}, {"id": 4})
    return made


@pytest.fixture(params=["sync", "async"])
def db(client: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    with client.opened(request.param) as opened:
        yield opened


def _ids(rows: Any) -> list[int]:
    return [row.id for row in rows]


def test_relations_that_are_not_included_are_none(db: Any) -> None:
    user = db.user.find_unique({"id": 1})
    assert (user.posts, user.boss, user.profile) == (None, None, None)
    assert "posts" not in user.model_fields_set
    assert "posts" in db.user.find_unique({"id": 1}, {"posts": True}).model_fields_set


def test_each_kind_of_relation_is_included(db: Any) -> None:
    ann, bob, *_, di = db.user.find_many(
        order={"id": "asc"},
        include={
            "posts": True,
            "boss": True,
            "staff": True,
            "profile": True,
            "members": True,
            "knows": True,
            "knownTo": True,
        },
    )
    assert _ids(ann.posts) == [1, 2, 3]
    assert (ann.boss, bob.boss.name, di.boss.name) == (None, "Ann", "Bob")
    assert (_ids(ann.staff), _ids(di.staff)) == ([2, 3], [])
    assert (ann.profile.text, bob.profile) == ("a", None)
    assert [member.role for member in ann.members] == ["lead"]
    assert (_ids(ann.knows), _ids(ann.knownTo)) == ([2, 3], [4])
    assert (_ids(bob.knows), _ids(bob.knownTo)) == ([], [1])


def test_one_row_and_its_relations(db: Any) -> None:
    post = db.post.find_unique({"id": 1}, include={"author": {"include": {"boss": True}}, "tags": True})
    assert post.author.name == "Ann"
    assert sorted(tag.A for tag in post.tags) == ["blue", "red"]
    team = db.team.find_unique(
        {"country_code": {"country": "x", "code": 1}},
        include={"members": {"include": {"user": True}, "order": {"userId": "desc"}}},
    )
    assert [(member.userId, member.user.name) for member in team.members] == [(2, "Bob"), (1, "Ann")]
    assert db.class_.find_first(include={"Post": True}).Post.title == "x"
    assert db.post.find_first(where={"id": 1}, include={"class": True}).class_.Class == 7


def test_compound_keys_of_many_rows(db: Any) -> None:
    teams = db.team.find_many(order={"code": "asc"}, include={"members": {"include": {"team": True}}})
    assert [len(team.members) for team in teams] == [2, 0]
    assert {member.team.code for member in teams[0].members} == {1}


def test_includes_go_to_any_depth(db: Any) -> None:
    ann = db.user.find_unique(
        {"id": 1},
        include={"posts": {"include": {"tags": {"include": {"posts": {"include": {"author": True}}}}}}},
    )
    red = next(tag for tag in ann.posts[0].tags if tag.A == "red")
    assert sorted((post.id, post.author.name) for post in red.posts) == [(1, "Ann"), (4, "Bob")]
    assert all(post.tags is not None for post in ann.posts)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"where": {"title": "x"}}, {1: [1], 2: [4]}),
        ({"where": {"OR": [{"title": "x"}, {"rank": {"lt": 2}}]}}, {1: [1, 2], 2: [4]}),
        ({"order": {"rank": "asc"}}, {1: [2, 1, 3], 2: [4]}),
        ({"order_by": {"id": "desc"}}, {1: [3, 2, 1], 2: [4]}),
        ({"order": {"id": "asc"}, "take": 1}, {1: [1], 2: [4]}),
        ({"order": {"id": "asc"}, "take": -2}, {1: [2, 3], 2: [4]}),
        ({"order": {"id": "asc"}, "skip": 1}, {1: [2, 3], 2: []}),
        ({"order": {"id": "asc"}, "take": 1, "skip": 1, "where": {"id": {"gt": 0}}}, {1: [2], 2: []}),
        ({"cursor": {"id": 2}, "order": {"id": "asc"}}, {1: [2, 3], 2: []}),
        ({"cursor": {"id": 2}, "order": {"id": "asc"}, "take": -2}, {1: [1, 2], 2: []}),
        ({"distinct": ["editorId"], "order": {"id": "asc"}}, {1: [1, 2], 2: [4]}),
        ({"take": 0}, {1: [], 2: []}),
    ],
)
def test_an_include_has_arguments_of_its_own(
    db: Any, arguments: dict[str, Any], expected: dict[int, list[int]]
) -> None:
    users = db.user.find_many(where={"id": {"lte": 2}}, order={"id": "asc"}, include={"posts": arguments})
    assert {user.id: _ids(user.posts) for user in users} == expected
    for key, ids in expected.items():
        assert _ids(db.user.find_unique({"id": key}, include={"posts": arguments}).posts) == ids


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"order": {"A": "asc"}}, {1: ["blue", "red"], 4: ["red"]}),
        ({"order": {"A": "desc"}, "take": 1}, {1: ["red"], 4: ["red"]}),
        ({"where": {"A": "blue"}}, {1: ["blue"], 4: []}),
        ({"cursor": {"A": "blue"}, "order": {"A": "asc"}}, {1: ["blue", "red"], 4: []}),
    ],
)
def test_many_to_many_has_arguments_too(
    db: Any, arguments: dict[str, Any], expected: dict[int, list[str]]
) -> None:
    posts = db.post.find_many(where={"id": {"in": [1, 4]}}, order={"id": "asc"}, include={"tags": arguments})
    assert {post.id: [tag.A for tag in post.tags] for post in posts} == expected
    for key, names in expected.items():
        found = db.post.find_unique({"id": key}, include={"tags": arguments})
        assert [tag.A for tag in found.tags] == names


def test_pairs_are_stored_as_prismas_node_client_stores_them(client: Any) -> None:
    """What Prisma 7.10 wrote for the same connects: the field that comes first by name has column A."""
    with psycopg.connect(client.dsn) as connection:
        pairs = connection.execute('SELECT "A", "B" FROM "_acquaintance"').fetchall()
        tags = connection.execute('SELECT "A", "B" FROM "_PostToTag"').fetchall()
    assert sorted(pairs) == [(1, 4), (2, 1), (3, 1)]
    assert sorted(tags) == [(1, "blue"), (1, "red"), (4, "red")]


def test_relations_are_counted(db: Any) -> None:
    users = db.user.find_many(order={"id": "asc"}, include={"_count": True, "profile": True})
    assert users[0].relation_counts == {
        "staff": 2,
        "knows": 2,
        "knownTo": 1,
        "posts": 3,
        "edited": 0,
        "members": 1,
    }
    assert users[2].relation_counts["posts"] == 0
    some = db.user.find_unique(
        {"id": 1}, include={"_count": {"posts": {"where": {"title": "x"}}, "staff": True, "edited": False}}
    )
    assert some.relation_counts == {"posts": 1, "staff": 2}
    assert db.user.find_unique({"id": 1}).relation_counts == {}
    assert "_count" not in some.model_dump()
    mixed = db.user.find_first(
        where={"id": 1},
        include={
            "_count": {"posts": {"where": {"rank": {"gt": 1}}}},
            "posts": {"where": {"rank": 1}, "include": {"_count": {"tags": {"where": {"A": "red"}}}}},
        },
    )
    assert (mixed.relation_counts, _ids(mixed.posts)) == ({"posts": 1}, [2])
    assert mixed.posts[0].relation_counts == {"tags": 0}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"posts": {"some": {"title": "x"}}}, [1, 2]),
        ({"posts": {"some": {}}}, [1, 2]),
        ({"posts": {"none": {}}}, [3, 4]),
        ({"posts": {"none": {"title": "y"}}}, [2, 3, 4]),
        ({"posts": {"every": {"title": "x"}}}, [2, 3, 4]),
        ({"posts": {"every": {"rank": {"gt": 0}}}}, [1, 2, 3, 4]),
        ({"posts": {"some": {"title": "x"}, "every": {"title": "x"}}}, [2]),
        ({"boss": {"is": {"name": "Ann"}}}, [2, 3]),
        ({"boss": {"is_not": {"name": "Ann"}}}, [1, 4]),
        ({"boss": {"is": None}}, [1]),
        ({"boss": {"is_not": None}}, [2, 3, 4]),
        ({"boss": None}, [1]),
        ({"boss": {"is": {"boss": {"is": {"id": 1}}}}}, [4]),
        ({"profile": {"is": {"text": "a"}}}, [1]),
        ({"profile": {"is_not": {"text": "a"}}}, [2, 3, 4]),
        ({"profile": {"is": None}}, [2, 3, 4]),
        ({"profile": {"is_not": None}}, [1]),
        ({"knows": {"some": {"name": "Bob"}}}, [1]),
        ({"knownTo": {"some": {"name": "Ann"}}}, [2, 3]),
        ({"knows": {"none": {}}}, [2, 3]),
        ({"knows": {"every": {"name": "Ann"}}}, [2, 3, 4]),
        ({"posts": {"some": {"tags": {"some": {"A": "blue"}}}}}, [1]),
        ({"members": {"some": {"team": {"is": {"code": 1}}}}}, [1, 2]),
        ({"NOT": [{"posts": {"some": {}}}], "OR": [{"boss": {"is": {"id": 1}}}]}, [3]),
        ({"staff": {"some": {"staff": {"some": {"name": "Di"}}}}, "name": "Ann"}, [1]),
    ],
)
def test_conditions_on_related_rows(db: Any, where: dict[str, Any], expected: list[int]) -> None:
    assert _ids(db.user.find_many(where=where)) == expected
    assert db.user.count(where=where) == len(expected)


def test_conditions_over_compound_keys(db: Any) -> None:
    teams = db.team.find_many(where={"members": {"none": {"role": "lead"}}})
    assert [team.code for team in teams] == [2]
    found = db.membership.find_many(where={"team": {"is": {"members": {"some": {"role": "lead"}}}}})
    assert sorted(member.userId for member in found) == [1, 2]
    assert db.membership.count(where={"team": {"is_not": {"code": 1}}}) == 0


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ([{"boss": {"name": "asc"}}, {"id": "desc"}], [3, 2, 4, 1]),
        ([{"boss": {"name": {"sort": "asc", "nulls": "first"}}}, {"id": "asc"}], [1, 2, 3, 4]),
        ([{"posts": {"_count": "desc"}}, {"id": "desc"}], [1, 2, 4, 3]),
        ([{"knows": {"_count": "asc"}}, {"id": "asc"}], [2, 3, 4, 1]),
        ([{"boss": {"boss": {"name": "desc"}}}, {"id": "asc"}], [1, 2, 3, 4]),
    ],
)
def test_order_by_related_rows(db: Any, order: Any, expected: list[int]) -> None:
    assert _ids(db.user.find_many(order=order)) == expected
    later = db.user.find_many(order=order, cursor={"id": expected[1]}, skip=1)
    assert _ids(later) == expected[2:]
    assert _ids(db.user.find_many(order=order, take=-2)) == expected[2:]


@pytest.mark.parametrize(
    ("order", "kind", "told"),
    [
        ({"desc": None}, "FieldNotFoundError", "order: Post has no field 'desc'"),
        ({"rank": None}, "InputError", "order.rank: needs 'asc' or 'desc', but got None"),
        ([{"id": "asc"}, {"rank": "up"}], "InputError", "order.rank: needs 'asc' or 'desc', but got 'up'"),
        ({"author": {"nick": None}}, "FieldNotFoundError", "order.author: User has no field 'nick'"),
        ({"author": 1}, "InputError", "order.author: needs"),
        ({"tags": {"_count": None}}, "InputError", "order.tags._count: needs 'asc' or 'desc'"),
        ({"_relevance": None}, "InputError", "order._relevance: needs a dict of fields, search and sort"),
    ],
)
def test_what_is_no_order_is_told_where_it_stands(
    db: Any, errors: Any, order: Any, kind: str, told: str
) -> None:
    with pytest.raises(getattr(errors, kind)) as caught:
        db.post.find_many(order=order)
    assert str(caught.value).startswith(told)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"order": {"rank": "asc"}}, [2, 4, 1, 3]),
        ({"order": {"rank": "desc"}}, [3, 1, 4, 2]),
        ({"order": {"rank": {"sort": "asc", "nulls": "first"}}}, [3, 2, 4, 1]),
        ({"order": {"rank": {"sort": "desc", "nulls": "last"}}}, [1, 4, 2, 3]),
        ({"order": {"rank": "asc"}, "cursor": {"id": 4}}, [4, 1, 3]),
        ({"order": {"rank": "desc"}, "cursor": {"id": 3}}, [3, 1, 4, 2]),
        ({"order": {"rank": "desc"}, "cursor": {"id": 4}, "take": -2}, [1, 4]),
        ({"order": {"rank": {"sort": "asc", "nulls": "first"}}, "cursor": {"id": 2}, "skip": 1}, [4, 1]),
        ({"order": {"title": "asc"}, "cursor": {"id": 4}, "take": -2}, [1, 4]),
        ({"cursor": {"id": 2}, "take": 2}, [2, 3]),
        ({"cursor": {"id": 99}}, []),
        ({"take": -2}, [3, 4]),
        ({"take": -1, "skip": 1}, [3]),
        ({"distinct": ["title"], "order": {"id": "asc"}}, [1, 2, 3]),
        ({"distinct": ["title"], "order": {"id": "desc"}, "take": 2}, [4, 3]),
        ({"distinct": ["title", "authorId"], "order": [{"title": "desc"}, {"id": "asc"}]}, [3, 2, 1, 4]),
        ({"distinct": ["title"], "where": {"authorId": 1}, "skip": 1}, [2, 3]),
    ],
)
def test_cursor_distinct_and_the_last_rows(db: Any, arguments: dict[str, Any], expected: list[int]) -> None:
    assert _ids(db.post.find_many(**arguments)) == expected


def test_find_first_takes_them_too(db: Any) -> None:
    assert db.post.find_first(1, {"authorId": 1}, {"id": 1}, {"author": True}, {"id": "asc"}).id == 2
    assert db.post.find_first(distinct=["title"], order={"id": "desc"}).id == 4
    assert _ids(db.post.find_many(2, 1, {"authorId": 1}, {"id": 1}, None, {"id": "asc"}, ["id"])) == [2, 3]
    assert db.post.count(cursor={"id": 2}, take=2) == 2


def test_omitted_fields_are_not_read(db: Any) -> None:
    user = db.user.find_unique({"id": 1}, {"posts": {"omit": ["title", "authorId"]}}, omit=["name"])
    assert not hasattr(user, "name")
    assert not hasattr(user.posts[0], "title")
    assert user.posts[0].rank == 3
    assert user.model_dump(exclude={"posts"}, exclude_none=True) == {"id": 1}
    assert not hasattr(db.post.find_first(omit=["id", "authorId"], include={"author": True}), "authorId")


def test_writes_include_too(db: Any, client: Any) -> None:
    post = db.post.update({"rank": 3}, {"id": 1}, include={"author": True})
    assert post.author.name == "Ann"
    made = db.post.create(
        {"id": 99, "title": "t", "authorId": 2}, include={"author": {"include": {"boss": True}}}
    )
    assert made.author.boss.name == "Ann"
    gone = db.post.delete({"id": 99}, include={"author": True, "tags": True})
    assert (gone.author.name, gone.tags) == ("Bob", [])
    assert db.post.delete({"id": 99}, include={"author": True}) is None


def test_mistakes_are_found_before_any_sql(client: Any, errors: Any) -> None:
    user = client.module.Client(client.dsn).user
    calls: list[tuple[dict[str, Any], str, str]] = [
        (
            {"include": {"postz": True}},
            "FieldNotFoundError",
            "include: User has no relation 'postz'.*'posts'",
        ),
        ({"include": {"name": True}}, "FieldNotFoundError", "no relation 'name'"),
        ({"include": {"posts": {"wher": {}}}}, "InputError", "did you mean 'where'"),
        ({"include": {"posts": 1}}, "InputError", "include.posts: needs True"),
        ({"include": {"boss": {"where": {"id": 1}}}}, "InputError", "include.boss: is one row"),
        ({"include": {"posts": {"where": {"x": 1}}}}, "FieldNotFoundError", "include.posts.where: Post"),
        ({"include": {"posts": {"order": {"x": "asc"}}}}, "FieldNotFoundError", "include.posts.order"),
        ({"include": {"_count": {"boss": True}}}, "InputError", "only relations to many"),
        ({"include": {"_count": {"posts": {"take": 1}}}}, "InputError", "nothing but where"),
        ({"include": [1]}, "InputError", "include: needs a dict"),
        ({"where": {"posts": {"is": {}}}}, "InputError", "no 'is'; it has some, none, every"),
        ({"where": {"boss": {"some": {}}}}, "InputError", "no 'some'"),
        ({"where": {"posts": {"some": {"titel": "x"}}}}, "FieldNotFoundError", "did you mean 'title'"),
        ({"where": {"posts": {"some": None}}}, "InputError", "needs a dict of conditions"),
        ({"where": {"posts": 1}}, "InputError", "needs a dict of some, none, every"),
        ({"order": {"posts": "asc"}}, "InputError", "is a relation"),
        ({"order": {"boss": {"nam": "asc"}}}, "FieldNotFoundError", "did you mean 'name'"),
        ({"order": {"posts": {"title": "asc"}}}, "InputError", "_count"),
        ({"distinct": ["nam"]}, "FieldNotFoundError", "distinct: .*'name'"),
        ({"distinct": [1]}, "InputError", "distinct: needs a list"),
        ({"cursor": {"name": "x"}}, "InputError", "cursor: needs exactly one of id"),
        ({"cursor": {"id": "x"}}, "InputError", "cursor.id: needs an int"),
        ({"omit": ["nam"]}, "FieldNotFoundError", "omit: "),
        ({"where": {("id", None): 5}}, "InputError", "names as keys"),
        ({"where": {"name": {"mode": "loud", "equals": "x"}}}, "InputError", "mode: needs 'default'"),
    ]
    for arguments, kind, message in calls:
        with pytest.raises(getattr(errors, kind), match=message):
            user.find_many(**arguments)


_KEYS = """
enum Place {
  HERE @map("here")
  THERE
}

model Shelf {
  id    String @id @default(uuid()) @db.Uuid
  books Book[]
  tags  Tag[]
}

model Book {
  id      Int    @id @default(autoincrement())
  shelfId String @db.Uuid
  shelf   Shelf  @relation(fields: [shelfId], references: [id])
  tags    Tag[]
}

model Tag {
  price   Decimal @id
  shelves Shelf[]
  books   Book[]
  kept    Kept[]
}

model Note {
  id    Int     @id @default(autoincrement())
  place Place
  price Decimal @db.Decimal(9, 4)
  kept  Kept    @relation(fields: [place, price], references: [place, price])
}

model Kept {
  place Place
  price Decimal @default(1.50)
  notes Note[]
  tag   Tag     @relation(fields: [price], references: [price])

  @@id([place, price])
}
"""


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_keys_that_are_read_as_other_types_find_their_rows(client_of: Callable[..., Any], mode: str) -> None:
    client = client_of(_KEYS)
    with client.opened(mode) as db:
        for _ in range(2):
            tags = {"connect_or_create": {"where": {"price": "1.50"}, "create": {"price": "1.50"}}}
            db.shelf.create({"books": {"create": [{"tags": tags}, {}]}, "tags": tags})
        db.kept.create_many([{"place": "HERE"}, {"place": "THERE"}])
        db.note.create({"place": "HERE", "price": "1.5"})
        for one_or_many in ({"take": 1}, {}):
            for shelf in db.shelf.find_many(
                include={
                    "_count": True,
                    "books": {"take": 1, "order": {"id": "asc"}, "include": {"tags": {"take": 1}}},
                    "tags": {"include": {"_count": True, "kept": {"include": {"notes": True}}}},
                },
                **one_or_many,
            ):
                assert shelf.relation_counts == {"books": 2, "tags": 1}
                assert [len(shelf.books), len(shelf.books[0].tags)] == [1, 1]
                assert shelf.tags[0].relation_counts == {"shelves": 2, "books": 2, "kept": 2}
                assert {len(kept.notes) for kept in shelf.tags[0].kept} == {0, 1}
                assert {kept.place.name for kept in shelf.tags[0].kept} == {"HERE", "THERE"}
        for tag in db.tag.find_many(include={"shelves": {"include": {"books": True}}, "kept": {"take": 1}}):
            assert [len(shelf.books) for shelf in tag.shelves] == [2, 2]
            assert len(tag.kept) == 1
