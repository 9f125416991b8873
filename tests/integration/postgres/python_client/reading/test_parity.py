"""What code written for Prisma Client Python finds here, with no change but its import: names, the order of
arguments, what comes back, and which error is raised. The behaviours are those of its documentation."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import types
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

SCHEMA = """
model User {
  id      String   @id @default(cuid())
  name    String   @unique
  photo   Bytes?
  points  Int      @default(0)
  posts   Post[]
  profile Profile?
}

model Profile {
  id      Int    @id @default(autoincrement())
  country String
  user    User   @relation(fields: [userId], references: [id])
  userId  String @unique
}

model Post {
  id       Int     @id @default(autoincrement())
  title    String
  summary  String?
  author   User?   @relation(fields: [authorId], references: [id])
  authorId String?
}

/// Where people work.
/// @Python(instance_name: "org_member")
model OrgMember {
  id Int @id
}
"""
_READ = ["where", "include"]
#: The arguments that its documentation passes by position, in its order.
_ARGUMENTS = {
    "create": ["data", "include"],
    "create_many": ["data"],
    "delete": _READ,
    "delete_many": ["where"],
    "find_first": ["skip", "where", "cursor", "include", "order", "distinct"],
    "find_first_or_raise": ["skip", "where", "cursor", "include", "order", "distinct"],
    "find_many": ["take", "skip", "where", "cursor", "include", "order", "distinct"],
    "find_unique": _READ,
    "find_unique_or_raise": _READ,
    "group_by": ["by"],
    "count": ["select", "take", "skip", "where", "cursor"],
    "query_first": ["query"],
    "query_raw": ["query"],
    "update": ["data", "where", "include"],
    "update_many": ["data", "where"],
    "upsert": ["where", "data", "include"],
}
_KEYWORDS = {
    "create_many": {"skip_duplicates"},
    "group_by": {"where", "take", "skip", "avg", "sum", "min", "max", "having", "count", "order"},
}
_OPTIONS = {"use_dotenv", "log_queries", "auto_register", "datasource", "connect_timeout", "http"}
_METHODS = {
    "connect", "disconnect", "is_connected", "is_registered", "tx", "batch_", "query_raw", "query_first",
    "execute_raw",
}  # fmt: skip
#: Each error, and what it is caught as.
_ERRORS = {
    "PrismaError": "Exception",
    "ClientNotRegisteredError": "PrismaError",
    "ClientAlreadyRegisteredError": "PrismaError",
    "ClientNotConnectedError": "PrismaError",
    "HTTPClientClosedError": "PrismaError",
    "UnsupportedDatabaseError": "PrismaError",
    "DataError": "PrismaError",
    "UniqueViolationError": "DataError",
    "ForeignKeyViolationError": "DataError",
    "MissingRequiredValueError": "DataError",
    "RawQueryError": "DataError",
    "TableNotFoundError": "DataError",
    "FieldNotFoundError": "DataError",
    "RecordNotFoundError": "DataError",
    "InputError": "DataError",
    "TransactionError": "PrismaError",
    "TransactionExpiredError": "TransactionError",
    "TransactionNotStartedError": "TransactionError",
    "BuilderError": "PrismaError",
    "InvalidModelError": "BuilderError",
    "UnknownModelError": "BuilderError",
    "UnknownRelationalFieldError": "BuilderError",
}
_TYPES = [
    "UserWhereInput",
    "UserWhereUniqueInput",
    "UserCreateInput",
    "UserUpdateInput",
    "UserUpsertInput",
    "UserInclude",
    "UserOrderByInput",
    "UserScalarFieldKeys",
    "UserUpdateManyMutationInput",
    "UserListRelationFilter",
    "FindManyUserArgs",
    "UserGroupByOutput",
    "UserScalarWhereWithAggregatesInput",
    "UserAvgAggregateOutput",
    "SortOrder",
    "StringFilter",
    "IntFilter",
    "FloatFilter",
    "BooleanFilter",
    "DateTimeFilter",
    "BytesFilter",
    "JsonFilter",
    "DecimalFilter",
]


@pytest.fixture(scope="module")
def client(client_of: Callable[[str], Any]) -> Any:
    return client_of(SCHEMA)


def test_what_is_imported(client: Any) -> None:
    prisma = client.module
    for name in ("Prisma", "Json", "Base64", "register", "get_client"):
        assert hasattr(prisma, name)
    assert prisma.Prisma is prisma.AsyncClient
    modules = {
        name: importlib.import_module(f"{prisma.__name__}.{name}")
        for name in ("models", "types", "enums", "errors", "fields", "bases")
    }
    assert {"User", "Post", "OrgMember"} <= set(vars(modules["models"]))
    assert {"BaseUser", "BasePost"} <= set(vars(modules["bases"]))
    assert set(_TYPES) <= set(vars(modules["types"]))
    assert (modules["fields"].Json, modules["fields"].Base64) == (prisma.Json, prisma.Base64)


@pytest.mark.parametrize("kind", ["Client", "AsyncClient"])
def test_methods_and_the_order_of_their_arguments(client: Any, kind: str) -> None:
    opened = getattr(client.module, kind)(client.dsn)
    assert {name for name in dir(opened) if callable(getattr(opened, name))} >= _METHODS
    assert inspect.signature(type(opened)).parameters.keys() >= _OPTIONS
    assert inspect.signature(opened.tx).parameters.keys() >= {"max_wait", "timeout"}
    for method, expected in _ARGUMENTS.items():
        parameters = inspect.signature(getattr(opened.user, method)).parameters
        positional = [
            name for name, each in parameters.items() if each.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
        ]
        assert positional[: len(expected)] == expected, method
        assert _KEYWORDS.get(method, set()) <= parameters.keys(), method


def test_errors_and_what_they_are_caught_as(errors: Any) -> None:
    for name, base in _ERRORS.items():
        assert issubclass(getattr(errors, name), getattr(errors, base, Exception)), name


def test_options_of_the_client(client: Any) -> None:
    made = client.module.Client(
        datasource={"url": client.dsn},
        connect_timeout=timedelta(seconds=5),
        http={"timeout": None},
        use_dotenv=False,
        log_queries=False,
        auto_register=False,
    )
    assert not made.is_connected()
    made.connect()
    assert made.is_connected()
    with made.tx(max_wait=timedelta(seconds=2), timeout=timedelta(seconds=10)) as transaction:
        assert client.module.models.User.prisma(transaction).count() == 0
    made.disconnect()
    assert not made.is_connected()


def test_a_model_under_a_name_of_its_own(db: Any, client: Any) -> None:
    assert db.org_member.create({"id": 1}).id == 1
    with db.batch_() as batch:
        batch.org_member.create({"id": 2})
    assert db.org_member.count() == 2
    assert not hasattr(client.module.Client, "orgmember")
    assert client.module.models.OrgMember.__doc__.strip() == "Where people work."


def test_raw_queries_of_a_model(db: Any, client: Any, errors: Any) -> None:
    db.user.create({"name": "Robert"})
    found = db.user.query_raw('SELECT * FROM "User" WHERE name = $1', "Robert")
    assert [type(row) for row in found] == [client.module.models.User]
    first = db.user.query_first('SELECT * FROM "User" WHERE name = $1 LIMIT 1', "Robert")
    assert first == found[0]
    assert db.user.query_first('SELECT * FROM "User" WHERE name = $1', "nobody") is None
    with pytest.raises(errors.RawQueryError):
        db.user.query_raw("SELECT * FROM bad_table")
    with pytest.raises(errors.RawQueryError):
        db.user.query_first("SELECT * FROM bad_table")


def test_raw_queries_of_a_class_of_ones_own(client: Any) -> None:
    client.empty()
    named: Any = type("Named", (client.module.bases.BaseUser,), {"__annotations__": {"name": str}})
    with client.module.Client(client.dsn) as db:
        db.user.create({"name": "Robert"})
        (row,) = named.prisma(db).query_raw('SELECT name FROM "User"')
    assert (type(row), row.name) == (named, "Robert")


def test_counts(db: Any) -> None:
    db.post.create_many([{"title": "a"}, {"title": "b", "summary": "s"}])
    assert db.post.count() == 2
    assert db.post.count(select={}) == {"_all": 2}
    assert db.post.count(select={"summary": True}) == {"summary": 1}
    assert db.post.count({"_all": True, "summary": True}) == {"_all": 2, "summary": 1}
    assert db.post.count(take=1) == 1


def test_what_errors_say(db: Any, errors: Any) -> None:
    db.user.create({"id": "abc", "name": "Robert"})
    with pytest.raises(errors.UniqueViolationError, match="Unique constraint failed"):
        db.user.create({"name": "Robert"})
    with pytest.raises(errors.ForeignKeyViolationError, match="Foreign key constraint failed on the field"):
        db.post.create({"title": "a", "authorId": "nobody"})
    missing = "depends on one or more records that were required but not found"
    with pytest.raises(errors.RecordNotFoundError, match=missing):
        db.user.find_unique_or_raise({"id": "nobody"})
    with pytest.raises(errors.RecordNotFoundError, match=missing):
        db.user.find_first_or_raise(where={"id": "nobody"})
    with pytest.raises(errors.DataError, match="Expected exactly one field to be present, got 2"):
        db.user.update({"points": {"increment": 1, "multiply": 2}}, {"id": "abc"})
    with pytest.raises(errors.MissingRequiredValueError, match="author"):
        db.post.create({"title": "a", "author": None})
    with pytest.raises(errors.FieldNotFoundError, match="foo"):
        db.user.find_first(where={"foo": "bar"})
    with pytest.raises(errors.MissingRequiredValueError, match="name"):
        db.user.create({})
    with db.tx() as transaction:
        pass
    with pytest.raises(errors.TransactionExpiredError, match="Transaction already closed"):
        transaction.user.delete_many()


def test_what_is_none_if_there_is_no_such_row(db: Any) -> None:
    where = {"id": "nobody"}
    assert db.user.find_unique(where) is None
    assert db.user.find_first(where=where) is None
    assert db.user.update({"points": 1}, where) is None
    assert db.user.delete(where) is None
    assert db.user.update_many({"points": 1}, where) == db.user.delete_many(where) == 0


def test_partial_types(client: Any, errors: Any) -> None:
    client.empty()
    user, post = client.module.models.User, client.module.models.Post
    name_only = user.create_partial("UserOnlyName", include={"name"})
    with_author = post.create_partial(
        "PostWithAuthor", include={"title", "author"}, relations={"author": name_only}
    )
    assert set(user.create_partial("Bare", exclude_relational_fields=True).model_fields) == {
        "id", "name", "photo", "points",
    }  # fmt: skip
    must = user.create_partial("Must", required={"photo"}, exclude={"posts", "profile"})
    assert must.model_fields["photo"].is_required()
    with client.module.Client(client.dsn) as db:
        made = {"title": "a", "author": {"create": {"name": "Robert"}}}
        row = with_author.prisma(db).create(made, include={"author": True})
        assert (type(row), type(row.author)) == (with_author, name_only)
        assert row.model_dump() == {"title": "a", "author": {"name": "Robert"}}
        with pytest.raises(errors.UnknownRelationalFieldError, match="profile"):
            name_only.prisma(db).find_first(include={"profile": True})


def test_bytes(db: Any, client: Any) -> None:
    base64, user = client.module.Base64, client.module.models.User
    raw = b"\xfb\xff\x00"
    row = db.user.create({"name": "Robert", "photo": base64.encode(raw)})
    assert row.photo == base64.encode(raw)
    assert base64.encode(raw) == row.photo == raw
    assert hash(base64.encode(raw)) == hash(raw)
    assert db.user.count(where={"photo": base64.encode(raw)}) == 1
    written = row.model_dump_json()
    assert json.loads(written)["photo"] == "+/8A"
    assert user.model_validate_json(written).photo == raw
    assert user(id="a", name="b", points=0, photo=base64.encode(raw)).photo == raw


def test_base64_in_models_of_ones_own(client: Any) -> None:
    base64 = client.module.Base64
    model: Any = type(
        "Own",
        (BaseModel,),
        {"__annotations__": {"value": base64, "values": types.GenericAlias(list, base64)}},
    )
    made = model.model_validate({"value": "Zm9v", "values": ["Zm9v", b"Zm9v", base64.encode(b"foo")]})
    assert {made.value, *made.values} == {base64.encode(b"foo")}
    assert (made.value.decode(), made.value.decode_str()) == (b"foo", "foo")
    assert model.model_validate_json(made.model_dump_json()) == made
    with pytest.raises(ValueError, match="value"):
        model.model_validate({"value": 1, "values": []})


def test_a_registered_client(client: Any, errors: Any) -> None:
    prisma, user = client.module, client.module.models.User
    with pytest.raises(errors.ClientNotRegisteredError):
        user.prisma()
    made = prisma.Prisma(client.dsn, auto_register=True)
    try:
        assert made.is_registered()
        assert prisma.get_client() is made
        with pytest.raises(errors.ClientAlreadyRegisteredError):
            prisma.register(made)
        with pytest.raises(errors.ClientNotConnectedError):
            asyncio.run(user.prisma().find_many())
    finally:
        prisma.unregister()
    prisma.register(lambda: made)
    try:
        assert prisma.get_client() is made
    finally:
        prisma.unregister()


def test_a_transaction_that_is_started_by_hand(client: Any, errors: Any) -> None:
    client.empty()
    with client.module.Client(client.dsn) as db:
        manager = db.tx()
        with pytest.raises(errors.TransactionNotStartedError):
            manager.commit()
        with pytest.raises(errors.TransactionNotStartedError):
            manager.rollback()
        manager.start().user.create({"name": "kept"})
        manager.commit()
        gone = db.tx()
        gone.start().user.create({"name": "gone"})
        gone.rollback()
        assert [row.name for row in db.user.find_many()] == ["kept"]
