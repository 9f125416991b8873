"""What the bridge makes of schemas: values of a rich one, problems with their places of broken ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from schemas.errors import InvalidSchemaError, Problem
from schemas.model import FunctionDefault, Key, LiteralDefault, NativeType, Relation, Schema
from schemas.prisma.bridge import PrismaBridge

DATASOURCE = 'datasource db {\n  provider = "postgresql"\n}\n\n'
CORPUS = Path(__file__).parents[5] / "shared" / "corpus"

RICH = """\
generator client {
  provider        = "prisma-client-js"
  previewFeatures = ["views", "postgresqlExtensions"]
}

datasource db {
  provider   = "postgresql"
  schemas    = ["public", "audit"]
  extensions = [citext]
}

// a note among authors: model Ghost {
/// A product.
/// "quoted" */ ${x} {{ y }}
model Product {
  id       BigInt                  @id @default(autoincrement())
  big      BigInt                  @default(9007199254740993)
  price    Decimal                 @default(1.10) @db.Decimal(65, 30)
  weight   Float                   @default(1)
  prices   Decimal[]               @default([0.10, 2, -3.000000000000000000000001])
  meta     Json                    @default("{\\"a\\": \\"} // no comment\\"}")
  label    String                  @default("a\\"b\\\\c\\nd") @map("label text") @db.VarChar(255)
  token    String                  @default(dbgenerated("gen_random_uuid()")) @db.Uuid
  search   Unsupported("tsvector")?
  places   Unsupported("point")[]  @map("place list")
  spot     Unsupported("point")    @default(dbgenerated("point(0,0)"))
  secret   String?                 @ignore
  status   Status                  @default(OPEN)
  states   Status[]                @default([OPEN, CLOSED])
  changed  DateTime                @updatedAt
  ownerId  Int?
  owner    Owner?                  @relation(fields: [ownerId], references: [id], onDelete: SetNull)
  parentId BigInt?                 @unique
  parent   Product?                @relation("tree", fields: [parentId], references: [id], onUpdate: NoAction)
  child    Product?                @relation("tree")
  tags     Tag[]                   @relation("tagged")

  @@unique([label, token], name: "labelled", map: "uq_labelled")
  @@unique([big, weight])
  @@index([meta], type: Gin, map: "gin_meta")
  @@map("products")
  @@schema("public")
}

model Owner {
  id       Int
  region   String
  email    String    @unique
  products Product[]

  @@id([id, region], name: "place")
  @@unique([id])
  @@schema("audit")
}

model Tag {
  id       Int       @id
  products Product[] @relation("tagged")

  @@schema("audit")
}

model Skipped {
  id Int @id

  @@ignore
  @@schema("audit")
}

/// What sells.
view Bestseller {
  id   Int     @unique
  name String? @map("product_name")

  @@map("bestsellers")
  @@schema("audit")
}

enum Status {
  /// not yet
  OPEN   @map("is open")
  CLOSED

  @@map("status_type")
  @@schema("audit")
}
"""


@pytest.fixture(scope="module")
def rich(bridge: PrismaBridge) -> Schema:
    return bridge.parse(RICH)


def refused(bridge: PrismaBridge, text: str, file: str = "schemas/1.0.0/schema.prisma") -> list[Problem]:
    with pytest.raises(InvalidSchemaError) as caught:
        bridge.parse(text, file)
    assert {problem.file for problem in caught.value.problems} == {file}
    return list(caught.value.problems)


def test_models_views_and_enums(rich: Schema) -> None:
    assert [(m.name, m.table, m.database_schema, m.is_view) for m in rich.models] == [
        ("Product", "products", "public", False),
        ("Owner", "Owner", "audit", False),
        ("Tag", "Tag", "audit", False),
        ("Bestseller", "bestsellers", "audit", True),
    ]
    assert rich.models[0].documentation == 'A product.\n"quoted" */ ${x} {{ y }}'
    status = rich.enums_by_name["Status"]
    assert (status.database_name, status.database_schema) == ("status_type", "audit")
    assert [(v.name, v.database_name, v.documentation) for v in status.values] == [
        ("OPEN", "is open", "not yet"),
        ("CLOSED", "CLOSED", None),
    ]
    assert rich.database_schemas == ("audit", "public")
    assert rich.names_schemas


def test_defaults_keep_every_digit(rich: Schema) -> None:
    product = rich.models_by_name["Product"]
    defaults = {field.name: field.default for field in product.fields if field.default is not None}
    assert defaults == {
        "id": FunctionDefault("autoincrement"),
        "big": LiteralDefault("9007199254740993"),
        "price": LiteralDefault("1.10"),
        "weight": LiteralDefault(1.0),
        "prices": LiteralDefault(("0.10", "2", "-3.000000000000000000000001")),
        "meta": LiteralDefault('{"a": "} // no comment"}'),
        "label": LiteralDefault('a"b\\c\nd'),
        "token": FunctionDefault("dbgenerated", ("gen_random_uuid()",)),
        "spot": FunctionDefault("dbgenerated", ("point(0,0)",)),
        "status": LiteralDefault("OPEN"),
        "states": LiteralDefault(("OPEN", "CLOSED")),
    }
    weight = product.field("weight").default
    assert isinstance(weight, LiteralDefault)
    assert isinstance(weight.value, float)


def test_unsupported_columns_have_their_place(rich: Schema) -> None:
    product = rich.models_by_name["Product"]
    names = [field.name for field in product.fields]
    assert names.index("token") + 1 == names.index("search")
    assert "secret" not in names
    unsupported = [field for field in product.fields if field.kind == "unsupported"]
    assert [(f.name, f.type, f.column, f.is_list, f.is_required) for f in unsupported] == [
        ("search", "tsvector", "search", False, False),
        ("places", "point", "place list", True, True),
        ("spot", "point", "spot", False, True),
    ]
    assert not any(field.is_column for field in unsupported)


def test_native_types_columns_and_relations(rich: Schema) -> None:
    product = rich.models_by_name["Product"]
    assert product.field("price").native_type == NativeType("Decimal", ("65", "30"))
    assert product.field("label").column == "label text"
    assert product.field("changed").is_updated_at
    assert product.field("ownerId").is_foreign_key
    assert product.field("owner").relation == Relation(
        "OwnerToProduct", ("ownerId",), ("id",), on_delete="SetNull"
    )
    parent = product.field("parent").relation
    assert parent is not None
    assert (parent.on_delete, parent.on_update) == (None, "NoAction")
    assert product.field("tags").relation == Relation("tagged", (), ())


def test_keys_are_named_as_clients_address_them(rich: Schema) -> None:
    product, owner = rich.models_by_name["Product"], rich.models_by_name["Owner"]
    assert product.primary_key == Key("id", ("id",))
    assert product.uniques == (
        Key("parentId", ("parentId",)),
        Key("labelled", ("label", "token")),
        Key("big_weight", ("big", "weight")),
    )
    assert product.indexes == (Key("meta", ("meta",)),)
    assert owner.primary_key == Key("place", ("id", "region"))
    assert owner.uniques == (Key("email", ("email",)), Key("id", ("id",)))


def test_a_unique_index_over_some_rows_is_no_key(bridge: PrismaBridge) -> None:
    body = """
model User {
  id    Int     @id
  email String  @map("e mail") @unique(where: { gone: { not: true }, email: "it's" }, map: "one")
  nick  String? @unique(map: "where")
  gone  Boolean

  @@unique(fields: [email, nick], where: raw("nick <> ',)\\""), name: "both", map: "first")
  @@unique([email, nick(sort: Desc)])
  @@unique(where: { nick: null, gone: true }, fields: [nick, email])
  @@index([email], where: { nick: { not: null } })
  @@index([email], map: "all")
}
"""
    head = 'generator g {\n  provider = "prisma-client"\n  previewFeatures = ["partialIndexes"]\n}\n'
    (user,) = bridge.parse(head + 'datasource db {\n  provider = "postgresql"\n}\n' + body).models
    assert user.uniques == (Key("nick", ("nick",)), Key("email_nick", ("email", "nick")))
    assert user.partial_uniques == (
        Key("email", ("email",), "\"gone\" != true AND \"e mail\" = 'it''s'"),
        Key("both", ("email", "nick"), "nick <> ',)\""),
        Key("nick_email", ("nick", "email"), '"nick" IS NULL AND "gone" = true'),
    )
    assert user.indexes == (Key("email", ("email",), '"nick" IS NOT NULL'), Key("email", ("email",)))
    assert [field.name for field in user.fields if field.is_unique] == ["nick"]


def test_the_text_is_the_formatted_one_and_stays_put(bridge: PrismaBridge, rich: Schema) -> None:
    assert bridge.format(RICH) == rich.text
    assert bridge.format(rich.text) == rich.text
    assert bridge.parse(rich.text) == rich


@pytest.mark.parametrize("change", [lambda t: "\ufeff" + t, lambda t: t.replace("\n", "\r\n")])
def test_marks_and_line_ends_of_editors_do_not_matter(
    bridge: PrismaBridge, rich: Schema, change: object
) -> None:
    assert callable(change)
    assert bridge.parse(change(RICH)).digest == rich.digest


def test_format_does_what_it_can_with_invalid_schemas(bridge: PrismaBridge) -> None:
    assert bridge.format("model  A {\n id   Nope @id\n}") == "model A {\n  id Nope @id\n}\n"
    assert bridge.format("") == "\n"
    assert "}}}" in bridge.format("}}}\n\u2028\x00")


def test_every_problem_has_its_place(bridge: PrismaBridge) -> None:
    text = (
        DATASOURCE
        + """model Größe {
  id    Int     @id
  name  String  @default("größer 😀") /// 😀
  /* ü */ a Foo
  b     Bar?
  c     Int     @db.VarChar(3)
  d     String  @default("😀😀") @db.Foo
}
"""
    )
    problems = refused(bridge, text)
    assert [(p.line, p.column) for p in problems] == [(8, 13), (9, 9)]
    fixed = text.replace("a Foo", "a Int").replace("Bar?", "Int?")
    assert [(p.line, p.column, p.code) for p in refused(bridge, fixed)] == [
        (10, 17, "native-type"),
        (11, 32, "native-type"),
    ]
    for problem in problems:
        assert problem.fix
        assert "\x1b" not in str(problem)


def test_a_line_that_is_no_declaration_is_found_at_its_first_word(bridge: PrismaBridge) -> None:
    text = DATASOURCE + "model A {\n  id Int @id\n    what is this\n}\n  nonsense\n"
    assert [(p.line, p.column, p.code) for p in refused(bridge, text)] == [
        (7, 5, "schema-syntax"),
        (9, 3, "schema-syntax"),
    ]


@pytest.mark.parametrize(
    ("text", "code", "line", "column", "fix"),
    [
        (
            'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n',
            "datasource-address",
            3,
            3,
            "delete this line",
        ),
        (
            'datasource db {\n  provider = "mysql"\n}\n',
            "datasource-provider",
            2,
            3,
            'provider = "postgresql"',
        ),
        ('datasource db {\n  provider = "cockroachdb"\n}\n', "datasource-provider", 2, 3, "postgresql"),
        ('datasource db {\n  provider = "oracle"\n}\n', "datasource-provider", 2, 14, "postgresql"),
        ("model A {\n  id Int @id\n}\n", "datasource-missing", 1, 1, "datasource db"),
        ("", "datasource-missing", 1, 1, "datasource db"),
        (DATASOURCE + "model class {\n  id Int @id\n}\n", "reserved-name", 5, 1, "@@map"),
        (DATASOURCE + "model A {\n  _id Int @id\n}\n", "schema-syntax", 6, 3, "start the name with a letter"),
        (DATASOURCE + "model __proto__ {\n}\n", "schema-syntax", 5, 1, "start the name with a letter"),
    ],
)
def test_common_mistakes_are_told_with_their_fix(
    bridge: PrismaBridge, text: str, code: str, line: int, column: int, fix: str
) -> None:
    problem = refused(bridge, text)[0]
    assert (problem.code, problem.line, problem.column) == (code, line, column)
    assert fix in problem.fix


def test_validate_agrees_with_parse(bridge: PrismaBridge) -> None:
    assert bridge.validate(RICH) == []
    with pytest.raises(InvalidSchemaError, match=r"mine\.prisma:2:3"):
        bridge.validate('datasource db {\n  provider = "mysql"\n}\n', "mine.prisma")


def test_diff_between_nothing_and_schemas(bridge: PrismaBridge) -> None:
    before = DATASOURCE + "model A {\n  id Int @id\n}\n"
    after = before.replace("@id\n", "@id\n  name String?\n")
    assert 'CREATE TABLE "A"' in bridge.diff(None, before)
    assert 'ADD COLUMN     "name" TEXT' in bridge.diff(before, after)
    assert 'DROP TABLE "public"."A"' in bridge.diff(before, None)
    assert "CREATE" not in bridge.diff(after, after)
    with pytest.raises(InvalidSchemaError, match="Nope"):
        bridge.diff(before, before.replace("Int", "Nope"))


def test_real_schemas_parse(bridge: PrismaBridge) -> None:
    for path in sorted(CORPUS.glob("*/head/schema.prisma")):
        text = re.sub(r"^\s*url\s*=.*\n", "", path.read_text(), flags=re.MULTILINE)
        schema = bridge.parse(text)
        assert len(schema.models) == len(re.findall(r"^model ", text, flags=re.MULTILINE))
