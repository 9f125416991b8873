"""An index that is unique among some rows only addresses no row: the client must not take it for a key."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from migrations.scratch.scratch_server import ScratchServer

SCHEMA = """
generator client {
  provider        = "prisma-client"
  previewFeatures = ["partialIndexes"]
}

datasource db {
  provider = "postgresql"
}

enum State {
  OPEN
  CLOSED
}

model User {
  id    Int      @id
  email String   @map("e mail")
  nick  String?  @unique(where: raw("nick <> 'it''s'"), map: "some nicks")
  team  Int      @default(0)
  seat  Int      @default(0)
  state State    @default(OPEN)
  pay   Decimal? @default(1)
  gone  Boolean  @default(false)
  tired Boolean? @map("is tired") @ignore
  badge Badge?
  notes Note[]
  signs Sign[]

  @@unique([email], where: { gone: false })
  @@unique([team, seat], name: "place", where: { state: { not: "CLOSED" }, pay: { not: null } }, map: "pl")
  @@unique([seat, email], where: { email: "it's", pay: { not: -1.50 } }, map: "words")
  @@unique([seat, pay], where: { tired: true, seat: 1 }, map: "tired")
  @@unique([seat, id])
}

model Badge {
  id     Int     @id
  text   String?
  gone   Boolean @default(false)
  userId Int?
  user   User?   @relation(fields: [userId], references: [id])

  @@unique([userId], where: { gone: false })
}

model Note {
  id     Int  @id
  userId Int
  user   User @relation(fields: [userId], references: [id])
}

