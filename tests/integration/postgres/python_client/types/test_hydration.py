"""Instances made from rows are what pydantic would have made, whatever is done to them afterwards."""

from __future__ import annotations

import copy
import gc
import importlib
import pickle
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from pydantic import BaseModel, ConfigDict, PrivateAttr, ValidationError, field_validator, model_validator

SCHEMA = """
enum Mood {
  GOOD
  BAD  @map("so so")
}

model Thing {
  id       Int       @id @default(autoincrement())
  text     String
  none     String?
  class    String?
  number   BigInt
  ratio    Float
  price    Decimal
  flag     Boolean
  bytes    Bytes
  json     Json?
  mood     Mood?
  moods    Mood[]
  texts    String[]
  numbers  Int[]
  prices   Decimal[]
  uuid     String    @db.Uuid
  uuids    String[]  @db.Uuid
  host     String    @db.Inet
  hosts    String[]  @db.Inet
  money    Decimal   @db.Money
  local    DateTime
  instant  DateTime  @db.Timestamptz(6)
  maybe    DateTime? @db.Timestamptz(6)
  times    DateTime[]
  day      DateTime  @db.Date
  clock    DateTime  @db.Time(3)
}
"""
_UUID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
_THEN = datetime(2026, 5, 6, 7, 8, 9, 123000, tzinfo=UTC)


def _values(module: Any) -> dict[str, Any]:
    return {
        "text": "é\u2028", "class": "a keyword", "number": 2**60, "ratio": 1e300,
        "price": Decimal("1.50"), "flag": True, "bytes": b"\x00z", "json": module.Json({"a": [1, None]}),
        "mood": "BAD", "moods": ["GOOD", "BAD"], "texts": ["", 'q"'], "numbers": [1, -1],
        "prices": [Decimal("2.10"), Decimal("100")], "uuid": _UUID, "uuids": [_UUID], "host": "10.0.0.1",
        "hosts": ["10.0.0.1", "::1", "10.0.0.0/8"], "money": Decimal("12.30"), "local": _THEN,
        "instant": _THEN, "times": [_THEN], "day": _THEN, "clock": _THEN,
    }  # fmt: skip


@pytest.fixture(scope="module")
def client(client_of: Callable[[str], Any]) -> Any:
    made = client_of(SCHEMA)
    with made.module.Client(made.dsn) as db:
        db.thing.create_many([_values(made.module)] * 3)
    return made


@pytest.fixture
def db(client: Any) -> Iterator[Any]:
    with client.module.Client(client.dsn) as db:
        yield db


@pytest.fixture
def rows(db: Any) -> list[Any]:
    found: list[Any] = db.thing.find_many(order={"id": "asc"})
    return found


@pytest.fixture
def hydrate(client: Any, db: Any) -> Callable[[type[Any]], list[Any]]:
    """``hydrate(row_class)``: all things as instances of a class."""
    hydration = importlib.import_module(f"{client.module.__name__}._runtime.results.hydration")

    def hydrated(row_class: type[Any]) -> list[Any]:
        columns = list(db.thing._table.columns.values())
        selected = ", ".join(column.read for column in columns)
        with psycopg.connect(client.dsn) as connection:
            raw = (
                connection.cursor(binary=True).execute(f'SELECT {selected} FROM "Thing"'.encode()).fetchall()
            )
        made: list[Any] = hydration.hydrator(row_class, columns)(raw)
        return made

    return hydrated


def test_rows_equal_what_pydantic_validates(client: Any, rows: list[Any]) -> None:
    thing = client.module.models.Thing
    for row in rows:
        given = {name: getattr(row, name) for name in thing.model_fields}
        validated = thing.model_validate(given)
        assert row == validated
        assert (repr(row), row.model_dump_json()) == (repr(validated), validated.model_dump_json())
        assert {name: type(value) for name, value in row} == {name: type(value) for name, value in validated}
        assert row.model_fields_set == set(thing.model_fields)
        assert row.model_dump(exclude_unset=True) == row.model_dump()
        assert list(row.model_dump()) == list(thing.model_fields)
        assert row.model_extra is None


