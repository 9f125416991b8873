"""Transactions with options, retries, batches, raw queries, registration, and what errors tell."""

from __future__ import annotations

import asyncio
import datetime
import logging
import uuid
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pydantic import BaseModel

# What happens inside a transaction that fails is what is tested.
# ruff: noqa: PT012

SCHEMA = """
enum Kind {
  CALM @map("it, is calm")
  LOUD
}

model Account {
  id      Int      @id @default(autoincrement())
  owner   String   @unique @map("owned by")
  balance Int      @default(0)
  price   Decimal? @map("the price")
  kind    Kind     @default(CALM)
  kinds   Kind[]
  at      DateTime @default(now())
  code    String?  @db.Uuid
  blob    Bytes?
  data    Json?
  tags    String[]
  items   Item[]
}

model Item {
  shop      String
  number    Int
  accountId Int?
  account   Account? @relation(fields: [accountId], references: [id])

  @@id([shop, number])
}

view Owner {
  id Int @unique
}
"""


@pytest.fixture(scope="module")
def client(client_of: Callable[[str], Any]) -> Any:
    made = client_of(SCHEMA)
    with psycopg.connect(made.dsn) as connection:
        connection.execute('CREATE VIEW "Owner" AS SELECT id FROM "Account"')
    return made


def test_a_transaction_has_options(db: Any, errors: Any) -> None:
    level = "SELECT current_setting('transaction_isolation') AS level"
    for given, found in (
        ("serializable", "serializable"),
        ("RepeatableRead", "repeatable read"),
        ("read committed", "read committed"),
        ("ReadUncommitted", "read uncommitted"),
        (None, "read committed"),
    ):
        with db.tx(isolation_level=given, max_wait=5000, timeout=datetime.timedelta(seconds=60)) as tx:
            assert tx.query_first(level) == {"level": found}
    with pytest.raises(errors.DataError, match="read-only"), db.tx(read_only=True) as tx:
        tx.account.create({"owner": "a"})
    with pytest.raises(errors.InputError, match="isolation_level"):
        db.tx(isolation_level="x; DROP TABLE")
    for wrong in (True, "5", -1, datetime.timedelta(seconds=-1)):
        with pytest.raises(errors.InputError, match="timeout"):
            db.tx(timeout=wrong)
    with db.tx() as tx:
        with pytest.raises(errors.TransactionError, match="isolation level"):
            tx.tx(isolation_level="serializable")
        with pytest.raises(errors.TransactionError, match="isolation level"):
            tx.tx_retry(lambda _: None)


def test_the_server_hears_of_a_transaction_with_its_first_statement(db: Any, client: Any) -> None:
    own = "SELECT pid, state FROM pg_stat_activity WHERE pid = pg_backend_pid()"
    pid = db.query_first(own)["pid"]
    with psycopg.connect(client.dsn, autocommit=True) as other:

        def state() -> str:
            found = other.execute("SELECT state FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone()
            return str(found and found[0])

        with db.tx() as tx:
            assert state() == "idle"
            assert tx.query_first(own)["pid"] == pid
            assert state() == "idle in transaction"
        assert state() == "idle"
        with db.tx():
            pass
        with db.tx() as tx:
            for _ in range(7):  # psycopg prepares what comes often
                assert tx.account.find_first() is None
        for _ in range(3):
            with db.tx(isolation_level="serializable") as tx:
                assert tx.account.find_first() is None
                assert tx.query_first("SELECT current_setting('transaction_isolation') AS level") == {
                    "level": "serializable"
                }


_FIRST: dict[str, Callable[[Any, Any], object]] = {
    "a statement": lambda tx, _: tx.account.count(),
    "several statements": lambda tx, _: tx.execute_raw('SELECT 1; CREATE TABLE "Undone" (id int)'),
    "a savepoint": lambda tx, _: tx.account.create({"owner": "n", "items": {"create": _ITEM}}),
    "a transaction inside": lambda tx, _: _inside(tx),
    "COPY": lambda tx, _: tx.account.create_many([{"owner": f"o{number}"} for number in range(2000)]),
    "a text that can't be sent": lambda tx, errors: _refused(tx, errors, ["\ud800"]),
    "too many values": lambda tx, errors: _refused(tx, errors, [1] * 66_000),
    "nothing": lambda tx, _: None,
}
_ITEM = {"shop": "s", "number": 1}


def _inside(tx: Any) -> None:
    with tx.tx() as inner:
        inner.account.create({"owner": "inner"})


def _refused(tx: Any, errors: Any, values: list[Any]) -> None:
    with pytest.raises(errors.PrismaError):
        tx.query_raw("SELECT 1", *values)


@pytest.mark.parametrize("name", _FIRST)
def test_nothing_runs_outside_a_transaction_whatever_its_first_statement_is(
    db: Any, errors: Any, name: str
) -> None:
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), db.tx() as tx:
            _FIRST[name](tx, errors)
            tx.account.create({"owner": "never"})
            raise ZeroDivisionError
        assert db.account.count() == 0
        assert db.query_first("SELECT to_regclass('\"Undone\"')::text AS made") == {"made": None}
    with db.tx() as tx:
        _FIRST[name](tx, errors)
        tx.account.create({"owner": "saved"})
    assert db.account.find_first(where={"owner": "saved"}) is not None
    db.execute_raw('DROP TABLE IF EXISTS "Undone"')


