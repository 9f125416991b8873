"""``schema_client.tables``: SQLAlchemy's models against the database that Prisma's own SQL makes."""

from __future__ import annotations

import importlib
import subprocess
import sys
import uuid
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Inspector
from sqlalchemy.orm import Session

from migrations.scratch.scratch_server import ScratchServer

_SCHEMA = """
generator client {
  provider        = "prisma-client"
  previewFeatures = ["views"]
}

datasource db {
  provider = "postgresql"
  schemas  = ["public", "stock"]
}

enum Role {
  READER @map("a reader")
  EDITOR

  @@map("user role")
  @@schema("public")
}

enum Size {
  S
  L

  @@schema("stock")
}

model User {
  id        String    @id @default(uuid()) @db.Uuid
  email     String    @unique @db.VarChar(120)
  role      Role      @default(READER)
  roles     Role[]    @default([READER, EDITOR])
  metadata  Json      @default("{\\"a\\": [1, \\"it's\\"]}")
  registry  Json?     @db.Json
  createdAt DateTime  @default(now()) @map("created at")
  updatedAt DateTime  @updatedAt @db.Timestamptz(6)
  User      User?     @relation("invited", fields: [invitedBy], references: [id])
  invitedBy String?   @db.Uuid
  invites   User[]    @relation("invited")
  friends   User[]    @relation("friends")
  friendOf  User[]    @relation("friends")
  profile   Profile?
  orders    Order[]
  Seen      Seen[]

  @@index([role, createdAt(sort: Desc)], name: "by role")
  @@index([email(ops: raw("text_pattern_ops"), sort: Desc), id], map: "by email")
  @@index([metadata(ops: JsonbPathOps)], type: Gin, map: "by metadata")
  @@map("users.all")
  @@schema("public")
}

model Profile {
  user   User   @relation(fields: [userId], references: [id], onDelete: Cascade, map: "of_user")
  userId String @id(map: "profile key") @db.Uuid
  photo  Bytes  @default("aGVsbG8=")
  place  Unsupported("point")?
  words  Unsupported("tsvector")?

  @@schema("public")
}

model Tenant {
  id     Int     @id @default(autoincrement()) @db.SmallInt
  shelfs Shelf[]
  orders Order[]

  @@schema("stock")
}

model Shelf {
  tenantId Int     @db.SmallInt
  code     String  @db.Char(3)
  tenant   Tenant  @relation(fields: [tenantId], references: [id], onDelete: Cascade)
  orders   Order[]
  tags     Tag[]   @relation("a tag's shelf")

  @@id([code, tenantId])
  @@schema("stock")
}

model Order {
  id        BigInt  @id @default(autoincrement())
  number    Int     @unique @default(autoincrement())
  tenantId  Int     @db.SmallInt
  shelfCode String? @db.Char(3)
  userId    String? @db.Uuid
  tenant    Tenant  @relation(fields: [tenantId], references: [id], onUpdate: NoAction)
  shelf     Shelf?  @relation(fields: [shelfCode, tenantId], references: [code, tenantId], onDelete: NoAction)
  user      User?   @relation(fields: [userId], references: [id])
  size      Size    @default(L)
  list      Size[]
  total     Decimal @default(1.50) @db.Decimal(12, 2)
  weight    Decimal @default(0.1)
  tags      Tag[]

  @@unique([tenantId, number], map: "one number")
  @@index([aVeryLongNameOfAColumnThatIsMoreThanMostAreButNotTooLong, tenantId])
  aVeryLongNameOfAColumnThatIsMoreThanMostAreButNotTooLong Int @default(-5)
  @@schema("stock")
}

model Tag {
  name   String  @id
  orders Order[]
  Shelf  Shelf?  @relation("a tag's shelf", fields: [code, tenant], references: [code, tenantId])
  code   String? @db.Char(3)
  tenant Int?    @db.SmallInt

  @@schema("public")
}

model Kinds {
  key      String   @unique @default(cuid(2))
  nano     String   @default(nanoid(9))
  ulid     String   @default(ulid())
  seven    String   @default(uuid(7))
  text     String   @default("it's 100% \\\\ \\"x\\" :a::b") @db.Text
  inet     String?  @db.Inet
  inets    String[] @db.Inet
  xml      String?  @db.Xml
  bit      String?  @db.Bit(3)
  varbit   String?  @db.VarBit(5)
  varbits  String[] @db.VarBit
  flag     Boolean  @default(true)
  small    Int?     @db.SmallInt
  oid      Int?     @db.Oid
  big      BigInt   @default(9007199254740993)
  real     Float?   @db.Real
  float    Float    @default(0.1)
  money    Decimal? @db.Money
  date     DateTime? @db.Date
  time     DateTime? @db.Time(3)
  timetz   DateTime? @db.Timetz(6)
  stamp    DateTime? @db.Timestamp(0)
  stamps   DateTime[] @db.Timestamptz(3)
  fixed    DateTime @default("2020-01-01T00:00:00Z")
  texts    String[] @default(["a", "it's", "b\\\\c"])
  numbers  Int[]    @default([])
  decimals Decimal[] @default([1.50, 2]) @db.Decimal(9, 2)
  jsons    Json[]
  bytes    Bytes[]
  made     String   @default(dbgenerated("upper('x:y'::text)"))

  @@schema("public")
}

view Seen {
  id   String @unique @db.Uuid
  Role Role
  user User?  @relation(fields: [id], references: [id])

  @@schema("public")
}

view Loose {
  email String

  @@schema("public")
}
"""
_UNKEYED = """
datasource db {
  provider     = "postgresql"
  relationMode = "prisma"
}

model User {
  id       Int    @id
  friends  User[] @relation("friends")
  friendOf User[] @relation("friends")
  posts    Post[]
}

model Post {
  id     Int   @id @default(autoincrement())
  userId Int
  User   User  @relation(fields: [userId], references: [id])
  tags   Tag[]

  @@index([userId])
}

model Tag {
  name  String @id
  posts Post[]
}
"""
_NAMED = """
model Base {
  metadata  String
  metadata_ String
  id        Int     @id
  registry  Int?
  Column    Column?
}

model Column {
  id   Int  @id
  base Base @relation(fields: [id], references: [id])
}
"""
_VIEWS = """
CREATE VIEW "Seen" AS SELECT id, role AS "Role" FROM "users.all";
CREATE VIEW "Loose" AS SELECT email FROM "users.all";
"""


