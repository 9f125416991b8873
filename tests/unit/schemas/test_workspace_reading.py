"""Finding a workspace and reading its versions: all problems, each at its file."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from schemas.answers import SqlOnly
from schemas.errors import WorkspaceError
from schemas.versions import SchemaVersion
from schemas.workspace.files import MAX_BYTES
from schemas.workspace.init_workspace import create_workspace
from schemas.workspace.workspace import Workspace

V1, V11, V2 = (SchemaVersion.parse(text) for text in ("1.0.0", "1.1.0", "2.0.0"))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return create_workspace(tmp_path / "project", name="schema", sample=True)


def _write(workspace: Workspace, path: str, content: str | bytes = "SELECT 1;\n") -> None:
    file = workspace.root / "schemas" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)


def _codes(workspace: Workspace) -> list[str]:
    return sorted(problem.code for problem in workspace.problems())


def test_a_workspace_is_found_from_any_folder_below(workspace: Workspace) -> None:
    assert Workspace.find(workspace.root / "schemas" / "1.0.0" / "migrations").root == workspace.root


def test_no_workspace_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="schema-service init"):
        Workspace.find(tmp_path)


def test_versions_come_in_their_own_order(workspace: Workspace) -> None:
    workspace.create_version(SchemaVersion.parse("10.0.0"))
    workspace.create_version(SchemaVersion.parse("2.0.0-rc.1"))
    assert [str(version) for version in workspace.versions()] == [
        "1.0.0",
        "1.1.0",
        "2.0.0-rc.1",
        "2.0.0",
        "10.0.0",
    ]


def test_what_is_left_to_sql_holds_for_later_versions(workspace: Workspace) -> None:
    for version, key in (("1.0.0", "index public.a"), ("2.0.0", "table public.b")):
        _write(workspace, f"{version}/version.toml", f'[sql_only]\n"{key}" = "why"\n')
    assert workspace.load(V1).sql_only == SqlOnly(
        declared=("index public.a",), file="schemas/1.0.0/version.toml"
    )
    assert workspace.load(V11).sql_only.inherited == ("index public.a",)
    assert workspace.load(V2).sql_only.declared == ("table public.b",)


def test_a_version_carries_all_it_is_made_from(workspace: Workspace) -> None:
    source = workspace.load(V2)
    assert source.schema_path == "schemas/2.0.0/schema.prisma"
    assert source.description.startswith("Price history")
    assert source.author == "Reviews team <reviews@example.com>"
    assert ("Review.stars", "Review.rating") in source.renames
    assert [migration.id for migration in source.migrations] == ["005_materialized_views", "006_monitoring"]
    assert [migration.number for migration in source.history] == [1, 2, 3, 4, 5, 6]
    assert not source.is_published


def test_an_unknown_version_lists_the_known(workspace: Workspace) -> None:
    with pytest.raises(WorkspaceError, match=r"1\.0\.0, 1\.1\.0, 2\.0\.0"):
        workspace.load(SchemaVersion.parse("3.0.0"))


def test_everything_wrong_is_reported_at_once(workspace: Workspace) -> None:
    _write(workspace, "next/schema.prisma")
    _write(workspace, "1.0.0/version.toml", "description = \n")
    _write(workspace, "1.1.0/migrations/Bad Name/up.sql")
    _write(workspace, "1.1.0/migrations/005_no_up/down.sql")
    _write(workspace, "2.0.0/migrations/006_monitoring/up.sql", b"SELECT 1;\nSELECT '\xff';\n")
    (workspace.root / "schemas/2.0.0/schema.prisma").unlink()
    problems = workspace.problems()
    assert {(problem.code, problem.file) for problem in problems} == {
        ("not-a-version", "schemas/next"),
        ("invalid-toml", "schemas/1.0.0/version.toml"),
        ("bad-migration-folder", "schemas/1.1.0/migrations/Bad Name"),
        ("missing-up-sql", "schemas/1.1.0/migrations/005_no_up/up.sql"),
        ("not-utf-8", "schemas/2.0.0/migrations/006_monitoring/up.sql"),
        ("missing-file", "schemas/2.0.0/schema.prisma"),
    }
    places = {problem.code: (problem.line, problem.column) for problem in problems}
    assert places["not-utf-8"] == (2, 9)
    assert places["invalid-toml"][0] == 1


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("2.0.0/migrations/004_again/up.sql", "duplicate-migration-number"),
        ("2.0.0/migrations/009_gap/up.sql", "migration-out-of-line"),
        ("1.1.0/migrations/007_late/up.sql", "migration-out-of-line"),
        ("2.0.0/migrations/0007_four_digits/up.sql", "bad-migration-folder"),
        ("2.0.0/migrations/006_monitoring/Down.sql", "stray-file"),
        ("2.0.0/migrations/007_loose.sql", "stray-file"),
    ],
)
def test_migration_folders_that_break_the_rules(workspace: Workspace, path: str, code: str) -> None:
    _write(workspace, path)
    assert code in _codes(workspace)
    with pytest.raises(WorkspaceError):
        workspace.load(V2)


def test_a_later_version_does_not_spoil_an_earlier_one(workspace: Workspace) -> None:
    _write(workspace, "2.0.0/migrations/004_again/up.sql")
    assert len(workspace.load(V11).history) == 4


def test_hidden_files_and_notes_beside_the_versions_are_nobodys_business(workspace: Workspace) -> None:
    _write(workspace, "README.md", "# Versions\n")
    _write(workspace, ".DS_Store/x", "")
    _write(workspace, "2.0.0/migrations/006_monitoring/notes.md", "why\n")
    assert workspace.problems() == ()


def test_line_ends_and_byte_order_marks_make_no_other_version(workspace: Workspace) -> None:
    digest = workspace.load(V2).digest
    for path in ("2.0.0/schema.prisma", "1.0.0/migrations/001_init/up.sql"):
        content = (workspace.root / "schemas" / path).read_bytes()
        _write(workspace, path, b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n"))
    assert workspace.load(V2).digest == digest


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("2.0.0/schema.prisma", "// other\n"),
        ("2.0.0/partial_types.py", "# none yet\n"),
        ("2.0.0/version.toml", 'description = "Other"\n'),
        ("1.0.0/migrations/001_init/up.sql", "SELECT 1;\n"),
        ("1.0.0/migrations/001_init/down.sql", "SELECT 1;\n"),
        ("2.0.0/migrations/007_more/up.sql", "SELECT 1;\n"),
    ],
)
def test_whatever_goes_into_a_package_changes_the_digest(
    workspace: Workspace, path: str, content: str
) -> None:
    digest = workspace.load(V2).digest
    _write(workspace, path, content)
    assert workspace.load(V2).digest != digest


def test_what_was_sealed_before_there_were_partial_types_stays_sealed(workspace: Workspace) -> None:
    source = workspace.load(V1)
    content = {
        "version": "1.0.0",
        "schema": source.schema_text,
        "description": source.description,
        "author": source.author,
        "migrations": [[each.id, "1.0.0", each.up, each.down] for each in source.history],
    }
    assert source.digest == hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    _write(workspace, "1.0.0/partial_types.py", "")
    assert workspace.load(V1).digest == source.digest


def test_whose_packages_work_on_it_is_declared(workspace: Workspace) -> None:
    plain = workspace.load(V2)
    assert plain.compatible_from is None
    toml = (workspace.root / "schemas/2.0.0/version.toml").read_text()
    for text, declared in (("none", V2), ("1.0.0", V1)):
        _write(workspace, "2.0.0/version.toml", f'compatible_from = "{text}"\n{toml}')
        source = workspace.load(V2)
        assert source.compatible_from == declared
        assert source.digest != plain.digest
    _write(workspace, "2.0.0/version.toml", f'compatible_from = "2.0.1"\n{toml}')
    assert _codes(workspace) == ["compatible-from-later"]


def test_what_is_only_for_the_authors_does_not(workspace: Workspace) -> None:
    digest = workspace.load(V2).digest
    toml = (workspace.root / "schemas/2.0.0/version.toml").read_text()
    _write(workspace, "2.0.0/CHANGELOG.md", "# 2.0.0\n")
    _write(workspace, "2.0.0/version.toml", toml.replace("Breaking.", "Breaking!"))
    assert workspace.load(V2).digest == digest


def test_files_outside_are_never_read(workspace: Workspace, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("token")
    for path in ("1.0.0/schema.prisma", "2.0.0/migrations/006_monitoring/up.sql"):
        (workspace.root / "schemas" / path).unlink()
        (workspace.root / "schemas" / path).symlink_to(secret)
    assert _codes(workspace) == ["outside-workspace", "outside-workspace"]
    with pytest.raises(WorkspaceError) as caught:
        workspace.load(V1)
    assert "token" not in str(caught.value)


def test_a_folder_that_leads_outside_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (workspace.root / "schemas/1.0.0/migrations").rename(tmp_path / "elsewhere/migrations")
    (workspace.root / "schemas/1.0.0/migrations").symlink_to(tmp_path / "elsewhere/migrations")
    assert "outside-workspace" in _codes(workspace)


def test_a_loop_of_links_is_one_problem(workspace: Workspace) -> None:
    file = workspace.root / "schemas/1.0.0/schema.prisma"
    file.unlink()
    file.symlink_to(file)
    assert _codes(workspace) == ["unreadable-file"]


def test_a_huge_file_is_refused_unread(workspace: Workspace) -> None:
    os.truncate(workspace.root / "schemas/1.0.0/schema.prisma", MAX_BYTES + 1)
    assert _codes(workspace) == ["file-too-large"]


def test_a_binary_file_is_no_text(workspace: Workspace) -> None:
    _write(workspace, "1.0.0/schema.prisma", b"model\0")
    assert _codes(workspace) == ["unreadable-file"]
