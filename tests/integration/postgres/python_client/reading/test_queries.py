"""What queries mean: filters, order, keys, defaults, errors and transactions, in both clients."""

from __future__ import annotations

import asyncio
import datetime
import re
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import psycopg
import pytest

# What happens inside a transaction that fails is what is tested.
# ruff: noqa: PT012

SCHEMA = """
enum Stage {
  NEW
  WON  @map("won!")
}

/// Somebody who buys.
model Customer {
  id        String    @id @default(uuid())
  email     String    @unique
  name      String?
  age       Int       @default(18)
  balance   Decimal   @default(0)
  stage     Stage     @default(NEW)
  class     String?
  json      Json      @default("{}")
  orders    Order[]
  createdAt DateTime  @default(now())
  updatedAt DateTime  @updatedAt @map("updated at")

  @@map("custo; mers")
}

model Order {
  shop     String
  number   Int
  note     String?
  customer Customer? @relation(fields: [buyerId], references: [id])
  buyerId  String?

  @@id([shop, number])
  @@unique([shop, note], name: "by_note")
}

model Made {
  id    String   @id @default(cuid())
  cuid2 String   @default(cuid(2))
  uuid7 String   @default(uuid(7)) @db.Uuid
  nano  String   @default(nanoid())
  short String   @default(nanoid(8))
  ulid  String   @default(ulid())
  both  DateTime @default(now()) @updatedAt
  maybe DateTime? @updatedAt
}

model Counter {
  id Int @id @default(autoincrement())
}

view Buyer {
  id    String @unique
  total BigInt
}
"""


@pytest.fixture(scope="module")
def client(client_of: Callable[[str], Any]) -> Any:
    made = client_of(SCHEMA)
    with psycopg.connect(made.dsn) as connection:
        connection.execute(
            'CREATE VIEW "Buyer" AS SELECT "buyerId" AS id, count(*) AS total FROM "Order" GROUP BY 1'
        )
    return made


@pytest.fixture
def people(db: Any) -> None:
    db.customer.create_many(
        [
            {"id": "a", "email": "ann@x", "name": "Ann", "age": 30, "balance": Decimal("1.5")},
            {"id": "b", "email": "bob@x", "name": None, "age": 20, "balance": -1, "stage": "WON"},
            {"id": "c", "email": "c_%\\@x", "name": "Cy", "age": 40},
        ]
    )


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, "abc"),
        ({"name": None}, "b"),
        ({"name": {"not": None}}, "ac"),
        ({"name": {"not": "Ann"}}, "c"),
        ({"name": {"equals": None}}, "b"),
        ({"age": 30}, "a"),
        ({"age": {"gt": 20, "lte": 30}}, "a"),
        ({"age": {"gte": 20, "lt": 40}}, "ab"),
        ({"age": {"not": {"in": [20, 30]}}}, "c"),
        ({"age": {"in": [20, 40, 99]}}, "bc"),
        ({"age": {"not_in": [20]}}, "ac"),
        ({"email": {"contains": "%"}}, "c"),
        ({"email": {"contains": "_"}}, "c"),
        ({"email": {"contains": "\\"}}, "c"),
        ({"email": {"startswith": "a"}}, "a"),
        ({"email": {"endswith": "b@x"}}, "b"),
        ({"email": {"endswith": "B@x"}}, ""),
        ({"stage": "WON"}, "b"),
        ({"balance": {"gt": "1.4"}}, "a"),
        ({"OR": [{"id": "a"}, {"age": {"gt": 35}}]}, "ac"),
        ({"OR": []}, ""),
        ({"AND": []}, "abc"),
        ({"NOT": []}, "abc"),
        ({"AND": [{"age": 30}, {"id": "b"}]}, ""),
        ({"NOT": [{"id": "a"}, {"id": "b"}]}, "c"),
        ({"OR": [{"NOT": [{"id": "a"}]}, {"AND": [{"id": "a"}, {"age": 30}]}], "age": {"lt": 40}}, "ab"),
        ({"name": {}}, "abc"),
    ],
)
def test_filters(db: Any, where: dict[str, Any], expected: str) -> None:
    found = db.customer.find_many(where=where, order={"id": "asc"})
    assert "".join(row.id for row in found) == expected
    assert db.customer.count(where=where) == len(expected)
    first = db.customer.find_first(where=where, order={"id": "asc"})
    assert (first.id if first else "") == expected[:1]


