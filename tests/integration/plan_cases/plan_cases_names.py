"""Names that stay in the database, names that others take over, and names that are hard to write."""

from __future__ import annotations

from .plan_case import Case, t, u

_PARTIAL = 'generator g {\n  provider = "prisma-client"\n  previewFeatures = ["partialIndexes"]\n}\n'
_LONG = "x" * 63


def _kept(fields: str, name: str = "T", extra: str = "") -> str:
    return f'model {name} {{\n  id Int @id\n{fields}\n  @@map("t")\n}}\n{extra}'


KEPT = [
    Case(
        name="model gets another name, and its table keeps the model's old one",
        before=t("  a String"),
        after=t('  a String\n  @@map("T")').replace("model T", "model S"),
        rows=("""INSERT INTO "T" VALUES (1, 'x')""",),
        is_empty=True,
    ),
    Case(
        name="model takes its table's name",
        before=_kept("  a String"),
        after="model t {\n  id Int @id\n  a String\n}\n",
        is_empty=True,
    ),
    Case(
        name="model, fields, enum and values get other names, and the database keeps its own",
        before=t("  a String\n  e E @default(A)", "enum E {\n  A\n  B\n}\n"),
        after=t(
            '  b String @map("a")\n  kind Kind @default(FIRST) @map("e")\n  @@map("T")',
            'enum Kind {\n  FIRST @map("A")\n  SECOND @map("B")\n  @@map("E")\n}\n',
        ).replace("model T", "model S"),
        rows=("""INSERT INTO "T" VALUES (1, 'x', 'B')""",),
        is_empty=True,
    ),
    Case(
        name="model of a relation gets another name, and its table keeps the old one",
        before=t("  us U[]", u("  t T @relation(fields: [tId], references: [id])\n  tId Int")),
        after=t(
            '  us U[]\n  @@map("T")',
            u('  s S @relation(fields: [sId], references: [id])\n  sId Int @map("tId")'),
        ).replace("model T", "model S"),
        is_empty=True,
    ),
    Case(
        name="names of models swap, and their tables stay",
        before="model A {\n  id Int @id\n  a Int\n}\nmodel B {\n  id Int @id\n  b Int\n}\n",
        after='model B {\n  id Int @id\n  a Int\n  @@map("A")\n}\n'
        'model A {\n  id Int @id\n  b Int\n  @@map("B")\n}\n',
        is_empty=True,
    ),
    Case(
        name="model takes the name of an enum that takes another, and the database keeps its names",
        before=t("  k K", "enum K {\n  A\n}\n"),
        after='model K {\n  id Int @id\n  k L\n  @@map("T")\n}\nenum L {\n  A\n  @@map("K")\n}\n',
        is_empty=True,
    ),
    Case(
        name="side of a many-to-many relation gets another name, and its rows stay",
        before=t("  us U[]", u("  ts T[]")),
        after=t('  us U[]\n  @@map("T")', u("  ts S[]")).replace("model T", "model S"),
        rows=(
            'INSERT INTO "T" VALUES (1)',
            'INSERT INTO "U" VALUES (2)',
            'INSERT INTO "_TToU" VALUES (1, 2)',
        ),
        up=(('SELECT "A", "B" FROM "_SToU"', [(1, 2)]),),
        down=(('SELECT "A", "B" FROM "_TToU"', [(1, 2)]),),
    ),
    Case(
        name="field of a kept column becomes optional under another name",
        before=t("  a String"),
        after=t('  b String? @map("a")'),
        rows=("""INSERT INTO "T" VALUES (1, 'x')""",),
        up=(('SELECT a FROM "T"', [("x",)]),),
    ),
    Case(
        name="many-to-many relation becomes a model of its own over the same table",
        before=t("  us U[]", u("  ts T[]")),
        after=t(
            "  us TU[]",
            u("  ts TU[]") + 'model TU {\n  a Int @map("A")\n  b Int @map("B")\n'
            '  t T @relation(fields: [a], references: [id], map: "_TToU_A_fkey")\n'
            '  u U @relation(fields: [b], references: [id], map: "_TToU_B_fkey")\n'
            '  @@id([a, b], map: "_TToU_AB_pkey")\n  @@index([b], map: "_TToU_B_index")\n'
            '  @@map("_TToU")\n}\n',
        ),
        rows=(
            'INSERT INTO "T" VALUES (1)',
            'INSERT INTO "U" VALUES (2)',
            'INSERT INTO "_TToU" VALUES (1, 2)',
        ),
        up=(('SELECT "A", "B" FROM "_TToU"', [(1, 2)]),),
        down=(('SELECT "A", "B" FROM "_TToU"', [(1, 2)]),),
    ),
]

