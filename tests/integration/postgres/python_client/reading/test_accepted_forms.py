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
    times = {"at": "2026-03-04T14:06:07.089999+09:00", "day": "2026-03-04"}
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