@pytest.mark.usefixtures("people")
def test_order_take_and_skip(db: Any, errors: Any) -> None:
    def ids(**arguments: Any) -> str:
        return "".join(row.id for row in db.customer.find_many(**arguments))

    assert ids(order={"age": "desc"}) == "cab"
    assert ids(order=[{"stage": "desc"}, {"age": "asc"}]) == "bac"
    assert ids(order={"age": "asc"}, take=1, skip=1) == "a"
    assert ids(order={"age": "asc"}, skip=2) == "c"
    assert ids(take=0) == ""
    assert db.customer.count(take=2) == 2
    assert db.customer.count(skip=1, where={"age": {"gte": 30}}) == 1
    for wrong in (
        {"take": True},
        {"skip": -1},
        {"skip": True},
        {"order": {"age": "up"}},
        {"order": "age"},
        {"where": [1]},
    ):
        with pytest.raises(errors.InputError):
            db.customer.find_many(**wrong)


@pytest.mark.usefixtures("people")
def test_unique_rows(db: Any, errors: Any) -> None:
    assert db.customer.find_unique({"email": "ann@x"}).id == "a"
    assert db.customer.find_unique({"id": "nobody"}) is None
    with pytest.raises(errors.RecordNotFoundError, match="no Customer matches"):
        db.customer.find_unique_or_raise({"id": "nobody"})
    with pytest.raises(errors.RecordNotFoundError):
        db.customer.find_first_or_raise(where={"age": 1})
    order = db.order.create({"shop": "x", "number": 1, "note": "n"})
    assert db.order.find_unique({"shop_number": {"number": 1, "shop": "x"}}) == order
    assert db.order.find_unique({"by_note": {"shop": "x", "note": "n"}}) == order
    assert db.order.update({"note": "m"}, {"shop_number": {"shop": "x", "number": 1}}).note == "m"
    for wrong in (
        {},
        {"id": "a", "email": "b"},
        {"age": 1},
        {"id": None},
        {"id": {"equals": "a"}},
    ):
        with pytest.raises(errors.InputError):
            db.customer.find_unique(wrong)
    for wrong in ({"shop_number": {"shop": "x"}}, {"shop_number": 1}, {"shop": "x"}, {"shop_number": None}):
        with pytest.raises(errors.InputError):
            db.order.find_unique(wrong)


def test_a_new_row_s_times_are_one_and_the_same(db: Any, client: Any) -> None:
    def customer(name: str) -> dict[str, Any]:
        return {"id": name, "email": name}

    def order(name: str) -> dict[str, Any]:
        return {"shop": name, "number": 1, "customer": {"create": customer(name)}}

    db.customer.create(customer("created"))
    db.customer.upsert({"id": "put"}, {"create": customer("put"), "update": {"age": 1}})
    db.order.create(order("nested"))
    db.customer.create_many([customer(f"few{number}") for number in range(3)])
    db.customer.create_many([customer(f"many{number}") for number in range(200)])
    rows = db.customer.find_many()
    assert len(rows) == 206
    assert [row.id for row in rows if row.createdAt != row.updatedAt] == []
    changed = db.customer.upsert({"id": "put"}, {"create": customer("put"), "update": {"age": 1}})
    assert changed.createdAt < changed.updatedAt
    # One who writes without a client gets the same from the database.
    with psycopg.connect(client.dsn) as connection:
        connection.execute(
            "INSERT INTO \"custo; mers\" (id, email, \"updated at\") VALUES ('raw', 'raw', now())"
        )
    assert db.customer.find_unique_or_raise({"id": "raw"}).createdAt is not None


