"""Any query finds what a naive model in memory finds; nothing that is given becomes SQL."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from . import naive_tables as naive

SCHEMA = """
model User {
  id      Int     @id
  name    String?
  age     Int?
  bossId  Int?
  boss    User?   @relation("boss", fields: [bossId], references: [id])
  staff   User[]  @relation("boss")
  posts   Post[]
  friends User[]  @relation("friends")
  fans    User[]  @relation("friends")
}

model Post {
  id     Int     @id
  title  String  @db.VarChar(9)
  rank   Int?
  userId Int?
  user   User?   @relation(fields: [userId], references: [id])
  tags   Tag[]
}

model Tag {
  id    Int    @id
  name  String
  posts Post[]
}
"""
_EXAMPLES = settings(
    max_examples=70,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


LINKS = {
    "user": {
        "boss": naive.Link("user", "bossId", "id", is_list=False),
        "staff": naive.Link("user", "id", "bossId", is_list=True),
        "posts": naive.Link("post", "id", "userId", is_list=True),
        "friends": naive.Link("user", "id", "id", is_list=True, pairs="friends"),
        "fans": naive.Link("user", "id", "id", is_list=True, pairs="friends", is_reversed=True),
    },
    "post": {
        "user": naive.Link("user", "userId", "id", is_list=False),
        "tags": naive.Link("tag", "id", "id", is_list=True, pairs="tags"),
    },
    "tag": {"posts": naive.Link("post", "id", "id", is_list=True, pairs="tags", is_reversed=True)},
}
COLUMNS: dict[str, dict[str, tuple[str, bool]]] = {
    "user": {"id": ("int", False), "name": ("text", True), "age": ("int", True), "bossId": ("int", True)},
    "post": {"id": ("int", False), "title": ("text", False), "rank": ("int", True), "userId": ("int", True)},
    "tag": {"id": ("int", False), "name": ("text", False)},
}
_TEXTS = st.sampled_from(["", "a", "b", "ab", "A", "%", "_", "a_", "\\", "'", '"', "é", "a%b"])
_INTS = st.integers(-1, 7)
_VALUES = {"int": _INTS, "text": _TEXTS}


@pytest.fixture(scope="module")
def client(client_of: Callable[[str], Any]) -> Any:
    return client_of(SCHEMA)


@pytest.fixture(scope="module")
def db(client: Any) -> Iterator[Any]:
    with client.module.Client(client.dsn) as opened:
        yield opened


@pytest.fixture(scope="module")
def data(client: Any, db: Any) -> Any:
    """Six users, eight posts, three tags, linked every which way, with values missing."""
    tables = naive.Tables(
        rows={
            "user": [
                {"id": 0, "name": "a", "age": 3, "bossId": None},
                {"id": 1, "name": "ab", "age": None, "bossId": 0},
                {"id": 2, "name": None, "age": 5, "bossId": 0},
                {"id": 3, "name": "a_%", "age": 3, "bossId": 1},
                {"id": 4, "name": "", "age": None, "bossId": None},
                {"id": 5, "name": "é'\"\\", "age": -1, "bossId": 4},
            ],
            "post": [
                {"id": number, "title": title, "rank": rank, "userId": user}
                for number, (title, rank, user) in enumerate(
                    [
                        ("a", 1, 0), ("ab", None, 0), ("b", 2, 1), ("", 3, 2),
                        ("a", None, None), ("%", 1, 3), ("a%b", 0, 3), ("A", 7, None),
                    ]
                )
            ],
            "tag": [{"id": 0, "name": "a"}, {"id": 1, "name": "b"}, {"id": 2, "name": "_"}],
        },
        links=LINKS,
        pairs={
            "friends": {(0, 1), (1, 0), (0, 2), (3, 3), (4, 0)},
            "tags": {(0, 0), (0, 1), (1, 0), (3, 2), (6, 0), (6, 1), (6, 2)},
        },
    )  # fmt: skip
    client.empty()
    db.user.create_many([{**row, "bossId": None} for row in tables.rows["user"]])
    for row in tables.rows["user"]:
        db.user.update({"bossId": row["bossId"]}, {"id": row["id"]})
    db.post.create_many(tables.rows["post"])
    db.tag.create_many(tables.rows["tag"])
    for one, other in tables.pairs["friends"]:
        db.user.update({"friends": {"connect": {"id": other}}}, {"id": one})
    for post, tag in tables.pairs["tags"]:
        db.post.update({"tags": {"connect": {"id": tag}}}, {"id": post})
    return tables


def _operators(kind: str, *, is_optional: bool, depth: int) -> st.SearchStrategy[Any]:
    value = _VALUES[kind]
    words = ["equals", "lt", "lte", "gt", "gte", "not"]
    if kind == "text":
        # How texts are ordered is the database's business; whether they contain others is not.
        words = ["equals", "not", "contains", "startswith", "endswith"]
    entries: dict[str, st.SearchStrategy[Any]] = dict.fromkeys(words, value)
    entries |= dict.fromkeys(("in", "not_in"), st.lists(value, max_size=3))
    entries["equals"] = value | st.none()
    if depth:
        entries["not"] = value | st.none() | _operators(kind, is_optional=is_optional, depth=depth - 1)
    plain = value | st.none() if is_optional else value
    return plain | _some_of(entries, 2)


def where(table: str, depth: int = 3) -> st.SearchStrategy[dict[str, Any]]:
    """Any condition on a table."""
    entries: dict[str, st.SearchStrategy[Any]] = {
        name: _operators(kind, is_optional=is_optional, depth=1)
        for name, (kind, is_optional) in COLUMNS[table].items()
    }
    if depth:
        for name, link in LINKS[table].items():
            inner = st.deferred(lambda link=link: where(link.table, depth - 1))  # type: ignore[misc]
            words = ("some", "none", "every") if link.is_list else ("is", "is_not")
            given_inner = inner if link.is_list else inner | st.none()
            entries[name] = _some_of(dict.fromkeys(words, given_inner), 2)
        for word in ("AND", "OR", "NOT"):
            below = st.deferred(lambda: where(table, depth - 1))
            entries[word] = st.lists(below, max_size=2)
    return _some_of(entries, 3)


def _some_of(entries: dict[str, st.SearchStrategy[Any]], most: int) -> st.SearchStrategy[dict[str, Any]]:
    """A dict with a few of the keys: with all of them, hardly any row would ever match."""
    names = st.lists(st.sampled_from(list(entries)), max_size=most, unique=True)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({name: entries[name] for name in chosen}))


@pytest.mark.parametrize("table", ["user", "post", "tag"])
@_EXAMPLES
@given(draw=st.data())
def test_any_condition_finds_what_it_says(db: Any, data: Any, table: str, draw: st.DataObject) -> None:
    condition = draw.draw(where(table))
    expected = [row["id"] for row in data.found(table, condition)]
    actions = getattr(db, table)
    assert sorted(row.id for row in actions.find_many(where=condition)) == expected
    assert actions.count(where=condition) == len(expected)


def _orders(paths: list[tuple[str, ...]]) -> st.SearchStrategy[list[Any]]:
    """Keys of an order: what is compared, its direction, where rows without a value stand."""
    keys = st.tuples(
        st.sampled_from(paths), st.sampled_from(["asc", "desc"]), st.sampled_from(["", "first", "last"])
    ).map(lambda key: (key[0], key[1], "") if key[0][-1] == "_count" else key)  # the types offer no more
    return st.lists(keys, max_size=3, unique_by=lambda key: key[0])


_ORDERS = {
    "post": _orders([
        ("rank",), ("userId",), ("id",), ("user", "age"), ("user", "boss", "age"),
        ("user", "posts", "_count"), ("tags", "_count"),
    ]),
    "user": _orders([
        ("age",), ("bossId",), ("id",), ("boss", "age"), ("friends", "_count"), ("posts", "_count"),
    ]),
}  # fmt: skip
_PAGES: dict[str, st.SearchStrategy[Any]] = {
    "cursor": st.none() | st.integers(0, 9),
    "take": st.none() | st.integers(-4, 4),
    "skip": st.integers(0, 3),
}


def _asked(order: list[Any]) -> list[Any]:
    """An order as a query takes it, made total."""
    asked: list[Any] = []
    for path, direction, nulls in order:
        key: Any = {"sort": direction, "nulls": nulls} if nulls else direction
        for name in reversed(path):
            key = {name: key}
        asked.append(key)
    return asked if ("id",) in {path for path, _, _ in order} else [*asked, {"id": "asc"}]


def _arguments(order: list[Any], cursor: int | None, **others: Any) -> dict[str, Any]:
    given = {"order": _asked(order), "cursor": None if cursor is None else {"id": cursor}, **others}
    return {name: value for name, value in given.items() if value is not None}


@_EXAMPLES
@given(
    order=_ORDERS["post"],
    page=st.fixed_dictionaries(_PAGES),
    distinct=st.lists(st.sampled_from(["rank", "userId", "title"]), max_size=2, unique=True),
    condition=where("post", 1),
)
def test_any_order_and_page(
    db: Any, data: Any, order: Any, page: dict[str, Any], distinct: list[str], condition: dict[str, Any]
) -> None:
    rows = naive.ordered(data.rows["post"], order, lambda row, path: data.value("post", row, path))
    expected = naive.page(
        rows, lambda row: data.holds("post", row, condition) is True, distinct=distinct, **page
    )
    found = db.post.find_many(**_arguments(order, where=condition, distinct=distinct, **page))
    assert [row.id for row in found] == [row["id"] for row in expected]
    if not distinct and not order:
        given_cursor = {} if page["cursor"] is None else {"cursor": {"id": page["cursor"]}}
        assert db.post.count(where=condition, **{**page, **given_cursor}) == len(expected)


@_EXAMPLES
@given(
    relation=st.sampled_from(["posts", "friends", "fans", "staff"]),
    page=st.fixed_dictionaries(_PAGES),
    draw=st.data(),
)
def test_any_include(db: Any, data: Any, relation: str, page: dict[str, Any], draw: st.DataObject) -> None:
    link = LINKS["user"][relation]
    order, condition = draw.draw(_ORDERS[link.table]), draw.draw(where(link.table, 1))
    counted = draw.draw(where(link.table, 1))
    distinct = draw.draw(st.lists(st.sampled_from(list(COLUMNS[link.table])), max_size=1))
    below = {"tags": {"order": {"id": "desc"}}} if link.table == "post" else {"boss": True}
    asked = _arguments(order, where=condition, distinct=distinct, include=below, **page)
    include = {
        relation: asked,
        "boss": {"include": {"posts": True}},
        "_count": {relation: {"where": counted}},
    }
    users = db.user.find_many(order={"id": "asc"}, include=include)
    for user, row in zip(users, data.rows["user"], strict=True):
        mine = data.related(row, link)
        rows = naive.ordered(mine, order, lambda each, path: data.value(link.table, each, path))
        expected = naive.page(
            rows, lambda each: data.holds(link.table, each, condition) is True, distinct=distinct, **page
        )
        found = getattr(user, relation)
        assert [each.id for each in found] == [each["id"] for each in expected]
        matching = [each for each in mine if data.holds(link.table, each, counted) is True]
        assert user.relation_counts == {relation: len(matching)}
        assert (user.boss and user.boss.id) == row["bossId"]
        for each, plain in zip(found, expected, strict=True):
            if link.table == "post":
                tags = data.related(plain, LINKS["post"]["tags"])
                assert [tag.id for tag in each.tags] == [tag["id"] for tag in tags][::-1]
            else:
                assert (each.boss and each.boss.id) == plain["bossId"]
    one = db.user.find_unique({"id": 3}, include=include)
    assert one == next(user for user in users if user.id == 3)


_ATTACKS = st.sampled_from(
    [
        '\'; DROP TABLE "User"; --',
        '"',
        "\\",
        "$1",
        "%s",
        "\x00",
        "{}",
        "id = id OR 1=1",
        "';--",
        '") OR (1=1',
        "\u2028",
    ]
) | st.text(max_size=8)


@settings(_EXAMPLES, max_examples=40)
@given(text=_ATTACKS, other=_ATTACKS)
def test_nothing_that_is_given_becomes_sql(db: Any, data: Any, client: Any, text: str, other: str) -> None:
    errors = client.module.errors
    harmless: list[Callable[[], Any]] = [
        lambda: db.user.find_many(where={"name": text, "OR": [{"name": {"contains": other}}]}),
        lambda: db.user.find_many(where={"name": {"in": [text, other], "mode": "insensitive"}}),
        lambda: db.user.find_many(where={"posts": {"some": {"title": {"startswith": text}}}}),
        lambda: db.user.update_many({"name": text}, {"name": other, "id": -5}),
        lambda: db.query_raw('SELECT id FROM "User" WHERE name = $1', text),
    ]
    refused: list[Callable[[], Any]] = [
        lambda: db.user.find_many(where={text: other}),
        lambda: db.user.find_many(where={"posts": {text: {}}}),
        lambda: db.user.find_many(where={"posts": {"some": {text: other}}}),
        lambda: db.user.find_many(where={"name": {text: other}}),
        lambda: db.user.find_many(include={text: True}),
        lambda: db.user.find_many(include={"posts": {text: 1}}),
        lambda: db.user.find_many(include={"_count": {text: True}}),
        lambda: db.user.find_many(order={text: "asc"}),
        lambda: db.user.find_many(order={"name": text}),
        lambda: db.user.find_many(order={"boss": {text: "asc"}}),
        lambda: db.user.find_many(order={"_relevance": {"fields": [text], "search": other, "sort": "asc"}}),
        lambda: db.user.find_many(distinct=[text]),
        lambda: db.user.find_many(omit=[text]),
        lambda: db.user.find_many(cursor={text: 1}),
        lambda: db.user.create({"id": 9, text: other}),
        lambda: db.user.create({"id": 9, "posts": {text: {}}}),
        lambda: db.user.create_many([{"id": 9, text: other}]),
        lambda: db.user.update({"age": {text: 1}}, {"id": 0}),
        lambda: db.user.group_by([text]),
        lambda: db.user.group_by(["name"], sum={text: True}),
        lambda: db.user.group_by(["name"], order={text: "asc"}),
        lambda: db.user.group_by(["name"], having={text: 1}),
        lambda: db.user.count(select={text: True}),
        lambda: db.tx(isolation_level=text),
    ]
    for call in harmless:
        try:
            call()
        except errors.DataError as error:
            assert "\x00" in text + other, error  # noqa: PT017 - Postgres' text holds no NUL
    # Words of the API itself are no attack: hypothesis knows them, since they stand in this file.
    if not re.fullmatch(r"[A-Za-z_]*", text):
        for call in refused:
            with pytest.raises(errors.PrismaError):
                call()
    assert db.user.count() == len(data.rows["user"])
