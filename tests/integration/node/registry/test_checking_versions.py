"""What ``check`` looks at, version by version."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.validation.workspace_check import problems_of
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
