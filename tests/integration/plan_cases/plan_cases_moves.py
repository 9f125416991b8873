"""Values that move: one column becomes two, two become one, and one goes to another table."""

from __future__ import annotations

from .plan_case import Case, t, u

_ONE, _TWO = "  fullName String", "  firstName String\n  lastName String"
_ADA: list[tuple[object, ...]] = [("Ada", "Lovelace")]
_E = "enum E {\n  A\n  B\n}\n"
_PARTS = """
[backfill]
"T.firstName" = { sql = "split_part(\\"fullName\\", ' ', 1)" }
"T.lastName" = { sql = "split_part(\\"fullName\\", ' ', 2)" }
"""
_WHOLE = """"T.fullName" = { sql = "\\"firstName\\" || ' ' || \\"lastName\\"" }\n"""
_BIO = """
[accept_loss]
"T.bio" = "U has it"
[backfill]
"U.bio" = { sql = '(SELECT bio FROM "T" WHERE "T".id = "tId")' }
"T.bio" = { sql = '''coalesce((SELECT bio FROM "U" WHERE "tId" = "T".id), '')''' }
"""

MOVES = [
    Case(
        name="field is split into two",
        before=t(_ONE),
        after=t(_TWO),
        rows=("""INSERT INTO "T" VALUES (1, 'Ada Lovelace')""",),
        asked=("T.fullName",),
        toml=f'[accept_loss]\n"T.fullName" = "split"\n{_PARTS}{_WHOLE}',
        up=(('SELECT "firstName", "lastName" FROM "T"', _ADA),),
        down=(('SELECT "fullName" FROM "T"', [("Ada Lovelace",)]),),
    ),
    Case(
        name="field is split into optional ones, of which one is unique",
        before=t(_ONE),
        after=t("  firstName String? @unique\n  lastName String?"),
        rows=("""INSERT INTO "T" VALUES (1, 'Ada Lovelace')""",),
        asked=("T.fullName",),
        toml=f'[accept_loss]\n"T.fullName" = "split"\n{_PARTS}',
        up=(('SELECT "firstName", "lastName" FROM "T"', _ADA),),
    ),
    Case(
        name="two fields become one",
        before=t(_TWO),
        after=t(_ONE),
        rows=("""INSERT INTO "T" VALUES (1, 'Ada', 'Lovelace')""",),
        asked=("T.firstName", "T.lastName"),
        toml=f'[accept_loss]\n"T.firstName" = "joined"\n"T.lastName" = "joined"\n{_PARTS}{_WHOLE}',
        up=(('SELECT "fullName" FROM "T"', [("Ada Lovelace",)]),),
        down=(('SELECT "firstName", "lastName" FROM "T"', _ADA),),
    ),
    Case(
        name="field moves to another table",
        before=t("  bio String", u("  tId Int")),
        after=t("", u("  tId Int\n  bio String")),
        rows=("""INSERT INTO "T" VALUES (1, 'x'), (2, 'y')""", 'INSERT INTO "U" VALUES (5, 2)'),
        asked=("T.bio", "U.bio"),
        toml=_BIO,
        up=(('SELECT bio FROM "U"', [("y",)]),),
        down=(('SELECT bio FROM "T" ORDER BY id', [("",), ("y",)]),),
    ),
    Case(
        name="field moves out of a table that goes",
        before=t("", u("  tId Int\n  bio String")),
        after=t("  bio String?"),
        rows=('INSERT INTO "T" VALUES (1), (2)', """INSERT INTO "U" VALUES (5, 2, 'y')"""),
        asked=("U",),
        toml='[accept_loss]\n"U" = "T has it"\n[backfill]\n'
        """"T.bio" = { sql = '(SELECT u.bio FROM "U" u WHERE u."tId" = "T".id)' }\n""",
        up=(('SELECT bio FROM "T" ORDER BY id', [(None,), ("y",)]),),
    ),
    Case(
        name="enum shrinks while one field with it goes and another is made of it",
        before=t("  a E\n  b E", _E),
        after=t("  a E\n  c Int", "enum E {\n  A\n}\n"),
        rows=("""INSERT INTO "T" VALUES (1, 'A', 'B')""",),
        asked=("E.B", "T.b", "T.c"),
        toml='[accept_loss]\n"T.b" = "a number now"\n"E.B" = "only b had it"\n'
        '[backfill]\n"T.c" = { sql = "length(b::text)" }\n',
        up=(('SELECT a::text, c FROM "T"', [("A", 1)]),),
    ),
    Case(
        name="new field is made of another new one, which comes after it",
        before=t("  a Int"),
        after=t("  b Int\n  c Int"),
        rows=('INSERT INTO "T" VALUES (1, 3)',),
        asked=("T.a",),
        toml='[accept_loss]\n"T.a" = "b has it"\n[backfill]\n'
        '"T.b" = { sql = "c * 2" }\n"T.c" = { sql = "a + 1" }\n',
        up=(('SELECT b, c FROM "T"', [(8, 4)]),),
    ),
    Case(
        name="type is changed by an expression on a field that goes",
        before=t("  amount Decimal @db.Decimal(10, 2)\n  cents Int"),
        after=t("  amount Int"),
        rows=('INSERT INTO "T" VALUES (1, 3, 25)',),
        asked=("T.amount", "T.cents"),
        toml='[accept_loss]\n"T.cents" = "amount has it"\n[backfill]\n'
        '"T.amount" = { sql = "(amount * 100)::integer + cents" }\n"T.cents" = { sql = "amount % 100" }\n',
        up=(('SELECT amount FROM "T"', [(325,)]),),
        down=(('SELECT cents FROM "T"', [(25,)]),),
    ),
]
