"""Every kind of change between two schemas, with rows that are in its way."""

from __future__ import annotations

from .plan_case import Case, Check, t
from .plan_case import u as _u
from .plan_cases_joins import JOINS
from .plan_cases_moves import MOVES
from .plan_cases_names import HARD, KEPT, TAKEN_OVER
from .plan_cases_shapes import INDEXES, RELATIONS, SHAPES
from .plan_cases_unique import UNIQUE

_E = "enum E {\n  A\n  B\n  C\n}\n"
_AB = "enum E {\n  A\n  B\n}\n"
_TWO = ("""INSERT INTO "T" VALUES (1), (2)""",)

ADDITIONS = [
    Case(
        name="optional field",
        before=t(""),
        after=t("  a String?"),
        rows=_TWO,
        up=(('SELECT a FROM "T"', [(None,), (None,)]),),
    ),
    Case(
        name="required field with a constant default",
        before=t(""),
        after=t("  a Int @default(7)"),
        rows=_TWO,
        up=(('SELECT a FROM "T"', [(7,), (7,)]),),
    ),
    Case(
        name="required field with now()",
        before=t(""),
        after=t("  a DateTime @default(now())"),
        rows=_TWO,
        up=(('SELECT count(a) FROM "T"', [(2,)]),),
    ),
    Case(
        name="required field with a default that differs from row to row",
        before=t(""),
        after=t('  a String @unique @default(dbgenerated("gen_random_uuid()")) @db.Uuid'),
        rows=_TWO,
        up=(('SELECT count(DISTINCT a) FROM "T"', [(2,)]),),
    ),
    Case(
        name="required field without a default",
        before=t(""),
        after=t("  a String"),
        rows=_TWO,
        asked=("T.a",),
        toml='[backfill]\n"T.a" = "it\'s"\n',
        up=(('SELECT a FROM "T"', [("it's",), ("it's",)]),),
    ),
    Case(
        name="existing rows get one value and new rows another",
        before=t(""),
        after=t('  a String @default("new")'),
        rows=_TWO,
        toml='[backfill]\n"T.a" = "old"\n',
        up=(
            ('SELECT a FROM "T"', [("old",), ("old",)]),
            ('INSERT INTO "T" (id) VALUES (3) RETURNING a', [("new",)]),
        ),
    ),
    Case(
        name="required field from an expression over the row",
        before=t("  b String"),
        after=t("  b String\n  a String"),
        rows=("""INSERT INTO "T" VALUES (1, 'X'), (2, 'Y')""",),
        asked=("T.a",),
        toml='[backfill]\n"T.a" = { sql = "lower(b)" }\n',
        up=(('SELECT a FROM "T" ORDER BY 1', [("x",), ("y",)]),),
    ),
    Case(
        name="required field where there are no rows",
        before=t(""),
        after=t("  a String"),
        asked=("T.a",),
        toml='[backfill]\n"T.a" = { rows = "none" }\n',
    ),
    Case(
        name="@updatedAt and uuid() give the database no default",
        before=t(""),
        after=t("  a DateTime @updatedAt\n  b String @default(uuid())"),
        rows=_TWO,
        asked=("T.a", "T.b"),
        toml='[backfill]\n"T.a" = { sql = "now()" }\n"T.b" = { sql = "gen_random_uuid()" }\n',
        up=(('SELECT count(DISTINCT b) FROM "T"', [(2,)]),),
    ),
    Case(
        name="required enum field",
        before=t(""),
        after=t("  a E", 'enum E {\n  A @map("a a")\n}\n'),
        rows=_TWO,
        asked=("T.a",),
        toml='[backfill]\n"T.a" = "A"\n',
        up=(('SELECT a::text FROM "T"', [("a a",), ("a a",)]),),
    ),
    Case(
        name="required relation",
        before=t("", _u("")),
        after=t("  u U @relation(fields: [uId], references: [id])\n  uId Int", _u("  ts T[]")),
        rows=('INSERT INTO "U" VALUES (5)', *_TWO),
        asked=("T.uId",),
        toml='[backfill]\n"T.uId" = { sql = "(SELECT min(id) FROM \\"U\\")" }\n',
        up=(('SELECT "uId" FROM "T"', [(5,), (5,)]),),
    ),
    Case(
        name="autoincrement field beside rows",
        before=t(""),
        after=t("  n Int @unique @default(autoincrement())"),
        rows=_TWO,
        up=(
            ('SELECT n FROM "T" ORDER BY 1', [(1,), (2,)]),
            ('INSERT INTO "T" (id) VALUES (3) RETURNING n', [(3,)]),
        ),
    ),
    Case(
        name="list field",
        before=t(""),
        after=t("  a String[] @default([])\n  b Int[]"),
        rows=_TWO,
    ),
    Case(
        name="model with relation, index and unique",
        before=t(""),
        after=t(
            "  us U[]",
            _u(
                "  t T @relation(fields: [tId], references: [id])\n  tId Int @unique\n  x Int\n  @@index([x])"
            ).replace("tId Int @unique", "tId Int"),
        ),
        rows=_TWO,
    ),
    Case(
        name="many-to-many relation",
        before=t("", _u("")),
        after=t("  us U[]", _u("  ts T[]")),
        rows=_TWO,
    ),
    Case(
        name="index and unique on a table in use",
        before=t("  a Int\n  b Int"),
        after=t("  a Int @unique\n  b Int\n  @@index([b, a])"),
        rows=('INSERT INTO "T" VALUES (1, 1, 1), (2, 2, 1)',),
    ),
    Case(
        name="foreign key over an existing column",
        before=t("  uId Int?", _u("")),
        after=t("  uId Int?\n  u U? @relation(fields: [uId], references: [id])", _u("  ts T[]")),
        rows=('INSERT INTO "U" VALUES (1)', 'INSERT INTO "T" VALUES (1, 1), (2, NULL)'),
    ),
    Case(
        name="schema without a table in it, and one with",
        head=("", 'schemas = ["public", "shop", "spare"]'),
        before=t(""),
        after=t('  @@schema("public")', 'model S {\n  id Int @id\n  @@schema("shop")\n}\n'),
        rows=_TWO,
        up=(("SELECT count(*) FROM pg_namespace WHERE nspname IN ('shop', 'spare')", [(2,)]),),
        down=(("SELECT count(*) FROM pg_namespace WHERE nspname IN ('shop', 'spare')", [(0,)]),),
    ),
    Case(
        name="column of an extension's type",
        before=t(""),
        after=t('  v Unsupported("vector(3)")?'),
        rows=_TWO,
        up=(("SELECT count(*) FROM pg_extension WHERE extname = 'vector'", [(1,)]),),
    ),
]

