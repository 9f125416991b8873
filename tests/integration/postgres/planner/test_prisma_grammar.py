"""Every attribute and argument of Prisma's grammar: it is carried into a real database, or refused by name.

What the parser itself lists (attributes, native types, preview features) has to be in one of the two tables.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from migrations.errors import RehearsalError
from migrations.planner.plan import plan
from migrations.rehearsal.history_runner import objects_of
from migrations.rehearsal.rehearsal import rehearse
from migrations.scratch.scratch_server import ScratchServer
from migrations.scripts.split import split
from registry.validation.schema_loading import SchemaTexts, read_schema
from schemas.answers import Answers
from schemas.errors import Problem
from schemas.model import Field, Model, Schema
from schemas.prisma import bridge as prisma_bridge
from schemas.prisma.bridge import PrismaBridge
from schemas.prisma.nodejs import node_executable
from schemas.prisma.toolchain import installed
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration

_HEAD = """datasource db {
  provider   = "postgresql"
  schemas    = ["public", "two"]
  extensions = [vector(map: "vector", schema: "extra", version: "0.8.5")]
}

generator client {
  provider        = "prisma-client"
  previewFeatures = ["partialIndexes", "views", "postgresqlExtensions"]
}
"""
_WHOLE = (
    _HEAD
    + r"""
model Keys {
  id     Int    @id(map: "keys_pk") @default(autoincrement())
  a      String @unique(map: "keys_a", sort: Desc) @map("col_a")
  b      String @unique(where: raw("col_a <> 'it''s'"), map: "keys_b")
  c      Int?   @map(name: "col_c")
  d      Json
  e      Int[]
  f      String @db.Inet
  gone   Boolean
  secret Int    @ignore

  @@unique([a, b(sort: Desc)], name: "pair", map: "keys_pair")
  @@unique(fields: [c], where: { gone: false, c: { not: null } }, map: "keys_where")
  @@index([a(ops: raw("text_pattern_ops"), sort: Desc), c], map: "keys_ops")
  @@index([d(ops: JsonbPathOps)], type: Gin, map: "keys_gin")
  @@index([e], type: Gin, map: "keys_array")
  @@index([f(ops: InetOps)], type: Gist, map: "keys_gist")
  @@index([f], type: SpGist, map: "keys_spgist")
  @@index([a], type: Hash, map: "keys_hash")
  @@index([id], type: Brin, map: "keys_brin")
  @@index([b], type: BTree, name: "keys_named")
  @@index([b, c], where: raw("col_c > 1"), map: "keys_partial")
  @@schema("public")
  @@map("keys")
}

model Pair {
  x    Int
  y    Int
  kids Child[]

  @@id([x, y], name: "both", map: "pair_pk")
  @@schema("public")
}

model Child {
  id  Int @id
  x   Int? @default(1)
  y   Int? @default(2)
  to  Pair? @relation(fields: [x, y], references: [x, y], onDelete: SetDefault, onUpdate: NoAction, map: "fk")
  aId Int?
  a   Acted?  @relation("a", fields: [aId], references: [id], onDelete: Cascade, onUpdate: Restrict)
  bId Int?
  b   Acted?  @relation("b", fields: [bId], references: [id], onDelete: SetNull)
  cId Int
  c   Acted   @relation("c", fields: [cId], references: [id])

  @@schema("two")
}

model Acted {
  id   Int     @id
  as   Child[] @relation("a")
  bs   Child[] @relation("b")
  cs   Child[] @relation("c")
  self Acted[] @relation(name: "friends")
  back Acted[] @relation("friends")

  @@schema("two")
}

model Hidden {
  id Int @id

  @@ignore
  @@schema("public")
}

view Shown {
  id  Int     @unique
  sum Int?    @map("total")

  @@map("shown")
  @@schema("two")
}

enum Mood {
  Good @map("good mood")
  Bad

  @@map("mood")
  @@schema("two")
}

model Defaults {
  id    Int       @id
  auto  BigInt    @default(autoincrement())
  now   DateTime  @default(now())
  upd   DateTime  @updatedAt
  db    String    @default(dbgenerated("upper('x'::text)"))
  made  Int       @default(dbgenerated())
  uuid  String    @default(uuid(7)) @db.Uuid
  cuid  String    @default(cuid(2))
  nano  String    @default(nanoid(5))
  ulid  String    @default(ulid())
  str   String    @default("it's \\ x")
  named Int       @default(value: 3)
  int   Int       @default(-1)
  big   BigInt    @default(-9223372036854775808)
  float Float     @default(1.5)
  bool  Boolean   @default(true)
  dec   Decimal   @default(2.00)
  decq  Decimal   @default("2.50")
  dece  Decimal   @default("1e5")
  time  DateTime  @default("2020-01-01T05:00:00+05:00") @db.Timestamptz(3)
  json  Json      @default("{\"a\": 1}")
  bytes Bytes     @default("aGVsbG8=")
  enum  Mood      @default(Good)
  ints  Int[]     @default([1, 2])
  bigs  BigInt[]  @default([1])
  flts  Float[]   @default([1, 2.5])
  bools Boolean[] @default([true])
  strs  String[]  @default(["it's"])
  decs  Decimal[] @default(["2.00", 3, "4e1"])
  times DateTime[] @default(["2020-01-01T00:00:00Z"])
  jsons Json[]    @default(["[1]"])
  bytss Bytes[]   @default(["aGVsbG8="])
  enums Mood[]    @default([Good, Bad])
  none  Int[]     @default([])
  point Unsupported("point")? @default(dbgenerated("'(1,2)'::point"))

  @@schema("public")
}

