"""What ``check`` looks at, version by version."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.validation.workspace_check import problems_of
from schemas.answers import Answers
from schemas.errors import WorkspaceError
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.init_workspace import create_workspace
from schemas.workspace.workspace import Workspace

V1 = SchemaVersion.parse("1.0.0")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return create_workspace(tmp_path, name="shop", sample=True)


def test_the_sample_has_no_problems(workspace: Workspace, bridge: PrismaBridge) -> None:
    assert problems_of(workspace, workspace.versions(), bridge) == []


def test_each_problem_is_told_once_however_many_versions_meet_it(
    workspace: Workspace, bridge: PrismaBridge
) -> None:
    script = workspace.root / "schemas/1.0.0/migrations/001_init/up.sql"
    script.write_text("CREATE TABLE (\n")
    (workspace.root / "schemas/notes").mkdir()
    problems = problems_of(workspace, workspace.versions(), bridge)
    assert [(problem.code, problem.file) for problem in problems] == [
        ("not-a-version", "schemas/notes"),
        (problems[1].code, "schemas/1.0.0/migrations/001_init/up.sql"),
    ]
    assert problems[1].line == 1


def test_scripts_schema_renames_and_number_are_all_told_at_once(
    workspace: Workspace, bridge: PrismaBridge
) -> None:
    folder = workspace.create_version(SchemaVersion.parse("2.0.1")).folder
    schema = workspace.root / folder / "schema.prisma"
    schema.write_text(schema.read_text() + "\nmodel Prisma {\n  id Int @id\n}\n")
    migration = workspace.add_migration(SchemaVersion.parse("2.0.1"), "broken", "SELEC 1;\n", None)
    problems = problems_of(workspace, [SchemaVersion.parse("2.0.1")], bridge)
    files = [problem.file for problem in problems]
    assert migration.script_path("up") in files
    assert {"reserved-name", "version-too-small"} <= {problem.code for problem in problems}


_PARTIALS = (
    "from schema_client.models import User\n\nUser.create_partial('UserName', include={'displayName'})\n"
)
V3 = SchemaVersion.parse("2.0.1")


def _partials(workspace: Workspace, version: SchemaVersion, text: str) -> None:
    (workspace.root / f"schemas/{version}/partial_types.py").write_text(text)


def test_partial_types_are_looked_at_beside_everything_else(
    workspace: Workspace, bridge: PrismaBridge
) -> None:
    _partials(workspace, SchemaVersion.parse("2.0.0"), _PARTIALS)
    folder = workspace.create_version(V3).folder
    _partials(workspace, V3, _PARTIALS.replace("displayName", "name") + "print()\n")
    schema = workspace.root / folder / "schema.prisma"
    sound = schema.read_text()
    schema.write_text(sound + "\nmodel Prisma {\n  id Int @id\n}\n")
    found = problems_of(workspace, [V3], bridge)
    assert {"reserved-name", "unknown-field", "partial-types-not-literal"} <= {each.code for each in found}
    assert not any("partial type" in each.message for each in found if each.code == "version-too-small")
    assert {(each.file, each.line) for each in found if "partial_types" in str(each.file)} == {
        (f"{folder}/partial_types.py", 3),
        (f"{folder}/partial_types.py", 4),
    }
    # A schema that is not valid leaves what can be said without it; so does a version that can't be loaded.
    schema.write_text(sound + "\nmodel {\n")
    assert "partial-types-not-literal" in {each.code for each in problems_of(workspace, [V3], bridge)}
    schema.write_text(sound)
    (workspace.root / folder / "version.toml").write_text("x = 1\n")
    assert {"unknown-key", "unknown-field"} <= {each.code for each in problems_of(workspace, [V3], bridge)}


@pytest.mark.parametrize(
    ("before", "after", "needed"),
    [("", _PARTIALS, "2.1.0"), (_PARTIALS, "", "3.0.0"), (_PARTIALS, _PARTIALS + "# more\n", None)],
)
def test_partial_types_decide_on_the_number_too(
    workspace: Workspace, bridge: PrismaBridge, before: str, after: str, needed: str | None
) -> None:
    if before:
        _partials(workspace, SchemaVersion.parse("2.0.0"), before)
    workspace.create_version(V3)
    _partials(workspace, V3, after)
    fixes = [each.fix for each in problems_of(workspace, [V3], bridge) if each.code == "version-too-small"]
    assert fixes == ([f"publish this as {needed}, or undo these changes"] if needed else [])


def test_an_unknown_version_is_no_finding_but_an_error(workspace: Workspace, bridge: PrismaBridge) -> None:
    with pytest.raises(WorkspaceError, match=r"no version 9\.9\.9"):
        problems_of(workspace, [V1, SchemaVersion.parse("9.9.9")], bridge)


def test_a_version_below_that_can_not_be_read_hides_nothing_of_this_one(
    workspace: Workspace, bridge: PrismaBridge
) -> None:
    folder = workspace.create_version(V3).folder
    schema = workspace.root / folder / "schema.prisma"
    schema.write_text(schema.read_text() + "\nmodel Prisma {\n  id Int @id\n}\n")
    (workspace.root / "schemas/2.0.0/version.toml").write_text("x = 1\n")
    found = problems_of(workspace, [V3], bridge)
    assert {(each.code, each.file) for each in found} == {
        ("unknown-key", "schemas/2.0.0/version.toml"),
        ("reserved-name", f"{folder}/schema.prisma"),
    }


def test_renames_are_not_held_against_a_version_that_can_not_be_read(
    workspace: Workspace, bridge: PrismaBridge
) -> None:
    """2.0.0 renames what 1.1.0 has: without 1.1.0 nobody knows whether it does."""
    unreadable = workspace.root / "schemas/1.1.0/schema.prisma"
    unreadable.write_bytes(b"\xff")
    problems = problems_of(workspace, [SchemaVersion.parse("2.0.0")], bridge)
    assert [(problem.code, problem.file) for problem in problems] == [
        ("not-utf-8", "schemas/1.1.0/schema.prisma")
    ]


def test_a_draft_without_migrations_is_none_to_be_compared_with(
    workspace: Workspace, bridge: PrismaBridge
) -> None:
    """A release would skip it: nothing says that it is published first."""
    later = SchemaVersion.parse("2.0.2")
    schema = workspace.root / workspace.create_version(V3).folder / "schema.prisma"
    schema.write_text(schema.read_text() + "\nmodel Extra {\n  id Int @id\n}\n")
    workspace.create_version(later)
    assert [each.message for each in problems_of(workspace, [later], bridge)] == [
        each.message.replace("2.0.1 is", "2.0.2 is") for each in problems_of(workspace, [V3], bridge)
    ]
    workspace.add_migration(V3, "extra", 'CREATE TABLE "Extra" (id int);\n', None)
    assert problems_of(workspace, [later], bridge) == []


_BEFORE = """\
datasource db {
  provider = "postgresql"
}

