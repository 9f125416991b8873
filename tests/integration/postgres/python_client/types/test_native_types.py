"""Every type that Prisma knows in PostgreSQL, alone and in lists, on the embedded 18 and on Debian's 15.

The embedded server has neither libxml nor citext, so those two are Debian's alone.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest

from migrations.scratch.scratch_server import ScratchServer
from schemas.prisma.bridge import PrismaBridge

from ...debian import debian_server, scratch
from ..clients import imported_client


class Case(NamedTuple):
    """A type as the schema spells it; values, and as what each is read where that differs."""

    spelled: str
    values: list[Any]
    read: dict[Any, Any] = {}  # noqa: RUF012 - never changed


def _at(*parts: int, offset_hours: int = 0) -> datetime:
    return datetime(*parts, tzinfo=timezone(timedelta(hours=offset_hours)))  # type: ignore[misc, arg-type]


_FIRST, _LAST = _at(1, 1, 1), _at(9999, 12, 31, 23, 59, 59, 999_999)
_MOMENT = _at(2026, 3, 4, 5, 6, 7, 987_654)
_ELSEWHERE = _at(2026, 3, 4, 1, 30, offset_hours=3)
_UUID = "2F1ACC6C-97AD-4B44-8CBF-0C1BA0BA2D8F"
_WORDS = ["", "a", 'it\'s "x" \\ %s $1', "\u2028\U0001f600", "NULL", "{}", "a,b"]


def _cut(moment: datetime, digits: int) -> datetime:
    step = 10 ** (6 - digits)
    return moment.replace(microsecond=moment.microsecond // step * step)


def _rounded(moment: datetime, digits: int) -> datetime:
    """As Postgres does it, of a moment after 2000."""
    return _cut(moment + timedelta(microseconds=10 ** (6 - digits) // 2), digits)


def _clock(moment: datetime) -> datetime:
    return moment.replace(year=1970, month=1, day=1)


CASES = [
    Case("String", _WORDS),
    Case("String @db.Text", _WORDS),
    Case("String @db.VarChar(30)", _WORDS),
    Case("String @db.VarChar", _WORDS),
    Case("String @db.Char(4)", ["abcd", "ab", "äöü€"], {"ab": "ab  "}),
    Case("String @db.Char", ["a", "€"]),
    Case("String @db.Uuid", [_UUID, _UUID.lower()], {_UUID: _UUID.lower()}),
    Case("String @db.Inet", ["10.0.0.1", "10.0.0.0/8", "::1", "2001:db8::/32", "0.0.0.0/0"]),
    Case("String @db.Bit(3)", ["101", "000"]),
    Case("String @db.Bit", ["1", "0"]),
    Case("String @db.VarBit(8)", ["", "1", "10110110"]),
    Case("String @db.VarBit", ["", "1" * 100]),
    Case("Boolean", [True, False]),
    Case("Boolean @db.Boolean", [True, False]),
    Case("Int", [-(2**31), 0, 2**31 - 1]),
    Case("Int @db.Integer", [-(2**31), 2**31 - 1]),
    Case("Int @db.SmallInt", [-(2**15), 2**15 - 1]),
    Case("Int @db.Oid", [0, 2**32 - 1]),
    Case("BigInt", [-(2**63), 2**53 + 1, 2**63 - 1]),
    Case("BigInt @db.BigInt", [-(2**63), 2**63 - 1]),
    Case("Float", [0.1, -0.0, 5e-324, sys.float_info.max, math.inf, -math.inf]),
    Case("Float @db.DoublePrecision", [0.1, math.inf]),
    Case("Float @db.Real", [0.5, 0.1, -math.inf, 1e-45, 2.0**33, 2.0**127],
         {2.0**33: 8589935000.0, 2.0**127: 1.7014118e38}),
    Case("Decimal", [Decimal(0), Decimal("-1E+30"), Decimal("0." + "0" * 29 + "1"), Decimal("9" * 35)]),
    Case("Decimal @db.Decimal(10, 2)", [Decimal("99999999.99"), Decimal("-0.01")]),
    Case("Decimal @db.Decimal", [Decimal("0." + "123456789" * 30), Decimal("1E+200"), Decimal("Infinity")]),
    Case("Decimal @db.Money", [Decimal("92233720368547758.07"), Decimal("-92233720368547758.08")]),
    Case("DateTime", [_cut(_FIRST, 3), _cut(_LAST, 3), _MOMENT, _ELSEWHERE],
         {_MOMENT: _rounded(_MOMENT, 3), _ELSEWHERE: _ELSEWHERE.astimezone(UTC)}),
    *(Case(f"DateTime @db.{name}({digits})", [_FIRST, _MOMENT, _cut(_LAST, digits)],
           {_MOMENT: _rounded(_MOMENT, digits)})
      for name in ("Timestamp", "Timestamptz") for digits in (0, 3, 6)),
    Case("DateTime @db.Timestamp", [_FIRST, _LAST]),
    Case("DateTime @db.Timestamptz", [_FIRST, _LAST]),
    Case("DateTime @db.Date", [_at(1, 1, 1), _at(9999, 12, 31), _ELSEWHERE], {_ELSEWHERE: _at(2026, 3, 3)}),
    *(Case(f"DateTime @db.{name}({digits})", [_clock(_FIRST), _MOMENT, _cut(_LAST, digits)],
           {_MOMENT: _clock(_rounded(_MOMENT, digits)), _cut(_LAST, digits): _clock(_cut(_LAST, digits))})
      for name in ("Time", "Timetz") for digits in (0, 3, 6)),
    Case("Bytes", [b"", b"\x00\xff\\x00", bytes(range(256)) * 100]),
    Case("Bytes @db.ByteA", [b"\x00"]),
]  # fmt: skip
_DEBIAN_CASES = [
    Case("String @db.Citext", ["AbC", "", "É"]),
    Case("String @db.Xml", ["<a b='c'>1</a>", "text", "<ä/>"]),
]
_HEADER = 'datasource db {\n  provider = "postgresql"\n}\n'
_DEFAULTS = """
enum Kind {
  A @map("a")
  B
}