model Types {
  id          Int      @id
  small       Int      @db.SmallInt
  integer     Int      @db.Integer
  oid         Int      @db.Oid
  bigint      BigInt   @db.BigInt
  decimal     Decimal  @db.Decimal(10, 2)
  money       Decimal  @db.Money
  inet        String   @db.Inet
  real        Float    @db.Real
  double      Float    @db.DoublePrecision
  varchar     String   @db.VarChar(30)
  char        String   @db.Char(4)
  text        String   @db.Text
  bytea       Bytes    @db.ByteA
  timestamp   DateTime @db.Timestamp(3)
  timestamptz DateTime @db.Timestamptz(3)
  date        DateTime @db.Date
  time        DateTime @db.Time(3)
  timetz      DateTime @db.Timetz(3)
  boolean     Boolean  @db.Boolean
  bit         String   @db.Bit(3)
  varbit      String   @db.VarBit(5)
  uuid        String   @db.Uuid
  json        Json     @db.Json
  jsonb       Json     @db.JsonB

  @@schema("public")
}
"""
)

_DEFAULTS, _TYPES = 'column public."Defaults".', 'column public."Types".'
#: What is written in the schema, what it makes, and how Postgres describes that.
_CARRIED = [
    ("datasource schemas", "schema two", ""),
    ("datasource extensions", "extension vector", ""),
    ("extensions schema:", "schema extra", ""),
    ("@id", "constraint public.keys.keys_pk", "PRIMARY KEY (id)"),
    ("@id map:", "constraint public.keys.keys_pk", "PRIMARY KEY (id)"),
    ("@@id", 'constraint public."Pair".pair_pk', "PRIMARY KEY (x, y)"),
    ("@@id map:", 'constraint public."Pair".pair_pk', "PRIMARY KEY (x, y)"),
    ("@map", "column public.keys.col_a", "text not null"),
    ("@map name:", "column public.keys.col_c", "integer"),
    ("@@map", "table public.keys", ""),
    ("@@schema", 'table two."Child"', ""),
    ("@unique", "index public.keys_a", "UNIQUE INDEX keys_a ON public.keys USING btree (col_a DESC)"),
    ("@unique map:", "index public.keys_a", "keys_a"),
    ("@unique sort:", "index public.keys_a", "(col_a DESC)"),
    ("@unique where:", "index public.keys_b", "WHERE (col_a <> 'it''s'::text)"),
    (
        "@@unique",
        "index public.keys_pair",
        "UNIQUE INDEX keys_pair ON public.keys USING btree (col_a, b DESC)",
    ),
    ("@@unique map:", "index public.keys_pair", "keys_pair"),
    ("@@unique sort:", "index public.keys_pair", "b DESC"),
    ("@@unique where:", "index public.keys_where", "WHERE ((gone = false) AND (col_c IS NOT NULL))"),
    ("@@index", "index public.keys_ops", "btree (col_a text_pattern_ops DESC, col_c)"),
    ("@@index map:", "index public.keys_ops", "keys_ops"),
    ("@@index name:", "index public.keys_named", "btree (b)"),
    ("@@index sort:", "index public.keys_ops", "DESC"),
    ("@@index ops:", "index public.keys_gin", "gin (d jsonb_path_ops)"),
    ("@@index where:", "index public.keys_partial", "WHERE (col_c > 1)"),
    ("@@index type: BTree", "index public.keys_named", "btree"),
    ("@@index type: Hash", "index public.keys_hash", "hash (col_a)"),
    ("@@index type: Gin", "index public.keys_array", "gin (e)"),
    ("@@index type: Gist", "index public.keys_gist", "gist (f inet_ops)"),
    ("@@index type: SpGist", "index public.keys_spgist", "spgist (f)"),
    ("@@index type: Brin", "index public.keys_brin", "brin (id)"),
    ("@relation", 'constraint two."Child".fk', '(x, y) REFERENCES public."Pair"(x, y)'),
    ("@relation map:", 'constraint two."Child".fk', "FOREIGN KEY"),
    ("@relation name:", "table two._friends", ""),
    ("@relation onDelete: SetDefault", 'constraint two."Child".fk', "ON DELETE SET DEFAULT"),
    ("@relation onDelete: Cascade", 'constraint two."Child"."Child_aId_fkey"', "ON DELETE CASCADE"),
    ("@relation onDelete: SetNull", 'constraint two."Child"."Child_bId_fkey"', "ON DELETE SET NULL"),
    ("@relation onDelete: Restrict", 'constraint two."Child"."Child_cId_fkey"', "ON DELETE RESTRICT"),
    ("@relation onUpdate: Restrict", 'constraint two."Child"."Child_aId_fkey"', "ON UPDATE RESTRICT"),
    ("@relation onUpdate: Cascade", 'constraint two."Child"."Child_cId_fkey"', "ON UPDATE CASCADE"),
    ("@ignore", "column public.keys.secret", "integer not null"),
    ("@@ignore", 'table public."Hidden"', ""),
    ("enum @map", "enum two.mood", "'good mood', 'Bad'"),
    ("Unsupported", f"{_DEFAULTS}point", "point default '(1,2)'::point"),
    ("@default autoincrement()", f"{_DEFAULTS}auto", "bigint not null default nextval("),
    ("@default now()", f"{_DEFAULTS}now", "default CURRENT_TIMESTAMP"),
    ("@default dbgenerated()", f"{_DEFAULTS}made", "integer not null"),
    ('@default dbgenerated("…")', f"{_DEFAULTS}db", "default upper('x'::text)"),
    ("@default value:", f"{_DEFAULTS}named", "default 3"),
    ("@default String", f"{_DEFAULTS}str", "default 'it''s \\ x'::text"),
    ("@default Int", f'{_DEFAULTS}"int"', "default '-1'::integer"),
    ("@default BigInt", f"{_DEFAULTS}big", "default '-9223372036854775808'::bigint"),
    ("@default Float", f'{_DEFAULTS}"float"', "default 1.5"),
    ("@default Boolean", f"{_DEFAULTS}bool", "default true"),
    ("@default Decimal", f'{_DEFAULTS}"dec"', "default 2.00"),
    ('@default Decimal "…"', f"{_DEFAULTS}decq", "default 2.50"),
    ('@default Decimal "…e…"', f"{_DEFAULTS}dece", "default 100000"),
    ("@default DateTime", f'{_DEFAULTS}"time"', "default '2020-01-01 00:00:00+00'"),
    ("@default Json", f'{_DEFAULTS}"json"', """default '{"a": 1}'::jsonb"""),
    ("@default Bytes", f"{_DEFAULTS}bytes", "default '\\x68656c6c6f'::bytea"),
    ("@default enum", f"{_DEFAULTS}enum", "default 'good mood'::two.mood"),
    ("@default []", f'{_DEFAULTS}"none"', "default ARRAY[]::integer[]"),
    ("@default Int[]", f"{_DEFAULTS}ints", "default ARRAY[1, 2]"),
    ("@default BigInt[]", f"{_DEFAULTS}bigs", "default ARRAY[(1)::bigint]"),
    ("@default Float[]", f"{_DEFAULTS}flts", "(2.5)::double precision]"),
    ("@default Boolean[]", f"{_DEFAULTS}bools", "default ARRAY[true]"),
    ("@default String[]", f"{_DEFAULTS}strs", "default ARRAY['it''s'::text]"),
    ("@default Decimal[]", f"{_DEFAULTS}decs", "2.00::numeric(65,30), (3)::numeric(65,30), (40)::numeric"),
    ("@default DateTime[]", f"{_DEFAULTS}times", "default ARRAY['2020-01-01 00:00:00'::timestamp(3)"),
    ("@default Json[]", f"{_DEFAULTS}jsons", "default ARRAY['[1]'::jsonb]"),
    ("@default Bytes[]", f"{_DEFAULTS}bytss", "default ARRAY['\\x68656c6c6f'::bytea]"),
    ("@default enum[]", f"{_DEFAULTS}enums", "default ARRAY['good mood'::two.mood, 'Bad'::two.mood]"),
    ("@db.SmallInt", f"{_TYPES}small", "smallint not null"),
    ("@db.Integer", f'{_TYPES}"integer"', "integer not null"),
    ("@db.Oid", f"{_TYPES}oid", "oid not null"),
    ("@db.BigInt", f'{_TYPES}"bigint"', "bigint not null"),
    ("@db.Decimal", f'{_TYPES}"decimal"', "numeric(10,2) not null"),
    ("@db.Money", f"{_TYPES}money", "money not null"),
    ("@db.Inet", f"{_TYPES}inet", "inet not null"),
    ("@db.Real", f'{_TYPES}"real"', "real not null"),
    ("@db.DoublePrecision", f"{_TYPES}double", "double precision not null"),
    ("@db.VarChar", f'{_TYPES}"varchar"', "character varying(30) not null"),
    ("@db.Char", f'{_TYPES}"char"', "character(4) not null"),
    ("@db.Text", f"{_TYPES}text", "text not null"),
    ("@db.ByteA", f"{_TYPES}bytea", "bytea not null"),
    ("@db.Timestamp", f'{_TYPES}"timestamp"', "timestamp(3) without time zone not null"),
    ("@db.Timestamptz", f"{_TYPES}timestamptz", "timestamp(3) with time zone not null"),
    ("@db.Date", f"{_TYPES}date", "date not null"),
    ("@db.Time", f'{_TYPES}"time"', "time(3) without time zone not null"),
    ("@db.Timetz", f"{_TYPES}timetz", "time(3) with time zone not null"),
    ("@db.Boolean", f'{_TYPES}"boolean"', "boolean not null"),
    ("@db.Bit", f'{_TYPES}"bit"', "bit(3) not null"),
    ("@db.VarBit", f"{_TYPES}varbit", "bit varying(5) not null"),
    ("@db.Uuid", f"{_TYPES}uuid", "uuid not null"),
    ("@db.Json", f'{_TYPES}"json"', "json not null"),
    ("@db.JsonB", f"{_TYPES}jsonb", "jsonb not null"),
]


def _field(schema: Schema, place: str) -> Field:
    model, _, field = place.partition(".")
    return schema.models_by_name[model].field(field)


def _default_of(field: str) -> Callable[[Schema], object]:
    return lambda schema: str(_field(schema, f"Defaults.{field}").default)


def _model(name: str) -> Callable[[Schema], Model]:
    return lambda schema: schema.models_by_name[name]


#: What databases don't have, and clients do.
_IN_CLIENTS: list[tuple[str, Callable[[Schema], object], object]] = [
    ("@updatedAt", lambda schema: _field(schema, "Defaults.upd").is_updated_at, True),
    ("@default uuid()", _default_of("uuid"), "FunctionDefault(name='uuid', arguments=(7,))"),
    ("@default cuid()", _default_of("cuid"), "FunctionDefault(name='cuid', arguments=(2,))"),
    ("@default nanoid()", _default_of("nano"), "FunctionDefault(name='nanoid', arguments=(5,))"),
    ("@default ulid()", _default_of("ulid"), "FunctionDefault(name='ulid', arguments=())"),
    ("@@id name:", lambda schema: getattr(_model("Pair")(schema).primary_key, "name", None), "both"),
    ("@@unique name:", lambda schema: [key.name for key in _model("Keys")(schema).uniques], ["a", "pair"]),
    (
        "where: of uniques that are no keys",
        lambda schema: [key.where for key in _model("Keys")(schema).partial_uniques],
        ["col_a <> 'it''s'", '"gone" = false AND "col_c" IS NOT NULL'],
    ),
    ("@ignore", lambda schema: "secret" in [each.name for each in _model("Keys")(schema).fields], False),
    ("@@ignore", lambda schema: "Hidden" in schema.models_by_name, False),
    ("view", lambda schema: _model("Shown")(schema).is_view, True),
    ("view @map", lambda schema: _field(schema, "Shown.sum").column, "total"),
]


@pytest.fixture(scope="module")
def schema(bridge: PrismaBridge) -> Schema:
    read = read_schema(SchemaTexts(_WHOLE, "schema.prisma", "", "partial_types.py"), bridge)
    assert read.problems == []
    assert read.schema is not None
    return read.schema


@pytest.fixture(scope="module")
def objects(schema: Schema, bridge: PrismaBridge, scratch_server: ScratchServer) -> Mapping[str, str]:
    """What Postgres has once the planner's script has run."""
    with scratch_server.new_database() as dsn:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(plan(None, schema, bridge).up.encode())
            where = connection.execute(
                "SELECT extnamespace::regnamespace::text, extversion FROM pg_extension ORDER BY extname DESC"
            ).fetchone()
        assert where == ("extra", "0.8.5")
        return objects_of(dsn)