@pytest.fixture(scope="module")
def client(client_of: Callable[..., Any]) -> Any:
    made = client_of(_SCHEMA)
    with psycopg.connect(made.dsn, autocommit=True) as connection:
        connection.execute(_VIEWS.encode())
    return made


@pytest.fixture(scope="module")
def tables(client: Any) -> Any:
    """The module; any warning of SQLAlchemy about a mapping is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        module = importlib.import_module(f"{client.module.__name__}.tables")
        module.Base.registry.configure()
    return module


@pytest.fixture(scope="module")
def engine(client: Any) -> Iterator[sa.Engine]:
    # A session in another time zone than UTC, which must make no difference.
    made = _engine(client.dsn, "-c TimeZone=Asia/Kolkata")
    yield made
    made.dispose()


def _engine(dsn: str, options: str = "") -> sa.Engine:
    parameters = psycopg.conninfo.conninfo_to_dict(dsn)
    # psycopg itself reads times in ISO form only.
    parameters["options"] = f"-c DateStyle=ISO {options}"
    return sa.create_engine("postgresql+psycopg://", connect_args=parameters)


def _catalog(engine: sa.Engine, *schemas: str) -> dict[str, Any]:
    """Everything that SQLAlchemy's reflection tells of a database, and indexes as Postgres writes them."""
    inspector = sa.inspect(engine)
    written = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = :schema"
    with engine.connect() as connection:
        indexes = {
            schema: sorted(map(tuple, connection.execute(sa.text(written), {"schema": schema})))
            for schema in schemas
        }
    return {
        schema: {
            "enums": [{k: e[k] for k in ("name", "labels")} for e in inspector.get_enums(schema)],  # type: ignore[attr-defined]
            "indexes": indexes[schema],
            "tables": {
                table: _table(inspector, table, schema) for table in sorted(inspector.get_table_names(schema))
            },
        }
        for schema in schemas
    }


