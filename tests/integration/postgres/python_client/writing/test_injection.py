"""Hostile text as a value everywhere, as a step of a JSON path, as a key: it is stored and found as it is, or
refused, and never becomes SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

SCHEMA = """
model Note {
  id    Int      @id @default(autoincrement())
  key   String   @unique
  text  String
  data  Json?
  words String[]
  links Link[]
}

model Link {
  id     Int    @id @default(autoincrement())
  name   String @unique
  note   Note?  @relation(fields: [noteId], references: [id])
  noteId Int?
}
"""
_ATTACKS = [
    '\'; DROP TABLE "Note"; --',
    '"; DROP TABLE "Note"; --',
    '\\\'; DROP TABLE "Note"; --',
    '") ; DELETE FROM "Note" --',
    "$1::text",
    "%s %(x)s {0} {}",
    "\\.",
    "\\N",
    "a\tb\nc\r\\t",
    "}, {",
    "',','",
    "[0]; $.x",
    "/* */ --",
    "\u2028\ufeff\U0001f600",
    "",
]
_COPIED = 100
_TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"


@pytest.fixture(scope="module")
def client(client_of: Callable[[str], Any]) -> Any:
    return client_of(SCHEMA)


@pytest.fixture(params=["sync", "async"])
def db(client: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    client.empty()
    with client.opened(request.param) as connected:
        yield connected
    with psycopg.connect(client.dsn) as connection:
        assert connection.execute(_TABLES).fetchone() == (2,)


@pytest.mark.parametrize("attack", _ATTACKS)
def test_a_value_is_a_value_everywhere(db: Any, client: Any, attack: str) -> None:
    json = client.module.Json
    row = {"text": attack, "data": json({attack: [attack]}), "words": [attack, "x"]}
    note = db.note.create({"key": f"{attack}1", **row, "links": {"create": {"name": attack}}})
    assert (note.text, note.data, note.words) == (attack, {attack: [attack]}, [attack, "x"])
    many = [{**row, "key": f"{attack}{number}"} for number in range(2, 4)]
    assert db.note.create_many(many, skip_duplicates=True) == 2
    copied = [{"text": attack, "key": f"{attack}c{number}"} for number in range(_COPIED)]
    assert db.note.create_many(copied) == _COPIED
    assert db.note.count(where={"text": attack}) == 3 + _COPIED
    assert db.note.count(where={"text": {"in": [attack], "startswith": attack, "endswith": attack}}) == 103
    assert db.note.count(where={"text": {"contains": attack, "mode": "insensitive"}}) == 103
    assert db.note.count(where={"words": {"has_every": [attack]}}) == 3
    assert db.note.count(where={"data": {"path": [attack, 0], "equals": json(attack)}}) == 3
    assert db.note.count(where={"data": {"path": [attack, attack], "equals": json(attack)}}) == 0
    assert db.note.count(where={"links": {"some": {"name": attack}}}) == 1
    again = {"create": {"key": f"{attack}1", "text": "new"}, "update": {"text": attack}}
    assert db.note.upsert({"key": f"{attack}1"}, again).text == attack
    linked = {"links": {"connect_or_create": {"where": {"name": attack}, "create": {"name": attack}}}}
    assert db.note.update(linked, {"key": f"{attack}2"}).id != note.id
    assert db.link.find_unique({"name": attack}, include={"note": True}).note.key == f"{attack}2"
    assert db.query_first("SELECT $1 AS given, $2::text[] AS listed", attack, [attack]) == {
        "given": attack, "listed": [attack],
    }  # fmt: skip
    assert db.note.delete_many({"text": attack}) == 3 + _COPIED


@pytest.mark.parametrize("attack", _ATTACKS)
def test_a_value_is_a_value_in_searches_groups_pages_and_messages(db: Any, client: Any, attack: str) -> None:
    json, errors = client.module.Json, client.module.errors
    note = db.note.create({"key": attack, "text": attack, "data": json([attack])})
    db.note.create({"key": f"{attack}2", "text": "x", "data": json({attack: {attack: 1}})})
    # Text that is no query in the syntax of to_tsquery is refused, and is no more than that.
    order = {"_relevance": {"fields": ["text"], "search": attack, "sort": "desc"}}
    searches: list[Callable[[], Any]] = [
        lambda: db.note.count(where={"text": {"search": attack}}),
        lambda: db.note.find_many(order=order),
    ]
    for search in searches:
        try:
            search()
        except errors.DataError as error:
            assert error.code == "42601", error  # noqa: PT017
    assert db.note.find_unique({"key": attack}, for_update=True) == note
    assert db.note.find_many(cursor={"key": attack}, order={"id": "asc"}, take=1) == [note]
    assert db.note.find_many(where={"NOT": [{"text": attack}]}, distinct=["text"])[0].text == "x"
    assert db.note.find_first(where={"data": {"array_contains": json([attack])}}) == note
    assert db.note.find_first(where={"data": {"path": [0], "string_starts_with": attack}}) == note
    assert db.note.count(where={"data": {"path": [attack, attack], "not": None}}) == 1
    groups = db.note.group_by(["text"], having={"text": attack, "key": {"_max": {"gte": attack}}}, count=True)
    assert groups == [{"text": attack, "_count": {"_all": 1}}]
    assert db.note.update_many({"words": {"push": attack}}, {"text": {"in": [attack]}}) == 1
    assert db.note.delete_many({"words": {"has": attack}}) == 1
    with client.module.Client(client.dsn) as blocking:
        channel = f"{attack}c"[:60]
        with blocking.listen(channel) as notifications:
            db.notify(channel, attack)
            told = next(notifications(timeout=60))
        assert (told.channel, told.payload) == (channel, attack)


@pytest.mark.parametrize("attack", [each for each in _ATTACKS if each])
def test_a_key_is_a_name_or_refused(db: Any, client: Any, attack: str) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: db.note.find_many(where={"data": {attack: 1}}),
        lambda: db.note.find_many(where={"words": {attack: ["x"]}}),
        lambda: db.note.find_many(where={"text": {"contains": "x", "mode": attack}}),
        lambda: db.note.find_many(where={"AND": [{attack: 1}]}),
        lambda: db.note.find_many(order={"id": {"sort": attack}}),
        lambda: db.note.find_many(order={"id": {"sort": "asc", "nulls": attack}}),
        lambda: db.note.find_unique({attack: 1}),
        lambda: db.note.create({"key": "a", "text": "b", "links": {"create": {attack: 1}}}),
        lambda: db.note.create_many([{"key": f"{number}", "text": "b", attack: 1} for number in range(200)]),
        lambda: db.note.update({"words": {attack: ["x"]}}, {"id": 1}),
        lambda: db.note.update({"links": {attack: {"id": 1}}}, {"id": 1}),
        lambda: db.note.upsert({"key": "a"}, {"create": {attack: 1}, "update": {}}),
        lambda: db.note.group_by(["key"], count={attack: True}),
        lambda: db.note.group_by(["key"], having={"id": {"_sum": {attack: 1}}}),
    ]
    for call in calls:
        with pytest.raises(client.module.errors.PrismaError):
            call()
    assert db.note.count() == 0
