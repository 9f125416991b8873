"""Tables of one name in two database schemas, mapped names, and compound keys wherever a key can stand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

SCHEMA = """
generator client {
  provider        = "prisma-client"
  previewFeatures = ["views"]
}

datasource db {
  provider = "postgresql"
  schemas  = ["public", "stock room"]
}

enum Kind {
  RAW      @map("raw \\"one\\"")
  FINISHED @map("finished")

  @@map("the kinds")
  @@schema("stock room")
}

model Item {
  id    Int     @id @default(autoincrement())
  name  String  @unique
  parts Part[]
  likes Item[]  @relation("likes")
  liked Item[]  @relation("likes")

  @@map("things")
  @@schema("public")
}

model Part {
  land   String  @map("the land")
  number Int     @map("no.")
  name   String?
  kind   Kind    @default(RAW)
  kinds  Kind[]
  place  Unsupported("point")?
  itemId Int?    @map("item")
  item   Item?   @relation(fields: [itemId], references: [id])
  ofLand String?
  ofNo   Int?
  of     Part?   @relation("of", fields: [ofLand, ofNo], references: [land, number])
  made   Part[]  @relation("of")
  bins   Bin[]

  @@id([land, number])
  @@unique([name, kind], name: "called")
  @@map("things")
  @@schema("stock room")
}

model Bin {
  id   Int   @id
  land String
  no   Int
  part Part  @relation(fields: [land, no], references: [land, number])

  @@schema("public")
}

