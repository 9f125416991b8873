"""Keys, indexes, relations, lists and defaults in the shapes that Prisma has for them, changed under rows."""

from __future__ import annotations

from .plan_case import Case, t, u

_ONE = ("""INSERT INTO "T" VALUES (1)""",)
_E = "enum E {\n  A\n  B\n}\n"


def _self(relation: str) -> str:
    return t(
        f"  up Int?\n  parent T? @relation({relation}, fields: [up], references: [id])\n"
        f"  kids T[] @relation({relation})"
    )


INDEXES = [
    Case(
        name="index changes its kind, its order and its operators",
        before=t("  a String\n  b Int[]\n  c Int\n  @@index([a])\n  @@index([b])\n  @@index([c])"),
        after=t(
            "  a String\n  b Int[]\n  c Int\n  @@index([a], type: Hash)\n  @@index([b], type: Gin)\n"
            "  @@index([c(sort: Desc)], type: BTree)"
        ),
        rows=("""INSERT INTO "T" VALUES (1, 'x', '{1,2}', 3)""",),
    ),
    Case(
        name="index comes with an operator class, and one for ranges of blocks",
        before=t("  a Json\n  b DateTime"),
        after=t(
            "  a Json\n  b DateTime\n  @@index([a(ops: JsonbPathOps)], type: Gin)\n"
            "  @@index([b(ops: TimestampMinMaxMultiOps)], type: Brin)"
        ),
        rows=("""INSERT INTO "T" VALUES (1, '{}', now())""",),
    ),
    Case(
        name="unique index over many columns gets another column while one of them is renamed",
        before=t('  a Int\n  b Int\n  c Int\n  @@unique([a, b], map: "u")'),
        after=t('  a Int\n  d Int\n  c Int\n  @@unique([a, d, c], map: "u")'),
        rows=('INSERT INTO "T" VALUES (1, 1, 2, 3)',),
        asked=("T.b",),
        toml='[renames]\n"T.b" = "T.d"\n',
        up=(('SELECT d FROM "T"', [(2,)]),),
    ),
    Case(
        name="unique becomes an index, and an index unique",
        before=t("  a Int @unique\n  b Int\n  @@index([b])"),
        after=t("  a Int\n  b Int @unique\n  @@index([a])"),
        rows=('INSERT INTO "T" VALUES (1, 1, 2), (2, 3, 4)',),
    ),
    Case(
        name="composite key shrinks, its referring key with it",
        before="model A {\n  x Int\n  y Int @unique\n  bs B[]\n  @@id([x, y])\n}\n"
        "model B {\n  id Int @id\n  ax Int\n  ay Int\n"
        "  a A @relation(fields: [ax, ay], references: [x, y])\n}\n",
        after="model A {\n  x Int\n  y Int @id\n  bs B[]\n}\n"
        "model B {\n  id Int @id\n  ax Int\n  ay Int\n  a A @relation(fields: [ay], references: [y])\n}\n",
        rows=('INSERT INTO "A" VALUES (1, 2)', 'INSERT INTO "B" VALUES (1, 1, 2)'),
        up=(('SELECT count(*) FROM "B" JOIN "A" ON ay = y', [(1,)]),),
    ),
    Case(
        name="composite key of two renamed fields in another order",
        before="model A {\n  x Int\n  y Int\n  v Int\n  @@id([x, y])\n}\n",
        after="model A {\n  p Int\n  q Int\n  v Int\n  @@id([q, p])\n}\n",
        rows=('INSERT INTO "A" VALUES (1, 2, 3)',),
        asked=("A.x", "A.y"),
        toml='[renames]\n"A.x" = "A.p"\n"A.y" = "A.q"\n',
        up=(('SELECT p, q FROM "A"', [(1, 2)]),),
        down=(('SELECT x, y FROM "A"', [(1, 2)]),),
    ),
    Case(
        name="primary key becomes a unique key of another name",
        before="model A {\n  x Int @id\n  y Int\n}\n",
        after='model A {\n  x Int @unique(map: "once")\n  y Int @id(map: "main")\n}\n',
        rows=('INSERT INTO "A" VALUES (1, 2), (2, 3)',),
    ),
    Case(
        name="key gets another name",
        before=t(""),
        after='model T {\n  id Int @id(map: "t_key")\n}\n',
        rows=_ONE,
    ),
]