@pytest.mark.usefixtures("people")
def test_update_and_delete(db: Any) -> None:
    before = db.customer.update({"updatedAt": datetime.datetime(2020, 1, 1)}, {"id": "a"})
    changed = db.customer.update(data={"name": None, "age": 31}, where={"email": "ann@x"})
    assert (changed.name, changed.age, changed.email) == (None, 31, "ann@x")
    assert changed.updatedAt > before.updatedAt
    assert db.customer.update({"updatedAt": before.updatedAt}, {"id": "a"}).updatedAt == before.updatedAt
    assert db.customer.update({}, {"id": "a"}).updatedAt == before.updatedAt
    assert db.order.create({"shop": "s", "number": 1}) == db.order.update(
        {}, {"shop_number": {"shop": "s", "number": 1}}
    )
    assert db.customer.update({"age": 1}, {"id": "nobody"}) is None
    assert db.customer.delete({"id": "b"}).email == "bob@x"
    assert db.customer.delete({"id": "b"}) is None
    assert db.customer.count() == 2


def test_names_that_python_has_taken(db: Any) -> None:
    row = db.customer.create({"email": "e", "class": "first"})
    assert row.class_ == "first"
    assert row.json_ == {}
    assert db.customer.find_many(where={"class": {"contains": "irs"}}, order={"class": "asc"}) == [row]
    assert row.model_dump(by_alias=True)["class"] == "first"
    assert type(row).model_validate(row.model_dump(by_alias=True)) == row
    assert type(row).model_validate_json(row.model_dump_json()) == row


def test_rows_are_pydantic_models(db: Any) -> None:
    row = db.customer.create({"email": "e"})
    assert row.model_fields_set == set(type(row).model_fields) - {"orders"}
    copy = row.model_copy(update={"age": 1})
    assert (copy.age, row.age) == (1, 18)
    row.age = 5
    assert row.model_dump()["age"] == 5
    assert "email='e'" in repr(row)