TAKEN_OVER = [
    Case(
        name="field takes the name of one that goes",
        before=t("  a String @unique\n  b String @unique"),
        after=t("  b String @unique"),
        rows=("""INSERT INTO "T" VALUES (1, 'x', 'y')""",),
        asked=("T.a",),
        toml='[renames]\n"T.a" = "T.b"\n[accept_loss]\n"T.b" = "replaced"\n',
        up=(('SELECT b FROM "T"', [("x",)]),),
        down=(('SELECT a FROM "T"', [("x",)]),),
    ),
    Case(
        name="field gets another name while a new one takes its old name",
        before=t("  a String @unique"),
        after=t("  a Int?\n  b String @unique"),
        rows=("""INSERT INTO "T" VALUES (1, 'x')""",),
        asked=("T.a", "T.b"),
        toml='[renames]\n"T.a" = "T.b"\n',
        up=(('SELECT a, b FROM "T"', [(None, "x")]),),
        down=(('SELECT a FROM "T"', [("x",)]),),
    ),
    Case(
        name="three fields change names in a circle",
        before=t("  a Int\n  b Int @unique\n  c Int\n  @@index([a, c])"),
        after=t("  a Int\n  b Int\n  c Int @unique\n  @@index([b, a])"),
        rows=('INSERT INTO "T" VALUES (1, 10, 20, 30)',),
        toml='[renames]\n"T.a" = "T.b"\n"T.b" = "T.c"\n"T.c" = "T.a"\n',
        asked=(),
        up=(('SELECT a, b, c FROM "T"', [(30, 10, 20)]),),
        down=(('SELECT a, b, c FROM "T"', [(10, 20, 30)]),),
    ),
    Case(
        name="field gets the name of a new relation's field",
        before=t("  owner Int", u("")),
        after=t("  ownerId Int\n  owner U @relation(fields: [ownerId], references: [id])", u("  ts T[]")),
        rows=('INSERT INTO "U" VALUES (7)', 'INSERT INTO "T" VALUES (1, 7)'),
        asked=("T.owner",),
        toml='[renames]\n"T.owner" = "T.ownerId"\n',
        up=(('SELECT "ownerId" FROM "T"', [(7,)]),),
        down=(('SELECT owner FROM "T"', [(7,)]),),
    ),
    Case(
        name="model takes the name of one that goes",
        before="model A {\n  id Int @id @default(autoincrement())\n  a Int @unique\n}\n"
        "model B {\n  id Int @id @default(autoincrement())\n  a Int @unique\n  x Int\n}\n",
        after="model B {\n  id Int @id @default(autoincrement())\n  a Int @unique\n}\n",
        rows=('INSERT INTO "A" (a) VALUES (1)', 'INSERT INTO "B" (a, x) VALUES (2, 2)'),
        asked=("A", "B.x"),
        toml='[renames]\n"A" = "B"\n[accept_loss]\n"B" = "replaced"\n',
        up=(('SELECT a FROM "B"', [(1,)]), ('INSERT INTO "B" (a) VALUES (5) RETURNING id', [(2,)])),
        down=(('SELECT a FROM "A" ORDER BY 1', [(1,), (5,)]),),
    ),
    Case(
        name="model gets another name while a new one takes its old name",
        before=t("  a String @unique"),
        after="model S {\n  id Int @id\n  a String @unique\n}\n"
        "model T {\n  id BigInt @id\n  n Int @unique\n}\n",
        rows=("""INSERT INTO "T" VALUES (1, 'x')""",),
        asked=("T.a", "T.n"),
        toml='[renames]\n"T" = "S"\n',
        up=(('SELECT a FROM "S"', [("x",)]), ('SELECT count(*) FROM "T"', [(0,)])),
        down=(('SELECT a FROM "T"', [("x",)]),),
    ),
    Case(
        name="names of models and their tables swap",
        before="model A {\n  id Int @id @default(autoincrement())\n  a Int @unique\n}\n"
        "model B {\n  id Int @id @default(autoincrement())\n  b Int @unique\n}\n",
        after="model B {\n  id Int @id @default(autoincrement())\n  a Int @unique\n}\n"
        "model A {\n  id Int @id @default(autoincrement())\n  b Int @unique\n}\n",
        rows=('INSERT INTO "A" (a) VALUES (1), (2)', 'INSERT INTO "B" (b) VALUES (3)'),
        asked=("A.a", "B.b"),
        toml='[renames]\n"A" = "B"\n"B" = "A"\n',
        up=(
            ('SELECT a FROM "B" ORDER BY 1', [(1,), (2,)]),
            ('SELECT b FROM "A"', [(3,)]),
            ('INSERT INTO "B" (a) VALUES (9) RETURNING id', [(3,)]),
        ),
        down=(('SELECT a FROM "A" ORDER BY 1', [(1,), (2,), (9,)]), ('SELECT b FROM "B"', [(3,)])),
    ),
    Case(
        name="enum takes the name of one that goes",
        before=t("  e E\n  f F", "enum E {\n  A\n  B\n}\nenum F {\n  A\n  C\n}\n"),
        after=t("  e F", "enum F {\n  A\n  B\n}\n"),
        rows=("""INSERT INTO "T" VALUES (1, 'B', 'C')""",),
        asked=("F.C", "T.f"),
        toml='[renames]\n"E" = "F"\n[accept_loss]\n"F" = "replaced"\n"T.f" = "replaced"\n',
        up=(('SELECT e::text FROM "T"', [("B",)]),),
        down=(('SELECT e::text, f::text FROM "T"', [("B", "A")]),),
    ),
    Case(
        name="enum value takes the name of one that goes",
        before=t("  e E @default(A)", "enum E {\n  A\n  B\n}\n"),
        after=t("  e E @default(B)", "enum E {\n  B\n}\n"),
        rows=("""INSERT INTO "T" VALUES (1, 'A'), (2, 'B')""",),
        asked=("E.A",),
        toml='[renames]\n"E.A" = "E.B"\n[backfill]\n"E.B" = "B"\n',
        up=(('SELECT e::text FROM "T" ORDER BY id', [("B",), ("B",)]),),
    ),
    Case(
        name="enum values swap",
        before=t("  e E @default(A)", "enum E {\n  A\n  B\n}\n"),
        after=t("  e E @default(A)", "enum E {\n  B\n  A\n}\n"),
        rows=("""INSERT INTO "T" VALUES (1, 'A'), (2, 'B')""",),
        toml='[renames]\n"E.A" = "E.B"\n"E.B" = "E.A"\n',
        up=(('SELECT e::text FROM "T" ORDER BY id', [("B",), ("A",)]),),
        down=(('SELECT e::text FROM "T" ORDER BY id', [("A",), ("B",)]),),
        keeps_order=True,
    ),
    Case(
        name="many-to-many relation goes while a side of it gets another name",
        before=t("  us U[]", u("  ts T[]")),
        after=t("", u("")).replace("model T", "model S"),
        rows=(
            'INSERT INTO "T" VALUES (1)',
            'INSERT INTO "U" VALUES (2)',
            'INSERT INTO "_TToU" VALUES (1, 2)',
        ),
        asked=("T",),
        toml='[renames]\n"T" = "S"\n[accept_loss]\n"_TToU" = "unused"\n',
    ),
    Case(
        name="model, its fields, their enum and its values get other names at once",
        before=t("  a Int @unique\n  e E @default(A)\n  l E[]", "enum E {\n  A\n  B\n}\n"),
        after="model S {\n  key Int @id\n  b BigInt @unique\n  f F @default(X)\n  l F[]\n}\n"
        "enum F {\n  X\n  B\n  C\n}\n",
        rows=("""INSERT INTO "T" VALUES (1, 5, 'A', '{A,B}')""",),
        asked=("T",),
        toml='[renames]\n"T" = "S"\n"T.id" = "S.key"\n"T.a" = "S.b"\n"T.e" = "S.f"\n'
        '"E" = "F"\n"E.A" = "F.X"\n',
        up=(('SELECT key, b, f::text, l::text FROM "S"', [(1, 5, "X", "{X,B}")]),),
        down=(('SELECT id, a, e::text, l::text FROM "T"', [(1, 5, "A", "{A,B}")]),),
    ),
]