def test_a_first_statement_that_fails_ends_the_transaction(db: Any, errors: Any) -> None:
    db.account.create({"owner": "a"})
    for _ in range(7):
        with pytest.raises(errors.TransactionError, match="nothing in it was saved"), db.tx() as tx:
            with pytest.raises(errors.UniqueViolationError):
                tx.account.create({"owner": "a"})
            with pytest.raises(errors.TransactionError):
                tx.account.create({"owner": "b"})
        assert db.account.count() == 1


def test_a_first_statement_that_is_cancelled_ends_the_transaction(client: Any, errors: Any) -> None:
    client.empty()

    async def main() -> None:
        async with client.module.AsyncClient(client.dsn, pool_size=1) as db:
            for _ in range(7):
                with pytest.raises(errors.PrismaError):
                    async with db.tx() as tx:
                        with pytest.raises(TimeoutError):
                            async with asyncio.timeout(0.05):
                                await tx.query_raw("SELECT pg_sleep(60)")
                        with pytest.raises(errors.PrismaError):
                            await tx.account.create({"owner": "never"})
                assert await db.account.count() == 0

    asyncio.run(main())


def test_statements_in_turn_keep_their_types(db: Any, client: Any) -> None:
    made = db.account.create({"owner": "a", "price": "1.5", "kinds": ["LOUD"]})
    with db.tx() as tx:
        for number in range(200):  # more than are remembered
            assert tx.query_first(f"SELECT $1::int4 + {number} AS sum", 1) == {"sum": 1 + number}
            if number % 50 == 0:
                assert tx.account.find_first() == made
        for value, found in ((1, 1), ("x", "x"), (True, True), (None, None)) * 2:
            kind = {int: "int4", str: "text", bool: "bool"}.get(type(value), "text")
            assert tx.query_first(f"SELECT $1::{kind} AS value", value) == {"value": found}
            assert tx.account.find_unique({"id": made.id}) == made


def test_a_transaction_that_takes_too_long_is_not_saved(db: Any, errors: Any) -> None:
    with pytest.raises(errors.TransactionExpiredError, match="longer than"), db.tx(timeout=1) as tx:
        tx.account.create({"owner": "a"})
        tx.query_raw("SELECT 1 AS one FROM pg_sleep(0.01)")
        tx.account.create({"owner": "b"})
    assert db.account.count() == 0


