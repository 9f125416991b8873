"""What ``check`` looks at, version by version."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.checking import problems_of
from schemas.errors import WorkspaceError
from schemas.init_workspace import create_workspace
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace import Workspace

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


def test_an_unknown_version_is_no_finding_but_an_error(workspace: Workspace, bridge: PrismaBridge) -> None:
    with pytest.raises(WorkspaceError, match=r"no version 9\.9\.9"):
        problems_of(workspace, [V1, SchemaVersion.parse("9.9.9")], bridge)