@pytest.mark.parametrize(("what", "made", "as_"), _CARRIED, ids=[each[0] for each in _CARRIED])
def test_it_is_carried_into_the_database(objects: Mapping[str, str], what: str, made: str, as_: str) -> None:
    assert as_ in objects[made]


@pytest.mark.parametrize(("what", "read", "value"), _IN_CLIENTS, ids=[each[0] for each in _IN_CLIENTS])
def test_it_is_carried_into_the_clients(
    schema: Schema, what: str, read: Callable[[Schema], object], value: object
) -> None:
    assert read(schema) == value


def test_it_is_rehearsed_and_a_view_has_to_be_there(
    schema: Schema, bridge: PrismaBridge, scratch_server: ScratchServer
) -> None:
    made = plan(None, schema, bridge)
    first = Migration(number=1, name="init", version=SchemaVersion(1, 0, 0), up=made.up, down=made.down)

    def rehearsed(view: str) -> list[str]:
        up, down = f"CREATE VIEW two.shown AS {view};\n", "DROP VIEW two.shown;\n"
        second = Migration(number=2, name="view", version=first.version, up=up, down=down)
        history = (first, second) if view else (first,)
        try:
            rehearse(history, schema, scratch_server, bridge)
        except RehearsalError as error:
            return [f"{problem.code}: {problem.message}" for problem in error.problems]
        return []

    missing = 'drift: after all migrations view "shown"'
    assert rehearsed("") == [f"{missing} is missing: Prisma writes no views into a database"]
    assert rehearsed("SELECT id FROM keys") == [f'{missing} has no column "total"']
    assert rehearsed("SELECT id, 1 AS total FROM keys") == []


