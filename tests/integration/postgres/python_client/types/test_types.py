"""Every scalar type crosses to Postgres and back unharmed, in both clients."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

SCHEMA = """
generator client {
  provider = "prisma-client"
}

datasource db {
  provider = "postgresql"
  schemas  = ["public", "audit"]
}

enum Role {
  ADMIN  @map("administrator")
  MEMBER

  @@map("role_kind")
  @@schema("audit")
}

model Everything {
  id          Int        @id @default(autoincrement())
  text        String?
  varchar     String?    @db.VarChar(5)
  char        String?    @db.Char(4)
  uuid        String?    @db.Uuid
  xml         String?    @db.Xml
  inet        String?    @db.Inet
  bit         String?    @db.Bit(3)
  varbit      String?    @db.VarBit(8)
  boolean     Boolean?
  int         Int?
  smallint    Int?       @db.SmallInt
  oid         Int?       @db.Oid
  bigint      BigInt?
  real        Float?     @db.Real
  float       Float?
  decimal     Decimal?
  numeric     Decimal?   @db.Decimal(10, 2)
  money       Decimal?   @db.Money
  datetime    DateTime?
  date        DateTime?  @db.Date
  time        DateTime?  @db.Time(3)
  timetz      DateTime?  @db.Timetz(6)
  timestamptz DateTime?  @db.Timestamptz(6)
  timestamp   DateTime?  @db.Timestamp
  document    Json?      @db.Json
  jsonb       Json?
  bytes       Bytes?
  role        Role?
  texts       String[]
  uuids       String[]   @db.Uuid
  xmls        String[]   @db.Xml
  inets       String[]   @db.Inet
  bits        String[]   @db.VarBit(8)
  chars       String[]   @db.Char(2)
  booleans    Boolean[]
  ints        Int[]
  bigints     BigInt[]
  floats      Float[]
  decimals    Decimal[]
  monies      Decimal[]  @db.Money
  datetimes   DateTime[]
  dates       DateTime[] @db.Date
  jsons       Json[]
  blobs       Bytes[]
  roles       Role[]

  @@map("every thing")
  @@schema("audit")
}
"""
_UTC = datetime.UTC
_MOMENT = datetime.datetime(2026, 3, 4, 5, 6, 7, 123_000, _UTC)
_UUID = "2f1acc6c-97ad-4b44-8cbf-0c1ba0ba2d8f"
_DAY = datetime.datetime(2026, 3, 4, tzinfo=_UTC)
_CLOCK = datetime.datetime(1970, 1, 1, 5, 6, 7, 123_000, _UTC)

# No xml: the embedded Postgres is built without libxml.
VALUES: list[tuple[str, Any]] = [
    ("text", 'it\'s "quoted" \\ %s $1 ;-- \u2028 \U0001f600'),
    ("text", ""),
    ("varchar", "abcde"),
    ("char", "abcd"),
    ("uuid", _UUID),
    ("inet", "192.168.0.1"),
    ("inet", "10.0.0.0/8"),
    ("bit", "101"),
    ("varbit", "10110"),
    ("boolean", False),
    ("int", -(2**31)),
    ("smallint", 2**15 - 1),
    ("oid", 2**32 - 1),
    ("bigint", 2**63 - 1),
    ("bigint", 2**53 + 1),
    ("real", 0.5),
    ("float", 0.1),
    ("float", math.inf),
    ("decimal", Decimal("12345678901234567890.123456789")),
    ("decimal", Decimal("-1E+3")),
    ("decimal", Decimal("0.0000000001")),
    ("decimal", Decimal(0)),
    ("numeric", Decimal("1.5")),
    ("money", Decimal("1234.56")),
    ("datetime", _MOMENT),
    ("date", _DAY),
    ("time", _CLOCK),
    ("timetz", _CLOCK.replace(microsecond=123_456)),
    ("timestamptz", _MOMENT.replace(microsecond=123_456)),
    ("timestamp", _MOMENT.replace(microsecond=123_456)),
    ("bytes", b"\x00\xff\\x00"),
    ("texts", ["a", "", 'b"{},\\', "NULL"]),
    ("texts", []),
    ("uuids", [_UUID]),
    ("inets", ["10.0.0.1", "::1"]),
    ("bits", ["101", "0"]),
    ("chars", ["ab", "cd"]),
    ("booleans", [True, False]),
    ("ints", [1, -1, 2**31 - 1]),
    ("bigints", [2**62]),
    ("floats", [0.1, -math.inf]),
    ("decimals", [Decimal("1.5"), Decimal("-0.25")]),
    ("monies", [Decimal("1.5")]),
    ("datetimes", [_MOMENT]),
    ("dates", [_DAY, _DAY + datetime.timedelta(days=1)]),
    ("blobs", [b"", b"\x00\xff"]),
]
JSON_VALUES: list[Any] = [{"a": [1, 2.5, "x\u2028", None, {"b": True}]}, [], "text", 0, False, 2**70]


@pytest.fixture(scope="module")
def client(client_of: Callable[[str], Any]) -> Any:
    return client_of(SCHEMA)


def test_values_come_back_as_they_went(db: Any, client: Any) -> None:
    for field, value in VALUES:
        row = db.everything.create({field: value})
        assert getattr(row, field) == value, field
        read = client.module.Base64 if isinstance(value, bytes) else type(value)
        assert type(getattr(row, field)) is read
        assert db.everything.find_unique({"id": row.id}) == row
        updated = db.everything.update({field: value}, {"id": row.id})
        assert updated == row


def test_many_rows_come_back_as_they_went(db: Any) -> None:
    assert db.everything.create_many([{field: value} for field, value in VALUES]) == len(VALUES)
    rows = db.everything.find_many(order={"id": "asc"})
    assert [getattr(row, field) for row, (field, _) in zip(rows, VALUES, strict=True)] == [
        value for _, value in VALUES
    ]


def test_each_value_is_found_by_itself(db: Any) -> None:
    for field, value in VALUES:
        row = db.everything.create({field: value})
        found = db.everything.find_many(where={field: value, "id": row.id})
        assert found == [row], field
        if not isinstance(value, list):
            assert db.everything.count(where={field: {"not": value}, "id": row.id}) == 0, field


def test_scalars_are_found_in_lists(db: Any) -> None:
    for field, value in VALUES:
        if isinstance(value, list | bool):
            continue
        row = db.everything.create({field: value})
        assert db.everything.find_first(where={"id": row.id, field: {"in": [value]}}) == row, field
        assert db.everything.count(where={"id": row.id, field: {"not_in": [value]}}) == 0, field
        assert db.everything.count(where={"id": row.id, field: {"in": []}}) == 0, field
        assert db.everything.count(where={"id": row.id, field: {"not_in": []}}) == 1, field


def test_json_null_and_no_value_are_told_apart(db: Any, client: Any) -> None:
    json = client.module.Json
    for field in ("document", "jsonb"):
        for value in JSON_VALUES:
            row = db.everything.create({field: json(value)})
            assert getattr(row, field) == value
            assert db.everything.find_first(where={field: json(value), "id": row.id}) == row
        null = db.everything.create({field: json(None)})
        missing = db.everything.create({field: None})
        ids = {"id": {"in": [null.id, missing.id]}}
        assert (getattr(null, field), getattr(missing, field)) == (None, None)
        assert db.everything.find_many(where={**ids, field: json(None)}) == [null]
        assert db.everything.find_many(where={**ids, field: None}) == [missing]
        assert db.everything.find_many(where={**ids, field: {"not": None}}) == [null]
        assert db.everything.create_many([{field: json(None)}, {field: None}, {field: json("x")}]) == 3
        assert db.everything.count(where={field: json(None), "id": {"gt": missing.id}}) == 1
        assert db.everything.count(where={field: None, "id": {"gt": missing.id}}) == 1
    row = db.everything.create({"jsons": [json({"a": 1}), json(None), json([1])]})
    assert row.jsons == [{"a": 1}, None, [1]]
    assert db.everything.find_first(where={"jsons": [json({"a": 1}), json(None), json([1])]}) == row


def test_enums_speak_the_schemas_names(db: Any, client: Any) -> None:
    role = client.module.enums.Role
    row = db.everything.create({"role": role.ADMIN, "roles": ["ADMIN", role.MEMBER]})
    assert row.role is role.ADMIN
    assert row.roles == [role.ADMIN, role.MEMBER]
    assert db.everything.find_many(where={"role": "ADMIN"}) == [row]
    assert db.everything.find_many(where={"role": {"in": [role.MEMBER]}}) == []
    assert db.everything.find_many(where={"roles": [role.ADMIN, role.MEMBER]}) == [row]
    assert db.everything.create_many([{"role": "ADMIN", "roles": []}]) == 1
    with pytest.raises(client.module.errors.InputError, match=r"data\.role: needs one of ADMIN, MEMBER"):
        db.everything.create({"role": "administrator"})


def test_unset_lists_are_empty(db: Any) -> None:
    row = db.everything.create({})
    assert row.texts == [] == row.roles == row.decimals


def test_datetimes_are_taken_as_utc_and_rounded_by_the_server(db: Any, client: Any) -> None:
    naive = datetime.datetime(2026, 1, 2, 3, 4, 5, 678_999)
    far = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone(datetime.timedelta(hours=5)))
    row = db.everything.create({"datetime": naive, "date": far, "timestamptz": naive})
    assert row.datetime == naive.replace(microsecond=679_000, tzinfo=_UTC)
    assert row.date == datetime.datetime(2026, 1, 1, tzinfo=_UTC)
    assert row.timestamptz == naive.replace(tzinfo=_UTC)
    assert row.datetime.tzinfo is row.timestamptz.tzinfo is _UTC
    # Conditions are as exact as their values.
    assert db.everything.count(where={"datetime": naive}) == 0
    assert db.everything.count(where={"datetime": {"gt": naive}}) == 1
    assert db.everything.find_first(where={"datetime": row.datetime}) == row
    assert db.everything.find_first(where={"datetime": {"lt": datetime.datetime.max}}) == row
    for data in ({"datetime": datetime.datetime.max}, {"datetime": {"set": datetime.datetime.max}}):
        with pytest.raises(
            client.module.errors.InputError, match=r"data\.datetime.*: would be rounded to the year 10000"
        ):
            db.everything.update(data, {"id": row.id})
    with pytest.raises(client.module.errors.InputError, match="more than six digits"):
        db.everything.create({"timestamptz": "2026-01-01T00:00:00.1234567Z"})
    assert (
        db.everything.create({"timestamptz": "2026-01-01T00:00:00.1234560Z"}).timestamptz.microsecond
        == 123_456
    )


def test_lengths_are_never_cut_silently(db: Any, client: Any) -> None:
    for field, value in (("varchar", "abcdef"), ("char", "abcde"), ("bit", "1011")):
        with pytest.raises(client.module.errors.DataError):
            db.everything.create({field: value})
        with pytest.raises(client.module.errors.DataError):
            db.everything.create_many([{field: value}])
    assert db.everything.count() == 0


def test_numbers_out_of_range_are_refused(db: Any, client: Any) -> None:
    for field, value in (("int", 2**31), ("smallint", 2**15), ("bigint", 2**63)):
        with pytest.raises(client.module.errors.DataError):
            db.everything.create({field: value})


def test_values_of_another_type_are_refused_before_any_sql(client: Any) -> None:
    wrong: list[tuple[str, Any]] = [
        ("text", 1),
        ("int", True),
        ("int", "1"),
        ("boolean", 1),
        ("float", "1"),
        ("decimal", 0.1),
        ("decimal", "one"),
        ("datetime", "01.02.2026"),
        ("bytes", "text"),
        ("jsonb", {"equals": 1}),
        ("jsonb", [1]),
        ("texts", "text"),
        ("texts", [None]),
        ("role", 1),
    ]
    unconnected = client.module.Client(client.dsn)
    for field, value in wrong:
        with pytest.raises((client.module.errors.InputError, client.module.errors.MissingRequiredValueError)):
            unconnected.everything.create({field: value})
        with pytest.raises((client.module.errors.InputError, client.module.errors.MissingRequiredValueError)):
            unconnected.everything.create_many([{field: value}])
