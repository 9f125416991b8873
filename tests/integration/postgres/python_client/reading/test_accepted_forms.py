"""Forms that code written for Prisma Client Python, or for Prisma's Node client, has."""

from __future__ import annotations

import asyncio
import datetime
import importlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

_SCHEMA = """
model Entry {
  id    Int       @id @default(autoincrement())
  name  String    @unique
  at    DateTime? @db.Timestamptz(3)
  day   DateTime? @db.Date
  tags  String[]
  data  Json?
  plain Json?     @db.Json
  many  Json[]
  upId  Int?
  up    Entry?    @relation("tree", fields: [upId], references: [id])
  below Entry[]   @relation("tree")
}
"""


@pytest.fixture(scope="module")
def client(client_of: Callable[..., Any]) -> Any:
    return client_of(_SCHEMA)


@pytest.fixture(params=["sync", "async"])
def db(client: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    client.empty()
    with client.opened(request.param) as opened:
        opened.entry.create_many([{"name": name, "tags": [name, "all"]} for name in ("Anna", "bert", "carl")])
        yield opened


def _names(rows: Any) -> list[str]:
    return [row.name for row in rows]


def test_conditions(db: Any) -> None:
    def found(where: Any) -> list[str]:
        return _names(db.entry.find_many(where=where, order={"id": "asc"}))

    assert found({"NOT": {"name": "bert"}}) == found({"NOT": [{"name": "bert"}]}) == ["Anna", "carl"]
    assert found({"OR": {"name": "bert"}}) == found({"AND": {"name": "bert"}}) == ["bert"]
    assert found({"OR": {}}) == found({"OR": [{}]})
    assert found({"name": {"startsWith": "an", "mode": "insensitive"}}) == ["Anna"]
    assert found({"name": {"endsWith": "t"}}) == found({"name": {"not": {"notIn": ["bert"]}}}) == ["bert"]
    assert found({"tags": {"hasSome": ["bert", "carl"]}}) == ["bert", "carl"]
    assert found({"tags": {"hasEvery": ["all", "Anna"]}}) == ["Anna"]
    assert found({"tags": {"isEmpty": True}}) == []
    assert found({"up": {"isNot": {"name": "x"}}}) == found({"up": {"is_not": {"name": "x"}}}) == found({})
    by_name = {"Anna": 1, "carl": 2}
    for some in ({"Anna", "carl"}, frozenset(by_name), by_name.keys(), {1: "Anna", 2: "carl"}.values()):
        assert found({"name": {"in": some}}) == ["Anna", "carl"]
        assert found({"name": {"notIn": some, "mode": "insensitive"}}) == ["bert"]
    assert db.entry.delete_many({"NOT": {"name": {"in": by_name.keys()}}}) == 1


def test_json_text_and_iso_text(client: Any, db: Any) -> None:
    errors, moment = client.module.errors, datetime.datetime(2026, 3, 4, 5, 6, 7, 89_000, datetime.UTC)
    value = {"a": [1, None, "x"], "b": {"c": True}}
    data = {"name": "x", "data": json.dumps(value), "plain": json.dumps("text"), "many": ["1", '{"d": 2}']}
    times = {"at": "2026-03-04T14:06:07.088999+09:00", "day": "2026-03-04"}
    row = db.entry.create({**data, **times})
    assert (row.data, row.plain, row.many) == (value, "text", [1, {"d": 2}])
    assert (row.at, row.day) == (moment, datetime.datetime(2026, 3, 4, tzinfo=datetime.UTC))
    assert db.entry.find_first(where={"at": "2026-03-04T05:06:07.089Z"}) == row
    assert db.entry.find_first(where={"data": {"equals": json.dumps(value)}}) == row
    assert db.entry.update({"data": "null"}, {"id": row.id}).data is None
    for number in (1, 150):
        rows = [{**data, **times, "name": f"{number} {index}"} for index in range(number)]
        assert db.entry.create_many(rows) == number
        assert (
            db.entry.count(where={"name": {"startsWith": f"{number} "}, "data": {"equals": data["data"]}})
            == number
        )
    for wrong in ("dark", "{'a': 1}", "", "[" * 100_000):
        for field in ("data", "plain"):
            with pytest.raises(errors.InputError, match=rf"data\.{field}: is no JSON text; .*Json\(\.\.\.\)"):
                db.entry.create({"name": "y", field: wrong})
    with pytest.raises(errors.InputError, match=r"data\.at: 'yesterday' is not a datetime in ISO 8601"):
        db.entry.create({"name": "y", "at": "yesterday"})


def test_create_many_and_return(client: Any, db: Any) -> None:
    rows = db.entry.create_many_and_return([{"name": f"{number}"} for number in range(120)])
    assert _names(rows) == [f"{number}" for number in range(120)]
    assert rows == db.entry.find_many(where={"id": {"gte": rows[0].id}}, order={"id": "asc"})
    again = [{"name": "0"}, {"name": "new", "tags": ["t"]}]
    with pytest.raises(client.module.errors.UniqueViolationError):
        db.entry.create_many_and_return(again)
    made = db.entry.create_many_and_return(again, skip_duplicates=True, omit=["tags"])
    assert _names(made) == ["new"]
    assert made[0].model_dump(exclude_unset=True).keys() == {
        "id",
        "name",
        "at",
        "day",
        "data",
        "plain",
        "many",
        "upId",
    }
    assert db.entry.create_many_and_return([]) == []


def test_the_client(client: Any, db: Any) -> None:
    assert not db.is_transaction()
    with db.tx() as tx:
        assert tx.is_transaction()
    other = client.module.Client(client.dsn)
    other.connect(timeout=datetime.timedelta(seconds=20))
    assert other._pool.timeout_seconds == 20
    other.disconnect(timeout=5)
    other.connect(15)
    assert other._pool._pool._timeout_seconds == 15
    other.disconnect()


#: What types.py has under the names of Prisma Client Python.
_TYPE_NAMES = (
    "DatasourceOverride",
    "HttpConfig",
    "MetricsFormat",
    "SortMode",
    "SortOrder",
    "Serializable",
    "AtomicIntInput",
    "AtomicFloatInput",
    "AtomicBigIntInput",
    "StringWithAggregatesFilter",
    "BigIntWithAggregatesFilter",
    "StringListFilter",
    "IntListUpdate",
    "EntryOptionalCreateInput",
    "EntryCreateWithoutRelationsInput",
    "EntryOptionalCreateWithoutRelationsInput",
    "FindFirstEntryArgs",
    "FindManyEntryArgsFromEntry",
    "EntryArgsFromEntry",
    "EntryIncludeFromEntry",
    "EntryKeys",
    "EntryRelationalFieldKeys",
    "EntryMinAggregateOutput",
    "EntryMaxAggregateOutput",
    "EntryCountAggregateOutput",
    "EntryCountAggregateInput",
    "EntryMinAggregateInput",
    "EntryMaxAggregateInput",
    "EntryNumberAggregateInput",
    "EntryAvgAggregateInput",
    "EntrySumAggregateInput",
)


def test_names_of_prisma_client_python(client: Any) -> None:
    def module(name: str) -> Any:
        return importlib.import_module(f"{client.module.__name__}.{name}")

    types, errors, engine_errors, testing = map(module, ("types", "errors", "engine.errors", "testing"))
    for name in _TYPE_NAMES:
        assert hasattr(types, name), name
    assert issubclass(errors.UnsupportedListTypeError, errors.GeneratorError)
    assert issubclass(errors.UnsupportedSubclassWarning, errors.PrismaWarning)
    assert issubclass(engine_errors.EngineRequestError, errors.PrismaError)
    assert module("actions").EntryActions[module("models").Entry]
    assert module("client").Prisma is client.module.Prisma
    assert module("client").TransactionManager.__args__ == (client.module.Prisma,)
    assert module("utils").async_run(asyncio.sleep(0, 5)) == 5

    with client.module.Client(datasource=types.DatasourceOverride(url=client.dsn, env="X"), http={}) as db:
        assert db.entry.count() == db.entry.count_fields({"_all": True})["_all"]
    nowhere = client.module.Client("postgresql://127.0.0.1:1/x?connect_timeout=1", connect_timeout=1)
    with pytest.raises(engine_errors.EngineConnectionError):
        nowhere.connect()

    client.module.register(db)
    try:
        with testing.reset_client(nowhere):
            assert client.module.get_client() is nowhere
        with testing.reset_client(), pytest.raises(errors.ClientNotRegisteredError):
            client.module.get_client()
        assert client.module.get_client() is db
    finally:
        testing.unregister_client()
    with pytest.raises(errors.ClientNotRegisteredError), testing.reset_client():
        pass


def test_a_proxy_of_public_code(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """How a large project that was written for Prisma Client Python builds its client and queries."""
    client.empty()
    monkeypatch.setenv("DATABASE_URL", client.dsn)
    types, errors = (importlib.import_module(f"{client.module.__name__}.{n}") for n in ("types", "errors"))
    now = datetime.datetime.now(datetime.UTC)

    async def run(db: Any) -> None:
        assert db.is_connected() is False
        await db.connect(datetime.timedelta(seconds=20))
        with pytest.raises(AttributeError):  # so that it looks for no process of an engine
            _ = db._engine
        made = {"name": "a", "data": json.dumps({"k": [1]}), "tags": ["t"]}
        data = {"create": {**made}, "update": {}}
        first = await db.entry.upsert(where={"name": "a"}, data=data, include={"below": True})
        assert await db.entry.upsert(where={"name": "a"}, data=data, include={"below": True}) == first
        first.at = now.isoformat()
        due = {"OR": [{"at": None}, {"at": {"lt": now}}], "NOT": {"name": "z"}, "tags": {"has": "t"}}
        assert [row.id for row in await db.entry.find_many(take=None, where=due)] == [first.id]
        batcher = db.batch_()
        for name in ("a", "b"):
            changed = {"name": name, "data": "null", "at": now.isoformat()}
            batcher.entry.upsert(where={"name": name}, data={"create": {**changed}, "update": {**changed}})
        await batcher.commit()
        (counted,) = await db.query_raw(query='SELECT count(*) AS n, array_agg(name) AS names FROM "Entry"')
        assert (counted["n"], sorted(counted["names"])) == (2, ["a", "b"])
        async with db.tx(timeout=datetime.timedelta(seconds=60)) as tx:
            await tx.query_raw('SELECT 1 FROM "Entry" WHERE name = ANY($1) FOR UPDATE', ["a"])
            async with tx.batch_() as batch:
                batch.entry.update_many(where={"name": "a"}, data={"tags": {"push": "u"}})
            assert await tx.entry.delete_many(where={"name": {"in": ["b"]}, "upId": None}) == 1
        assert (await db.entry.find_unique(where={"name": "a"})).tags == ["t", "u"]
        with pytest.raises(errors.DataError):
            await db.entry.find_many(where={}, include={"parent": True})
        await db.disconnect()

    asyncio.run(run(client.module.Prisma(http={"timeout": 1})))
    monkeypatch.delenv("DATABASE_URL")
    asyncio.run(_asked(client.module.Prisma(datasource=types.DatasourceOverride(url=client.dsn))))


async def _asked(db: Any) -> None:
    async with db:
        assert await db.query_first("SELECT 1 AS one") == {"one": 1}