#: What is changed, and how, in the whole schema.
_CHANGES = [
    ("@id map:", 'map: "keys_pk"', 'map: "other_pk"'),
    ("@unique sort:", ', sort: Desc) @map("col_a")', ') @map("col_a")'),
    ("@unique where:", "col_a <> 'it''s'", "col_a <> ''"),
    ("@@index ops:", "text_pattern_ops", "varchar_pattern_ops"),
    ("@@index type:", "type: Hash, ", ""),
    ("@@index name:", 'name: "keys_named"', 'map: "keys_other"'),
    ("@relation map:", 'map: "fk"', 'map: "other_fk"'),
    ("@relation onDelete:", "onDelete: SetDefault", "onDelete: Restrict"),
    ("@default Decimal", '"2.50"', '"2.51"'),
    ("@default Json", r"{\"a\": 1}", r"{\"a\": 2}"),
    ("@default Bytes", 'bytes Bytes     @default("aGVsbG8=")', 'bytes Bytes     @default("aGVs")'),
    ("@default DateTime", "05:00:00+05:00", "05:00:00+04:00"),
    ("@default DateTime[]", '["2020-01-01T00:00:00Z"]', '["2020-01-01T00:00:01Z", "2021-01-01T00:00:00Z"]'),
    ("Unsupported", """"point")? @default(dbgenerated("'(1,2)'::point"))""", '"box")?'),
    ("extensions schema:", ', schema: "extra"', ""),
]