model Item {
  id    Int     @id
  name  String  @default("x")
  size  Int?
  kind  Kind
  tags  String[]
  makerId Int?
}

model Maker {
  id Int @id
}

enum Kind {
  A
  B
}
"""
_RELATED = [
    ("makerId Int?", "makerId Int?\n  maker Maker? @relation(fields: [makerId], references: [id])"),
    ("model Maker {\n  id Int @id", "model Maker {\n  id Int @id\n  items Item[]"),
]


@pytest.mark.parametrize(
    ("edits", "named"),
    [
        ([("size  Int?", "size  Int?\n  note String?")], ['column "Item".note']),
        ([("  size  Int?\n", "")], ['column "Item".size']),
        ([("size  Int?", "size  BigInt?")], ['type of "Item".size']),
        ([("size  Int?", "size  Int")], ['nullability of "Item".size']),
        ([("model Maker {\n  id Int @id\n}", "")], ['table "Maker"']),
        ([("  B\n", "")], ['value "Kind".B']),
        ([("  B\n", "  B\n  C\n")], ['value "Kind".C']),
        ([("makerId Int?\n", "makerId Int?\n  @@index([size, kind])\n")], ['index on "Item" (size, kind)']),
        (_RELATED, ['foreign key from "Item" to "Maker"']),
        ([('@default("x")', '@default("y")')], ["a default, a key or the kind of an index"]),
        ([("id    Int     @id", 'id    Int     @id(map: "other")')], []),
        ([("model Maker {", "/// Who made it.\nmodel Maker {")], []),
    ],
)
def test_a_schema_that_changed_without_a_migration_is_told(
    bridge: PrismaBridge, tmp_path: Path, edits: list[tuple[str, str]], named: list[str]
) -> None:
    """Whether the version has no migration at all or one that does something else."""
    workspace = _published(tmp_path, bridge)
    assert problems_of(workspace, [V1], bridge) == []
    later = SchemaVersion.parse("2.0.0")
    schema = tmp_path / workspace.create_version(later).folder / "schema.prisma"
    text = _BEFORE
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    schema.write_text(text)

    def missing() -> list[str]:
        found = [each for each in problems_of(workspace, [later], bridge) if each.code == "missing-migration"]
        assert all(each.file == "schemas/2.0.0/schema.prisma" for each in found)
        return [each.message.partition(": ")[2] for each in found]

    assert missing() == named
    workspace.add_migration(later, "other", 'CREATE VIEW "Items" AS SELECT id FROM "Item";\n', None)
    # What scripts can't be read for is left to the rehearsal as soon as there are any.
    assert missing() == ([] if "a default" in "".join(named) else named)
    workspace.add_migration(later, "change", bridge.diff(_BEFORE, text), None)
    assert missing() == []


def _published(root: Path, bridge: PrismaBridge) -> Workspace:
    workspace = create_workspace(root, name="shop", sample=False)
    (root / "schemas/1.0.0/schema.prisma").write_text(_BEFORE)
    workspace.add_migration(V1, "init", bridge.diff(None, _BEFORE), None)
    return workspace


def test_the_questions_of_a_missing_migration_are_told_with_it(bridge: PrismaBridge, tmp_path: Path) -> None:
    workspace, later = _published(tmp_path, bridge), SchemaVersion.parse("2.0.0")
    schema = tmp_path / workspace.create_version(later).folder / "schema.prisma"
    schema.write_text(_BEFORE.replace("size  Int?", "must  Boolean").replace("  B\n", ""))
    found = problems_of(workspace, [later], bridge)
    assert {each.code: each.file for each in found} == {
        "missing-migration": "schemas/2.0.0/schema.prisma",
        "backfill-missing": "schemas/2.0.0/version.toml",
        "loss-not-accepted": "schemas/2.0.0/version.toml",
    }
    workspace.add_answers(later, Answers(accepted_losses=(("Item.size", "old"), ("Kind.B", "old"))))
    codes = [each.code for each in problems_of(workspace, [later], bridge)]
    assert codes == ["missing-migration", "backfill-missing"]


def test_a_first_version_without_a_migration_is_told(bridge: PrismaBridge, tmp_path: Path) -> None:
    workspace = create_workspace(tmp_path, name="shop", sample=False)
    found = problems_of(workspace, [V1], bridge)
    assert [each.code for each in found] == ["missing-migration"]
    assert 'table "examples"' in found[0].message
    assert "column" not in found[0].message


def test_what_an_earlier_version_made_in_sql_needs_no_migration_once_the_schema_has_it(
    bridge: PrismaBridge, tmp_path: Path
) -> None:
    workspace, later = _published(tmp_path, bridge), SchemaVersion.parse("1.1.0")
    workspace.add_migration(V1, "by_hand", 'CREATE INDEX "by_hand" ON "Item" ("size");\n', None)
    schema = tmp_path / workspace.create_version(later).folder / "schema.prisma"
    schema.write_text(_BEFORE.replace("makerId Int?\n", "makerId Int?\n  @@index([size])\n"))
    assert problems_of(workspace, [later], bridge) == []