def test_a_transaction_by_hand(client: Any, errors: Any) -> None:
    client.empty()
    with client.module.Client(client.dsn) as db:
        transaction = db.tx()
        for ending in (transaction.commit, transaction.rollback):
            with pytest.raises(errors.TransactionNotStartedError):
                ending()
        tx = transaction.start()
        with pytest.raises(errors.TransactionError, match="begun already"):
            transaction.start()
        tx.account.create({"owner": "a"})
        transaction.commit()
        assert db.account.count() == 1
        transaction = db.tx()
        transaction.start().account.create({"owner": "b"})
        transaction.rollback()
        assert db.account.count() == 1

    async def main() -> int:
        async with client.module.AsyncClient(client.dsn) as db:
            transaction = db.tx()
            tx = await transaction.start()
            with pytest.raises(errors.TransactionError, match="begun already"):
                await transaction.start()
            await tx.account.create({"owner": "c"})
            await transaction.commit()
            transaction = db.tx()
            tx = await transaction.start()
            await tx.account.create({"owner": "d"})
            await transaction.rollback()
            return await db.account.count()

    assert asyncio.run(main()) == 2


def test_conflicts_are_tried_again(client: Any, errors: Any) -> None:
    client.empty()
    calls: list[int] = []
    with client.module.Client(client.dsn) as db:
        row = db.account.create({"owner": "a"})

        def work(tx: Any) -> int:
            calls.append(1)
            found = tx.account.find_unique({"id": row.id})
            if len(calls) < 3:
                db.account.update({"balance": {"increment": 1}}, {"id": row.id})
            changed = tx.account.update({"balance": found.balance + 10}, {"id": row.id})
            return int(changed.balance)

        assert db.tx_retry(work, attempts=3) == 12
        assert len(calls) == 3
        calls.clear()
        with pytest.raises(errors.TransactionConflictError) as caught:
            db.tx_retry(work, attempts=1)
        assert caught.value.code == "P2034"
        with pytest.raises(ZeroDivisionError):
            db.tx_retry(lambda _: 1 // 0)

    async def main() -> int:
        tried = 0
        async with client.module.AsyncClient(client.dsn) as db:

            async def change(tx: Any) -> int:
                nonlocal tried
                tried += 1
                await tx.account.find_first()
                if tried == 1:
                    await db.account.update_many({"balance": 1}, {})
                await tx.account.update_many({"balance": 2}, {})
                return tried

            return int(await db.tx_retry(change))

    assert asyncio.run(main()) == 2


def test_batches(db: Any, errors: Any, client: Any) -> None:
    with db.batch_() as batch:
        batch.account.create({"owner": "a"})
        batch.account.create({"owner": "b", "items": {"create": {"shop": "s", "number": 1}}})
        batch.account.create_many([{"owner": "c"}, {"owner": "d"}])
        batch.account.update({"balance": 5}, {"owner": "a"})
        batch.account.upsert({"owner": "e"}, {"create": {"owner": "e"}, "update": {}})
        batch.account.update_many({"balance": {"increment": 1}}, {"owner": {"in": ["a", "b"]}})
        batch.account.delete({"owner": "c"})
        batch.account.delete_many({"owner": "d"})
        batch.execute_raw('UPDATE "Account" SET balance = balance + $1 WHERE "owned by" = $2', 100, "e")
        assert db.account.count() == 0
    rows = db.account.find_many(order={"owner": "asc"})
    assert [(row.owner, row.balance) for row in rows] == [("a", 6), ("b", 1), ("e", 100)]
    with pytest.raises(errors.UniqueViolationError), db.batch_() as batch:
        batch.account.create({"owner": "x"})
        batch.account.create({"owner": "a"})
    with pytest.raises(ZeroDivisionError), db.batch_() as batch:
        batch.account.create({"owner": "y"})
        raise ZeroDivisionError
    with db.batch_() as batch, pytest.raises(errors.FieldNotFoundError):
        batch.account.create({"ownr": "z"})
    assert db.account.count() == 3
    batch = db.batch_()
    batch.account.create({"owner": "z"})
    batch.commit()
    batch.commit()
    assert db.account.count() == 4
    with pytest.raises(ZeroDivisionError), db.tx() as tx:
        with tx.batch_() as batch:
            batch.account.create({"owner": "inside"})
        raise ZeroDivisionError
    assert db.account.count() == 4
    assert not hasattr(batch, "owner")


def test_raw_queries(db: Any, client: Any, errors: Any) -> None:
    kind = client.module.enums.Kind
    moment = datetime.datetime(2026, 1, 2, 3, 4, 5, 678_000)
    code = "2f1acc6c-97ad-4b44-8cbf-0c1ba0ba2d8f"
    db.account.create(
        {
            "owner": "o'x",
            "price": "1.50",
            "at": moment,
            "code": code,
            "blob": b"\x00a",
            "data": client.module.Json({"a": [1]}),
            "kinds": [kind.CALM, kind.LOUD],
            "tags": ["a", 'b"'],
        }
    )
    (row,) = db.query_raw('SELECT *, NULL AS nothing FROM "Account" WHERE "owned by" = $1', "o'x")
    assert row["owned by"] == "o'x"
    assert (row["the price"], row["at"], row["code"]) == (1.5, "2026-01-02T03:04:05.678000+00:00", code)
    assert (row["blob"], row["data"], row["tags"], row["nothing"]) == ("AGE=", {"a": [1]}, ["a", 'b"'], None)
    typed = db.query_first('SELECT * FROM "Account"', model=client.module.models.Account)
    assert typed == db.account.find_first()
    assert (typed.kind, typed.kinds, typed.price) == (kind.CALM, [kind.CALM, kind.LOUD], Decimal("1.5"))

    class Total(BaseModel):
        owner: str
        price: Decimal
        at: datetime.datetime

    totals = db.query_raw('SELECT "owned by" AS owner, "the price" AS price, at FROM "Account"', model=Total)
    assert totals == [Total(owner="o'x", price=Decimal("1.50"), at=moment.replace(tzinfo=datetime.UTC))]
    assert db.query_first('SELECT 1 AS one FROM "Account" WHERE id = $1', 99) is None
    assert db.query_raw('SELECT id FROM "Account" WHERE id = $1', 99, model=Total) == []
    update = (
        'UPDATE "Account" SET balance = $1, tags = $2, data = $3, price = $4, at = $5, blob = $6, code = $7'
    )
    arguments = [7, ["x", "y"], {"k": None}, Decimal("2.25"), moment, client.module.Base64.encode(b"b"), None]
    update = update.replace("price", '"the price"')
    assert db.execute_raw(update, *arguments) == 1
    changed = db.account.find_first()
    assert (changed.balance, changed.tags, changed.data, changed.blob) == (7, ["x", "y"], {"k": None}, b"b")
    assert (changed.price, changed.code) == (Decimal("2.25"), None)
    for value, type_, found in (
        (True, "bool", True),
        (1.5, "float8", 1.5),
        (uuid.UUID(code), "uuid", code),
        (client.module.Json([1]), "jsonb", [1]),
        (datetime.date(2026, 1, 2), "date", "2026-01-02"),
        (datetime.time(1, 2), "time", "01:02:00"),
        ([1, 2], "int4[]", [1, 2]),
        (2**62, "int8", 2**62),
        (b"x", "bytea", "eA=="),
        (kind.LOUD, "text", "LOUD"),
    ):
        assert db.query_first(f"SELECT $1::{type_} AS value", value) == {"value": found}
    assert db.execute_raw("CREATE TEMPORARY TABLE some_rows (id int)") == 0


def test_raw_queries_take_values_as_parameters_alone(db: Any, errors: Any) -> None:
    attack = '\'; DROP TABLE "Account"; --'
    db.account.create({"owner": attack})
    assert db.query_first('SELECT id FROM "Account" WHERE "owned by" = $1', attack) is not None
    assert db.execute_raw('DELETE FROM "Account" WHERE "owned by" = $1', attack + "x") == 0
    for call in (
        lambda: db.query_raw("SELECT $1", 1, 2),
        lambda: db.query_raw("SELEC 1"),
        lambda: db.query_raw('SELECT * FROM "Gone"'),
        lambda: db.execute_raw('INSERT INTO "Account" ("owned by") VALUES ($1)', attack),
        lambda: db.query_raw("SELECT 1; SELECT $1", 1),
    ):
        with pytest.raises(errors.RawQueryError) as caught:
            call()
        assert caught.value.code == "P2010"
        assert len(caught.value.meta["code"]) == 5
    for arguments in ([object()], [{1, 2}]):
        with pytest.raises(errors.InputError, match=r"\$1: a"):
            db.query_raw("SELECT $1", *arguments)
    with pytest.raises(errors.InputError, match="query"):
        db.query_raw(b"SELECT 1")
    with pytest.raises(errors.InputError, match="model"):
        db.query_raw("SELECT 1", model=dict)
    assert db.account.count() == 1


def test_errors_name_fields_constraints_and_places(db: Any, errors: Any) -> None:
    db.account.create({"owner": "a"})
    with pytest.raises(errors.UniqueViolationError) as unique:
        db.account.create({"owner": "a"})
    error = unique.value
    assert (error.constraint, error.fields, error.meta["model"]) == (
        "Account_owned by_key",
        ("owner",),
        "Account",
    )
    assert error.meta["target"] == ["owner"]
    assert Path(error.place.partition(":")[0]).suffix == ".py"
    assert any("The query is at" in note for note in error.__notes__)
    db.item.create({"shop": "s", "number": 1})
    with pytest.raises(errors.UniqueViolationError) as compound:
        db.item.create({"shop": "s", "number": 1})
    assert compound.value.fields == ("shop", "number")
    with pytest.raises(errors.ForeignKeyViolationError) as foreign:
        db.item.create({"shop": "s", "number": 2, "accountId": 99})
    assert (foreign.value.fields, foreign.value.code) == (("accountId",), "P2003")
    assert error.data["user_facing_error"]["error_code"] == "P2002"


def test_the_place_is_the_callers_line(client: Any, errors: Any) -> None:
    with client.module.Client(client.dsn) as db, pytest.raises(errors.FieldNotFoundError) as caught:
        db.account.find_many(where={"x": 1})
    assert f"{Path(__file__).name}:" in caught.value.place
    assert caught.value.place.endswith("in test_the_place_is_the_callers_line")

    async def ask() -> None:
        async with client.module.AsyncClient(client.dsn) as db:
            await db.account.create({"owner": None})

    with pytest.raises(errors.MissingRequiredValueError) as awaited:
        asyncio.run(ask())
    assert awaited.value.place.endswith("in ask")


def test_queries_are_watched(client: Any, errors: Any, caplog: pytest.LogCaptureFixture) -> None:
    client.empty()
    events: list[Any] = []
    with client.module.Client(client.dsn, on_query=events.append, log_queries=True) as db:
        with caplog.at_level(logging.INFO, logger=client.module.__name__):
            db.account.create({"owner": "secret"}, include={"items": True})
        with db.tx() as tx:
            tx.account.count()
        with pytest.raises(errors.UniqueViolationError):
            db.account.create({"owner": "secret"})
    assert [event.sql.split()[0] for event in events] == ["INSERT", "SELECT", "SELECT", "INSERT"]
    assert [event.row_count for event in events] == [1, 0, 1, None]
    assert all(event.seconds >= 0 and event.place.endswith("in test_queries_are_watched") for event in events)
    assert "secret" in events[0].parameters
    assert "INSERT" in caplog.text
    assert "secret" not in caplog.text


def test_statements_can_be_limited_in_time(client: Any, errors: Any) -> None:
    limit = datetime.timedelta(milliseconds=250)
    with (
        client.module.Client(client.dsn, statement_timeout=limit) as db,
        pytest.raises(errors.RawQueryError, match="timeout"),
    ):
        db.query_raw("SELECT pg_sleep(5)")


def test_registered_clients(client: Any, errors: Any) -> None:
    module, models = client.module, client.module.models
    client.empty()
    try:
        with pytest.raises(errors.ClientNotRegisteredError):
            models.Account.prisma()
        with pytest.raises(errors.ClientNotRegisteredError):
            module.get_client()
        db = module.Client(client.dsn, auto_register=True)
        assert db.is_registered()
        assert module.get_client() is db
        with pytest.raises(errors.ClientAlreadyRegisteredError):
            module.register(db)
        with db:
            account = models.Account.prisma().create({"owner": "a"})
            assert type(account) is models.Account
            assert models.Owner.prisma().count() == 1
            with db.tx() as tx:
                models.Account.prisma(tx).delete({"owner": "a"})
                assert models.Account.prisma().count() == 1
            models.Account.prisma().create({"owner": "b", "items": {"create": {"shop": "s", "number": 1}}})

            class Named(module.bases.BaseAccount):  # type: ignore[misc, name-defined]
                owner: str

            class Whole(models.Account):  # type: ignore[misc, name-defined]
                def shout(self) -> str:
                    return str(self.owner.upper())

            class WithItems(module.bases.BaseAccount):  # type: ignore[misc, name-defined]
                id: int
                items: list[models.Item]

            assert Named.prisma().find_many() == [Named(owner="b")]
            assert Named.prisma().update({"balance": 3}, {"owner": "b"}) == Named(owner="b")
            assert Named.prisma().create({"owner": "c"}) == Named(owner="c")
            assert Named.prisma().delete({"owner": "c"}) == Named(owner="c")
            assert Whole.prisma().find_first().shout() == "B"
            assert [item.number for item in WithItems.prisma().find_first_or_raise().items] == [1]
        module.unregister()
        module.register(lambda: db)
        assert module.get_client() is db
    finally:
        module.unregister()


def test_partial_types(client: Any, errors: Any) -> None:
    client.empty()
    account = client.module.models.Account
    login = account.create_partial("Login", include={"id", "owner"})
    assert list(login.model_fields) == ["id", "owner"]
    needed = account.create_partial("Needed", required={"price"}, exclude={"items", "at"})
    assert needed.model_fields["price"].is_required()
    assert not account.model_fields["price"].is_required()
    loose = account.create_partial("Loose", optional={"owner"}, exclude_relational_fields=True)
    assert not loose.model_fields["owner"].is_required()
    assert "items" not in loose.model_fields
    item = client.module.models.Item.create_partial("Number", include={"number"})
    related = account.create_partial("Related", include={"owner", "items"}, relations={"items": item})
    with client.module.Client(client.dsn) as db:
        db.account.create({"owner": "a", "items": {"create": {"shop": "s", "number": 4}}})
        assert login.prisma(db).find_first().owner == "a"
        assert related.prisma(db).find_first().items is None
        assert related.prisma(db).find_first(include={"items": True}).items == [item(number=4)]
        assert db.query_first('SELECT id, "owned by" AS owner FROM "Account"', model=login).owner == "a"
    for arguments in (
        {"include": {"id"}, "exclude": {"id"}},
        {"include": {"nothing"}},
        {"relations": {"items": item}, "exclude_relational_fields": True},
    ):
        with pytest.raises(errors.InvalidModelError):
            account.create_partial("Wrong", **arguments)
    with pytest.raises(errors.UnknownRelationalFieldError):
        account.create_partial("Wrong", relations={"owner": item})


def test_where_the_database_is_named(
    client: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, errors: Any
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(errors.DatabaseConnectionError, match="no database"):
        client.module.Client().connect()
    # With a mark at its beginning, as Windows' editors write it, before the line that counts.
    (tmp_path / ".env").write_text(f"export DATABASE_URL='{client.dsn}'\n# comment\nOTHER=x\n", "utf-8-sig")
    with client.module.Client() as db:
        assert db.account.count() >= 0
    with pytest.raises(errors.DatabaseConnectionError, match="no database"):
        client.module.Client(use_dotenv=False).connect()
    with client.module.Client(datasource={"url": client.dsn}, connect_timeout=5) as db:
        assert db.account.count() >= 0
    with pytest.raises(errors.InputError):
        client.module.Client("x", datasource={"url": "y"})
    for wrong in (0, -1):
        with pytest.raises(errors.InputError, match="pool_size"):
            client.module.Client(client.dsn, pool_size=wrong)