def test_a_change_of_each_is_planned(
    schema: Schema, bridge: PrismaBridge, scratch_server: ScratchServer
) -> None:
    text = _WHOLE
    for _what, old, new in _CHANGES:
        assert old in text
        text = text.replace(old, new)
    after = bridge.parse(text)
    answers = Answers(accepted_losses=(("Defaults.point", "no rows"),))
    changed = plan(schema, after, bridge, answers)
    with scratch_server.new_database() as dsn, scratch_server.new_database() as fresh:
        for database, script in (
            (dsn, plan(None, schema, bridge).up),
            (dsn, changed.up),
            (fresh, plan(None, after, bridge).up),
        ):
            with psycopg.connect(database, autocommit=True) as connection:
                for step in split(script, "up.sql"):
                    for statement in step.statements:
                        connection.execute(statement.sql.encode())
        # An extension that is there stays in its schema.
        assert objects_of(dsn) == {**objects_of(fresh), "schema extra": ""}


def test_an_extension_follows_what_the_schema_says_of_it(
    bridge: PrismaBridge, scratch_server: ScratchServer
) -> None:
    head = _EXTENSIONS.replace("\n}", "\n  extensions = [vector]\n}", 1) + t()
    before, after = (
        bridge.parse(head.replace("[vector]", each)) for each in ("[vector]", '[vector(schema: "extra")]')
    )
    changed = plan(before, after, bridge)
    with scratch_server.new_database() as dsn:
        admin = make_conninfo(scratch_server.url, dbname=str(conninfo_to_dict(dsn)["dbname"]))
        with psycopg.connect(admin, autocommit=True) as connection:  # only its owner can move it
            connection.execute(plan(None, before, bridge).up.encode())
            connection.execute(changed.up.encode())
            moved = connection.execute("SELECT extnamespace::regnamespace::text FROM pg_extension ORDER BY 1")
            assert moved.fetchone() == ("extra",)
    newer = bridge.parse(head.replace("[vector]", '[vector(version: "0.9")]'))
    assert 'ALTER EXTENSION "vector" UPDATE TO "0.9"' in plan(before, newer, bridge).up


def t(*lines: str) -> str:
    """A model with these lines after its key; the first is line 13."""
    return "model T {\n  id Int @id\n" + "".join(f"  {line}\n" for line in lines) + "}\n"


def _relation(attribute: str) -> str:
    return t("uId Int?", f"u U? {attribute}") + "model U {\n  id Int @id\n  ts T[]\n}\n"


def _datasource(line: str) -> str:
    """The head with a line of its own in the datasource, line 3."""
    return _SMALL.replace("\n}", f"\n  {line}\n}}", 1)