RELATIONS = [
    Case(
        name="self-relation comes with rows",
        before=t(""),
        after=_self('"tree"'),
        rows=('INSERT INTO "T" VALUES (1), (2)',),
        up=(('UPDATE "T" SET up = 1 WHERE id = 2 RETURNING up', [(1,)]),),
    ),
    Case(
        name="self-relation is renamed with its model and its field",
        before=_self('"tree"'),
        after=_self('"tree"')
        .replace("up ", "aboveId ")
        .replace("[up]", "[aboveId]")
        .replace(" T? ", " S? ")
        .replace(" T[] ", " S[] ")
        .replace("model T", "model S"),
        rows=('INSERT INTO "T" VALUES (1, NULL), (2, 1)',),
        asked=("T",),
        toml='[renames]\n"T" = "S"\n"T.up" = "S.aboveId"\n',
        up=(('SELECT "aboveId" FROM "S" ORDER BY id', [(None,), (1,)]),),
        down=(('SELECT up FROM "T" ORDER BY id', [(None,), (1,)]),),
    ),
    Case(
        name="many-to-many relation with itself comes, and one goes",
        before=t('  friends T[] @relation("f")\n  friendOf T[] @relation("f")'),
        after=t('  likes T[] @relation("l")\n  likedBy T[] @relation("l")'),
        rows=('INSERT INTO "T" VALUES (1), (2)', 'INSERT INTO "_f" VALUES (1, 2)'),
        asked=("_f",),
        toml='[accept_loss]\n"_f" = "made again"\n',
        up=(('SELECT count(*) FROM "_l"', [(0,)]),),
    ),
    Case(
        name="rules on deletion and update change, and the reference becomes optional",
        before=t(
            "  uId Int\n  u U @relation(fields: [uId], references: [id], onDelete: Cascade)", u("  ts T[]")
        ),
        after=t(
            "  uId Int?\n"
            "  u U? @relation(fields: [uId], references: [id], onDelete: SetNull, onUpdate: NoAction)",
            u("  ts T[]"),
        ),
        rows=('INSERT INTO "U" VALUES (1)', 'INSERT INTO "T" VALUES (1, 1)'),
        up=(
            ('DELETE FROM "U" RETURNING id', [(1,)]),
            ('SELECT "uId" FROM "T"', [(None,)]),
            ('DELETE FROM "T" RETURNING id', [(1,)]),
        ),
    ),
    Case(
        name="foreign key gets another name",
        before=t("  uId Int\n  u U @relation(fields: [uId], references: [id])", u("  ts T[]")),
        after=t('  uId Int\n  u U @relation(fields: [uId], references: [id], map: "to_u")', u("  ts T[]")),
        rows=('INSERT INTO "U" VALUES (1)', 'INSERT INTO "T" VALUES (1, 1)'),
    ),
    Case(
        name="reference moves to another unique field",
        before=t(
            "  uId Int\n  u U @relation(fields: [uId], references: [id])", u("  n Int @unique\n  ts T[]")
        ),
        after=t("  uId Int\n  u U @relation(fields: [uId], references: [n])", u("  n Int @unique\n  ts T[]")),
        rows=('INSERT INTO "U" VALUES (1, 1)', 'INSERT INTO "T" VALUES (1, 1)'),
    ),
    Case(
        name="table goes that kept fields reference",
        before=t(
            '  a Int\n  b Int?\n  u U @relation("a", fields: [a], references: [id])\n'
            '  v U? @relation("b", fields: [b], references: [id])',
            "model U {\n  id Int @id @default(autoincrement())\n  s String\n  n Int?\n"
            '  ts T[] @relation("a")\n  vs T[] @relation("b")\n}\n',
        ),
        after=t("  a Int\n  b Int?"),
        rows=(
            """INSERT INTO "U" VALUES (1, 'x', 1), (4, 'y', 2), (9, 'z', 3)""",
            'INSERT INTO "T" VALUES (1, 1, NULL), (2, 1, 4)',
        ),
        asked=("U",),
        toml='[accept_loss]\n"U" = "unused"\n',
        down=(
            ('SELECT id, s, n FROM "U" ORDER BY id', [(1, "", None), (4, "", None)]),
            ("""INSERT INTO "U" (s) VALUES ('') RETURNING id""", [(5,)]),
        ),
    ),
    Case(
        name="table goes that a kept field references by what no placeholder fits",
        before=t("  a Int?\n  u U? @relation(fields: [a], references: [id])", u("  n Int @unique\n  ts T[]")),
        after=t("  a Int?"),
        rows=('INSERT INTO "T" VALUES (1, NULL)',),
        asked=("U",),
        toml='[accept_loss]\n"U" = "unused"\n',
        down=(('SELECT count(*) FROM "U"', [(0,)]),),
    ),
    Case(
        name="one-to-one becomes one-to-many",
        before=t("  uId Int @unique\n  u U @relation(fields: [uId], references: [id])", u("  t T?")),
        after=t("  uId Int\n  u U @relation(fields: [uId], references: [id])", u("  ts T[]")),
        rows=('INSERT INTO "U" VALUES (1)', 'INSERT INTO "T" VALUES (1, 1)'),
    ),
]