HARD = [
    Case(
        name="model and field get other names, and the field becomes required where no row lacks it",
        before=t("  a Int?"),
        after=t("  b Int").replace("model T", "model S"),
        rows=('INSERT INTO "T" VALUES (1, 5)',),
        asked=("T",),
        toml='[renames]\n"T" = "S"\n"T.a" = "S.b"\n[backfill]\n"S.b" = { rows = "none" }\n',
        up=(('SELECT b FROM "S"', [(5,)]),),
    ),
    Case(
        name="renames in the conditions of partial indexes, and in the SQL of a generated column",
        before=_PARTIAL
        + t(
            "  email String\n  gone Boolean\n  kind String?\n"
            '  low String? @default(dbgenerated("lower(kind)"))\n'
            "  @@unique([email], where: { gone: false })\n"
            "  @@index([email], where: { kind: { not: null }, gone: true })\n"
            """  @@index([kind], where: raw("gone = false AND kind <> 'gone'"))"""
        ),
        after=_PARTIAL
        + t(
            '  email String\n  deleted Boolean\n  sort String? @map("the kind")\n'
            '  low String? @default(dbgenerated("lower(\\"the kind\\")"))\n'
            "  @@unique([email], where: { deleted: false })\n"
            "  @@index([email], where: { sort: { not: null }, deleted: true })\n"
            """  @@index([sort], where: raw("deleted = false AND \\"the kind\\" <> 'gone'"))"""
        ),
        rows=(
            """INSERT INTO "T" VALUES (1, 'a', true, 'K'), (2, 'a', true, 'gone'), (3, 'a', false, NULL)""",
        ),
        asked=("T.gone", "T.kind"),
        toml='[renames]\n"T.gone" = "T.deleted"\n"T.kind" = "T.sort"\n',
        up=(('SELECT low, deleted FROM "T" ORDER BY id', [("k", True), ("gone", True), (None, False)]),),
        down=(('SELECT low, gone FROM "T" ORDER BY id', [("k", True), ("gone", True), (None, False)]),),
    ),
    Case(
        name="names of 63 bytes",
        before=f'model T {{\n  id Int @id @default(autoincrement())\n  a Int @unique @map("{_LONG}")\n'
        f'  b Int\n  @@index([a, b])\n  @@map("{"t" * 63}")\n}}\n',
        after=f'model T {{\n  id BigInt @id @default(autoincrement())\n  a Int? @map("{"y" * 63}")\n'
        f'  b Int\n  c Int\n  @@unique([c, a])\n  @@index([a, b])\n  @@map("{"s" * 63}")\n}}\n',
        rows=(f'INSERT INTO "{"t" * 63}" ("{_LONG}", b) VALUES (1, 1), (2, 1)',),
        asked=("T.c",),
        toml='[backfill]\n"T.c" = { sql = "id" }\n',
        up=((f'SELECT "{"y" * 63}", c FROM "{"s" * 63}" ORDER BY id', [(1, 1), (2, 2)]),),
    ),
    Case(
        name="reserved words, mixed case and quotes in names",
        before='model Order {\n  select Int @id\n  from String @map("FROM")\n  user Kind @default(all)\n'
        '  @@map("order")\n}\nenum Kind {\n  all\n  select @map("se lect")\n  @@map("user")\n}\n',
        after='model Order {\n  select Int @id\n  where String? @map("Wh ere")\n  user Kind @default(all)\n'
        "  table Int @default(3)\n"
        '  @@map("Order x")\n}\nenum Kind {\n  all\n  from\n  @@map("user")\n}\n',
        rows=("""INSERT INTO "order" VALUES (1, 'x', 'se lect')""",),
        asked=("Kind.select", "Order.from"),
        toml='[renames]\n"Order.from" = "Order.where"\n"Kind.select" = "Kind.from"\n',
        up=(('SELECT "Wh ere", "user"::text, "table" FROM "Order x"', [("x", "from", 3)]),),
        down=(("""SELECT "FROM", "user"::text FROM "order\"""", [("x", "se lect")]),),
    ),
    Case(
        name="defaults with quotes, backslashes and semicolons",
        before=t(""),
        after=t(
            '  a String @default("it\'s; -- \\\\ \\"x\\" $$")\n'
            '  b Json @default("{\\"a\\": [1, \\"\'\\"]}")\n'
            '  c String[] @default(["a,b", "\'"])'
        ),
        rows=('INSERT INTO "T" VALUES (1)',),
        up=(('SELECT a, b, c FROM "T"', [('it\'s; -- \\ "x" $$', {"a": [1, "'"]}, ["a,b", "'"])]),),
    ),
]