_SMALL = """datasource db {
  provider = "postgresql"
}

generator client {
  provider        = "prisma-client"
  previewFeatures = ["partialIndexes", "views"]
}

"""
_EXTENSIONS = _SMALL.replace('"views"', '"views", "postgresqlExtensions"')
_WIDE = [f"f{number} Int" for number in range(40)]
_ALL = ", ".join(f"f{number}" for number in range(40))
#: What is written, its schema, and the code, line and column of each problem.
_REFUSED: list[tuple[str, str, str, int, int]] = [
    # Prisma has it for other databases.
    ("@id clustered:", "model T {\n  id Int @id(clustered: true)\n}\n", "not-in-postgres", 11, 10),
    ("@id sort:", "model T {\n  id Int @id(sort: Desc)\n}\n", "not-in-postgres", 11, 10),
    ("@id length:", "model T {\n  id String @id(length: 3)\n}\n", "not-in-postgres", 11, 13),
    ("@unique clustered:", t("a Int @unique(clustered: false)"), "not-in-postgres", 12, 9),
    ("@unique length:", t("a String @unique(length: 3)"), "not-in-postgres", 12, 12),
    (
        "@@id clustered:",
        t("a Int").replace(" @id", "").replace("}", "  @@id([id, a], clustered: true)\n}"),
        "not-in-postgres",
        13,
        3,
    ),
    (
        "@@id sort:",
        t("a Int").replace(" @id", "").replace("}", "  @@id([id(sort: Desc), a])\n}"),
        "not-in-postgres",
        13,
        3,
    ),
    (
        "@@id length:",
        t("a String").replace(" @id", "").replace("}", "  @@id([id, a(length: 3)])\n}"),
        "not-in-postgres",
        13,
        3,
    ),
    ("@@unique clustered:", t("a Int", "@@unique([a], clustered: true)"), "not-in-postgres", 13, 3),
    ("@@unique length:", t("a String", "@@unique([a(length: 3)])"), "not-in-postgres", 13, 3),
    ("@@unique ops:", t("a String", '@@unique([a(ops: raw("text_ops"))])'), "invalid-schema", 13, 3),
    ("@@index clustered:", t("a Int", "@@index([a], clustered: true)"), "not-in-postgres", 13, 3),
    ("@@index length:", t("a String", "@@index([a(length: 3)])"), "not-in-postgres", 13, 3),
    ("@@fulltext", t("a String", "@@fulltext([a])"), "not-in-postgres", 13, 3),
    ("@shardKey", t("a String @shardKey"), "not-in-postgres", 12, 12),
    ("@@shardKey", t("a String", "@@shardKey([a])"), "not-in-postgres", 13, 3),
    ("@default map:", t('a Int @default(1, map: "x")'), "not-in-postgres", 12, 9),
    ("@default auto()", t("a Int @default(auto())"), "not-in-postgres", 12, 18),
    ("@db.ObjectId", t("a String @db.ObjectId"), "native-type", 12, 12),
    ("@db.VarChar with two lengths", t("a String @db.VarChar(3, 4)"), "native-type", 12, 12),
    ("type", "type X {\n  a Int\n}\n" + t(), "not-in-postgres", 10, 1),
    # Prisma has no such thing.
    ("@default sequence()", t("a Int @default(sequence())"), "unknown-attribute", 12, 18),
    ("@@unique nulls:", t("a Int?", "@@unique([a], nulls: NotDistinct)"), "unknown-attribute", 13, 17),
    ("@id where:", 'model T {\n  id Int @id(where: raw("id > 0"))\n}\n', "unknown-attribute", 11, 14),
    ("enum @ignore", t() + "enum E {\n  A @ignore\n}\n", "unknown-attribute", 14, 5),
    ("enum @@ignore", t() + "enum E {\n  A\n\n  @@ignore\n}\n", "unknown-attribute", 16, 3),
    (
        "@relation with another argument",
        _relation("@relation(fields: [uId], references: [id], deferrable: true)"),
        "unknown-attribute",
        13,
        51,
    ),
    ("datasource url", _datasource('url = env("X")') + t(), "datasource-address", 3, 3),
    ("datasource directUrl", _datasource('directUrl = env("X")') + t(), "datasource-address", 3, 3),
    (
        "datasource shadowDatabaseUrl",
        _datasource('shadowDatabaseUrl = env("X")') + t(),
        "datasource-address",
        3,
        3,
    ),
    ("datasource with another setting", _datasource('owner = "x"') + t(), "unknown-attribute", 3, 3),
    ("datasource relationMode", _datasource('relationMode = "other"') + t(), "invalid-schema", 1, 1),
    ("extensions without the feature", _datasource("extensions = [vector]") + t(), "preview-feature", 3, 3),
    (
        "extensions with another argument",
        _EXTENSIONS.replace("\n}", '\n  extensions = [vector(owner: "x")]\n}', 1) + t(),
        "unknown-attribute",
        3,
        24,
    ),
    (
        "where: without the feature",
        _SMALL.replace('"partialIndexes", ', "") + t('a Int @unique(where: raw("a > 1"))'),
        "preview-feature",
        12,
        17,
    ),
    (
        "view without the feature",
        _SMALL.replace(', "views"', "") + t() + "view V {\n  id Int @unique\n}\n",
        "preview-feature",
        13,
        1,
    ),
    (
        "a preview feature that is gone",
        _SMALL.replace('"views"', '"metrics"') + t(),
        "preview-feature",
        7,
        21,
    ),
    ("@@index on a view", t() + "view V {\n  id Int @unique\n  @@index([id])\n}\n", "invalid-schema", 15, 3),
    # Prisma takes it, and nothing would have it.
    ("@@index nulls:", t("a Int?", "@@index([a(nulls: First)])"), "ignored-argument", 13, 14),
    ("@@index with a word", t("a Int?", "@@index([a(Desc)])"), "ignored-argument", 13, 14),
    (
        "@@unique nulls: of a field",
        t("a Int?", "@@unique([a(sort: Desc, nulls: Last)])"),
        "ignored-argument",
        13,
        27,
    ),
    ("@@unique sort: twice", t("a Int", "@@unique([a(sort: Asc, sort: Desc)])"), "ignored-argument", 13, 26),
    (
        "@@id nulls:",
        t("a Int").replace(" @id", "").replace("}", "  @@id([id(nulls: Last), a])\n}"),
        "ignored-argument",
        13,
        12,
    ),
    (
        "@relation map: of many-to-many",
        t('us U[] @relation("x", map: "y")') + 'model U {\n  id Int @id\n  ts T[] @relation("x")\n}\n',
        "ignored-argument",
        12,
        25,
    ),
    (
        "@relation map: of the other side",
        _relation('@relation("x", fields: [uId], references: [id])').replace(
            "T[]", 'T[] @relation("x", map: "y")'
        ),
        "ignored-argument",
        17,
        25,
    ),
    (
        "@relation onDelete: of a view",
        t("vs V[]")
        + "view V {\n  id Int @unique\n  tId Int\n"
        + "  t T @relation(fields: [tId], references: [id], onDelete: Cascade)\n}\n",
        "ignored-argument",
        17,
        50,
    ),
    ("where: raw with two texts", t('a Int @unique(where: raw("a > 1", "b"))'), "ignored-argument", 12, 37),
    ("datasource relationMode: prisma", _datasource('relationMode = "prisma"') + t(), "relation-mode", 3, 3),
    (
        "datasource referentialIntegrity",
        _datasource('referentialIntegrity = "prisma"') + t(),
        "relation-mode",
        3,
        3,
    ),
    # Postgres can't hold it.
    ("U+0000 in a default", t('a String @default("a\\u0000b")'), "nul-character", 12, 21),
    ("U+0000 in a list's default", t('a String[] @default(["a", "a\\u0000b"])'), "nul-character", 12, 29),
    ("U+0000 in dbgenerated", t("a String @default(dbgenerated(\"'a\\u0000'\"))"), "nul-character", 12, 33),
    ("U+0000 in raw", t("a String @unique(where: raw(\"a <> '\\u0000'\"))"), "nul-character", 12, 31),
    ("U+0000 in where", t('a String @unique(where: { a: "\\u0000" })'), "nul-character", 12, 32),
    ("U+0000 in Json", t('a Json @default("{\\"a\\": \\"\\\\u0000\\"}")'), "default-not-storable", 12, 19),
    ("U+0000 in @map", t('a String @map("a\\u0000b")'), "database-name", 12, 17),
    ("an empty @map", t('a String @map("")'), "database-name", 12, 17),
    (
        "an extension's version with quotes",
        _EXTENSIONS.replace("\n}", '\n  extensions = [vector(version: "1\\"; DROP TABLE x; --")]\n}', 1)
        + t(),
        "database-name",
        3,
        33,
    ),
    ("dbgenerated of two", t('a Int @default(dbgenerated("1 1"))'), "not-one-sql-part", 12, 30),
    (
        "dbgenerated that ends the table",
        t('a Int @default(dbgenerated("1); DROP TABLE x; --"))'),
        "not-one-sql-part",
        12,
        30,
    ),
    ("dbgenerated with a column", t('a Int @default(dbgenerated("1, x int"))'), "not-one-sql-part", 12, 30),
    (
        "dbgenerated with a key",
        t('a Int @default(dbgenerated("1, PRIMARY KEY (id)"))'),
        "not-one-sql-part",
        12,
        30,
    ),
    ("dbgenerated with a comment", t('a Int @default(dbgenerated("1 -- one"))'), "not-one-sql-part", 12, 30),
    (
        "Unsupported that ends the table",
        t('a Unsupported("int); DROP TABLE x; --")'),
        "not-one-sql-part",
        12,
        17,
    ),
    (
        "Unsupported's dbgenerated",
        t('a Unsupported("point") @default(dbgenerated("1 1"))'),
        "not-one-sql-part",
        12,
        47,
    ),
    (
        "raw that ends the index",
        t('a Int @unique(where: raw("true); DROP TABLE x; --"))'),
        "not-one-sql-part",
        12,
        28,
    ),
    (
        "raw operator class",
        t("a String", '@@index([a(ops: raw("text_ops NULLS FIRST"))])'),
        "not-one-sql-part",
        13,
        23,
    ),
    (
        "raw operator class that ends the index",
        t("a String", '@@index([a(ops: raw("text_ops); DROP TABLE x; --"))])'),
        "not-one-sql-part",
        13,
        23,
    ),
    ("one label twice", t() + 'enum E {\n  A @map("x")\n  B @map("x")\n}\n', "enum-label", 15, 3),
    ("a label of 64 bytes", t() + f'enum E {{\n  A\n  B @map("{"ä" * 32}")\n}}\n', "enum-label", 15, 3),
    (
        "a time with an offset",
        t('a DateTime @default("2026-05-06T00:00:00+02:00")'),
        "default-without-offset",
        12,
        23,
    ),
    *(
        (
            f"digits of {default}",
            t(f"a {type_} @default({default}) {native}"),
            "default-loses-digits",
            12,
            column,
        )
        for type_, native, default, column in (
            ("DateTime", "@db.Timestamptz(6)", '"2026-05-06T00:00:00.1234Z"', 23),
            ("DateTime", "@db.Time(0)", '"1970-01-01T00:00:00.5Z"', 23),
            ("DateTime[]", "", '["2026-05-06T00:00:00Z", "2026-05-06T00:00:00.0001Z"]', 25),
            ("Decimal", "@db.Decimal(10, 2)", "0.125", 22),
            ("Decimal", "@db.Money", "1.001", 22),
            ("Decimal", "", f"0.{'0' * 30}1", 22),
        )
    ),
    (
        "an enum's value by its name in where",
        t('a Kind @unique(where: { a: { not: "A" } })') + 'enum Kind {\n  A @map("a")\n}\n',
        "unknown-enum-label",
        12,
        37,
    ),
    ("Int that is no Int", t("a Int @default(2147483648)"), "default-not-storable", 12, 18),
    ("SmallInt", t("a Int @default(70000) @db.SmallInt"), "default-not-storable", 12, 18),
    ("Oid", t("a Int @default(-1) @db.Oid"), "default-not-storable", 12, 18),
    ("Int[]", t("a Int[] @default([1, -2147483649])"), "default-not-storable", 12, 20),
    ("BigInt", t("a BigInt @default(9223372036854775808)"), "default-not-storable", 12, 21),
    ("Real", t(f"a Float @default({'9' * 39}) @db.Real"), "default-not-storable", 12, 20),
    ("Decimal", t('a Decimal @default("12345.678") @db.Decimal(4, 2)'), "default-not-storable", 12, 22),
    (
        "Decimal that rounds up",
        t('a Decimal @default("9.5") @db.Decimal(1, 0)'),
        "default-not-storable",
        12,
        22,
    ),
    ("Decimal of 400 digits", t('a Decimal @default("1e400")'), "default-not-storable", 12, 22),
    ("Float[] of 400 digits", t(f"a Float[] @default([1, {'9' * 400}])"), "default-not-storable", 12, 26),
    ("Decimal that is no number", t('a Decimal @default("NaN")'), "default-not-storable", 12, 22),
    ("Money", t('a Decimal @default("92233720368547758.08") @db.Money'), "default-not-storable", 12, 22),
    ("VarChar", t('a String @default("abcd") @db.VarChar(3)'), "default-not-storable", 12, 21),
    ("Char", t('a String @default("ab") @db.Char'), "default-not-storable", 12, 21),
    ("Bit", t('a String @default("10") @db.Bit(3)'), "default-not-storable", 12, 21),
    ("VarBit", t('a String @default("102") @db.VarBit(3)'), "default-not-storable", 12, 21),
    ("Uuid", t('a String @default("zz") @db.Uuid'), "default-not-storable", 12, 21),
    ("the year 0", t('a DateTime @default("0000-01-01T00:00:00Z")'), "default-not-storable", 12, 23),
    ("now() in a list", t("a DateTime[] @default(now())"), "default-not-storable", 12, 25),
    ("uuid() in a list", t("a String[] @default(uuid())"), "default-not-storable", 12, 23),
    ("2,000 fields", t(*(f"f{number} Int?" for number in range(2000))), "too-many-columns", 1611, 3),
    ("a key of 40", t(*_WIDE, f"@@id([{_ALL}])").replace(" @id\n", "\n"), "too-many-columns", 52, 3),
    ("a unique of 40", t(*_WIDE, f'@@unique([{_ALL}], map: "x")'), "too-many-columns", 52, 3),
    ("an index of 40", t(*_WIDE, f'@@index([{_ALL}], map: "x")'), "too-many-columns", 52, 3),
]