model Defaults {
  id       Int        @id @default(autoincrement())
  text     String     @default("it's \\"x\\" \\\\ ${1}")
  char     String     @default("ab") @db.Char(3)
  inet     String     @default("10.0.0.1") @db.Inet
  bit      String     @default("101") @db.Bit(3)
  uuid     String     @default(dbgenerated("gen_random_uuid()")) @db.Uuid
  flag     Boolean    @default(true)
  small    Int        @default(-1) @db.SmallInt
  big      BigInt     @default(9223372036854775807)
  float    Float      @default(0.1)
  decimal  Decimal    @default(12345678901234567890.12345678901234567890)
  money    Decimal    @default(1.5) @db.Money
  moment   DateTime   @default("2026-03-04T05:06:07.123+02:00")
  zoned    DateTime   @default("2026-03-04T05:06:07.123+02:00") @db.Timestamptz(3)
  date     DateTime   @default("2026-03-04T00:00:00Z") @db.Date
  now      DateTime   @default(now())
  json     Json       @default("{\\"a\\": [1, null]}")
  bytes    Bytes      @default("AP8=")
  kind     Kind       @default(A)
  texts    String[]   @default(["a", "it's"])
  numbers  Int[]      @default([])
  decimals Decimal[]  @default([1.50, 2])
  kinds    Kind[]     @default([A, B])
  flags    Boolean[]  @default([true, false])
  moments  DateTime[] @default(["2026-03-04T05:06:07Z"])
}