def test_values_that_prismas_clients_make(db: Any) -> None:
    before = datetime.datetime.now(datetime.UTC) - datetime.timedelta(milliseconds=2)
    db.made.create_many([{}, {}])
    db.made.create({})
    rows = db.made.find_many()
    for row in rows:
        assert re.fullmatch(r"c[0-9a-z]{24}", row.id)
        assert re.fullmatch(r"[a-z][0-9a-z]{23}", row.cuid2)
        assert re.fullmatch(r"[0-9A-Za-z_-]{21}", row.nano)
        assert re.fullmatch(r"[0-9A-Za-z_-]{8}", row.short)
        assert re.fullmatch(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", row.ulid)
        made = uuid.UUID(row.uuid7)
        assert (made.version, made.variant) == (7, uuid.RFC_4122)
        assert abs((made.int >> 80) / 1000 - before.timestamp()) < 60
        assert row.both == row.maybe >= before
    for field in ("id", "cuid2", "nano", "short", "ulid", "uuid7"):
        assert len({getattr(row, field) for row in rows}) == 3
    customer = db.customer.create({"email": "e"})
    assert uuid.UUID(customer.id).version == 4
    assert (customer.age, customer.balance, customer.stage) == (18, Decimal(0), "NEW")


def test_rows_of_nothing_but_defaults(db: Any) -> None:
    assert db.counter.create({}).id == 1
    assert db.counter.create_many([{}, {"id": 7}, {}]) == 3
    assert [row.id for row in db.counter.find_many(order={"id": "asc"})] == [1, 2, 3, 7]
    assert db.counter.create_many([]) == 0


def test_views_are_read_only(db: Any) -> None:
    db.customer.create({"id": "a", "email": "e"})
    db.order.create_many([{"shop": "s", "number": n, "buyerId": "a"} for n in range(3)])
    assert db.buyer.find_unique({"id": "a"}).total == 3
    assert db.buyer.count() == 1
    assert not hasattr(db.buyer, "create")


def test_create_many_is_all_or_nothing(db: Any, errors: Any) -> None:
    rows = [{"email": "a"}, {"email": "b", "age": 1}, {"email": "a"}]
    with pytest.raises(errors.UniqueViolationError):
        db.customer.create_many(rows)
    assert db.customer.count() == 0
    assert db.customer.create_many(rows, skip_duplicates=True) == 2
    assert db.customer.create_many([{"email": f"{n}"} for n in range(5000)]) == 5000


def test_errors_have_prismas_names(db: Any, errors: Any) -> None:
    db.customer.create({"id": "a", "email": "e"})
    with pytest.raises(errors.UniqueViolationError) as unique:
        db.customer.create({"email": "e"})
    assert (unique.value.code, unique.value.meta["sqlstate"]) == ("P2002", "23505")
    assert unique.value.data["meta"]["constraint"] == "custo; mers_email_key"
    with pytest.raises(errors.ForeignKeyViolationError):
        db.order.create({"shop": "s", "number": 1, "buyerId": "nobody"})
    with pytest.raises(errors.MissingRequiredValueError, match="Order needs a value for shop, number"):
        db.order.create({})
    with pytest.raises(errors.MissingRequiredValueError, match=r"data\.email: needs a str, but got None"):
        db.customer.create({"email": None})
    with pytest.raises(errors.DataError, match="NUL"):
        db.customer.create({"email": "\x00"})
    with pytest.raises(errors.DataError, match="can't be sent"):
        db.customer.create({"email": "\ud800"})
    assert db.customer.count() == 1


def test_mistakes_are_found_before_any_sql(client: Any, errors: Any) -> None:
    unconnected = client.module.Client(client.dsn)
    customer = unconnected.customer
    cases: list[tuple[Callable[[], Any], type[Exception], str]] = [
        (lambda: customer.create({"emial": "e"}), errors.FieldNotFoundError, "did you mean 'email'"),
        (lambda: customer.create_many([{"emial": "e"}]), errors.FieldNotFoundError, r"data\[0\]: Customer"),
        (lambda: customer.find_many(where={"agee": 1}), errors.FieldNotFoundError, "where: .* mean 'age'"),
        (lambda: customer.find_many(where={"OR": [{"x": 1}]}), errors.FieldNotFoundError, r"where\.OR"),
        (lambda: customer.find_many(order={"agee": "asc"}), errors.FieldNotFoundError, "order: "),
        (lambda: customer.find_many(where={"age": {"gtt": 1}}), errors.InputError, "did you mean 'gt"),
        (lambda: customer.find_many(where={"age": {"contains": "1"}}), errors.InputError, "no operator"),
        (lambda: customer.find_many(where={"age": {"gt": None}}), errors.InputError, "where.age.gt: needs a"),
        (
            lambda: customer.find_many(where={"age": {"in": 3}}),
            errors.InputError,
            "where.age.in: needs a list",
        ),
        (lambda: customer.find_many(where={"age": "x"}), errors.InputError, "where.age: needs an int"),
        (lambda: customer.find_many(where={"age": 2**31}), errors.InputError, "age: needs an int from -2147"),
        (lambda: customer.find_many(where={"AND": "age"}), errors.InputError, "list of conditions"),
        (lambda: customer.find_many(where={"OR": None}), errors.InputError, "list of conditions"),
        (lambda: customer.create([1]), errors.InputError, "data: needs a dict"),
        (lambda: customer.create_many({"a": 1}), errors.InputError, "data: needs a list"),
    ]
    for call, kind, message in cases:
        with pytest.raises(kind, match=message):
            call()


def test_names_and_values_never_become_sql(db: Any, errors: Any) -> None:
    attack = 'x\'; DROP TABLE "Order"; --" $1 %s'
    calls: list[Callable[[], Any]] = [
        lambda: db.customer.find_many(where={attack: 1}),
        lambda: db.customer.find_many(where={"age": {attack: 1}}),
        lambda: db.customer.find_many(order={attack: "asc"}),
        lambda: db.customer.find_many(order={"age": attack}),
        lambda: db.customer.create({attack: 1}),
        lambda: db.customer.create_many([{attack: 1}]),
        lambda: db.customer.update({attack: 1}, {"id": "a"}),
        lambda: db.customer.find_unique({attack: 1}),
    ]
    for call in calls:
        with pytest.raises(errors.DataError):
            call()
    db.customer.create({"id": attack, "email": attack, "name": attack})
    db.customer.create_many([{"email": attack * 2}])
    assert db.customer.find_unique({"email": attack}).name == attack
    assert db.customer.count(where={"name": {"contains": attack}}) == 1
    assert db.order.count() == 0


def test_deep_conditions_are_refused_not_fatal(db: Any, errors: Any) -> None:
    deep: dict[str, Any] = {"age": 1}
    nested: dict[str, Any] = {"equals": 1}
    order: dict[str, Any] = {"name": "asc"}
    for _ in range(5000):
        deep = {"NOT": [deep]}
        nested = {"not": nested}
        order = {"customer": order}
    for where in (deep, {"age": nested}):
        with pytest.raises(errors.InputError, match="nested more than"):
            db.customer.find_many(where=where)
    with pytest.raises(errors.InputError, match="nested more than"):
        db.order.find_many(order=order)


def test_transactions(db: Any, errors: Any) -> None:
    with db.tx() as tx:
        tx.customer.create({"id": "a", "email": "a"})
        assert db.customer.count() == 0
    assert db.customer.count() == 1
    with pytest.raises(errors.TransactionExpiredError):
        tx.customer.count()

    with pytest.raises(ZeroDivisionError), db.tx() as tx:
        tx.customer.create({"email": "b"})
        raise ZeroDivisionError
    assert db.customer.count() == 1

    with db.tx() as tx:
        tx.customer.create({"email": "c"})
        with pytest.raises(ZeroDivisionError), tx.tx() as inner:
            inner.customer.create({"email": "d"})
            raise ZeroDivisionError
        assert tx.customer.count() == 2
    assert db.customer.count() == 2


def test_a_failed_transaction_never_ends_as_if_it_had_saved(db: Any, errors: Any) -> None:
    db.customer.create({"id": "a", "email": "a"})
    with pytest.raises(errors.TransactionError, match="nothing in it was saved"), db.tx() as tx:
        tx.customer.create({"email": "b"})
        with pytest.raises(errors.UniqueViolationError):
            tx.customer.create({"email": "a"})
        with pytest.raises(errors.TransactionError):
            tx.customer.count()
    assert db.customer.count() == 1
    with db.tx() as tx:
        with pytest.raises(errors.UniqueViolationError), tx.tx() as inner:
            inner.customer.create({"email": "a"})
        tx.customer.create({"email": "c"})
    assert db.customer.count() == 2


def test_a_transactions_client_is_not_the_pools(db: Any, errors: Any) -> None:
    with db.tx() as tx:
        for call in (tx.connect, tx.disconnect):
            with pytest.raises(errors.TransactionError):
                call()
        assert tx.is_connected()


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_connecting(client: Any, errors: Any, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = client.opened(mode)
    with pytest.raises(errors.ClientNotConnectedError):
        closed.customer.count()
    assert not closed.is_connected()
    with closed as db:
        assert db.is_connected()
        db.connect()
        db.customer.count()
    with pytest.raises(errors.ClientNotConnectedError):
        closed.customer.count()
    with closed as db:
        assert db.customer.count() >= 0

    monkeypatch.setenv("DATABASE_URL", client.dsn)
    with client.opened(mode, dsn=None) as db:
        db.customer.count()


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_database_that_is_not_there(client: Any, errors: Any, mode: str) -> None:
    for dsn in ("postgresql://u:secret-word@127.0.0.1:1/x", "postgresql://u:secret-word@[", "host"):
        target = client.module.Client if mode == "sync" else client.module.AsyncClient
        with pytest.raises(errors.DatabaseConnectionError) as caught:
            _open(target(dsn, connect_timeout_seconds=2))
        assert "secret-word" not in str(caught.value)


def _open(target: Any) -> None:
    result = target.connect()
    if result is not None:
        asyncio.run(result)


def test_a_database_without_the_tables(client: Any, errors: Any, scratch_server: Any) -> None:
    with (
        scratch_server.new_database() as dsn,
        client.module.Client(dsn) as db,
        pytest.raises(errors.TableNotFoundError) as caught,
    ):
        db.customer.count()
    assert any("all migrations" in note for note in caught.value.__notes__)


@pytest.mark.parametrize(
    ("change", "row", "error", "message"),
    [
        (
            "SELECT 1",
            {"id": "b"},
            "UniqueViolationError",
            r"failed on the fields: \(`email`\)",
        ),
        ('ALTER TABLE "custo; mers" ADD CHECK (age > 18)', {}, "DataError", "violates check constraint"),
        ('ALTER TABLE "custo; mers" ALTER name SET NOT NULL', {}, "MissingRequiredValueError", "not-null"),
        (
            'ALTER TABLE "custo; mers" ADD FOREIGN KEY (email) REFERENCES "Made"',
            {},
            "ForeignKeyViolationError",
            "failed on the field.* violates foreign key constraint",
        ),
    ],
)
def test_messages_repeat_no_values(
    change: str, row: dict[str, Any], error: str, message: str, db: Any, errors: Any
) -> None:
    """They are logged and sent to browsers, and the server's details show whole rows."""
    new = {"id": "a", "email": "secret@x", "class": "secret", "age": 18, **row}
    with pytest.raises(getattr(errors, error), match=message) as caught, db.tx() as tx:
        tx.execute_raw(change)
        if row:
            tx.customer.create({**new, "id": "a"})
        tx.customer.create(new)
    assert "secret" not in str(caught.value) + repr(caught.value.data)
    assert "secret" in caught.value.__cause__.diag.message_detail


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ('ALTER TABLE "custo; mers" DROP class', "P2022"),
        ('ALTER TABLE "custo; mers" ADD CHECK (age > 0)', "P2004"),
        ('ALTER TABLE "custo; mers" ALTER class TYPE varchar(1)', "P2000"),
        ('ALTER TABLE "custo; mers" ALTER age TYPE int2', "P2020"),
    ],
)
def test_what_has_no_class_has_prisma_s_code(change: str, code: str, db: Any, errors: Any) -> None:
    with pytest.raises(errors.DataError) as caught, db.tx() as tx:
        tx.execute_raw(change)
        tx.customer.create({"id": "a", "email": "e", "age": -70_000, "class": "long"})
    assert caught.value.code == code
    assert caught.value.meta["sqlstate"].startswith(("22", "23", "42"))