@pytest.mark.parametrize(
    ("what", "text", "code", "line", "column"), _REFUSED, ids=[each[0] for each in _REFUSED]
)
def test_it_is_refused_by_name(
    bridge: PrismaBridge, what: str, text: str, code: str, line: int, column: int
) -> None:
    problems = _problems(bridge, text)
    assert (code, line, column) in [(each.code, each.line, each.column) for each in problems]
    assert all(each.fix for each in problems)


def test_a_default_with_all_the_digits_that_rows_get_is_fine(bridge: PrismaBridge) -> None:
    lines = (
        'a DateTime @default("2026-05-06T00:00:00.123000Z") @db.Timestamptz(6)',
        'b DateTime @default("2026-05-06T00:00:00.000Z") @db.Timestamp(0)',
        'c DateTime @default("2026-05-06T10:00:00.1234Z") @db.Date',
        "d Decimal @default(0.1250) @db.Decimal(10, 3)",
        'e Decimal @default("1e2") @db.Decimal(10, 0)',
        "f Decimal @default(0.0000000000000000000000000000000000000001) @db.Decimal",
        "g Decimal[] @default([1.50, 2]) @db.Money",
    )
    assert [each.code for each in _problems(bridge, t(*lines))] == ["lost-microseconds"]


def _problems(bridge: PrismaBridge, text: str) -> list[Problem]:
    whole = text if text.startswith("datasource") else _SMALL + text
    return read_schema(SchemaTexts(whole, "schema.prisma", "", "partial_types.py"), bridge).problems


