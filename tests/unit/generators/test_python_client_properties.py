"""Any query finds what a naive model in memory finds, and any nested write leaves what it leaves."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

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
    max_examples=100,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    import sys  # noqa: PLC0415 - dataclasses look their module up

    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


naive = _load("naive_tables")
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


_ORDERS = st.lists(
    st.tuples(
        st.sampled_from(["rank", "userId", "id"]),
        st.sampled_from(["asc", "desc"]),
        st.sampled_from(["", "first", "last"]),
    ),
    max_size=3,
    unique_by=lambda key: key[0],
)


@_EXAMPLES
@given(
    order=_ORDERS,
    cursor=st.none() | st.integers(0, 9),
    take=st.none() | st.integers(-4, 4),
    skip=st.integers(0, 3),
    condition=where("post", 1),
)
def test_any_order_and_page(
    db: Any, data: Any, order: Any, cursor: Any, take: Any, skip: int, condition: dict[str, Any]
) -> None:
    asked = [
        {name: {"sort": direction, "nulls": nulls} if nulls else direction}
        for name, direction, nulls in order
    ]
    asked.append({"id": "asc"}) if "id" not in {name for name, _, _ in order} else None
    everything = naive.ordered(data.rows["post"], order)
    if cursor is not None:  # the cursor's row need not match the condition
        matching = {row["id"] for row in data.found("post", condition)}
        places = [index for index, row in enumerate(everything) if row["id"] == cursor]
        if take is not None and take < 0:
            rows = everything[: places[0] + 1] if places else []
        else:
            rows = everything[places[0] :] if places else []
        rows = [row for row in rows if row["id"] in matching]
    else:
        rows = naive.ordered(data.found("post", condition), order)
    expected = naive.sliced(rows, None, take, skip)
    arguments: dict[str, Any] = {"where": condition, "order": asked, "take": take, "skip": skip}
    if cursor is not None:
        arguments["cursor"] = {"id": cursor}
    assert [row.id for row in db.post.find_many(**arguments)] == [row["id"] for row in expected]


@_EXAMPLES
@given(order=_ORDERS, take=st.none() | st.integers(-3, 3), skip=st.integers(0, 2), condition=where("post", 1))
def test_any_include(db: Any, data: Any, order: Any, take: Any, skip: int, condition: dict[str, Any]) -> None:
    asked = [
        {name: {"sort": direction, "nulls": nulls} if nulls else direction}
        for name, direction, nulls in order
    ]
    asked.append({"id": "asc"}) if "id" not in {name for name, _, _ in order} else None
    posts = {"where": condition, "order": asked, "take": take, "skip": skip, "include": {"tags": True}}
    link = LINKS["user"]["posts"]
    users = db.user.find_many(order={"id": "asc"}, include={"posts": posts, "boss": True, "_count": True})
    for user, row in zip(users, data.rows["user"], strict=True):
        mine = [post for post in data.related(row, link) if data.holds("post", post, condition) is True]
        expected = naive.sliced(naive.ordered(mine, order), None, take, skip)
        assert [post.id for post in user.posts] == [post["id"] for post in expected]
        assert user.relation_counts["posts"] == len(data.related(row, link))
        assert (user.boss and user.boss.id) == row["bossId"]
        for post, plain in zip(user.posts, expected, strict=True):
            tags = data.related(plain, LINKS["post"]["tags"])
            assert [tag.id for tag in post.tags] == [tag["id"] for tag in tags]
    one = db.user.find_unique({"id": 3}, include={"posts": posts})
    assert one.posts == next(user for user in users if user.id == 3).posts


_KEYS = st.integers(0, 4)
_KEY = st.builds(lambda key: {"id": key}, _KEYS)
_NEW_POST = st.builds(lambda key, title: {"id": key, "title": title}, _KEYS, st.sampled_from("xyz"))
_NEW_TAG = st.builds(lambda key: {"id": key, "name": "n"}, _KEYS)
_TAG_CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "create": st.lists(_NEW_TAG, max_size=2),
        "connect": st.lists(_KEY, max_size=2),
        "set": st.lists(_KEY, max_size=2),
        "disconnect": st.lists(_KEY, max_size=2),
        "delete": st.lists(_KEY, max_size=1),
    },
)
_CHANGED_POST = st.fixed_dictionaries({}, optional={"title": st.sampled_from("pq"), "tags": _TAG_CHANGES})
_POST_CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "create": st.lists(_NEW_POST, max_size=2),
        "connect": st.lists(_KEY, max_size=2),
        "connect_or_create": st.lists(
            _NEW_POST.map(lambda post: {"where": {"id": post["id"]}, "create": post}), max_size=1
        ),
        "set": st.lists(_KEY, max_size=2),
        "disconnect": st.lists(_KEY, max_size=2),
        "delete": st.lists(_KEY, max_size=1),
        "update": st.lists(
            st.builds(lambda key, data: {"where": key, "data": data}, _KEY, _CHANGED_POST), max_size=1
        ),
        "update_many": st.just({"where": {"title": "x"}, "data": {"title": "w"}}),
        "delete_many": st.just([{"title": "y"}]),
    },
)


@settings(_EXAMPLES, max_examples=40)
@given(steps=st.lists(st.tuples(st.integers(0, 1), _POST_CHANGES), min_size=1, max_size=3))
def test_any_nested_write(client_for_writes: Any, steps: list[tuple[int, dict[str, Any]]]) -> None:
    client = client_for_writes
    client.empty()
    errors = client.module.errors
    state = State()
    with client.module.Client(client.dsn, pool_size=1) as db:
        db.user.create_many([{"id": 0}, {"id": 1}])
        db.tag.create({"id": 0, "name": "n"})
        db.post.create({"id": 0, "title": "x", "userId": 0, "tags": {"connect": {"id": 0}}})
        for user, changes in steps:
            after = state.copy()
            try:
                after.change_posts(user, changes)
            except Refusal as refusal:
                with pytest.raises(getattr(errors, str(refusal))):
                    db.user.update({"posts": changes}, {"id": user})
            else:
                assert db.user.update({"posts": changes}, {"id": user}).id == user
                state = after
            assert _stored(client.dsn) == (state.posts, state.tags, state.pairs)


@pytest.fixture(scope="module")
def client_for_writes(client_of: Callable[[str], Any]) -> Any:
    return client_of(SCHEMA)


class Refusal(Exception):  # noqa: N818 - its text names the error
    """The write is refused, so nothing of it is saved."""


class State:
    """Posts as ``{id: (title, user)}``, tags, and pairs of both."""

    def __init__(self) -> None:
        self.posts: dict[int, tuple[str, int | None]] = {0: ("x", 0)}
        self.tags = {0}
        self.pairs = {(0, 0)}

    def copy(self) -> State:
        other = State()
        other.posts, other.tags, other.pairs = dict(self.posts), set(self.tags), set(self.pairs)
        return other

    def change_posts(self, user: int, changes: dict[str, Any]) -> None:
        """What ``update`` of a user's posts does, in the order of its words."""
        for word, value in changes.items():
            items = value if isinstance(value, list) else [value]
            if word == "set":
                self._need(item["id"] for item in items)
                kept = {item["id"] for item in items}
                self._move(user, lambda key, kept=kept: None if key not in kept else user)  # type: ignore[misc]
                self._link(user, kept)
                continue
            for item in items:
                self._change(user, word, item)

    def _change(self, user: int, word: str, item: dict[str, Any]) -> None:
        if word == "create":
            self._insert(item, user)
        elif word == "connect":
            self._need([item["id"]])
            self._link(user, {item["id"]})
        elif word == "connect_or_create":
            if item["where"]["id"] in self.posts:
                self._link(user, {item["where"]["id"]})
            else:
                self._insert(item["create"], user)
        elif word == "update_many":
            self._move(user, lambda _: user, title=lambda title: "w" if title == "x" else title)
        elif word == "delete_many":
            for key in [key for key, post in self.posts.items() if post == ("y", user)]:
                self._delete(key)
        else:
            key = item["where"]["id"] if word == "update" else item["id"]
            is_linked = key in self.posts and self.posts[key][1] == user
            if word == "disconnect":
                if is_linked:
                    self.posts[key] = (self.posts[key][0], None)
            elif not is_linked:
                raise Refusal("RecordNotFoundError")
            elif word == "delete":
                self._delete(key)
            else:
                self._update(key, item["data"])

    def _update(self, key: int, data: dict[str, Any]) -> None:
        if "title" in data:
            self.posts[key] = (data["title"], self.posts[key][1])
        for word, items in data.get("tags", {}).items():
            keys = [item["id"] for item in items]
            if word == "set":
                if not self.tags.issuperset(keys):
                    raise Refusal("RecordNotFoundError")
                self.pairs = {pair for pair in self.pairs if pair[0] != key} | {(key, tag) for tag in keys}
                continue
            for tag in keys:
                self._change_tag(key, word, tag)

    def _change_tag(self, key: int, word: str, tag: int) -> None:
        if word == "create":
            if tag in self.tags:
                raise Refusal("UniqueViolationError")
            self.tags.add(tag)
            self.pairs.add((key, tag))
        elif word == "connect":
            if tag not in self.tags:
                raise Refusal("RecordNotFoundError")
            self.pairs.add((key, tag))
        elif word == "disconnect":
            self.pairs.discard((key, tag))
        else:
            if (key, tag) not in self.pairs:
                raise Refusal("RecordNotFoundError")
            self.tags.discard(tag)
            self.pairs = {pair for pair in self.pairs if pair[1] != tag}

    def _insert(self, post: dict[str, Any], user: int) -> None:
        if post["id"] in self.posts:
            raise Refusal("UniqueViolationError")
        self.posts[post["id"]] = (post["title"], user)

    def _delete(self, key: int) -> None:
        del self.posts[key]
        self.pairs = {pair for pair in self.pairs if pair[0] != key}

    def _need(self, keys: Any) -> None:
        if not set(self.posts).issuperset(keys):
            raise Refusal("RecordNotFoundError")

    def _link(self, user: int, keys: set[int]) -> None:
        for key in keys:
            self.posts[key] = (self.posts[key][0], user)

    def _move(
        self, user: int, to: Callable[[int], int | None], title: Callable[[str], str] = lambda text: text
    ) -> None:
        for key, (text, owner) in self.posts.items():
            if owner == user:
                self.posts[key] = (title(text), to(key))


def _stored(dsn: str) -> tuple[dict[int, tuple[str, int | None]], set[int], set[tuple[int, int]]]:
    with psycopg.connect(dsn) as connection:
        posts = connection.execute('SELECT id, title, "userId" FROM "Post"').fetchall()
        tags = connection.execute('SELECT id FROM "Tag"').fetchall()
        pairs = connection.execute('SELECT "A", "B" FROM "_PostToTag"').fetchall()
    return {key: (title, user) for key, title, user in posts}, {tag for (tag,) in tags}, set(pairs)


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