def test_a_text_that_is_no_value_of_its_type_has_prisma_s_code(db: Any, errors: Any) -> None:
    with pytest.raises(errors.DataError, match="uuid") as caught:
        db.made.find_many(where={"uuid7": "nope"})
    assert (caught.value.code, caught.value.meta["sqlstate"]) == ("P2007", "22P02")


def test_an_enum_value_of_a_later_version(client: Any, errors: Any, db: Any) -> None:
    db.customer.create({"id": "a", "email": "e"})
    with psycopg.connect(client.dsn, autocommit=True) as connection:
        connection.execute("""ALTER TYPE "Stage" ADD VALUE IF NOT EXISTS 'LOST'""")
        connection.execute("""UPDATE "custo; mers" SET stage = 'LOST'""")
    with pytest.raises(errors.DataError, match=r"'LOST'.*does not know"):
        db.customer.find_many()


def test_sql_is_compiled_once_per_shape(client: Any) -> None:
    schema = client.module._data.SCHEMA
    table = schema.table("Customer")
    size = len(table.plans._young)
    with client.module.Client(client.dsn) as db:
        for number in range(20):
            db.customer.find_many(
                where={"age": {"in": list(range(number))}, "name": f"{number}"}, take=number
            )
    assert len(table.plans._young) == size + 1


def test_a_key_that_is_called_mode_takes_any_value(client_of: Callable[..., Any]) -> None:
    client = client_of("model Theme {\n  mode String @id\n  name String?\n}\n")
    with client.opened("sync") as db:
        for mode in ("insensitive", "default", "dark"):
            db.theme.create({"mode": mode})
            assert db.theme.update({"name": mode}, where={"mode": mode}).name == mode
            assert db.theme.find_many(where={"mode": mode})[0].name == mode
