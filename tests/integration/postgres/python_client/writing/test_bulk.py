"""Many rows at once: by COPY, which stores what an INSERT would store and refuses what one would refuse."""

from __future__ import annotations

import asyncio
import datetime
import math
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import sql

from migrations.scratch.scratch_server import ScratchServer

SCHEMA = """
enum Colour {
  RED  @map("rouge")
  BLUE

  @@map("the colours")
}

model Row {
  id      Int       @id @default(autoincrement())
  text    String
  short   String?   @db.VarChar(5)
  key     String    @unique @default(uuid()) @db.Uuid
  colour  Colour?
  flag    Boolean?
  small   Int?      @db.SmallInt
  int     Int       @default(7)
  big     BigInt?
  real    Float?    @db.Real
  float   Float?
  price   Decimal?  @db.Decimal(12, 2)
  exact   Decimal?
  at      DateTime?
  zoned   DateTime? @db.Timestamptz(6)
  day     DateTime? @db.Date
  data    Json?
  raw     Bytes?
  made    DateTime  @default(now())
  changed DateTime  @updatedAt
  tags    String[]

  @@map("the rows")
}

model Parent {
  id       Int     @id
  children Child[]
}

model Child {
  id       Int     @id @default(autoincrement())
  parent   Parent? @relation(fields: [parentId], references: [id])
  parentId Int?
  amount   Int     @default(1)
}
"""
_MANY = 120
_UTC = datetime.UTC
_MOMENTS = st.datetimes(
    min_value=datetime.datetime(1, 1, 2), max_value=datetime.datetime(9999, 12, 30), timezones=st.just(_UTC)
)
_TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
_OPTIONAL: dict[str, st.SearchStrategy[Any]] = {
    "short": _TEXTS.map(lambda text: text[:5]),
    "key": st.uuids().map(str),
    "colour": st.sampled_from(["RED", "BLUE"]),
    "flag": st.booleans(),
    "small": st.integers(-(2**15), 2**15 - 1),
    "int": st.integers(-(2**31), 2**31 - 1),
    "big": st.integers(-(2**63), 2**63 - 1),
    "real": st.floats(width=32, allow_nan=False),
    "float": st.floats(allow_nan=False),
    "price": st.decimals(-(10**9), 10**9, places=3),
    "exact": st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**34), max_value=10**34),
    "at": _MOMENTS,
    "zoned": _MOMENTS,
    "day": _MOMENTS,
    "raw": st.binary(max_size=20),
}


@pytest.fixture(scope="module")
def client(client_of: Callable[[str], Any]) -> Any:
    return client_of(SCHEMA)


@pytest.fixture
def blocking(client: Any) -> Iterator[Any]:
    client.empty()
    with client.opened("sync") as connected:
        yield connected


@pytest.fixture
def copies(client: Any) -> Iterator[tuple[Any, list[str]]]:
    """A client, and the commands that it sends: the first word of each."""
    client.empty()
    words: list[str] = []
    with client.opened("sync", on_query=lambda event: words.append(event.sql.split()[0])) as connected:
        yield connected, words


@settings(max_examples=40)
@given(
    row=st.fixed_dictionaries({"text": _TEXTS}, optional=_OPTIONAL),
    nulls=st.sets(st.sampled_from(sorted(_OPTIONAL.keys() - {"key", "int"}))),
)
def test_copy_and_insert_store_the_same(client: Any, row: dict[str, Any], nulls: set[str]) -> None:
    row = {**row, **dict.fromkeys(nulls)}
    key = row.pop("key", None)
    with client.opened("sync", pool_size=1) as db, db.tx() as tx:
        tx.row.delete_many()
        tx.row.create_many([row if key is None else {**row, "key": key}])
        (inserted,) = tx.query_raw('SELECT * FROM "the rows"')
        tx.row.delete_many()
        assert tx.row.create_many([row] * _MANY) == _MANY
        copied = tx.query_raw('SELECT * FROM "the rows" ORDER BY id')
        own = {"id", "key", "changed", "made"}
        assert [_but(each, own) for each in copied] == [_but(inserted, own)] * _MANY
        assert len({each["key"] for each in copied}) == _MANY
        if key is not None:
            tx.row.delete_many()
            tx.row.create_many([{**row, "key": key}, *[row] * _MANY])
            assert tx.row.count(where={"key": key}) == 1


