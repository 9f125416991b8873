"""New fields that no two rows can share."""

from __future__ import annotations

from .plan_case import Case, t, u

_TWO = ('INSERT INTO "T" VALUES (1), (2)',)

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
]