SHAPES = [
    Case(
        name="field goes and comes back with another type that has no cast",
        before=t("  a Bytes?"),
        after=t("  a Int?"),
        rows=("""INSERT INTO "T" VALUES (1, '\\x00')""",),
        asked=("T.a",),
        toml='[accept_loss]\n"T.a" = "made anew"\n',
        up=(('SELECT a FROM "T"', [(None,)]),),
    ),
    Case(
        name="optional field becomes required by its default",
        before=t("  a Int?"),
        after=t("  a Int @default(7)"),
        rows=('INSERT INTO "T" VALUES (1, NULL), (2, 3)',),
        asked=("T.a",),
        toml='[backfill]\n"T.a" = 5\n',
        up=(
            ('SELECT a FROM "T" ORDER BY id', [(5,), (3,)]),
            ('INSERT INTO "T" VALUES (9) RETURNING a', [(7,)]),
        ),
    ),
    Case(
        name="@updatedAt comes to a field with a default, and goes from another",
        before=t("  a DateTime @default(now())\n  b DateTime @updatedAt"),
        after=t("  a DateTime @default(now()) @updatedAt\n  b DateTime"),
        is_empty=True,
    ),
    Case(
        name="default by the database's own expression changes",
        before=t("  a String @default(dbgenerated(\"upper('a;b')\"))"),
        after=t("  a String @default(dbgenerated(\"lower('A' || '--')\"))"),
        rows=('INSERT INTO "T" VALUES (1)',),
        up=(('INSERT INTO "T" VALUES (2) RETURNING a', [("a--",)]),),
        down=(('INSERT INTO "T" VALUES (3) RETURNING a', [("A;B",)]),),
    ),
    Case(
        name="enum is used in arrays, defaults, indexes and a unique key when it grows and shrinks",
        before=t("  a E @default(A) @unique\n  l E[] @default([A, B])\n  @@index([a, id])", _E),
        after=t(
            "  a E @default(C) @unique\n  l E[] @default([A, C])\n  @@index([a, id])",
            "enum E {\n  A\n  C\n}\n",
        ),
        rows=("""INSERT INTO "T" VALUES (1, 'A', '{A,B,B}'), (2, 'B', '{}')""",),
        asked=("E.B",),
        toml='[backfill]\n"E.B" = "C"\n',
        up=(('SELECT a::text, l::text FROM "T" ORDER BY id', [("A", "{A,C,C}"), ("C", "{}")]),),
        down=(('SELECT a::text, l::text FROM "T" ORDER BY id', [("A", "{A,B,B}"), ("B", "{}")]),),
    ),
    Case(
        name="enum becomes another whose values are partly others",
        before=t("  a E @default(A)\n  l E[]", _E),
        after=t("  a F @default(A)\n  l F[]", "enum F {\n  A\n  Z\n}\n"),
        rows=("""INSERT INTO "T" VALUES (1, 'B', '{A,B}')""",),
        asked=("E", "E.B"),
        toml='[accept_loss]\n"E" = "replaced"\n[backfill]\n"E.B" = "Z"\n',
        up=(('SELECT a::text, l::text FROM "T"', [("Z", "{A,Z}")]),),
        down=(('SELECT a::text, l::text FROM "T"', [("B", "{A,B}")]),),
    ),
    Case(
        name="autoincrement field gets another name and a larger type",
        before="model T {\n  id Int @id @default(autoincrement())\n  a Int?\n}\n",
        after="model T {\n  no BigInt @id @default(autoincrement())\n  a Int?\n}\n",
        rows=('INSERT INTO "T" DEFAULT VALUES', 'INSERT INTO "T" DEFAULT VALUES'),
        asked=("T.id",),
        toml='[renames]\n"T.id" = "T.no"\n',
        up=(('INSERT INTO "T" DEFAULT VALUES RETURNING no', [(3,)]),),
        down=(('INSERT INTO "T" DEFAULT VALUES RETURNING id', [(4,)]),),
    ),
    Case(
        name="text key becomes a number that counts",
        before="model T {\n  id String @id\n  a Int?\n}\n",
        after="model T {\n  id Int @id @default(autoincrement())\n  a Int?\n}\n",
        rows=("""INSERT INTO "T" VALUES ('41', 1)""",),
        asked=("T.id",),
        toml='[accept_loss]\n"T.id" = "all are numbers"\n',
        up=(('INSERT INTO "T" DEFAULT VALUES RETURNING id', [(42,)]),),
        down=(("""INSERT INTO "T" VALUES ('50') RETURNING id""", [("50",)]),),
    ),
    Case(
        name="small key grows and starts to count, and so does another field",
        before="model T {\n  id Int @id @db.SmallInt\n  n Int @unique\n}\n",
        after="model T {\n  id Int @id @default(autoincrement())\n"
        "  n BigInt @unique @default(autoincrement())\n}\n",
        rows=('INSERT INTO "T" VALUES (7, 9)',),
        up=(('INSERT INTO "T" DEFAULT VALUES RETURNING id, n', [(8, 10)]),),
    ),
    Case(
        name="field and relation whose attributes have no brackets get other names",
        before="model U {\n  id Int @id\n  ts T[]\n}\nmodel T {\n  id Int\n  uid Int\n"
        "  u U @relation(fields: uid, references: id)\n  @@id(id)\n  @@unique(uid)\n  @@index(uid)\n}\n",
        after="model U {\n  no Int @id\n  ts T[]\n}\nmodel T {\n  key Int\n  at Int\n"
        "  u U @relation(fields: at, references: no)\n  @@id(key)\n  @@unique(at)\n  @@index(at)\n}\n",
        rows=('INSERT INTO "U" VALUES (1)', 'INSERT INTO "T" VALUES (2, 1)'),
        asked=("T.id", "T.uid", "U.id"),
        toml='[renames]\n"T.id" = "T.key"\n"T.uid" = "T.at"\n"U.id" = "U.no"\n',
        up=(('SELECT key, at FROM "T"', [(2, 1)]),),
        down=(('SELECT id, uid FROM "T"', [(2, 1)]),),
    ),
    Case(
        name="autoincrement goes with a rename, and comes to another field",
        before="model T {\n  id Int @id @default(autoincrement())\n  n Int @unique\n}\n",
        after="model T {\n  key Int @id\n  n Int @unique @default(autoincrement())\n}\n",
        rows=('INSERT INTO "T" (n) VALUES (10)',),
        asked=("T.id",),
        toml='[renames]\n"T.id" = "T.key"\n',
        up=(('INSERT INTO "T" (key) VALUES (5) RETURNING n', [(11,)]),),
    ),
    Case(
        name="column of a type that Prisma doesn't know becomes one that it does",
        before=t('  a Unsupported("point")?'),
        after=t("  a String?"),
        rows=("""INSERT INTO "T" VALUES (1, '(1,2)')""",),
        up=(('SELECT a FROM "T"', [("(1,2)",)]),),
        down=(('SELECT a::text FROM "T"', [("(1,2)",)]),),
    ),
    Case(
        name="column of a type that Prisma doesn't know is renamed",
        before=t('  a Unsupported("tsvector")?\n  @@index([a], type: Gin)'),
        after=t('  b Unsupported("tsvector")?\n  @@index([b], type: Gin)'),
        rows=("""INSERT INTO "T" VALUES (1, 'x')""",),
        asked=("T.a",),
        toml='[renames]\n"T.a" = "T.b"\n',
        up=(('SELECT b::text FROM "T"', [("'x'",)]),),
    ),
    Case(
        name="decimals, times and texts narrow and widen",
        before=t(
            "  a Decimal @db.Decimal(10, 2)\n  b DateTime @db.Timestamp(6)\n"
            "  c String @db.VarChar(5)\n  d Float"
        ),
        after=t(
            "  a Decimal @db.Decimal(6, 1)\n  b DateTime @db.Timestamp(0)\n"
            "  c String @db.VarChar(9)\n  d Decimal"
        ),
        rows=("""INSERT INTO "T" VALUES (1, 1.25, '2024-01-01 00:00:00.5', 'abcde', 1.5)""",),
        asked=("T.a", "T.b", "T.d"),
        toml='[accept_loss]\n"T.d" = "none is out of range"\n'
        '[backfill]\n"T.a" = { sql = "round(a, 1)" }\n"T.b" = { sql = "date_trunc(\'second\', b)" }\n',
        up=(('SELECT a::text, c, d::float FROM "T"', [("1.3", "abcde", 1.5)]),),
    ),
    Case(
        name="schemas: models with a relation and an enum move together, and one is renamed",
        head=('schemas = ["one", "two"]', 'schemas = ["one", "two"]'),
        before=t('  e E\n  us U[]\n  @@schema("one")')
        + "model U {\n  id Int @id @default(autoincrement())\n  tId Int\n"
        '  t T @relation(fields: [tId], references: [id])\n  @@schema("one")\n}\n'
        'enum E {\n  A\n  @@schema("one")\n}\n',
        after=t('  e E\n  us V[]\n  @@schema("two")')
        + "model V {\n  id Int @id @default(autoincrement())\n  tId Int\n"
        '  t T @relation(fields: [tId], references: [id])\n  @@schema("two")\n}\n'
        'enum E {\n  A\n  @@schema("two")\n}\n',
        rows=("""INSERT INTO one."T" VALUES (1, 'A')""", 'INSERT INTO one."U" ("tId") VALUES (1)'),
        asked=("U",),
        toml='[renames]\n"U" = "V"\n',
        up=(('INSERT INTO two."V" ("tId") VALUES (1) RETURNING id', [(2,)]),),
        down=(('SELECT count(*) FROM one."U"', [(2,)]),),
    ),
    Case(
        name="same table names in two schemas: one goes, one is renamed to another's name",
        head=('schemas = ["one", "two"]', 'schemas = ["one", "two"]'),
        before='model A {\n  id Int @id\n  x Int\n  @@map("t")\n  @@schema("one")\n}\n'
        'model B {\n  id Int @id\n  y Int\n  @@map("t")\n  @@schema("two")\n}\n',
        after='model B {\n  id Int @id\n  y Int\n  @@map("u")\n  @@schema("two")\n}\n',
        rows=("INSERT INTO one.t VALUES (1, 1)", "INSERT INTO two.t VALUES (2, 2)"),
        asked=("A",),
        toml='[accept_loss]\n"A" = "unused"\n',
        up=(("SELECT y FROM two.u", [(2,)]),),
    ),
]
