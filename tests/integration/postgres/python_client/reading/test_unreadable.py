"""Stored values that Python can't hold: field and row are named, and all others can be read."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import psycopg
import pytest

_SCHEMA = """
enum Mood {
  CALM @map("it, is")
  LOUD
}

model Box {
  id      Int       @id @default(autoincrement())
  name    String    @default("x")
  local   DateTime?
  zoned   DateTime? @db.Timestamptz(6)
  day     DateTime? @db.Date
  clock   DateTime? @db.Time
  offset  DateTime? @db.Timetz
  moments DateTime[]
  binary  Json?
  text    Json?     @db.Json
  mood    Mood?
  moods   Mood[]
  parent  Int?
  inside  Box?      @relation("tree", fields: [parent], references: [id])
  boxes   Box[]     @relation("tree")
}
"""
_NESTED = "repeat('[', 5000) || repeat(']', 5000)"
_DIGITS = "repeat('9', 6000)"
UNREADABLE = [
    ("local", "'infinity'"),
    ("local", "'-infinity'"),
    ("local", "'0044-03-15 12:00 BC'"),
    ("zoned", "'12026-01-02 03:04:05Z'"),
    ("zoned", "'infinity'"),
    ("day", "'infinity'"),
    ("day", "'12026-01-02'"),
    ("clock", "'24:00'"),
    ("offset", "'24:00+02'"),
    ("moments", "'{2026-01-01,infinity}'"),
    ("binary", f"({_NESTED})::jsonb"),
    ("binary", f"({_DIGITS})::jsonb"),
    ("text", f"({_NESTED})::json"),
    ("text", f"({_DIGITS})::json"),
    ("text", """'{"a": [1e400]}'"""),
    ("mood", "'LATER'"),
    ("moods", "'{LOUD,LATER}'"),
]


@pytest.fixture(scope="module")
def client(client_of: Callable[..., Any]) -> Any:
    made = client_of(_SCHEMA)
    with psycopg.connect(made.dsn, autocommit=True) as connection:
        connection.execute("""ALTER TYPE "Mood" ADD VALUE 'LATER'""")
    return made


class Opened(NamedTuple):
    """A client, and what it was made of."""

    db: Any
    module: Any
    admin: psycopg.Connection[Any]


@pytest.fixture(params=[("sync", "UTC"), ("async", "Asia/Tokyo"), ("sync", "America/New_York")])
def opened(client: Any, request: pytest.FixtureRequest) -> Iterator[Opened]:
    mode, zone = request.param
    client.empty()
    with psycopg.connect(client.dsn, autocommit=True) as admin:
        (name,) = admin.execute("SELECT current_database()").fetchone() or ("",)
        admin.execute(f"ALTER DATABASE \"{name}\" SET TimeZone = '{zone}'".encode())
        with client.opened(mode) as db:
            yield Opened(db, client.module, admin)


def test_field_and_row_are_named_and_the_rest_is_read(opened: Opened) -> None:
    db, errors = opened.db, opened.module.errors
    for field, value in UNREADABLE:
        opened.admin.execute('TRUNCATE "Box" RESTART IDENTITY')
        opened.admin.execute("INSERT INTO \"Box\" (name) SELECT 'good' FROM generate_series(1, 70)")
        statement = f'INSERT INTO "Box" (name, parent, "{field}") VALUES (\'bad\', 3, {value})'
        opened.admin.execute(statement.encode())
        for read in (
            lambda: db.box.find_many(order={"id": "asc"}),
            lambda: db.box.find_many(order={"id": "asc"}, take=-2),
            lambda: db.box.find_unique({"id": 71}),
            lambda: db.box.find_first(where={"id": 3}, include={"boxes": True}),
            lambda: db.box.update({"name": "bad"}, {"id": 71}),
        ):
            with pytest.raises(errors.UnreadableValueError) as caught:
                read()
            error = caught.value
            assert (error.code, error.fields, error.key, error.meta["model"]) == (
                "P2023", (field,), {"id": 71}, "Box",
            ), value  # fmt: skip
            assert str(error).startswith(f"Box.{field} of the row {{'id': 71}}: the database has "), value
            assert f"omit=['{field}']" in str(error)
            assert "99999" not in str(error)
        rows = db.box.find_many(order={"id": "asc"}, omit=[field])
        assert [row.name for row in rows] == ["good"] * 70 + ["bad"]
        assert len(db.box.find_many(where={"NOT": [error.key]})) == 70
        (shown,) = db.query_raw(f'SELECT "{field}"::text AS shown FROM "Box" WHERE id = $1', error.key["id"])
        assert shown["shown"]
        if "mood" not in field:
            with pytest.raises(errors.UnreadableValueError, match=f"column '{field}' of row 71: .*::text"):
                db.query_raw('SELECT * FROM "Box" ORDER BY id')


def test_results_of_functions_and_writes_are_told_too(opened: Opened) -> None:
    db, errors = opened.db, opened.module.errors
    opened.admin.execute("INSERT INTO \"Box\" (name, local) VALUES ('bad', 'infinity')")
    with pytest.raises(errors.UnreadableValueError, match=r"Box: _max\.local is a value that") as caught:
        db.box.aggregate(max={"local": True})
    assert caught.value.fields == ("local",)
    with pytest.raises(errors.UnreadableValueError, match=r"Box: local is a value that"):
        db.box.group_by(["local"], count=True)
    with pytest.raises(errors.UnreadableValueError) as caught:
        db.box.update({"name": "changed"}, {"id": 1})
    assert "The write was carried out" in caught.value.__notes__[-1]
    assert db.box.update({"name": "again"}, {"id": 1}, omit=["local"]).name == "again"
    with pytest.raises(errors.UnreadableValueError, match=r"row 1: .*; select it as text"):
        db.query_first('SELECT max(local) FROM "Box"')


def test_raw_reads_of_lists_of_enums_and_of_times(opened: Opened) -> None:
    db, box, mood = opened.db, opened.module.models.Box, opened.module.enums.Mood
    moment = datetime.datetime(1970, 1, 1, 20, 30, tzinfo=datetime.UTC)
    made = db.box.create(
        {"moods": [mood.LOUD, mood.CALM], "mood": mood.CALM, "clock": moment, "offset": moment}
    )
    opened.admin.execute("INSERT INTO \"Box\" (moods, \"offset\") VALUES ('{}', '20:30+09')")
    for row in db.query_raw('SELECT moods FROM "Box" ORDER BY id LIMIT 1'):
        assert row == {"moods": ["LOUD", "it, is"]}
    lists = db.query_first("""SELECT '{NULL,"NULL"}'::text[] AS t, '[2:3]={LOUD,NULL}'::"Mood"[] AS m""")
    assert lists == {"t": [None, "NULL"], "m": ["LOUD", None]}
    nested = db.query_first(
        """SELECT '{{LOUD,"it, is"},{LATER,NULL}}'::"Mood"[] AS m, 'LOUD'::"Mood" AS one"""
    )
    money = db.query_first("SELECT '-1234567.5'::money AS m, '{1,-2000}'::money[] AS l")
    assert money == {"m": -1234567.5, "l": [1.0, -2000.0]}
    assert db.query_first("SELECT timetz '20:30+09' AS t") == {"t": "20:30:00+09:00"}
    assert nested == {"m": [["LOUD", "it, is"], ["LATER", None]], "one": "LOUD"}
    first, second = db.query_raw('SELECT * FROM "Box" ORDER BY id', model=box)
    assert first == made == db.box.find_unique({"id": made.id})
    assert second == db.box.find_unique({"id": made.id + 1})
    assert second.moods == []
    assert second.offset == datetime.datetime(1970, 1, 1, 11, 30, tzinfo=datetime.UTC)