TIGHTENING = [
    Case(
        name="optional field becomes required",
        before=t("  a String?"),
        after=t("  a String"),
        rows=("""INSERT INTO "T" VALUES (1, NULL), (2, 'x')""",),
        asked=("T.a",),
        toml='[backfill]\n"T.a" = "none"\n',
        up=(('SELECT a FROM "T" ORDER BY id', [("none",), ("x",)]),),
    ),
    Case(
        name="optional field becomes required, and no row lacks it",
        before=t("  a String?"),
        after=t("  a String"),
        rows=("""INSERT INTO "T" VALUES (2, 'x')""",),
        asked=("T.a",),
        toml='[backfill]\n"T.a" = { rows = "none" }\n',
    ),
    Case(
        name="required field becomes optional",
        before=t("  a String"),
        after=t("  a String?"),
        rows=("""INSERT INTO "T" VALUES (2, 'x')""",),
    ),
    Case(
        name="default is added, changed and dropped",
        before=t("  a Int\n  b Int @default(1)\n  c Int @default(1)"),
        after=t("  a Int @default(1)\n  b Int @default(2)\n  c Int"),
        rows=('INSERT INTO "T" VALUES (1, 9, 9, 9)',),
    ),
    Case(
        name="relation's rule on deletion changes",
        before=t("  u U @relation(fields: [uId], references: [id])\n  uId Int", _u("  ts T[]")),
        after=t(
            "  u U @relation(fields: [uId], references: [id], onDelete: Cascade)\n  uId Int", _u("  ts T[]")
        ),
        rows=('INSERT INTO "U" VALUES (1)', 'INSERT INTO "T" VALUES (1, 1)'),
        up=(('DELETE FROM "U" RETURNING id', [(1,)]), ('SELECT count(*) FROM "T"', [(0,)])),
    ),
    Case(
        name="primary key over more columns",
        before="model T {\n  id Int\n  b Int\n  @@id([id])\n}\n",
        after="model T {\n  id Int\n  b Int\n  @@id([id, b])\n}\n",
        rows=('INSERT INTO "T" VALUES (1, 1), (2, 1)',),
    ),
    Case(
        name="primary key over another column",
        before="model T {\n  id Int @id\n  b Int?\n}\n",
        after="model T {\n  id Int\n  b Int @id\n}\n",
        rows=('INSERT INTO "T" VALUES (1, 1), (2, NULL)',),
        asked=("T.b",),
        toml='[backfill]\n"T.b" = { sql = "id" }\n',
    ),
    Case(
        name="index is renamed",
        before=t('  a Int\n  @@index([a], map: "x")'),
        after=t('  a Int\n  @@index([a], map: "y")'),
        rows=('INSERT INTO "T" VALUES (1, 1)',),
    ),
    Case(
        name="index and unique go",
        before=t("  a Int @unique\n  b Int\n  @@index([b, a])"),
        after=t("  a Int\n  b Int"),
        rows=('INSERT INTO "T" VALUES (1, 1, 1)',),
    ),
]