def _columns(inspector: Inspector, table: str, schema: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it has no class for point
        return inspector.get_columns(table, schema)


def _type(inspector: Inspector, type_: Any) -> str:
    return "unknown" if isinstance(type_, sa.types.NullType) else str(type_.compile(inspector.dialect))


def _table(inspector: Inspector, table: str, schema: str) -> dict[str, Any]:
    by_name: Callable[[Any], str] = lambda item: str(item["name"])  # noqa: E731
    columns = [
        {**column, "type": _type(inspector, column["type"])} for column in _columns(inspector, table, schema)
    ]
    return {
        "columns": columns,
        "key": inspector.get_pk_constraint(table, schema),
        "foreign": sorted(inspector.get_foreign_keys(table, schema), key=by_name),
        "indexes": sorted(inspector.get_indexes(table, schema), key=by_name),
        "uniques": sorted(inspector.get_unique_constraints(table, schema), key=by_name),
    }


def test_the_tables_are_those_of_the_database(
    client: Any, tables: Any, engine: sa.Engine, scratch_server: ScratchServer
) -> None:
    with scratch_server.new_database() as dsn:
        own = _engine(dsn)
        with own.begin() as connection:
            connection.execute(sa.text("CREATE SCHEMA stock"))
            tables.Base.metadata.create_all(connection)
        assert _catalog(own, "public", "stock") == _catalog(engine, "public", "stock")
        own.dispose()


def test_what_one_writes_the_other_reads(client: Any, tables: Any, engine: sa.Engine) -> None:
    client.empty()
    moment = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=timezone(timedelta(hours=2)))
    enums = client.module.enums
    with client.opened("sync") as db, Session(engine) as session:
        ann = tables.User(email="ann", role=enums.Role.EDITOR, createdAt=moment, metadata_={"a": None})
        bob = tables.User(email="bob", User=ann, friends=[ann], profile=tables.Profile())
        tenant = tables.Tenant(shelfs=[tables.Shelf(code="abc")])
        session.add_all([ann, bob, tenant])
        session.flush()
        order = tables.Order(tenant=tenant, shelf=tenant.shelfs[0], user=bob, tags=[tables.Tag(name="t")])
        session.add(order)
        session.commit()

        row = db.user.find_first(where={"email": "ann"}, include={"invites": {"include": {"profile": True}}})
        assert (row.id, row.role, row.roles) == (str(ann.id), enums.Role.EDITOR, list(enums.Role))
        assert row.createdAt == moment == ann.createdAt
        assert row.updatedAt == ann.updatedAt
        assert row.metadata == {"a": None}
        assert row.registry is None
        assert row.invites[0].profile.photo == b"hello"
        read = db.order.find_first(
            include={"tags": True, "shelf": True, "user": {"include": {"friends": True}}}
        )
        assert (read.id, read.number, read.total, read.size) == (1, 1, Decimal("1.5"), "L")
        assert [read.tags[0].name, read.shelf.code, read.user.friends[0].email] == ["t", "abc", "ann"]

        db.user.update({"email": "anne", "friends": {"connect": [{"email": "bob"}]}}, {"email": "ann"})
        session.expire_all()
        assert ann.email == "anne"
        assert [friend.email for friend in ann.friends] == ["bob"]
        assert [friend.email for friend in bob.friends] == ["ann"[:3] + "e"]
        before = ann.updatedAt = datetime(2020, 1, 1, tzinfo=UTC)
        session.commit()
        ann.email = "ann"
        session.commit()
        assert ann.updatedAt > before
        assert ann.updatedAt.tzinfo is UTC

        # The database says what becomes of others: a profile goes with its user, an order stays without.
        session.delete(bob)
        session.commit()
        assert db.profile.count() == 0
        assert db.order.find_first().userId is None


def test_every_type_reads_as_the_client_wrote_it(client: Any, tables: Any, engine: sa.Engine) -> None:
    client.empty()
    day = datetime(2026, 1, 2, tzinfo=UTC)
    noon = datetime(1970, 1, 1, 12, 30, 15, 250000, tzinfo=UTC)
    with client.opened("sync") as db, Session(engine) as session:
        db.kinds.create(
            {
                "key": "a", "inet": "10.0.0.1", "inets": ["10.0.0.0/8", "::1"], "bit": "101", "varbit": "1",
                "varbits": ["1", "0"], "small": -32768, "oid": 4294967295, "real": 0.5, "money": "-1.25",
                "date": day, "time": noon, "timetz": noon, "stamp": day, "stamps": [day, noon],
                "jsons": [client.module.Json({"a": 1})], "bytes": [b"", b"\x00"],
            }
        )  # fmt: skip
        row = session.get(tables.Kinds, "a")
        assert row.text == 'it\'s 100% \\ "x" :a::b'
        assert (row.inet, row.inets) == ("10.0.0.1", ["10.0.0.0/8", "::1"])
        assert (row.bit, row.varbit, row.varbits, row.flag) == ("101", "1", ["1", "0"], True)
        assert (row.small, row.oid, row.big) == (-32768, 4294967295, 9007199254740993)
        assert (row.real, row.float, row.money) == (0.5, 0.1, Decimal("-1.25"))
        assert (row.date, row.time, row.timetz) == (date(2026, 1, 2), time(12, 30, 15, 250000), row.timetz)
        assert row.timetz.utcoffset() == timedelta(0)
        assert (row.stamp, row.stamps, row.fixed) == (day, [day, noon], datetime(2020, 1, 1, tzinfo=UTC))
        assert (row.texts, row.numbers) == (["a", "it's", "b\\c"], [])
        assert (row.decimals, row.jsons, row.bytes) == ([Decimal("1.50"), 2], [{"a": 1}], [b"", b"\x00"])
        assert row.made == "X:Y"
        kept = {column.key: getattr(row, column.key) for column in sa.inspect(tables.Kinds).column_attrs}
        session.add(tables.Kinds(**{**kept, "key": "b"}))
        session.add(tables.Kinds(texts=None))
        session.commit()
        first, second = (db.kinds.find_unique({"key": key}).model_dump(exclude={"key"}) for key in "ab")
        assert first == second
        made = db.kinds.find_first(where={"key": {"not_in": ["a", "b"]}})
        assert [len(text) for text in (made.key, made.nano, made.ulid, made.seven)] == [24, 9, 26, 36]
        assert made.texts == ["a", "it's", "b\\c"]  # None is left to the database, which has a default