def test_whatever_the_parser_lists_is_in_one_of_the_tables() -> None:
    listed = {what.split()[0] for what, *_ in (*_CARRIED, *_IN_CLIENTS, *_REFUSED)} | _ELSEWHERE
    built = installed(Path(prisma_bridge.__file__).parent) / "built" / "engine"
    words = re.findall(rb"@@?[a-z][A-Za-z]{2,}", (built / "prisma_schema_build_bg.wasm").read_bytes())
    # Paths of npm and crates packages, and sentences that lost a blank.
    noise = r"@(db|schema|alloc|core|std|internal|param|parser|regex)|@@?(default|fulltext|map)The"
    attributes = {word for word in map(bytes.decode, words) if not re.fullmatch(noise, word)}
    assert {"@unique", "@updatedAt", "@@index", "@@shardKey"} < attributes <= listed
    ask = "console.log(require('./prisma_schema_build.cjs').native_types(process.argv[1]))"
    command = [str(node_executable()), "-e", ask, json.dumps([["schema.prisma", _SMALL]])]
    answer = subprocess.run(command, cwd=built, check=True, capture_output=True, timeout=60).stdout
    assert {f"@db.{each['name']}" for each in json.loads(answer)} <= listed


#: The embedded server has neither libxml nor citext: the clients' test of native types is on Debian's too.
_ELSEWHERE = {"@db.Xml", "@db.Citext"}