@pytest.mark.parametrize("count", [1, _MANY])
@pytest.mark.parametrize("given_fields", [["made"], ["changed"], ["made", "changed"]])
def test_times_that_are_given_are_stored_as_given(db: Any, count: int, given_fields: list[str]) -> None:
    past = datetime.datetime(2001, 2, 3, tzinfo=_UTC)
    row = {"text": "x", **dict.fromkeys(given_fields, past)}
    assert db.row.create_many([row] * count) == count
    assert db.row.create_many([row] * count, skip_duplicates=True) == count
    for stored in db.row.find_many():
        assert [field for field in ("made", "changed") if getattr(stored, field) == past] == given_fields


def _but(row: dict[str, Any], left_out: set[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in left_out}


def test_many_rows_are_copied(copies: tuple[Any, list[str]], client: Any) -> None:
    db, words = copies
    assert db.row.create_many([{"text": f"{number}"} for number in range(1000)]) == 1000
    assert words == ["SELECT", "COPY"]
    rows = db.row.find_many(order={"id": "asc"})
    assert [row.text for row in rows] == [f"{number}" for number in range(1000)]
    assert {(row.int, row.colour, row.tags == []) for row in rows} == {(7, None, True)}
    assert len({row.changed for row in rows}) == 1
    now = datetime.datetime.now(_UTC)
    assert abs(now - rows[0].changed) < datetime.timedelta(minutes=5)
    json = client.module.Json
    documents = [{"a": [1, None, "\u2028"]}, None, "text", 2**70, json]
    values = [None if document is json else json(document) for document in documents]
    db.row.create_many([{"text": "json", "data": value} for value in values * 30])
    assert words[-1] == "COPY"
    read = db.query_raw("SELECT data::text AS data FROM \"the rows\" WHERE text = 'json' ORDER BY id")
    assert [each["data"] for each in read[:5]] == [
        '{"a": [1, null, "\u2028"]}', "null", '"text"', f"{2**70}", None,
    ]  # fmt: skip


def test_rows_of_several_shapes(db: Any) -> None:
    rows: list[dict[str, Any]] = []
    for number in range(_MANY):
        rows += [{"amount": number}, {"amount": number, "parentId": None}, {}, {"id": 10_000 + number}]
    assert db.child.create_many(rows) == len(rows)
    assert db.child.count(where={"amount": 1}) == 2 * _MANY + 2
    assert db.child.count(where={"id": {"gte": 10_000}}) == _MANY


@pytest.mark.parametrize(
    "values",
    [
        {"exact": Decimal("NaN")},
        {"exact": Decimal("1E-2000")},
        {"key": "{2f1acc6c97ad4b448cbf0c1ba0ba2d8f}"},
        {"tags": ["a", "b"]},
        {"float": math.nan},
    ],
)
def test_what_copy_has_no_form_for_goes_another_way(blocking: Any, values: dict[str, Any]) -> None:
    rows: list[dict[str, Any]] = [{"text": "a", **values}] + [{"text": "b"} for _ in range(_MANY)]
    assert blocking.row.create_many(rows) == _MANY + 1
    assert blocking.row.count(where={"text": "a"}) == 1


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"int": 2**31}, r"data\[119\].int: needs an int from -2147483648 to 2147483647"),
        ({"small": 2**15}, r"data\[119\].small: needs an int from -32768 to 32767"),
        ({"short": "abcdef"}, "too long"),
        ({"text": "a\0b"}, "Unicode|0x00|NUL"),
        ({"text": "\ud800"}, "Unicode|surrogate|utf"),
        ({"key": "nonsense"}, "uuid"),
        ({"text": 7}, r"data\[119\].text: needs a str"),
        ({"colour": "rouge"}, r"data\[119\].colour: needs one of"),
        ({"price": 1.5}, r"data\[119\].price"),
        ({"colr": "RED"}, r"data\[119\].*colour"),
        ({"text": None}, r"data\[119\].text: needs a str, but got None"),
    ],
)
def test_what_an_insert_refuses(db: Any, client: Any, values: dict[str, Any], message: str) -> None:
    rows = [{"text": "a"}] * (_MANY - 1) + [{"text": "b", **values}]
    with pytest.raises(client.module.errors.PrismaError, match=message):
        db.row.create_many(rows)
    assert db.row.count() == 0