RETYPES = [
    Case(
        name="Int to BigInt",
        before=t("  a Int"),
        after=t("  a BigInt"),
        rows=('INSERT INTO "T" VALUES (1, 2147483647)',),
        up=(('SELECT a FROM "T"', [(2147483647,)]),),
        down=(('SELECT a FROM "T"', [(2147483647,)]),),
    ),
    Case(
        name="BigInt to Int",
        before=t("  a BigInt"),
        after=t("  a Int"),
        rows=('INSERT INTO "T" VALUES (1, 7)',),
        asked=("T.a",),
        toml='[accept_loss]\n"T.a" = "all are small"\n',
        up=(('SELECT a FROM "T"', [(7,)]),),
    ),
    Case(
        name="String to Int",
        before=t('  a String @default("0")'),
        after=t("  a Int @default(0)"),
        rows=("""INSERT INTO "T" VALUES (1, '42')""",),
        asked=("T.a",),
        toml='[accept_loss]\n"T.a" = "they are numbers"\n',
        up=(('SELECT a FROM "T"', [(42,)]),),
        down=(('SELECT a FROM "T"', [("42",)]),),
    ),
    Case(
        name="String to Int by the author's expression",
        before=t("  a String"),
        after=t("  a Int"),
        rows=("""INSERT INTO "T" VALUES (1, 'x42y')""",),
        asked=("T.a",),
        toml="[backfill]\n\"T.a\" = { sql = \"regexp_replace(a, '\\\\D', '', 'g')::int\" }\n",
        up=(('SELECT a FROM "T"', [(42,)]),),
    ),
    Case(
        name="Int to String",
        before=t("  a Int @default(1)"),
        after=t('  a String @default("1")'),
        rows=('INSERT INTO "T" VALUES (1, 42)',),
        up=(('SELECT a FROM "T"', [("42",)]),),
        down=(('SELECT a FROM "T"', [(42,)]),),
    ),
    Case(
        name="indexed String to Int keeps its indexes",
        before=t("  a String @unique\n  b Int\n  @@index([a, b])"),
        after=t("  a Int @unique\n  b Int\n  @@index([a, b])"),
        rows=("""INSERT INTO "T" VALUES (1, '42', 1)""",),
        asked=("T.a",),
        toml='[accept_loss]\n"T.a" = "they are numbers"\n',
    ),
    Case(
        name="a key's type, and the foreign key to it",
        before="model U {\n  id String @id\n  ts T[]\n}\n"
        + t("  u U @relation(fields: [uId], references: [id])\n  uId String"),
        after="model U {\n  id Int @id\n  ts T[]\n}\n"
        + t("  u U @relation(fields: [uId], references: [id])\n  uId Int"),
        rows=("""INSERT INTO "U" VALUES ('7')""", """INSERT INTO "T" VALUES (1, '7')"""),
        asked=("T.uId", "U.id"),
        toml='[accept_loss]\n"T.uId" = "numbers"\n"U.id" = "numbers"\n',
        up=(('SELECT "uId" FROM "T"', [(7,)]),),
        down=(('SELECT "uId" FROM "T"', [("7",)]),),
    ),
    Case(
        name="autoincrement grows to BigInt",
        before="model T {\n  id Int @id @default(autoincrement())\n  a Int?\n}\n",
        after="model T {\n  id BigInt @id @default(autoincrement())\n  a Int?\n}\n",
        rows=('INSERT INTO "T" DEFAULT VALUES', 'INSERT INTO "T" DEFAULT VALUES'),
        up=(('INSERT INTO "T" DEFAULT VALUES RETURNING id', [(3,)]),),
        down=(('INSERT INTO "T" DEFAULT VALUES RETURNING id', [(4,)]),),
    ),
    Case(
        name="autoincrement goes",
        before="model T {\n  id Int @id @default(autoincrement())\n  a Int?\n}\n",
        after="model T {\n  id Int @id\n  a Int?\n}\n",
        rows=('INSERT INTO "T" DEFAULT VALUES', 'INSERT INTO "T" DEFAULT VALUES'),
        down=(('INSERT INTO "T" DEFAULT VALUES RETURNING id', [(3,)]),),
    ),
    Case(
        name="autoincrement comes",
        before="model T {\n  id Int @id\n  a Int?\n}\n",
        after="model T {\n  id Int @id @default(autoincrement())\n  a Int?\n}\n",
        rows=('INSERT INTO "T" VALUES (40), (41)',),
        up=(('INSERT INTO "T" DEFAULT VALUES RETURNING id', [(42,)]),),
    ),
    Case(
        name="times keep their meaning where a database has a zone and a style of its own",
        before=t(
            "  a DateTime @db.Timestamptz(3)\n  b DateTime @db.Timestamptz(3)\n  c String\n"
            "  d DateTime @db.Timestamptz(3)\n  e DateTime @db.Time(6)\n  f DateTime[]\n  g DateTime @db.Date"
        ),
        after=t(
            "  a DateTime @db.Date\n  b String\n  c DateTime @db.Timestamptz(3)\n  d DateTime @db.Time(3)\n"
            "  e DateTime @db.Timetz(6)\n  f DateTime[] @db.Timestamptz(3)\n  g DateTime @db.Timestamptz(3)"
        ),
        rows=(
            """INSERT INTO "T" VALUES (1, '2026-05-06 00:00Z', '2026-05-06 23:30Z', '2026-05-06 23:30:00+00',
            '2026-05-06 23:30Z', '23:30', '{2026-05-06 23:30}', '2026-05-06')""",
        ),
        asked=("T.a", "T.c", "T.d", "T.e"),
        toml='[accept_loss]\n"T.a" = "whole days"\n"T.c" = "times"\n"T.e" = "UTC"\n'
        """[backfill]\n"T.d" = { sql = "date_trunc('milliseconds', d)::time" }\n""",
        up=(
            (
                "SELECT a = date '2026-05-06', b = '2026-05-06 23:30:00+00', "
                "c = timestamptz '2026-05-06 23:30Z', d = time '23:30', e = timetz '23:30Z', "
                "f[1] = timestamptz '2026-05-06 23:30Z', "
                """g = timestamptz '2026-05-06 00:00Z' FROM "T\"""",
                [(True,) * 7],
            ),
        ),
        down=(
            (
                "SELECT a = timestamptz '2026-05-06 00:00Z', b = timestamptz '2026-05-06 23:30Z', "
                "c = '2026-05-06 23:30:00+00', e = time '23:30', f[1] = timestamp '2026-05-06 23:30', "
                """g = date '2026-05-06' FROM "T\"""",
                [(True,) * 6],
            ),
        ),
    ),
    Case(
        name="constants for existing rows keep their offset, and now() is now",
        before=t(""),
        after=t(
            "  a DateTime\n  b DateTime @db.Date\n  c DateTime @db.Time(3)\n  d DateTime @db.Timestamptz(3)\n"
            "  e DateTime\n  f DateTime @default(now())\n  g DateTime @default(now()) @db.Timestamptz(3)"
        ),
        rows=_TWO,
        asked=("T.a", "T.b", "T.c", "T.d", "T.e"),
        toml='[backfill]\n"T.a" = "2026-05-06T00:00:00+02:00"\n"T.b" = "2026-05-06T00:00:00+02:00"\n'
        '"T.c" = "00:00:00.125+02:00"\n"T.d" = "2026-05-06T00:00:00+02:00"\n'
        '"T.e" = "2026-05-06T00:00:00.125"\n',
        up=(
            (
                "SELECT DISTINCT a = timestamp '2026-05-05 22:00', b = date '2026-05-05', "
                "c = time '22:00:00.125', "
                "d = timestamptz '2026-05-05 22:00Z', e = timestamp '2026-05-06 00:00:00.125', "
                "abs(extract(epoch FROM f - now() AT TIME ZONE 'UTC')) < 3600, "
                """abs(extract(epoch FROM g - now())) < 3600 FROM "T\"""",
                [(True,) * 7],
            ),
        ),
    ),
    Case(
        name="timestamp gets a zone: the values are UTC",
        before=t("  a DateTime"),
        after=t("  a DateTime @db.Timestamptz(3)"),
        rows=("""INSERT INTO "T" VALUES (1, '2024-07-01 12:00')""",),
        up=(("""SELECT a = '2024-07-01 12:00Z' FROM "T\"""", [(True,)]),),
        down=(("""SELECT a = '2024-07-01 12:00' FROM "T\"""", [(True,)]),),
    ),
    Case(
        name="enum to String",
        before=t("  a E @default(A)", _AB),
        after=t('  a String @default("A")'),
        rows=("""INSERT INTO "T" VALUES (1, 'B')""",),
        up=(('SELECT a FROM "T"', [("B",)]),),
        down=(('SELECT a::text FROM "T"', [("B",)]),),
    ),
    Case(
        name="String to enum",
        before=t('  a String @default("A")'),
        after=t("  a E @default(A)", _AB),
        rows=("""INSERT INTO "T" VALUES (1, 'B')""",),
        asked=("T.a",),
        toml='[accept_loss]\n"T.a" = "only A and B are in it"\n',
        up=(('SELECT a::text FROM "T"', [("B",)]),),
    ),
    Case(
        name="one enum to another by value",
        before=t("  a E @default(A)", _AB),
        after=t("  a F @default(A)", "enum F {\n  A\n  B\n  X\n  Y\n  Z\n}\n"),
        rows=("""INSERT INTO "T" VALUES (1, 'B')""",),
        up=(('SELECT a::text FROM "T"', [("B",)]),),
        down=(('SELECT a::text FROM "T"', [("B",)]),),
    ),
    Case(
        name="scalar to list",
        before=t("  a String\n  b String?"),
        after=t("  a String[]\n  b String[]"),
        rows=("""INSERT INTO "T" VALUES (1, 'x', NULL)""",),
        up=(('SELECT a, b FROM "T"', [(["x"], [])]),),
        down=(('SELECT a, b FROM "T"', [("x", None)]),),
    ),
    Case(
        name="list to scalar",
        before=t("  a String[]"),
        after=t("  a String"),
        rows=("""INSERT INTO "T" VALUES (1, '{x}'), (2, NULL)""",),
        asked=("T.a", "T.a"),
        toml='[accept_loss]\n"T.a" = "none has more than one"\n[backfill]\n"T.a" = "-"\n',
        up=(('SELECT a FROM "T" ORDER BY id', [("x",), ("-",)]),),
    ),
    Case(
        name="Boolean to Int and Int to Boolean",
        before=t("  a Boolean\n  b Int"),
        after=t("  a Int\n  b Boolean"),
        rows=('INSERT INTO "T" VALUES (1, true, 1)',),
        asked=("T.b",),
        toml='[accept_loss]\n"T.b" = "it was a flag"\n',
        up=(('SELECT a, b FROM "T"', [(1, True)]),),
    ),
    Case(
        name="String to Json and back",
        before=t("  a String\n  b Json"),
        after=t("  a Json\n  b String"),
        rows=("""INSERT INTO "T" VALUES (1, 'x', '{"k": 1}')""",),
        asked=("T.a",),
        toml='[accept_loss]\n"T.a" = "nothing is lost: each becomes a JSON string"\n',
        up=(('SELECT a, b FROM "T"', [("x", '{"k": 1}')]),),
    ),
    Case(
        name="text is narrowed",
        before=t("  a String"),
        after=t("  a String @db.VarChar(3)"),
        rows=("""INSERT INTO "T" VALUES (1, 'abc')""",),
        asked=("T.a",),
        toml='[accept_loss]\n"T.a" = "all are short"\n',
    ),
    Case(
        name="text is widened",
        before=t("  a String @db.VarChar(3)"),
        after=t("  a String @db.VarChar(9)"),
        rows=("""INSERT INTO "T" VALUES (1, 'abc')""",),
    ),
    Case(
        name="a type without a cast to it",
        before=t("  a Int"),
        after=t("  a DateTime"),
        rows=('INSERT INTO "T" VALUES (1, 5)',),
        asked=("T.a", "T.a"),
        toml='[accept_loss]\n"T.a" = "nobody reads it"\n[backfill]\n"T.a" = "2024-01-01"\n',
        up=(("""SELECT a = '2024-01-01' FROM "T\"""", [(True,)]),),
    ),
]