view Finished {
  land   String
  number Int

  @@unique([land, number])
  @@map("finished things")
  @@schema("stock room")
}
"""
_VIEW = """
CREATE VIEW "stock room"."finished things" AS
SELECT "the land" AS land, "no." AS number FROM "stock room".things WHERE kind = 'finished'
"""


@pytest.fixture(scope="module")
def client(client_of: Callable[[str], Any]) -> Any:
    made = client_of(SCHEMA)
    with psycopg.connect(made.dsn) as connection:
        connection.execute(_VIEW)
    return made


def _key(number: int, land: str = "dk") -> dict[str, Any]:
    return {"land_number": {"land": land, "number": number}}


def _numbers(rows: list[Any]) -> list[int]:
    return [row.number for row in rows]


def _filled(db: Any, count: int = 5) -> None:
    assert db.part.create_many([{"land": "dk", "number": number} for number in range(count)]) == count


def test_compound_keys_stand_wherever_a_key_can(db: Any) -> None:
    _filled(db)
    assert db.part.find_unique(_key(3)).number == 3
    assert db.part.find_unique_or_raise(_key(3), for_update=True).number == 3
    # The order need not be the key's: what is missing of it decides between rows that are equal.
    order = [{"kind": "asc"}, {"number": "desc"}]
    assert _numbers(db.part.find_many(cursor=_key(3), order=order, take=2)) == [3, 2]
    assert _numbers(db.part.find_many(cursor=_key(3), order=order, take=-2)) == [4, 3]
    assert _numbers(db.part.find_many(cursor=_key(3), take=2, skip=1)) == [4]
    assert db.part.count(cursor=_key(3)) == 2
    assert db.part.update({"name": "x", "kind": "FINISHED"}, _key(1)).name == "x"
    called = {"called": {"name": "x", "kind": "FINISHED"}}
    assert db.part.find_unique(called).number == 1
    assert (
        db.part.upsert(called, {"create": {"land": "dk", "number": 9}, "update": {"name": "y"}}).number == 1
    )
    for name in ("created", "updated"):
        created = {"land": "no", "number": 1, "name": "created"}
        row = db.part.upsert(_key(1, "no"), {"create": created, "update": {"name": "updated"}})
        assert row.name == name
    assert db.part.delete(_key(1, "no")).land == "no"
    assert _numbers(db.finished.find_many()) == [1]
    assert db.finished.find_unique(_key(1)).number == 1


def test_compound_keys_link_rows(db: Any) -> None:
    _filled(db)
    made = {
        "create": {"land": "se", "number": 1, "bins": {"create": [{"id": 1}, {"id": 2}]}},
        "connect": [_key(1), _key(2)],
        "connect_or_create": {"where": _key(3), "create": {"land": "dk", "number": 3}},
    }
    db.part.update({"made": made}, _key(0))
    include = {"made": {"order": {"number": "asc"}, "cursor": _key(2), "take": 1}, "of": True, "bins": True}
    assert _numbers(db.part.find_unique(_key(0), include=include).made) == [2]
    rows = db.part.find_many(order=[{"land": "asc"}, {"number": "asc"}], include=include)
    assert [_numbers(row.made) for row in rows] == [[2], [], [], [], [], []]
    assert [row.of and row.of.number for row in rows] == [None, 0, 0, 0, None, 0]
    assert [len(row.bins) for row in rows] == [0, 0, 0, 0, 0, 2]
    changes = {
        "set": [_key(1), _key(2)],
        "disconnect": _key(1),
        "update": {"where": _key(2), "data": {"name": "two"}},
        "upsert": {"where": _key(4), "create": {"land": "dk", "number": 7}, "update": {}},
        "update_many": {"where": {"name": "two"}, "data": {"kind": "FINISHED"}},
        "delete": [_key(2)],
    }
    db.part.update({"made": changes}, _key(0))
    assert _numbers(db.part.find_many(where={"of": {"is": {"number": 0}}})) == [7]
    assert db.part.count(where={"made": {"some": {"number": {"gt": 5}}}}) == 1
    assert db.part.count(where={"of": {"is": None}, "made": {"none": {}}}) == 4
    assert db.bin.update({"part": {"connect": _key(7)}}, {"id": 1}, {"part": True}).part.number == 7
    assert (
        db.bin.find_first(where={"part": {"is_not": {"number": 7}}}, order={"part": {"land": "asc"}}).id == 2
    )


def test_two_schemas_and_mapped_names(db: Any, client: Any) -> None:
    item = db.item.create(
        {"name": "kettle", "parts": {"create": {"land": "dk", "number": 1, "kinds": ["RAW"]}}}
    )
    many = [{"land": "xx", "number": number, "kinds": ["FINISHED", "RAW"]} for number in range(150)]
    assert db.part.create_many(many) == 150  # by COPY
    assert db.part.create_many(many[:2], skip_duplicates=True) == 0
    finished = client.module.enums.Kind.FINISHED
    assert db.part.count(where={"kinds": {"has": finished}, "kind": {"not": finished}}) == 150
    groups = db.part.group_by(["kind"], count=True, max={"number": True}, order={"kind": "asc"})
    assert groups == [{"kind": "RAW", "_count": {"_all": 151}, "_max": {"number": 149}}]
    assert db.item.find_first(include={"parts": True, "_count": True}).parts[0].kinds == ["RAW"]
    assert [row.number for row in _streamed(db, client)][:2] == [0, 1]
    assert "things" in db.part.explain(where=_key(1)["land_number"])
    assert db.query_raw(
        'SELECT * FROM "stock room".things WHERE item = $1', item.id, model=client.module.models.Part
    )
    with pytest.raises(client.module.errors.UniqueViolationError) as unique:
        db.part.create({"land": "xx", "number": 1})
    assert (unique.value.fields, unique.value.meta["model"]) == (("land", "number"), "Part")
    with pytest.raises(client.module.errors.ForeignKeyViolationError) as foreign:
        db.bin.create({"id": 1, "land": "nowhere", "no": 1})
    assert (foreign.value.fields, foreign.value.meta["model"]) == (("land", "no"), "Bin")
    with pytest.raises(client.module.errors.ForeignKeyViolationError):
        db.bin.create_many([{"id": number, "land": "nowhere", "no": 1} for number in range(150)])


def _streamed(db: Any, client: Any) -> list[Any]:
    with client.module.Client(client.dsn) as blocking:
        return list(blocking.part.iterate(where={"land": "xx"}, order={"number": "asc"}, batch_size=50))


def test_rows_are_joined_to_rows_of_their_own_model(db: Any) -> None:
    for name in "abc":
        db.item.create({"name": name})
    liked = {"connect": {"name": "a"}, "create": {"name": "d", "likes": {"connect": {"name": "a"}}}}
    db.item.update(
        {"likes": {"connect": [{"name": "b"}, {"name": "c"}, {"name": "a"}]}, "liked": liked}, {"name": "a"}
    )
    include = {
        "likes": {"order": {"name": "desc"}, "take": 2},
        "liked": {"order": {"name": "asc"}},
        "_count": True,
    }
    a = db.item.find_unique({"name": "a"}, include=include)
    assert [row.name for row in a.likes] == ["c", "b"]
    assert [row.name for row in a.liked] == ["a", "d"]
    assert a.relation_counts == {"parts": 0, "likes": 3, "liked": 2}
    assert [row.name for row in db.item.find_many(where={"liked": {"some": {"name": "d"}}})] == ["a"]
    assert [row.name for row in db.item.find_many(where={"likes": {"none": {}}}, order={"name": "asc"})] == [
        "b",
        "c",
    ]
    db.item.update({"likes": {"disconnect": [{"name": "a"}], "delete": {"name": "b"}}}, {"name": "a"})
    assert [
        row.name for row in db.item.find_many(order=[{"liked": {"_count": "desc"}}, {"name": "asc"}])
    ] == ["a", "c", "d"]