def test_a_refused_row_names_what_it_broke(db: Any, client: Any) -> None:
    errors = client.module.errors
    key = "2f1acc6c-97ad-4b44-8cbf-0c1ba0ba2d8f"
    # Several MB, of which the server reads all after it has refused the second row.
    rows = [{"text": "x" * 1000, "key": key}] * 5000
    with pytest.raises(errors.UniqueViolationError) as refused:
        db.row.create_many(rows)
    assert refused.value.code == "P2002"
    assert refused.value.meta["model"] == "Row"
    assert refused.value.meta["target"] == ["key"]
    with pytest.raises(errors.ForeignKeyViolationError) as orphan:
        db.child.create_many([{"parentId": 5}] * _MANY)
    assert orphan.value.meta["constraint"] == "Child_parentId_fkey"
    assert db.row.count() == db.child.count() == 0
    assert db.row.create_many(rows, skip_duplicates=True) == 1


def test_a_refused_row_leaves_a_transaction_to_its_savepoint(blocking: Any, client: Any) -> None:
    with blocking.tx() as tx:
        tx.parent.create({"id": 1})
        with pytest.raises(client.module.errors.ForeignKeyViolationError), tx.tx() as inner:
            inner.child.create_many([{"parentId": 2}] * _MANY)
        assert tx.child.create_many([{"parentId": 1}] * _MANY) == _MANY
    with blocking.batch_() as batch:
        batch.child.create_many([{"parentId": 1}] * _MANY)
    assert blocking.child.count() == 2 * _MANY


@pytest.fixture
def bound(scratch_server: ScratchServer, client: Any) -> Iterator[None]:
    """The client's role may not pass by row level security."""
    passes = "SELECT rolbypassrls FROM pg_roles WHERE rolname = current_user"
    with psycopg.connect(client.dsn) as own:
        role, (may_pass,) = sql.Identifier(own.info.user), own.execute(passes).fetchall()[0]
    if not may_pass:
        yield
        return
    with psycopg.connect(scratch_server.url, autocommit=True) as admin:
        admin.execute(sql.SQL("ALTER ROLE {} NOBYPASSRLS").format(role))
        yield
        admin.execute(sql.SQL("ALTER ROLE {} BYPASSRLS").format(role))


@pytest.mark.usefixtures("bound")
def test_where_copy_would_not_do_as_an_insert_does(copies: tuple[Any, list[str]], client: Any) -> None:
    db, words = copies
    rows = [{"parentId": None, "amount": number} for number in range(_MANY)]
    with psycopg.connect(client.dsn, autocommit=True) as connection:
        for change, back in (
            ('ALTER TABLE "Child" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; '
             'CREATE POLICY all_rows ON "Child" USING (true)',
             'ALTER TABLE "Child" DISABLE ROW LEVEL SECURITY; DROP POLICY all_rows ON "Child"'),
            # A newer version of the schema, to which this client still talks.
            ('ALTER TABLE "Child" ALTER amount TYPE bigint', 'ALTER TABLE "Child" ALTER amount TYPE int'),
            ('ALTER TABLE "Child" ALTER amount DROP DEFAULT, ALTER amount TYPE text',
             'ALTER TABLE "Child" ALTER amount TYPE int USING amount::int, ALTER amount SET DEFAULT 1'),
            ('CREATE RULE doubled AS ON INSERT TO "Child" DO ALSO SELECT 1', 'DROP RULE doubled ON "Child"'),
        ):  # fmt: skip
            connection.execute(change.encode())
            assert db.child.create_many(rows) == _MANY
            assert words[-2:] == ["SELECT", "INSERT"]
            connection.execute(back.encode())
        (stored,) = connection.execute('SELECT count(*), sum(amount) FROM "Child"').fetchall()
        assert stored == (4 * _MANY, 4 * sum(range(_MANY)))


async def _cut_off(client: Any) -> tuple[int, int]:
    """How many rows are there after a COPY whose task was cancelled, and after the next one."""
    async with client.module.AsyncClient(client.dsn, pool_size=1) as db:
        rows = [{"text": "x" * 1000} for _ in range(20_000)]
        copying = asyncio.create_task(db.row.create_many(rows))
        with psycopg.connect(client.dsn, autocommit=True) as watching:
            seen = "SELECT count(*) FROM pg_stat_progress_copy WHERE datname = current_database()"
            while watching.execute(seen).fetchone() == (0,) and not copying.done():
                await asyncio.sleep(0)
        copying.cancel()
        outcome = (await asyncio.gather(copying, return_exceptions=True))[0]
        before = await db.row.count()
        assert before == (0 if isinstance(outcome, asyncio.CancelledError) else len(rows))
        return before, await db.row.create_many(rows[:_MANY])


def test_a_cancelled_copy_stores_nothing_and_harms_nothing(client: Any) -> None:
    client.empty()
    _, stored = asyncio.run(_cut_off(client))
    assert stored == _MANY