ENUMS = [
    Case(
        name="enum value is added in the middle and used as a default",
        before=t("  a E", "enum E {\n  A\n  C\n}\n"),
        after=t("  a E @default(B)", _E),
        rows=("""INSERT INTO "T" VALUES (1, 'A'), (2, 'C')""",),
        up=(
            ('INSERT INTO "T" (id) VALUES (3) RETURNING a::text', [("B",)]),
            ('SELECT a::text FROM "T" ORDER BY a', [("A",), ("B",), ("C",)]),
            ('DELETE FROM "T" WHERE id = 3 RETURNING id', [(3,)]),
        ),
    ),
    Case(
        name="enum value goes, and nobody has it",
        before=t("  a E @default(A)\n  l E[]", _E),
        after=t("  a E @default(A)\n  l E[]", _AB),
        rows=("""INSERT INTO "T" VALUES (1, 'B', '{A,B}')""",),
        asked=("E.C",),
        toml='[accept_loss]\n"E.C" = "never used"\n',
        up=(('SELECT a::text, l::text FROM "T"', [("B", "{A,B}")]),),
    ),
    Case(
        name="enum value goes, and its rows get another",
        before=t("  a E @default(A)\n  l E[]", _E),
        after=t("  a E @default(A)\n  l E[]", _AB),
        rows=("""INSERT INTO "T" VALUES (1, 'C', '{A,C}')""",),
        asked=("E.C",),
        toml='[backfill]\n"E.C" = "B"\n',
        up=(('SELECT a::text, l::text FROM "T"', [("B", "{A,B}")]),),
    ),
    Case(
        name="enum shrinks while another table that uses it goes",
        before=t("  a E @default(A)", _u("  e E") + _E),
        after=t("  a E @default(A)", _AB),
        rows=("""INSERT INTO "T" VALUES (1, 'A')""", """INSERT INTO "U" VALUES (1, 'C')"""),
        asked=("E.C", "U"),
        toml='[accept_loss]\n"E.C" = "gone with U"\n"U" = "archived"\n',
    ),
    Case(
        name="enum shrinks while a column that uses it goes, and grows",
        before=t("  a E @default(A)\n  b E?", _AB),
        after=t("  a E @default(N)", "enum E {\n  A\n  N\n}\n"),
        rows=("""INSERT INTO "T" VALUES (1, 'A', 'B')""",),
        asked=("E.B", "T.b"),
        toml='[accept_loss]\n"E.B" = "unused"\n"T.b" = "unused"\n',
    ),
    Case(
        name="enum goes with its column",
        before=t("  a E", _AB),
        after=t(""),
        rows=("""INSERT INTO "T" VALUES (1, 'A')""",),
        asked=("T.a",),
        toml='[accept_loss]\n"T.a" = "unused"\n',
        down=(('SELECT a::text FROM "T"', [("A",)]),),
    ),
    Case(
        name="enum values change places",
        before=t("  a E", "enum E {\n  A\n  B\n}\n"),
        after=t("  a E", "enum E {\n  B\n  A\n}\n"),
        rows=("""INSERT INTO "T" VALUES (1, 'A')""",),
        is_empty=True,
        keeps_order=True,
    ),
]