def test_values_read_in_binary_are_those_that_were_written(client: Any, rows: list[Any]) -> None:
    row, enums = rows[0], client.module.enums
    assert (row.text, row.none, row.class_, row.number) == ("é\u2028", None, "a keyword", 2**60)
    assert (row.ratio, row.flag, row.bytes, row.json_) == (1e300, True, b"\x00z", {"a": [1, None]})
    assert (row.mood, row.moods) == (enums.Mood.BAD, [enums.Mood.GOOD, enums.Mood.BAD])
    assert (str(row.price), [str(price) for price in row.prices], str(row.money)) == (
        "1.5",
        ["2.1", "100"],
        "12.3",
    )
    assert (row.uuid, row.uuids) == (_UUID, [_UUID])
    assert (row.host, row.hosts) == ("10.0.0.1", ["10.0.0.1", "::1", "10.0.0.0/8"])
    assert row.local == row.instant == row.times[0] == _THEN
    assert row.local.tzinfo is row.instant.tzinfo is UTC
    assert (row.day, row.clock) == (
        _THEN.replace(hour=0, minute=0, second=0, microsecond=0),
        datetime(1970, 1, 1, 7, 8, 9, 123000, UTC),
    )


def test_what_json_can_not_say_reaches_the_database_all_the_same(client: Any, db: Any) -> None:
    values = {**_values(client.module), "text": "special", "json": client.module.Json(None)}
    with db.tx() as tx:
        tx.thing.create_many(
            [
                {**values, "ratio": float("-inf"), "price": Decimal("NaN")},
                {**values, "ratio": float("nan"), "json": client.module.Json("\ud7ff\U0001f600")},
            ]
        )
        first, second = tx.thing.find_many(where={"text": "special"}, order={"id": "asc"})
        assert (first.ratio, first.price.is_nan(), first.json_) == (float("-inf"), True, None)
        assert (second.ratio != second.ratio, second.json_) == (True, "\ud7ff\U0001f600")
        for row in (first, second):
            tx.thing.delete({"id": row.id})
    with pytest.raises(client.module.errors.DataError):
        db.thing.create_many([{**values, "text": "\ud800"}])


def test_numbers_and_enums_that_are_read_as_text_are_not_ordered_as_text(client: Any) -> None:
    values = _values(client.module)
    with client.module.Client(client.dsn) as db, db.tx() as tx:
        tx.thing.create_many([{**values, "text": "order", "price": price} for price in (9, 10, 100)])
        for direction, expected in (("asc", [9, 10, 100]), ("desc", [100, 10, 9])):
            found = tx.thing.find_many(where={"text": "order"}, order={"price": direction})
            assert [row.price for row in found] == expected
        for row in found:
            tx.thing.delete({"id": row.id})


def test_a_zone_set_by_the_user_changes_no_instant(db: Any) -> None:
    with db._session.connection() as connection:
        connection.execute("SET TimeZone = 'Asia/Kolkata'")
    row = db.thing.find_first()
    assert (row.instant, row.instant.tzinfo) == (_THEN, UTC)


def test_an_assignment_changes_the_fields_set_of_its_own_row_alone(rows: list[Any]) -> None:
    first, second, third = rows
    shared = first.__pydantic_fields_set__
    assert shared is second.__pydantic_fields_set__
    first.text = "new"
    second.model_fields_set.clear()
    assert (first.text, second.model_fields_set) == ("new", set())
    assert third.__pydantic_fields_set__ is shared
    assert third.model_fields_set == first.model_fields_set == set(type(first).model_fields)
    with pytest.raises(ValueError, match="no field"):
        first.unknown = 1


@pytest.mark.parametrize(
    "copied",
    [copy.copy, copy.deepcopy, lambda row: pickle.loads(pickle.dumps(row)), lambda row: row.model_copy()],
    ids=["copy", "deepcopy", "pickle", "model_copy"],
)
def test_copies_are_rows_of_their_own(copied: Callable[[Any], Any], rows: list[Any]) -> None:
    twin = copied(rows[0])
    assert twin == rows[0]
    assert type(twin.__pydantic_fields_set__) is set
    twin.text = "changed"
    assert rows[0].text != "changed"
    changed = rows[0].model_copy(update={"text": "other"})
    assert changed.model_fields_set == rows[1].model_fields_set