model Places {
  id    Int                      @id @default(autoincrement())
  name  String
  place Unsupported("point")?
  box   Unsupported("box")       @default(dbgenerated("'(1,1),(0,0)'::box"))
  words Unsupported("tsvector")?
}
"""


class Typed(NamedTuple):
    """A client whose model ``Item`` has, for each case, a field ``f0`` and a list ``l0``."""

    module: Any
    dsn: str
    cases: list[Case]

    def fields(self) -> Iterator[tuple[str, str, Any, Any]]:
        """Field, list, value, and what is read of it."""
        for number, case in enumerate(self.cases):
            for value in case.values:
                yield f"f{number}", f"l{number}", value, case.read.get(value, value)


@pytest.fixture(scope="module", params=["postgres18", "postgres15"])
def typed(
    request: pytest.FixtureRequest,
    bridge: PrismaBridge,
    scratch_server: ScratchServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Typed]:
    if request.param == "postgres18":
        yield from _typed(bridge, scratch_server, CASES, tmp_path_factory.mktemp("typed"), request.param)
        return
    with debian_server() as debian, scratch(debian) as server:
        cases = [*CASES, *_DEBIAN_CASES]
        yield from _typed(bridge, server, cases, tmp_path_factory.mktemp("typed"), request.param)


def _typed(
    bridge: PrismaBridge, server: ScratchServer, cases: list[Case], folder: Path, name: str
) -> Iterator[Typed]:
    lines = ["id Int @id @default(autoincrement())"]
    for number, case in enumerate(cases):
        scalar, *native = case.spelled.split(" ", 1)
        lines += [f"f{number} {scalar}? {''.join(native)}", f"l{number} {scalar}[] {''.join(native)}"]
    schema = bridge.parse(_HEADER + "model Item {\n" + "\n".join(lines) + "\n}\n" + _DEFAULTS)
    module = imported_client(schema, f"typed_{name}", folder)
    with server.new_database() as dsn:
        with psycopg.connect(dsn, autocommit=True) as connection:
            if _DEBIAN_CASES[0] in cases:
                connection.execute("CREATE EXTENSION citext")
            connection.execute(bridge.diff(None, schema.text).encode())
        yield Typed(module, dsn, cases)


@pytest.fixture
def db(typed: Typed) -> Iterator[Any]:
    with psycopg.connect(typed.dsn) as connection:
        connection.execute('TRUNCATE "Item", "Defaults", "Places" RESTART IDENTITY')
    # A session of another time zone is the client's to set right.
    with typed.module.Client(typed.dsn) as opened:
        yield opened


def _same(one: Any, other: Any) -> bool:
    # By repr, -0.0 is not 0.0.
    kind = "Base64" if isinstance(other, bytes) else type(other).__name__
    return type(one).__name__ == kind and (not isinstance(one, float) or repr(one) == repr(other))


def test_values_come_back_as_they_went(typed: Typed, db: Any) -> None:
    for field, listed, value, read in typed.fields():
        row = db.item.create({field: value, listed: [value, value]})
        shown = (field, value)
        assert getattr(row, field) == read, shown
        assert _same(getattr(row, field), read), shown
        assert getattr(row, listed) == [read, read], shown
        assert db.item.find_unique({"id": row.id}) == row
        changed = db.item.update({field: value, listed: {"push": [value]}}, {"id": row.id})
        assert getattr(changed, listed) == [read, read, read], shown


def test_many_rows_come_back_as_they_went(typed: Typed, db: Any) -> None:
    wanted = list(typed.fields())
    rows = [{field: value, listed: [value]} for field, listed, value, _ in wanted]
    # Once few at a time and once so many that they are copied.
    assert db.item.create_many(rows[:2]) + db.item.create_many(rows[2:] * 20) == 2 + 20 * (len(rows) - 2)
    found = db.item.find_many(order={"id": "asc"}, take=len(rows))
    for row, (field, listed, value, read) in zip(found, wanted, strict=True):
        assert (getattr(row, field), getattr(row, listed)) == (read, [read]), (field, value)


def test_values_are_found_by_filters(typed: Typed, db: Any) -> None:
    for field, listed, value, read in typed.fields():
        row = db.item.create({field: value, listed: [value]})
        here = {"id": row.id}
        bound = read if isinstance(value, datetime) else value  # of a finer one the column keeps less
        shown = (field, value)
        for where in (
            {field: bound},
            {field: {"equals": bound}},
            {field: {"not": None}},
            {listed: [bound]},
            {listed: {"has": bound}},
            {listed: {"has_every": [bound]}},
            {listed: {"has_some": [bound]}},
        ):
            assert db.item.count(where={**where, **here}) == 1, (shown, where)
        for where in ({field: {"not": bound}}, {field: None}, {listed: {"is_empty": True}}):
            assert db.item.count(where={**where, **here}) == 0, (shown, where)
        if isinstance(value, bool):
            continue
        assert db.item.count(where={field: {"in": [bound]}, **here}) == 1, shown
        assert db.item.count(where={field: {"not_in": [bound]}, **here}) == 0, shown


def test_values_are_ordered_and_measured(typed: Typed, db: Any) -> None:
    for number, case in enumerate(typed.cases):
        if case.spelled.startswith(("Boolean", "Bytes")) or "Xml" in case.spelled:
            continue
        field = f"f{number}"
        db.item.delete_many()
        for value in case.values:
            db.item.create({field: value})
        ordered = [getattr(row, field) for row in db.item.find_many(order={field: "asc"})]
        read = [case.read.get(value, value) for value in case.values]
        assert sorted(ordered, key=repr) == sorted(read, key=repr), case.spelled
        if not case.spelled.startswith("String"):
            assert ordered == sorted(read), case.spelled
            assert db.item.count(where={field: {"gte": ordered[0], "lte": ordered[-1]}}) == len(read)
            assert db.item.count(where={field: {"gt": ordered[0]}}) == sum(one > ordered[0] for one in read)
            found = db.item.aggregate(min={field: True}, max={field: True})
            assert (found["_min"][field], found["_max"][field]) == (ordered[0], ordered[-1]), case.spelled


def test_rows_are_grouped_and_measured_by_every_type(typed: Typed, db: Any) -> None:
    """Those too that have no equality, no least or no average in Postgres: json, xml, bits, money, oid."""
    for number, case in enumerate(typed.cases):
        field, listed = f"f{number}", f"l{number}"
        db.item.delete_many()
        for value in (*case.values, *case.values):
            db.item.create({field: value, listed: [value]})
        read = [case.read.get(value, value) for value in case.values]
        groups = db.item.group_by([field], count={"_all": True, field: True}, having={field: {"not": None}},
                                  order={field: "asc"})  # fmt: skip
        assert [group[field] for group in groups if group[field] not in read] == [], case.spelled
        assert sum(group["_count"][field] for group in groups) == 2 * len(read), case.spelled
        assert db.item.group_by([field], having={field: None}) == [], case.spelled
        lists = db.item.group_by([listed], count=True, having={listed: [read[0]]})
        assert [group[listed][0] == read[0] for group in lists] == [True], case.spelled
        if case.spelled.split()[0] not in ("Boolean", "Bytes", "Json"):
            found = db.item.aggregate(min={field: True}, max={field: True})
            assert {found["_min"][field], found["_max"][field]} <= {*read}, case.spelled
            assert db.item.group_by([listed], having={field: {"_max": {"in": read}}}) != []
    for kind in ("Int @db.Oid", "Decimal @db.Money"):
        field = f"f{[case.spelled for case in typed.cases].index(kind)}"
        db.item.delete_many()
        for value in (1, 2):
            db.item.create({field: value})
        assert db.item.aggregate(sum={field: True}, avg={field: True}) == {
            "_sum": {field: 3}, "_avg": {field: 1.5},
        }  # fmt: skip


def test_numbers_are_calculated_as_far_as_postgres_can(typed: Typed, db: Any) -> None:
    results = {"increment": 10, "decrement": 6, "multiply": 16, "divide": 4}
    able = {"Int @db.Oid": {}, "Decimal @db.Money": {"increment": 10, "decrement": 6}}
    for number, case in enumerate(typed.cases):
        if case.spelled.split()[0] in ("Int", "BigInt", "Float", "Decimal"):
            field = f"f{number}"
            row = db.item.create({field: 8})
            for word, result in results.items():
                db.item.update({field: 8}, {"id": row.id})
                if word in able.get(case.spelled, results):
                    assert getattr(db.item.update({field: {word: 2}}, {"id": row.id}), field) == result
                else:
                    with pytest.raises(typed.module.errors.InputError, match=f"no '{word}'"):
                        db.item.update({field: {word: 2}}, {"id": row.id})


def test_what_is_no_number_is_kept_and_found(typed: Typed, db: Any) -> None:
    spelled = [case.spelled for case in typed.cases]
    for kind, value in (
        ("Decimal @db.Decimal", Decimal("NaN")),
        ("Float", math.nan),
        ("Float @db.Real", math.nan),
    ):
        field, listed = (f"{letter}{spelled.index(kind)}" for letter in "fl")
        row = db.item.create({field: value, listed: [value]})
        assert math.isnan(getattr(row, field))
        assert math.isnan(getattr(row, listed)[0])
        # To PostgreSQL it equals itself, and is more than any number.
        assert db.item.count(where={field: value, listed: {"has": value}}) == 1
        assert db.item.count(where={field: {"gt": 1}}) == 1
        # JSON has no form for it, and null would be another value: it is a text, which a float is read from.
        partial = typed.module.models.Item.create_partial(f"Some{field}", include=[field, listed, "id"])
        for shown in (row, partial.model_construct(**{field: value, listed: [value]})):
            written = json.loads(shown.model_dump_json())
            assert (written[field], written[listed]) == ("NaN", ["NaN"])
            if isinstance(value, float):
                read = type(row).model_validate_json(row.model_dump_json())
                assert math.isnan(getattr(read, field))


def test_a_sum_of_reals_is_the_one_that_postgres_writes(typed: Typed, db: Any) -> None:
    field = f"f{[case.spelled for case in typed.cases].index('Float @db.Real')}"
    for value in (0.1, 0.2, 0.3):
        db.item.create({field: value})
    found = db.item.aggregate(sum={field: True}, avg={field: True}, min={field: True})
    assert (found["_sum"][field], found["_min"][field]) == (0.6, 0.1)
    (shown,) = db.query_raw(f'SELECT sum("{field}")::text AS sum, avg("{field}")::text AS avg FROM "Item"')
    assert shown == {"sum": "0.6", "avg": repr(found["_avg"][field])}


def test_citext_ignores_case(typed: Typed, db: Any) -> None:
    fields = [f"f{n}" for n, case in enumerate(typed.cases) if "Citext" in case.spelled]
    for field in fields:
        db.item.create({field: "AbC"})
        for where in ("abc", {"in": ["ABC"]}, {"contains": "B"}, {"startswith": "aB"}):
            assert db.item.count(where={field: where}) == 1, where
    assert bool(fields) == (len(typed.cases) > len(CASES))


def test_defaults_are_the_schemas(typed: Typed, db: Any) -> None:
    before = datetime.now(UTC) - timedelta(minutes=1)
    kinds = typed.module.enums.Kind
    for create in (lambda: db.defaults.create({}), lambda: db.defaults.create_many([{}]) and None):
        create()
        row = db.defaults.find_first(order={"id": "desc"})
        assert (row.text, row.char, row.inet, row.bit) == ('it\'s "x" \\ ${1}', "ab ", "10.0.0.1", "101")
        assert len(row.uuid) == 36
        assert (row.flag, row.small, row.big, row.float) == (True, -1, 2**63 - 1, 0.1)
        assert row.decimal == Decimal("12345678901234567890.1234567890123456789")
        assert row.money == Decimal("1.5")
        assert row.zoned == _at(2026, 3, 4, 3, 6, 7, 123_000)
        assert row.date == _at(2026, 3, 4)
        assert row.now > before
        assert (row.json_, row.bytes, row.kind) == ({"a": [1, None]}, b"\x00\xff", kinds.A)
        assert (row.texts, row.numbers, row.decimals) == (["a", "it's"], [], [Decimal("1.5"), Decimal(2)])
        assert (row.kinds, row.flags) == ([kinds.A, kinds.B], [True, False])
        assert row.moments == [_at(2026, 3, 4, 5, 6, 7)]


def test_unsupported_columns_are_left_alone_and_read_raw(typed: Typed, db: Any) -> None:
    row = db.places.create({"name": "a"})
    assert set(type(row).model_fields) == {"id", "name"}
    db.execute_raw('UPDATE "Places" SET place = $1::point, words = to_tsvector($2)', "(1,2)", "kettles")
    assert db.places.update({"name": "b"}, {"id": row.id}).name == "b"
    db.places.upsert({"id": row.id}, {"create": {"name": "x"}, "update": {"name": "c"}})
    assert db.places.create_many([{"name": "d"}]) == 1
    first, second = db.query_raw('SELECT * FROM "Places" ORDER BY id')
    assert first == {"id": 1, "name": "c", "place": "(1,2)", "box": "(1,1),(0,0)", "words": "'kettl':1"}
    assert (second["place"], second["box"], second["words"]) == (None, "(1,1),(0,0)", None)
    # Raw rows as models: what a model doesn't know is passed over.
    assert db.query_raw('SELECT * FROM "Places"', model=typed.module.models.Places)[0].name in ("c", "d")
    with pytest.raises(typed.module.errors.FieldNotFoundError):
        db.places.create({"name": "x", "place": "(1,2)"})
    assert db.places.delete({"id": row.id}).name == "c"
