"""Join tables of implicit many-to-many relations, whose models change under rows."""

from __future__ import annotations

from .plan_case import Case

_KEPT = 'SELECT "A"::text, "B"::text FROM "_PToT" ORDER BY 1, 2'
_ONE_EACH = (
    "SELECT conname FROM pg_constraint WHERE conrelid = '\"_PToT\"'::regclass "
    "AND contype IN ('p', 'f') ORDER BY 1"
)
_KEYS: list[tuple[object, ...]] = [("_PToT_AB_pkey",), ("_PToT_A_fkey",), ("_PToT_B_fkey",)]
_UUID = "2f1a8bd4-4d59-4f5b-8c1e-0a7c3d9b6e10"


def _joined(key: str, other: str = "Int") -> str:
    return f"model P {{\n  id {key} @id\n  ts T[]\n}}\nmodel T {{\n  id {other} @id\n  ps P[]\n}}\n"


def _rows(first: str, second: str = "5") -> tuple[str, ...]:
    return (
        f'INSERT INTO "P" VALUES ({first})',
        f'INSERT INTO "T" VALUES ({second})',
        f'INSERT INTO "_PToT" VALUES ({first}, {second})',
    )


JOINS = [
    Case(
        name="key that a many-to-many relation references grows",
        before=_joined("Int"),
        after=_joined("BigInt"),
        rows=_rows("7"),
        up=((_KEPT, [("7", "5")]), (_ONE_EACH, list(_KEYS))),
        down=((_KEPT, [("7", "5")]),),
    ),
    Case(
        name="both keys of a many-to-many relation grow",
        before=_joined("Int"),
        after=_joined("BigInt", "BigInt"),
        rows=_rows("7"),
        up=((_KEPT, [("7", "5")]), (_ONE_EACH, list(_KEYS))),
    ),
    Case(
        name="key that a many-to-many relation references becomes a uuid",
        before=_joined("String"),
        after=_joined("String @db.Uuid"),
        rows=_rows(f"'{_UUID}'"),
        asked=("P.id",),
        toml='[accept_loss]\n"P.id" = "all of them are uuids"\n',
        up=((_KEPT, [(_UUID, "5")]), (_ONE_EACH, list(_KEYS))),
        down=((_KEPT, [(_UUID, "5")]),),
    ),
    Case(
        name="key that a many-to-many relation references is converted by an expression",
        before=_joined("String"),
        after=_joined("Int"),
        rows=_rows("'p-12'"),
        asked=("P.id",),
        toml="[backfill]\n\"P.id\" = { sql = \"replace(id, 'p-', '')::integer\" }\n",
        up=((_KEPT, [("12", "5")]), ('SELECT id FROM "P"', [(12,)])),
    ),
    Case(
        name="key that a many-to-many relation references becomes a text, in the second column",
        before=_joined("Int"),
        after=_joined("Int", "String"),
        rows=_rows("7"),
        up=((_KEPT, [("7", "5")]),),
        down=((_KEPT, [("7", "5")]),),
    ),
    Case(
        name="key that a many-to-many relation references starts to count",
        before=_joined("Int"),
        after=_joined("BigInt").replace("BigInt @id", "BigInt @id @default(autoincrement())"),
        rows=_rows("7"),
        up=((_KEPT, [("7", "5")]), ('INSERT INTO "P" DEFAULT VALUES RETURNING id', [(8,)])),
    ),
    Case(
        name="key that a many-to-many relation references grows and gets another name, as does its model",
        before=_joined("Int"),
        after="model X {\n  no BigInt @id\n  ts T[]\n}\nmodel T {\n  id Int @id\n  ps X[]\n}\n",
        rows=_rows("7"),
        asked=("P",),
        toml='[renames]\n"P" = "X"\n"P.id" = "X.no"\n',
        up=(('SELECT "A", "B" FROM "_TToX"', [(5, 7)]),),
        down=((_KEPT, [("7", "5")]),),
    ),
    Case(
        name="key that a relation of a model with itself references grows",
        before='model T {\n  id Int @id\n  a T[] @relation("x")\n  b T[] @relation("x")\n}\n',
        after='model T {\n  id BigInt @id\n  a T[] @relation("x")\n  b T[] @relation("x")\n}\n',
        rows=('INSERT INTO "T" VALUES (1), (2)', 'INSERT INTO "_x" VALUES (1, 2)'),
        up=(('SELECT "A", "B" FROM "_x"', [(1, 2)]),),
    ),
    Case(
        name="sides of a relation of a model with itself swap under the same name",
        before='model T {\n  id Int @id\n  a T[] @relation("x")\n  b T[] @relation("x")\n}\n',
        after='model T {\n  id Int @id\n  z T[] @relation("x")\n  b T[] @relation("x")\n}\n',
        rows=('INSERT INTO "T" VALUES (1), (2)', 'INSERT INTO "_x" VALUES (1, 2)'),
        toml='[renames]\n"T.a" = "T.z"\n',
        up=(('SELECT "A", "B" FROM "_x"', [(2, 1)]),),
        down=(('SELECT "A", "B" FROM "_x"', [(1, 2)]),),
    ),
    Case(
        name="many-to-many relation whose model gets another name, as does the field at the other end",
        before=_joined("Int"),
        after="model X {\n  id Int @id\n  ts T[]\n}\nmodel T {\n  id Int @id\n  xs X[]\n}\n",
        rows=_rows("7"),
        asked=("P",),
        toml='[renames]\n"P" = "X"\n',
        up=(('SELECT "A", "B" FROM "_TToX"', [(5, 7)]),),
        down=((_KEPT, [("7", "5")]),),
    ),
    Case(
        name="field of a many-to-many relation gets another name beside a new relation",
        before=_joined("Int"),
        after=_joined("Int")
        .replace("ps P[]", 'xs P[]\n  more P[] @relation("more")')
        .replace("ts T[]", 'ts T[]\n  most T[] @relation("more")'),
        rows=_rows("7"),
        up=((_KEPT, [("7", "5")]), ('SELECT * FROM "_more"', [])),
        down=((_KEPT, [("7", "5")]),),
    ),
    Case(
        name="many-to-many relation gets another name, as do the fields at both ends",
        before=_joined("Int"),
        after=_joined("Int")
        .replace("ts T[]", 'labels T[] @relation("x")')
        .replace("ps P[]", 'posts P[] @relation("x")'),
        rows=_rows("7"),
        asked=("_PToT",),
        toml='[renames]\n"P.ts" = "P.labels"\n',
        up=(('SELECT "A", "B" FROM "_x"', [(7, 5)]),),
        down=((_KEPT, [("7", "5")]),),
    ),
    Case(
        name="many-to-many relation goes with a model",
        before=_joined("Int"),
        after="model T {\n  id Int @id\n}\n",
        rows=_rows("7"),
        asked=("P", "_PToT"),
        toml='[accept_loss]\n"P" = "unused"\n"_PToT" = "unused"\n',
        down=((_ONE_EACH, list(_KEYS)),),
    ),
]