def test_a_mere_subclass_is_made_the_fast_way(client: Any, hydrate: Callable[[type[Any]], list[Any]]) -> None:
    class Thing(client.module.models.Thing):  # type: ignore[misc, name-defined]
        """With a method."""

        @property
        def shouted(self) -> str:
            return str(self.text).upper()

    made = hydrate(Thing)
    assert [type(row) for row in made] == [Thing] * 3
    assert made[0].shouted == "É\u2028"
    assert made[0].__pydantic_fields_set__ is made[1].__pydantic_fields_set__


def test_a_subclass_that_checks_or_adds_is_validated(
    client: Any, hydrate: Callable[[type[Any]], list[Any]]
) -> None:
    base = client.module.models.Thing

    class Checked(base):  # type: ignore[misc, valid-type]
        @field_validator("text")
        @classmethod
        def _shout(cls, value: str) -> str:
            return value.upper()

    class Whole(base):  # type: ignore[misc, valid-type]
        @model_validator(mode="after")
        def _refuse(self) -> Any:
            raise ValueError("not this one")

    class Narrowed(base):  # type: ignore[misc, valid-type]
        number: float

    class Private(base):  # type: ignore[misc, valid-type]
        _seen: int = PrivateAttr(default=7)

    class Ready(base):  # type: ignore[misc, valid-type]
        def model_post_init(self, _context: Any) -> None:
            self.text = "ready"

    class Strict(base):  # type: ignore[misc, valid-type]
        model_config = ConfigDict(str_to_upper=True)

    class Added(base):  # type: ignore[misc, valid-type]
        extra_field: list[int] = []  # noqa: RUF012 - pydantic copies it

    assert hydrate(Checked)[0].text == hydrate(Strict)[0].text == "É\u2028"
    assert type(hydrate(Narrowed)[0].number) is float
    assert (hydrate(Private)[0]._seen, hydrate(Ready)[0].text) == (7, "ready")
    first, second, _ = hydrate(Added)
    first.extra_field.append(1)
    assert (second.extra_field, "extra_field" in second.model_fields_set) == ([], False)
    with pytest.raises(ValidationError, match="not this one"):
        hydrate(Whole)


def test_rows_serve_as_fields_of_other_models(client: Any, rows: list[Any]) -> None:
    thing = client.module.models.Thing
    page = type("Page", (BaseModel,), {"__annotations__": {"rows": list[thing]}})
    made = page.model_validate({"rows": rows})
    assert made.rows[0] is rows[0]
    assert page.model_validate_json(made.model_dump_json()).rows[0].text == rows[0].text


def test_the_garbage_of_others_is_collected_while_many_rows_are_read(client: Any, db: Any) -> None:
    enabled: list[bool] = []

    class Watching(client.module.models.Thing):  # type: ignore[misc]
        @model_validator(mode="after")
        def watch(self) -> Watching:
            enabled.append(gc.isenabled())
            return self

    hydration = importlib.import_module(f"{client.module.__name__}._runtime.results.hydration")
    columns = list(db.thing._table.columns.values())
    with psycopg.connect(client.dsn) as connection:
        selected = ", ".join(column.read for column in columns)
        (raw,) = connection.execute(f'SELECT {selected} FROM "Thing" LIMIT 1'.encode(), binary=True)
    assert len(hydration.hydrator(Watching, columns)([raw] * 200)) == 200
    assert enabled == [True] * 200


def test_a_value_that_the_enum_lacks_is_told(client: Any, db: Any) -> None:
    with psycopg.connect(client.dsn, autocommit=True) as connection:
        connection.execute("ALTER TYPE \"Mood\" ADD VALUE IF NOT EXISTS 'new'")
        connection.execute("UPDATE \"Thing\" SET mood = 'new' WHERE id = 1")
    try:
        with pytest.raises(client.module.errors.DataError, match="'new'"):
            db.thing.find_many()
        assert db.thing.count() == 3
    finally:
        with psycopg.connect(client.dsn) as connection:
            connection.execute("UPDATE \"Thing\" SET mood = 'so so' WHERE id = 1")


def test_a_large_result_is_not_kept_alive(client: Any) -> None:
    with client.module.Client(client.dsn, pool_size=1) as db, db.tx() as tx:
        tx.thing.create_many([_values(client.module)] * 1100)
        tx.thing.find_many()
        assert tx._session._slot.cursor is None
        assert tx.thing.count() == 1103
        assert tx._session._slot.cursor is not None
        tx._session._slot.connection.execute('DELETE FROM "Thing" WHERE id > 3')