ENUMS += [
    Case(
        name="String becomes an enum that shrinks at the same time",
        before=t('  a String @default("A")\n  b E', _E),
        after=t("  a E @default(A)\n  b E", _AB),
        rows=("""INSERT INTO "T" VALUES (1, 'B', 'A')""",),
        asked=("E.C", "T.a"),
        toml='[accept_loss]\n"E.C" = "unused"\n"T.a" = "only A and B"\n',
        up=(('SELECT a::text, b::text FROM "T"', [("B", "A")]),),
    ),
]

LOSSES = [
    Case(
        name="field goes",
        before=t('  a String\n  b String @default("x")'),
        after=t(""),
        rows=("""INSERT INTO "T" VALUES (1, 'a', 'b')""",),
        asked=("T.a", "T.b"),
        toml='[accept_loss]\n"T.a" = "unused"\n"T.b" = "unused"\n',
        down=(('SELECT a, b FROM "T"', [("", "x")]),),
    ),
    Case(
        name="required fields of every type go, and come back with placeholders",
        before=t(
            "  a Int\n  b BigInt\n  c Float\n  d Decimal\n  e Boolean\n  f DateTime\n  g Json\n  h Bytes\n"
            "  i String @db.Uuid\n  j String @unique\n  k E\n  l Int[]",
            _AB,
        ),
        after=t("", _AB),
        rows=(
            """INSERT INTO "T" SELECT n, 1, 1, 1, 1, true, now(), '{}', '', gen_random_uuid(), n, 'B', '{1}'
               FROM generate_series(1, 2) n""",
        ),
        asked=tuple(f"T.{name}" for name in "abcdefghijkl"),
        toml="[accept_loss]\n" + "".join(f'"T.{name}" = "unused"\n' for name in "abcdefghijkl"),
        down=(('SELECT count(*) FROM "T" WHERE a = 0', [(2,)]),),
    ),
    Case(
        name="field goes whose value in a downgrade is in version.toml",
        before=t("  a Int"),
        after=t(""),
        rows=('INSERT INTO "T" VALUES (1, 5)',),
        asked=("T.a",),
        toml='[accept_loss]\n"T.a" = "unused"\n[backfill]\n"T.a" = -1\n',
        down=(('SELECT a FROM "T"', [(-1,)]),),
    ),
    Case(
        name="model goes",
        before=t("  us U[]", _u("  t T @relation(fields: [tId], references: [id])\n  tId Int")),
        after=t(""),
        rows=('INSERT INTO "T" VALUES (1)', 'INSERT INTO "U" VALUES (1, 1)'),
        asked=("U",),
        toml='[accept_loss]\n"U" = "archived"\n',
        down=(('SELECT count(*) FROM "U"', [(0,)]),),
    ),
    Case(
        name="many-to-many relation goes",
        before=t("  us U[]", _u("  ts T[]")),
        after=t("", _u("")),
        rows=(
            'INSERT INTO "T" VALUES (1)',
            'INSERT INTO "U" VALUES (1)',
            'INSERT INTO "_TToU" VALUES (1, 1)',
        ),
        asked=("_TToU",),
        toml='[accept_loss]\n"_TToU" = "unused"\n',
    ),
    Case(
        name="field goes beside one of another type",
        before=t("  a String"),
        after=t("  b Int?"),
        rows=("""INSERT INTO "T" VALUES (1, 'x')""",),
        asked=("T.a",),
        toml='[accept_loss]\n"T.a" = "unused"\n',
    ),
    Case(
        name="field goes beside one of the same shape, and is no rename",
        before=t("  a String?"),
        after=t("  b String?"),
        rows=("""INSERT INTO "T" VALUES (1, 'x')""",),
        asked=("T.a",),
        toml='[accept_loss]\n"T.a" = "unused"\n',
        up=(('SELECT b FROM "T"', [(None,)]),),
    ),
]


