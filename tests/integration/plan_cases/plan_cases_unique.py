"""New fields that no two rows can share."""

from __future__ import annotations

from .plan_case import Case, t, u

_TWO = ('INSERT INTO "T" VALUES (1), (2)',)

_REFERRING = u("  x Int\n  y Int\n  t T @relation(fields: [x, y], references: [a, b])")
_REFERRING_ID = u("  x Int\n  t T @relation(fields: [x], references: [id])")
_REFERRED = ('INSERT INTO "T" VALUES (1, 2)', 'INSERT INTO "U" VALUES (1, 1, 2)')
_OWN = (
    '  a Int\n  b Int\n  c Int?\n  us U[]\n  ts T[] @relation(name: "s")\n'
    '  t T? @relation(name: "s", fields: [c, b], references: [a, b])\n'
)

UNIQUE = [
    Case(
        name="new unique field gets another value in each row",
        before=t(""),
        after=t("  n BigInt @unique\n  s String @unique\n  d Int @unique @default(7)"),
        rows=_TWO,
        asked=("T.d", "T.n", "T.s"),
        toml='[backfill]\n"T.n" = { sql = "id" }\n"T.s" = { sql = "gen_random_uuid()::text" }\n'
        '"T.d" = { sql = "id * 10" }\n',
        up=(
            ('SELECT n, d FROM "T" ORDER BY id', [(1, 10), (2, 20)]),
            ("""INSERT INTO "T" (id, n, s) VALUES (3, 3, 'x') RETURNING d""", [(7,)]),
        ),
    ),
    Case(
        name="new unique fields in a table without rows",
        before=t("", u("")),
        after=t(
            "  n Int @unique @default(7)\n  o Int? @unique @default(7)\n"
            "  uId Int @unique\n  u U @relation(fields: [uId], references: [id])",
            u("  t T?"),
        ),
        asked=("T.n", "T.o", "T.uId"),
        toml="[backfill]\n" + "".join(f'"T.{name}" = {{ rows = "none" }}\n' for name in ("n", "o", "uId")),
    ),
    Case(
        name="unique field with one default comes back",
        before=t('  s String @unique @default("x")\n  o Int? @unique @default(7)'),
        after=t(""),
        rows=("""INSERT INTO "T" VALUES (1, 'a', 1), (2, 'b', 2)""",),
        asked=("T.o", "T.s"),
        toml='[accept_loss]\n"T.o" = "unused"\n"T.s" = "unused"\n',
        down=(
            ('SELECT count(DISTINCT s), count(o) FROM "T"', [(2, 0)]),
            ('INSERT INTO "T" (id) VALUES (3) RETURNING s, o', [("x", 7)]),
        ),
    ),
    Case(
        name="primary key by its columns in another order, under a foreign key",
        before="model T {\n  a Int\n  b Int\n  us U[]\n  @@id([a, b])\n}\n" + _REFERRING,
        after="model T {\n  a Int\n  b Int\n  us U[]\n  @@id([b, a])\n}\n" + _REFERRING,
        rows=_REFERRED,
        up=(('SELECT count(*) FROM "U"', [(1,)]),),
    ),
    Case(
        name="primary key by its columns in another order, renamed with its table, under a foreign key",
        before="model T {\n  a Int\n  b Int\n  us U[]\n  @@id([a, b])\n}\n" + _REFERRING,
        after="model S {\n  c Int\n  b Int\n  us U[]\n  @@id([b, c])\n}\n"
        + u("  x Int\n  y Int\n  t S @relation(fields: [x, y], references: [c, b])"),
        rows=_REFERRED,
        asked=("T",),
        toml='[renames]\n"T" = "S"\n"T.a" = "S.c"\n',
        up=(('SELECT count(*) FROM "U"', [(1,)]),),
    ),
    Case(
        name="unique index by its columns in another order, under foreign keys of its own and another table",
        before=t(f"{_OWN}  @@unique([a, b])", _REFERRING),
        after=t(f"{_OWN}  @@unique([b, a])", _REFERRING),
        rows=('INSERT INTO "T" VALUES (1, 1, 2, 1)', 'INSERT INTO "U" VALUES (1, 1, 2)'),
        up=(('SELECT count(*) FROM "U"', [(1,)]),),
    ),
    Case(
        name="a unique index takes the place of a primary key, under a foreign key made by hand",
        before="model T {\n  id Int @id\n  b Int\n  us U[]\n}\n" + _REFERRING_ID,
        after="model T {\n  id Int @unique\n  b Int @id\n  us U[]\n}\n" + _REFERRING_ID,
        made='ALTER TABLE "U" DROP CONSTRAINT "U_x_fkey"; ALTER TABLE "U" ADD CONSTRAINT "U_x_fkey" FOREIGN '
        'KEY (x) REFERENCES "T" (id) ON DELETE RESTRICT ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED;',
        rows=('INSERT INTO "T" VALUES (1, 2)', 'INSERT INTO "U" VALUES (1, 1)'),
        up=(
            ('SELECT count(*) FROM "U"', [(1,)]),
            ("SELECT condeferred FROM pg_constraint WHERE conname = 'U_x_fkey'", [(True,)]),
        ),
        down=(("SELECT condeferred FROM pg_constraint WHERE conname = 'U_x_fkey'", [(True,)]),),
    ),
]
