"""What changed between two schemas, and whom it breaks; judged on what Prisma makes of real schema texts."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from schemas import comparison
from schemas.answers import Rename
from schemas.comparison.change import Change, Kind, Subject
from schemas.comparison.compare import compare
from schemas.comparison.consumers import CONSUMERS, RULES, effects
from schemas.comparison.number import smallest_bump
from schemas.model import Schema
from schemas.prisma.bridge import PrismaBridge

_HEAD = 'datasource db {\n  provider = "postgresql"\n}\n'
_BASE = """
/// A thing.
model Item {
  id    Int    @id
  code  String @unique
  count Int    @default(1)
  note  String?
  state State  @default(ON)
  price Decimal @db.Decimal(10, 2)
  label String  @db.VarChar(40)
  at    DateTime @default(now())
  tags  String[]
  parts Part[]
}

model Part {
  id     Int   @id @default(autoincrement())
  itemId Int
  item   Item  @relation(fields: [itemId], references: [id])
  a      Int
  b      Int

  @@unique([a, b])
}

enum State {
  ON
  OFF @map("off")
}
"""


def _parse(bridge: PrismaBridge, body: str) -> Schema:
    return bridge.parse(_HEAD + body)


def _edited(old: str, new: str) -> str:
    assert _BASE.count(old) == 1, old
    return _BASE.replace(old, new)


def _changes(bridge: PrismaBridge, after: str, renames: tuple[Rename, ...] = ()) -> list[Change]:
    return list(compare(_parse(bridge, _BASE), _parse(bridge, after), renames))


# One edit each: (what it is, the text, what replaces it, the classification, a part of the explanation)
_EDITS = [
    (
        "model documentation",
        "/// A thing.",
        "/// A nice thing.",
        "internal",
        "the description of Item changed",
    ),
    (
        "the attribute of a client",
        "/// A thing.",
        '/// A thing.\n/// @Python(instance_name: "things")',
        "breaking",
        'Item was "item" on the Python client and is "things"',
    ),
    (
        "the same attribute, said",
        "/// A thing.",
        '/// A nice thing.\n/// @Python(instance_name: "item")',
        "internal",
        "the description of Item changed",
    ),
    (
        "field documentation",
        "  note  String?",
        "  /// x\n  note  String?",
        "internal",
        "description of Item.note",
    ),
    ("removed field", "  note  String?\n", "", "breaking", "Item.note is removed"),
    (
        "new optional field",
        "  note  String?",
        "  note  String?\n  more String?",
        "additive",
        "Item.more is new",
    ),
    ("new list", "  note  String?", "  note  String?\n  more Int[]", "additive", "Item.more is new"),
    (
        "new field with a default",
        "  note  String?",
        "  note String?\n  n Int @default(0)",
        "additive",
        "Item.n is new",
    ),
    (
        "new required field",
        "  note  String?",
        "  note String?\n  n Int",
        "breaking",
        "earlier clients can't create Item",
    ),
    (
        "new field that only clients fill",
        "  note  String?",
        "  note String?\n  u String @default(uuid())",
        "breaking",
        "no default in the database",
    ),
    (
        "new field that only clients update",
        "  note  String?",
        "  note String?\n  u DateTime @updatedAt",
        "breaking",
        "no default in the database",
    ),
    ("required field", "  note  String?", "  note  String", "breaking", "became required"),
    ("optional field", "  code  String @unique", "  code  String? @unique", "breaking", "became optional"),
    ("type", "  note  String?", "  note  Int?", "breaking", "Item.note was String and is Int"),
    ("list", "  note  String?", "  note  String[]", "breaking", "is String[]"),
    ("wider number", "@db.Decimal(10, 2)", "@db.Decimal(12, 2)", "additive", "holds more"),
    ("narrower number", "@db.Decimal(10, 2)", "@db.Decimal(10, 4)", "breaking", "may refuse or change"),
    (
        "wider text",
        "  label String  @db.VarChar(40)",
        "  label String",
        "additive",
        "VarChar(40) and is Text",
    ),
    ("narrower text", "@db.VarChar(40)", "@db.VarChar(20)", "breaking", "VarChar(20)"),
    ("another native type", "  note  String?", "  note  String? @db.Citext", "breaking", "Citext"),
    ("the default type, written out", "  note  String?", "  note  String? @db.Text", None, ""),
    ("another default", "@default(1)", "@default(2)", "additive", "was 1 and is 2"),
    ("no default", "  count Int    @default(1)", "  count Int", "breaking", "no longer has a default"),
    ("a new default", "  label String ", '  label String @default("x")', "additive", 'was none and is "x"'),
    (
        "a default from now on the client's",
        "@default(now())",
        "@updatedAt",
        "breaking",
        "no longer fills Item.at",
    ),
    ("column", "  note  String?", '  note  String? @map("n")', "breaking", "column of Item.note"),
    ("table", "  parts Part[]", '  parts Part[]\n  @@map("items")', "breaking", "table of Item"),
    ("new unique", "  label String ", "  label String @unique", "breaking", "now unique by label"),
    ("no unique", "  code  String @unique", "  code  String", "breaking", "no longer unique by code"),
    (
        "unique over a new optional field",
        "  note  String?",
        "  note String?\n  n Int? @unique",
        "additive",
        "Item.n is new",
    ),
    (
        "key's name",
        "@@unique([a, b])",
        '@@unique([a, b], name: "ab")',
        "breaking",
        "a_b of Part is now called ab",
    ),
    ("key's constraint name", "@@unique([a, b])", '@@unique([a, b], map: "ab")', None, ""),
    (
        "primary key",
        "  id     Int   @id @default(autoincrement())",
        "  id     Int   @unique @default(autoincrement())\n  @@id([itemId, a])",
        "breaking",
        "primary key of Part was id and is itemId, a",
    ),
    ("new index", "  @@unique([a, b])", "  @@unique([a, b])\n  @@index([b])", "internal", "index on b"),
    ("new value", "  ON\n", "  ON\n  IDLE\n", "additive", "upgrade code that reads it"),
    ("removed value", '  OFF @map("off")\n', "", "breaking", "State.OFF is removed"),
    ("stored value", '  OFF @map("off")', "  OFF", "breaking", "stored under another name"),
    ("value documentation", "  ON\n", "  /// x\n  ON\n", "internal", "description of State.ON"),
    ("enum's type", '  OFF @map("off")', '  OFF @map("off")\n  @@map("st")', "breaking", "type of State"),
    ("new enum", "enum State {", "enum Other {\n  A\n}\n\nenum State {", "additive", "Other is new"),
    ("new model", "enum State {", "model New {\n  id Int @id\n}\n\nenum State {", "additive", "New is new"),
    (
        "deletion allowed",
        "references: [id])",
        "references: [id], onDelete: Cascade)",
        "additive",
        "Restrict and is Cascade",
    ),
    (
        "deletion rule alike",
        "references: [id])",
        "references: [id], onDelete: NoAction)",
        "internal",
        "NoAction",
    ),
    ("deletion rule written out", "references: [id])", "references: [id], onDelete: Restrict)", None, ""),
    ("foreign key", "fields: [itemId]", "fields: [a]", "breaking", "on other fields"),
]


@pytest.mark.parametrize(
    ("old", "new", "compatibility", "explanation"),
    [edit[1:] for edit in _EDITS],
    ids=[edit[0] for edit in _EDITS],
)
def test_one_edit(
    bridge: PrismaBridge, old: str, new: str, compatibility: str | None, explanation: str
) -> None:
    changes = _changes(bridge, _edited(old, new))
    order = ("breaking", "additive", "internal")
    found = sorted({change.compatibility for change in changes}, key=order.index)
    assert found[:1] == ([compatibility] if compatibility else [])
    assert explanation in "\n".join(change.text for change in changes)
    for change in changes:
        told = [effects(change)[each] for each in CONSUMERS if each != "new-code"]
        assert ("breaks" in told) == (change.compatibility == "breaking"), change
        assert set(told) == {"none"} or change.compatibility != "internal", change


def test_every_rule_says_whom_it_concerns_and_every_row_is_of_a_rule() -> None:
    folder = Path(comparison.__file__).parent
    sources = "".join(file.read_text() for file in folder.glob("*.py") if file.name != "consumers.py")
    derived = {f"{subject}-{kind}" for subject in get_args(Subject) for kind in get_args(Kind)}
    said = {rule for rule in RULES if f'"{rule}"' in sources}
    made = {rule for rule in RULES if rule.startswith(("on-delete-", "partial-key-")) or "-with-its-" in rule}
    assert RULES - derived - said == made


def test_the_same_schema_has_no_changes(bridge: PrismaBridge) -> None:
    assert _changes(bridge, _BASE) == []
    assert smallest_bump(()) == "patch"


def test_the_first_version_is_all_new(bridge: PrismaBridge) -> None:
    changes = compare(None, _parse(bridge, _BASE))
    assert [(change.kind, change.name) for change in changes] == [
        ("added", "Item"),
        ("added", "Part"),
        ("added", "State"),
    ]


def test_a_removed_model_takes_its_relations_along(bridge: PrismaBridge) -> None:
    start, end = _BASE.index("model Part"), _BASE.index("enum State")
    body = (_BASE[:start] + _BASE[end:]).replace("  parts Part[]\n", "")
    changes = _changes(bridge, body)
    assert [(c.kind, c.subject, c.name) for c in changes] == [
        ("removed", "relation", "Item.parts"),
        ("removed", "model", "Part"),
    ]


def test_a_renamed_field_is_one_thing_and_its_keys_follow(bridge: PrismaBridge) -> None:
    body = _BASE.replace("  a      Int", "  x      Int").replace("[a, b]", "[x, b]")
    changes = _changes(bridge, body, (("Part.a", "Part.x"),))
    assert [change.text for change in changes] == [
        "Part.a is now called x",
        "the column of Part.x has another name, and earlier clients use the old one",
    ]
    mapped = body.replace("  x      Int", '  x      Int @map("a")')
    changes = _changes(bridge, mapped, (("Part.a", "Part.x"),))
    assert [change.text for change in changes] == ["Part.a is now called x"]


@pytest.mark.parametrize(
    ("before", "after", "texts"),
    [
        (
            "",
            "@@unique([a, b], where: { a: 1 })",
            ['Part is now unique by a, b where "a" = 1: duplicate'],
        ),
        (
            "@@unique([a, b], where: { a: 1 })",
            "@@unique([b, a])",
            [
                "Part is now unique by b, a: duplicate",
                'Part is no longer unique by a, b where "a" = 1: code',
            ],
        ),
        ("@@unique([a, b])", "@@unique([a, b], where: { a: 1 })", ["Part is no longer unique by a, b: code"]),
        (
            "@@unique([a, b], where: { a: 1 })",
            "@@unique([a, b])",
            ["Part is now unique by a, b: duplicate"],
        ),
        ("@@unique([a, b], where: { a: 1 })", '@@unique([a, b], where: { a: 1 }, map: "x")', []),
        (
            "@@unique([a, b], where: { a: 1 })",
            "@@unique([a, b], where: { a: 2 })",
            [
                'Part is no longer unique by a, b where "a" = 1: code',
                'Part is now unique by a, b where "a" = 2: duplicate rows',
            ],
        ),
    ],
)
def test_a_key_of_some_rows_is_not_one_of_all(
    bridge: PrismaBridge, before: str, after: str, texts: list[str]
) -> None:
    preview = 'generator g {\n  provider = "prisma-client"\n  previewFeatures = ["partialIndexes"]\n}\n'
    versions = [_parse(bridge, preview + _edited("@@unique([a, b])", key)) for key in (before, after)]
    changes = compare(*versions)
    assert {change.compatibility for change in changes} <= {"breaking"}
    assert [change.text.partition(text)[1] for change, text in zip(changes, texts, strict=True)] == texts


def test_a_renamed_model_keeps_its_fields(bridge: PrismaBridge) -> None:
    body = _BASE.replace("Item", "Thing").replace("  parts Part[]", '  parts Part[]\n  @@map("Item")')
    changes = _changes(bridge, body, (("Item", "Thing"),))
    assert [change.text for change in changes] == ["Item is now called Thing"]


def test_an_attribute_of_the_python_client_that_goes_back(bridge: PrismaBridge) -> None:
    told = _edited("/// A thing.", '/// A thing.\n/// @Python(instance_name: "things")')
    changes = compare(_parse(bridge, told), _parse(bridge, _BASE))
    assert [(change.subject, change.compatibility, change.text) for change in changes] == [
        ("attribute", "breaking", 'Item was "things" on the Python client and is "item"')
    ]
    assert smallest_bump(changes) == "major"
    said = _edited("/// A thing.", '/// A thing.\n/// @Python(instance_name: "item")')
    assert compare(_parse(bridge, said), _parse(bridge, _BASE)) == ()


def test_without_a_rename_a_field_is_lost(bridge: PrismaBridge) -> None:
    changes = _changes(bridge, _BASE.replace("  note  String?", "  remark String?"))
    assert [(change.kind, change.name) for change in changes] == [
        ("removed", "Item.note"),
        ("added", "Item.remark"),
    ]


def test_a_renamed_value(bridge: PrismaBridge) -> None:
    changes = _changes(bridge, _BASE.replace("OFF", "DOWN"), (("State.OFF", "State.DOWN"),))
    assert [change.text for change in changes] == ["State.OFF is now called DOWN"]


def test_a_join_table_that_gets_another_name(bridge: PrismaBridge) -> None:
    body = "model A {\n  id Int @id\n  bs B[]\n}\nmodel B {\n  id Int @id\n  as A[]\n}\n"
    named = body.replace("B[]", 'B[] @relation("x")').replace("A[]", 'A[] @relation("x")')
    changes = compare(_parse(bridge, body), _parse(bridge, named))
    assert [(change.subject, change.name, change.compatibility) for change in changes] == [
        ("relation", "A.bs", "breaking")
    ]


def test_a_view_that_becomes_a_table(bridge: PrismaBridge) -> None:
    views = 'generator client {\n  provider = "prisma-client-js"\n  previewFeatures = ["views"]\n}\n'
    body = "view V {\n  id Int @unique\n}\n"
    before, after = _parse(bridge, views + body), _parse(bridge, views + body.replace("view", "model"))
    assert [change.text for change in compare(before, after)] == ["V is now a table"]


def test_text_of_the_schema_stays_on_one_line(bridge: PrismaBridge) -> None:
    body = _edited("  note  String?", r'  note  String? @default("a\nb\u202e*/\"\"\"")')
    (change,) = _changes(bridge, body)
    assert change.text.isascii()
    assert change.text.isprintable()