def test_views_are_read_and_never_written(client: Any, tables: Any, engine: sa.Engine) -> None:
    client.empty()
    with Session(engine) as session:
        session.add(tables.User(email="ann"))
        session.commit()
        seen = session.scalars(sa.select(tables.Seen)).one()
        assert seen.user.email == "ann"
        assert seen.user.Seen == [seen]
        assert session.execute(sa.select(tables.Loose)).all() == [("ann",)]
        session.add(tables.Seen(id=uuid.uuid4(), Role=client.module.enums.Role.READER))
        with pytest.raises(TypeError, match="Seen is a view"):
            session.flush()


def test_unsupported_columns_are_left_alone_and_read_as_text(
    client: Any, tables: Any, engine: sa.Engine
) -> None:
    client.empty()
    changed = 'ALTER TABLE "Profile" DROP COLUMN words'
    made = (
        "ALTER TABLE \"Profile\" ADD words tsvector GENERATED ALWAYS AS (to_tsvector('simple', 'x')) STORED"
    )
    with Session(engine) as session, session.connection() as connection:
        connection.execute(sa.text(changed))
        connection.execute(sa.text(made))
        session.add(tables.User(email="ann", profile=tables.Profile(place="(1,2)")))
        session.flush()
        session.expire_all()
        profile = session.scalars(sa.select(tables.Profile)).one()
        assert "place" not in profile.__dict__
        assert (profile.place, profile.words) == ("(1,2)", "'x':1")
        session.rollback()


def test_nothing_of_it_is_imported_unless_asked_for(client: Any) -> None:
    program = (
        f"import sys; sys.path.insert(0, {str(client.folder)!r})\n"
        f"import {client.module.__name__} as package\n"
        "assert not any(name.partition('.')[0] == 'sqlalchemy' for name in sys.modules)\n"
        "package.tables.Base.registry.configure()\n"
        "assert 'sqlalchemy' in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_relations_without_foreign_keys_are_followed_all_the_same(
    client_of: Callable[..., Any], scratch_server: ScratchServer
) -> None:
    client = client_of(_UNKEYED)
    tables = importlib.import_module(f"{client.module.__name__}.tables")
    engine = _engine(client.dsn)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tables.Base.registry.configure()
    with Session(engine) as session:
        ann = tables.User(id=1, friends=[tables.User(id=2)], posts=[tables.Post(tags=[tables.Tag(name="t")])])
        session.add(ann)
        session.commit()
        session.expire_all()
        assert ann.posts[0].User is ann
        assert ann.posts[0].tags[0].posts == ann.posts
        assert [friend.friendOf for friend in ann.friends] == [[ann]]
    with scratch_server.new_database() as dsn:
        own = _engine(dsn)
        tables.Base.metadata.create_all(own)
        assert _catalog(own, "public") == _catalog(engine, "public")
        own.dispose()
    engine.dispose()


def test_names_that_this_module_needs_are_free_for_models(
    import_client: Callable[..., tuple[Any, Any]],
) -> None:
    module, _ = import_client(_NAMED)
    tables = importlib.import_module(f"{module.__name__}.tables")
    tables.Base_.registry.configure()
    attributes = {attribute.key for attribute in sa.inspect(tables.Base).attrs}
    assert attributes == {"metadata_", "metadata__", "id", "registry_", "Column"}
    assert tables.Base.__table__.c["metadata"] is tables.Base.metadata__.property.columns[0]
    assert issubclass(tables.Column, tables.Base_)