model Sign {
  code   String                @unique(where: raw("code <> ''"))
  text   String
  place  Unsupported("point")? @default(dbgenerated("'(1,2)'"))
  at     DateTime              @default(now()) @map("made at")
  userId Int?
  user   User?                 @relation(fields: [userId], references: [id])

  @@index([userId])
}
"""


@pytest.fixture(scope="module")
def client(client_of: Callable[..., Any]) -> Any:
    return client_of(SCHEMA)


@pytest.fixture
def rows(client: Any, db: Any) -> Iterator[Any]:
    """``rows()``: who is there. Three rows have one e-mail address, two of them are gone."""
    with psycopg.connect(client.dsn, autocommit=True) as connection:
        connection.execute(
            'INSERT INTO "User" (id, "e mail", gone, seat) VALUES '
            "(1, 'a', true, 1), (2, 'a', true, 2), (3, 'a', false, 3)"
        )
        connection.execute(
            'INSERT INTO "Badge" (id, text, gone, "userId") VALUES '
            "(1, 'old', true, 1), (2, 'older', true, 1), (3, 'new', false, 1), (4, 'one', false, 2)"
        )
        yield lambda: [
            connection.execute(f'SELECT * FROM "{table}" ORDER BY id').fetchall()
            for table in ("User", "Badge")
        ]


_NEW = {"id": 9, "email": "a"}
#: Whatever takes a key, given what is unique among some rows only.
_ADDRESSED: list[Callable[[Any, Any], Any]] = [
    lambda db, key: db.user.find_unique(where=key),
    lambda db, key: db.user.find_unique_or_raise(where=key),
    lambda db, key: db.user.delete(where=key),
    lambda db, key: db.user.update(where=key, data={"seat": 8}),
    lambda db, key: db.user.upsert(where=key, data={"create": _NEW, "update": {"seat": 8}}),
    lambda db, key: db.user.find_many(cursor=key),
    lambda db, key: db.user.find_first(cursor=key),
    lambda db, key: db.note.create(data={"id": 1, "user": {"connect": key}}),
    lambda db, key: db.note.create(
        data={"id": 1, "user": {"connect_or_create": {"where": key, "create": _NEW}}}
    ),
    lambda db, key: db.badge.update(where={"id": 3}, data={"user": {"connect": key}}),
]
_KEYS = [
    {"email": "a"},
    {"nick": "a"},
    {"place": {"team": 0, "seat": 1}},
    {"seat_email": {"seat": 1, "email": "a"}},
    {"seat_pay": {"seat": 1, "pay": 1}},
]


@pytest.mark.parametrize("key", _KEYS, ids=lambda key: next(iter(key)))
@pytest.mark.parametrize("call", _ADDRESSED)
def test_no_call_takes_it_for_a_key(
    db: Any, errors: Any, rows: Any, call: Callable[[Any, Any], Any], key: dict[str, Any]
) -> None:
    before = rows()
    with pytest.raises(errors.InputError, match=re.escape("id, seat_id")):
        call(db, key)
    assert rows() == before


def test_it_is_a_condition_like_any_other(db: Any, rows: Any) -> None:
    assert [row.id for row in db.user.find_many(where={"email": "a"}, order={"id": "asc"})] == [1, 2, 3]
    assert db.user.find_unique(where={"seat_id": {"seat": 3, "id": 3}}).email == "a"
    assert db.user.delete_many(where={"email": "a", "gone": False}) == 1


def test_one_row_that_repeats_it_is_still_refused(db: Any, errors: Any, rows: Any) -> None:
    with pytest.raises(errors.UniqueViolationError):
        db.user.create(data=_NEW)


def test_a_model_without_another_key_has_none(client: Any, db: Any, errors: Any) -> None:
    db.sign.create(data={"code": "", "text": "a"})
    db.sign.create(data={"code": "", "text": "b"})
    with pytest.raises(errors.InputError):
        db.sign.delete(where={"code": ""})
    assert db.sign.count() == 2
    with pytest.raises(errors.InputError, match="Sign: has no key"):
        db.sign.create(data={"code": "c", "text": "c", "user": {"create": _NEW}}, include={"user": True})
    user = db.user.create(
        data={**_NEW, "signs": {"create": [{"code": "", "text": "c"}]}}, include={"signs": True}
    )
    assert [sign.text for sign in user.signs] == ["c"]
    db.user.update(where={"id": 9}, data={"signs": {"update_many": {"where": {}, "data": {"text": "d"}}}})
    assert [sign.text for sign in db.sign.find_many(where={"userId": 9}, include={"user": True})] == ["d"]
    with pytest.raises(errors.InputError):
        db.user.update(where={"id": 9}, data={"signs": {"disconnect": {"code": ""}}})
    types = (client.folder / client.module.__name__ / "types.py").read_text()
    assert 'SignWhereUniqueInput: TypeAlias = "Never"' in types
    assert "_UserWhereUnique2" in types
    assert "_UserWhereUnique3" not in types


@pytest.mark.parametrize(
    "change",
    [
        {"delete": True},
        {"disconnect": True},
        {"update": {"text": "x"}},
        {"upsert": {"create": {"id": 9}, "update": {"text": "x"}}},
        {"create": {"id": 9}},
        {"connect": {"id": 4}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_one_of_several_related_rows_is_not_picked(db: Any, errors: Any, rows: Any, change: Any) -> None:
    before = rows()
    with pytest.raises(errors.InputError, match="more than one Badge"):
        db.user.update(where={"id": 1}, data={"badge": change})
    assert rows() == before


def test_a_related_row_that_is_the_only_one_is_changed(db: Any, rows: Any) -> None:
    db.user.update(where={"id": 2}, data={"badge": {"update": {"text": "x"}}})
    assert db.badge.find_unique(where={"id": 4}).text == "x"
    db.user.update(where={"id": 2}, data={"badge": {"delete": True}})
    assert db.badge.count() == 3


def test_linking_a_row_parts_no_other(db: Any, errors: Any, rows: Any) -> None:
    db.badge.update(where={"id": 4}, data={"gone": True, "user": {"connect": {"id": 1}}})
    assert db.badge.count(where={"userId": 1}) == 4
    with pytest.raises(errors.UniqueViolationError):
        db.badge.create(data={"id": 5, "user": {"connect": {"id": 1}}})


def test_reading_and_ordering_by_one_of_several_related_rows(db: Any, rows: Any) -> None:
    found = db.user.find_many(order=[{"badge": {"text": "asc"}}, {"id": "asc"}], include={"badge": True})
    assert sorted(row.id for row in found) == [1, 2, 3]
    assert {row.id: row.badge is None for row in found} == {1: False, 2: False, 3: True}


def test_the_tables_have_the_index_that_the_database_has(client: Any, scratch_server: ScratchServer) -> None:
    tables = importlib.import_module(f"{client.module.__name__}.tables")
    with scratch_server.new_database() as dsn:
        engine = sa.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(dsn))
        tables.Base.metadata.create_all(engine)
        with psycopg.connect(client.dsn) as connection:
            wanted_columns = connection.execute(_COLUMNS).fetchall()
        with psycopg.connect(dsn) as connection:
            assert connection.execute(_COLUMNS).fetchall() == wanted_columns
        assert [key["referred_table"] for key in sa.inspect(engine).get_foreign_keys("Sign")] == ["User"]
        engine.dispose()
        made, wanted = _indexes(dsn), _indexes(client.dsn)
    assert made == [definition for definition in wanted if "tired" not in definition]
    assert sum("WHERE" in definition for definition in made) == 6


_COLUMNS = (
    "SELECT table_name, column_name, is_nullable, column_default, udt_name FROM information_schema.columns "
    "WHERE table_schema = 'public' AND column_name <> 'is tired' ORDER BY table_name, column_name"
)


def _indexes(dsn: str) -> list[str]:
    with psycopg.connect(dsn) as connection:
        found = connection.execute(
            "SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid "
            "WHERE relnamespace = 'public'::regnamespace"
        )
        return sorted(definition for (definition,) in found)