def _counted(name: str) -> str:
    fields = "  id Int @id @default(autoincrement())\n  a Int @unique\n  b Int\n  @@index([b])\n"
    return f"model {name} {{\n{fields}}}\n"


_KEEPS: tuple[Check, ...] = (('SELECT b FROM "T"', [("x",)]),)

RENAMES = [
    Case(
        name="field is renamed",
        before=t("  a String"),
        after=t("  b String"),
        rows=("""INSERT INTO "T" VALUES (1, 'x')""",),
        asked=("T.a",),
        toml='[renames]\n"T.a" = "T.b"\n',
        up=_KEEPS,
        down=(('SELECT a FROM "T"', [("x",)]),),
    ),
    Case(
        name="field in keys, indexes and a relation is renamed",
        before=t("  us U[]")
        + "model U {\n  tId Int\n  n Int\n  t T @relation(fields: [tId], references: [id])\n"
        "  @@id([tId, n])\n  @@unique([n, tId])\n  @@index([tId])\n}\n",
        after=t("  us U[]")
        + "model U {\n  topId Int\n  n Int\n  t T @relation(fields: [topId], references: [id])\n"
        "  @@id([topId, n])\n  @@unique([n, topId])\n  @@index([topId])\n}\n",
        rows=('INSERT INTO "T" VALUES (1)', 'INSERT INTO "U" VALUES (1, 9)'),
        asked=("U.tId",),
        toml='[renames]\n"U.tId" = "U.topId"\n',
        up=(('SELECT "topId", n FROM "U"', [(1, 9)]),),
    ),
    Case(
        name="field is renamed and becomes required and another type",
        before=t("  a Int?"),
        after=t("  b BigInt"),
        rows=('INSERT INTO "T" VALUES (1, 5), (2, NULL)',),
        asked=("T.a",),
        toml='[renames]\n"T.a" = "T.b"\n[backfill]\n"T.b" = 0\n',
        up=(('SELECT b FROM "T" ORDER BY id', [(5,), (0,)]),),
    ),
    Case(
        name="two fields change names",
        before=t("  a String\n  b String"),
        after=t("  a String\n  b String"),
        rows=("""INSERT INTO "T" VALUES (1, 'x', 'y')""",),
        toml='[renames]\n"T.a" = "T.b"\n"T.b" = "T.a"\n',
        up=(('SELECT a, b FROM "T"', [("y", "x")]),),
        down=(('SELECT a, b FROM "T"', [("x", "y")]),),
    ),
    Case(
        name="field is renamed in the client only",
        before=t('  a String @map("c")'),
        after=t('  b String @map("c")'),
        rows=("""INSERT INTO "T" VALUES (1, 'x')""",),
        up=(('SELECT c FROM "T"', [("x",)]),),
        is_empty=True,
    ),
    Case(
        name="field keeps its name and its column gets another",
        before=t("  a String"),
        after=t('  a String @map("b")'),
        rows=("""INSERT INTO "T" VALUES (1, 'x')""",),
        up=_KEEPS,
    ),
    Case(
        name="model is renamed with its keys, indexes and sequence",
        before=_counted("T"),
        after=_counted("S"),
        rows=('INSERT INTO "T" (a, b) VALUES (1, 1)',),
        asked=("T",),
        toml='[renames]\n"T" = "S"\n',
        up=(('INSERT INTO "S" (a, b) VALUES (2, 2) RETURNING id', [(2,)]),),
    ),
    Case(
        name="model is renamed that others point at",
        before=t("  us U[]", _u("  t T @relation(fields: [tId], references: [id])\n  tId Int")),
        after=t("  us U[]", _u("  t T @relation(fields: [tId], references: [id])\n  tId Int"))
        .replace("model T", "model S")
        .replace("t T @", "t S @"),
        rows=('INSERT INTO "T" VALUES (1)', 'INSERT INTO "U" VALUES (1, 1)'),
        asked=("T",),
        toml='[renames]\n"T" = "S"\n',
        up=(('SELECT count(*) FROM "S" JOIN "U" ON "tId" = "S".id', [(1,)]),),
    ),
    Case(
        name="model of a many-to-many relation is renamed, and its sides swap",
        before=t("  us U[]", _u("  ts T[]")),
        after=t("  us U[]", _u("  ts T[]")).replace("model T", "model Z").replace("ts T[]", "ts Z[]"),
        rows=(
            'INSERT INTO "T" VALUES (1)',
            'INSERT INTO "U" VALUES (2)',
            'INSERT INTO "_TToU" ("A", "B") VALUES (1, 2)',
        ),
        asked=("T",),
        toml='[renames]\n"T" = "Z"\n',
        up=(('SELECT "A", "B" FROM "_UToZ"', [(2, 1)]),),
        down=(('SELECT "A", "B" FROM "_TToU"', [(1, 2)]),),
    ),
    Case(
        name="many-to-many relation gets another name",
        before=t('  us U[] @relation("old")', _u('  ts T[] @relation("old")')),
        after=t('  us U[] @relation("new")', _u('  ts T[] @relation("new")')),
        rows=('INSERT INTO "T" VALUES (1)', 'INSERT INTO "U" VALUES (2)', 'INSERT INTO "_old" VALUES (1, 2)'),
        up=(('SELECT "A", "B" FROM "_new"', [(1, 2)]),),
    ),
    Case(
        name="model and field are renamed at once, by @@map and @map",
        before=t('  a String @map("a_a")\n  @@map("t_t")'),
        after=t('  b String @map("b_b")\n  @@map("s_s")').replace("model T", "model S"),
        rows=("""INSERT INTO "t_t" VALUES (1, 'x')""",),
        asked=("T",),
        toml='[renames]\n"T" = "S"\n"T.a" = "S.b"\n',
        up=(("SELECT b_b FROM s_s", [("x",)]),),
    ),
    Case(
        name="table gets another name",
        before=t("  a String"),
        after=t('  a String\n  @@map("things")'),
        rows=("""INSERT INTO "T" VALUES (1, 'x')""",),
        up=(("SELECT a FROM things", [("x",)]),),
    ),
    Case(
        name="table moves to another schema",
        head=('schemas = ["public"]', 'schemas = ["public", "shop"]'),
        before=t('  a String @unique\n  @@schema("public")'),
        after=t('  a String @unique\n  @@schema("shop")'),
        rows=("""INSERT INTO "T" VALUES (1, 'x')""",),
        up=(('SELECT a FROM shop."T"', [("x",)]),),
    ),
    Case(
        name="enum is renamed",
        before=t("  a E @default(A)", _AB),
        after=t("  a F @default(A)", _AB.replace("E {", "F {")),
        rows=("""INSERT INTO "T" VALUES (1, 'B')""",),
        asked=("E",),
        toml='[renames]\n"E" = "F"\n',
        up=(('SELECT a::text FROM "T"', [("B",)]),),
        down=(('SELECT a::text FROM "T"', [("B",)]),),
    ),
    Case(
        name="enum value is renamed",
        before=t("  a E @default(B)", _AB),
        after=t("  a E @default(C)", "enum E {\n  A\n  C\n}\n"),
        rows=("""INSERT INTO "T" VALUES (1, 'B')""",),
        asked=("E.B",),
        toml='[renames]\n"E.B" = "E.C"\n',
        up=(('SELECT a::text FROM "T"', [("C",)]),),
        down=(('SELECT a::text FROM "T"', [("B",)]),),
    ),
    Case(
        name="enum value is renamed while another goes",
        before=t("  a E @default(B)", _E),
        after=t("  a E @default(X)", "enum E {\n  A\n  X\n}\n"),
        rows=("""INSERT INTO "T" VALUES (1, 'B')""",),
        asked=("E.B", "E.C"),
        toml='[renames]\n"E.B" = "E.X"\n[accept_loss]\n"E.C" = "unused"\n',
        up=(('SELECT a::text FROM "T"', [("X",)]),),
    ),
    Case(
        name="names that need quoting",
        before=t('  a String @map("a \'b%s")\n  @@map("t.t")'),
        after=t('  a String @map("ä $$ b;--")\n  @@map("T t")'),
        rows=("""INSERT INTO "t.t" VALUES (1, 'x')""",),
        up=(('SELECT "ä $$ b;--" FROM "T t"', [("x",)]),),
    ),
]

CASES = [*ADDITIONS, *TIGHTENING, *RETYPES, *ENUMS, *LOSSES, *RENAMES]
CASES += [*KEPT, *TAKEN_OVER, *HARD, *INDEXES, *RELATIONS, *SHAPES, *JOINS, *MOVES, *UNIQUE]
