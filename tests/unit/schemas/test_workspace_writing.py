"""Drafting, adding migrations, sealing: whole or not at all, and never a sealed version."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from schemas.errors import WorkspaceError
from schemas.versions import SchemaVersion
from schemas.workspace.init_workspace import create_workspace
from schemas.workspace.release_lock import LockedArtifact, ReleaseLock
from schemas.workspace.workspace import Workspace

V1, V11, V2, V21 = (SchemaVersion.parse(text) for text in ("1.0.0", "1.1.0", "2.0.0", "2.1.0"))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return create_workspace(tmp_path / "project", name="schema", sample=True)


def _lock(workspace: Workspace, version: SchemaVersion) -> ReleaseLock:
    artifact = LockedArtifact(
        language="python",
        registry="pypi",
        name="schema-client",
        version=version.pep440,
        filename=f"schema_client-{version.pep440}-py3-none-any.whl",
        sha256="a" * 64,
    )
    return ReleaseLock(
        version=version,
        schema_digest="b" * 64,
        input_digest=workspace.load(version).digest,
        artifacts=(artifact,),
        published_at="2026-01-02T03:04:05Z",
    )


def _tree(workspace: Workspace) -> dict[str, bytes]:
    files = (path for path in workspace.root.rglob("*") if path.is_file())
    return {str(path): path.read_bytes() for path in files if ".schema-service" not in path.parts}


def test_a_draft_begins_as_the_latest_version_below_it(workspace: Workspace) -> None:
    draft = workspace.create_version(V21)
    assert draft.schema_text == workspace.load(V2).schema_text
    assert draft.author == "Reviews team <reviews@example.com>"
    assert (draft.description, draft.renames, draft.changelog, draft.migrations) == ("", (), "", ())
    assert draft.history == workspace.load(V2).history


def test_a_draft_takes_the_partial_types_along(workspace: Workspace) -> None:
    assert not (workspace.root / workspace.create_version(V21).partial_types_path).exists()
    (workspace.root / "schemas/2.1.0/partial_types.py").write_text("# none yet\n")
    draft = workspace.create_version(SchemaVersion.parse("2.2.0"))
    assert draft.partial_types == "# none yet\n"
    assert draft.partial_types_path == "schemas/2.2.0/partial_types.py"


def test_a_draft_may_begin_as_another_version(workspace: Workspace) -> None:
    assert workspace.create_version(V21, V1).schema_text == workspace.load(V1).schema_text


def test_the_first_draft_of_all_gets_a_small_schema(workspace: Workspace) -> None:
    assert "model Example" in workspace.create_version(SchemaVersion.parse("0.1.0")).schema_text


@pytest.mark.parametrize(
    ("version", "base", "code"),
    [
        ("2.0.0", None, "version-exists"),
        ("1.2.0", "2.0.0", "base-is-newer"),
        ("2.1.0", "1.5.0", "unknown-version"),
    ],
)
def test_a_refused_draft_leaves_no_trace(
    workspace: Workspace, version: str, base: str | None, code: str
) -> None:
    before = _tree(workspace)
    with pytest.raises(WorkspaceError) as caught:
        workspace.create_version(SchemaVersion.parse(version), SchemaVersion.parse(base) if base else None)
    assert [problem.code for problem in caught.value.problems] == [code]
    assert _tree(workspace) == before


def test_a_draft_that_can_t_be_written_leaves_no_trace(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _tree(workspace)

    def full(path: Path, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(WorkspaceError, match="No space left on device"):
        workspace.create_version(V21)
    monkeypatch.undo()
    assert _tree(workspace) == before
    assert V21 not in workspace.versions()
    assert not list((workspace.root / "schemas").glob(".*"))


def test_migrations_are_numbered_through_all_versions(workspace: Workspace) -> None:
    workspace.create_version(V21)
    first = workspace.add_migration(V21, "add_prices", "SELECT 1;\n", "SELECT 2;\n")
    second = workspace.add_migration(V21, "no_downgrade", "SELECT 3;\n", None)
    assert (first.id, second.id) == ("007_add_prices", "008_no_downgrade")
    assert workspace.load(V21).migrations == (first, second)


@pytest.mark.parametrize("name", ["", "../../etc", "Add Prices", "a/b", "_x", "ünïcode", "a" * 101, "x\n"])
def test_a_name_that_is_no_folder_name_is_refused(workspace: Workspace, name: str) -> None:
    before = _tree(workspace)
    with pytest.raises(WorkspaceError, match="is not a valid name for a migration"):
        workspace.add_migration(V2, name, "", None)
    assert _tree(workspace) == before


def test_a_version_below_others_takes_no_migration(workspace: Workspace) -> None:
    with pytest.raises(WorkspaceError, match=r"2\.0\.0 already has migrations"):
        workspace.add_migration(V11, "late", "", None)


def test_writers_at_the_same_time_get_numbers_of_their_own(workspace: Workspace) -> None:
    workspace.create_version(V21)
    threads = [
        threading.Thread(target=workspace.add_migration, args=(V21, f"step_{i}", "SELECT 1;\n", None))
        for i in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [migration.number for migration in workspace.load(V21).migrations] == list(range(7, 15))


def test_a_sealed_version_reads_back_its_lock(workspace: Workspace) -> None:
    lock = _lock(workspace, V2)
    workspace.seal(V2, lock)
    source = workspace.load(V2)
    assert source.lock == lock
    assert source.is_published
    assert source.seal_problem is None


def test_sealing_again_alike_changes_nothing(workspace: Workspace) -> None:
    lock = _lock(workspace, V2)
    workspace.seal(V2, lock)
    workspace.seal(V2, replace(lock, published_at="2027-01-01T00:00:00Z"))
    assert workspace.load(V2).lock == lock


def test_sealing_again_otherwise_is_refused(workspace: Workspace) -> None:
    lock = _lock(workspace, V2)
    workspace.seal(V2, lock)
    with pytest.raises(WorkspaceError, match="is published"):
        workspace.seal(V2, replace(lock, artifacts=()))
    assert workspace.load(V2).lock == lock


def test_sealing_what_was_edited_meanwhile_is_refused(workspace: Workspace) -> None:
    lock = _lock(workspace, V2)
    (workspace.root / "schemas/2.0.0/schema.prisma").write_text("// other\n")
    with pytest.raises(WorkspaceError, match="edited while it was being published"):
        workspace.seal(V2, lock)
    assert not workspace.load(V2).is_published


def test_a_sealed_version_takes_no_change(workspace: Workspace) -> None:
    workspace.seal(V2, _lock(workspace, V2))
    for change in (
        lambda: workspace.add_migration(V2, "late", "", None),
        lambda: workspace.write_changelog(V2, "other"),
    ):
        with pytest.raises(WorkspaceError, match="is published"):
            change()


@pytest.mark.parametrize(
    "path",
    [
        "2.0.0/schema.prisma",
        "2.0.0/partial_types.py",
        "1.0.0/migrations/001_init/up.sql",
        "2.0.0/migrations/007_late/up.sql",
    ],
)
def test_an_edit_after_sealing_is_found(workspace: Workspace, path: str) -> None:
    workspace.seal(V2, _lock(workspace, V2))
    file = workspace.root / "schemas" / path
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"{file.read_text() if file.exists() else ''}\n-- edited\n")
    assert [problem.code for problem in workspace.problems()] == ["sealed-version-edited"]


def test_a_lock_with_two_sides_of_a_merge_is_damaged(workspace: Workspace) -> None:
    """Two clones published the same: git can't merge the time, and nobody should correct lines by hand."""
    (workspace.root / "schemas/2.0.0/release.lock").write_text("<<<<<<< HEAD\npublished_at = 1\n=======\n")
    [problem] = workspace.problems()
    assert (problem.code, problem.line) == ("damaged-lock", 1)
    assert "keep either" in problem.fix


def test_of_two_migrations_with_a_number_the_one_that_can_still_change_is_named(workspace: Workspace) -> None:
    workspace.seal(V2, _lock(workspace, V2))
    taken = workspace.load(V2).migrations[0]
    late = f"schemas/1.1.0/migrations/{taken.number:03d}_late"
    (workspace.root / late).mkdir()
    (workspace.root / late / "up.sql").write_text("SELECT 1;\n")
    [problem] = [each for each in workspace.problems() if each.code == "duplicate-migration-number"]
    assert problem.file == late
    assert f"{taken.id} of 2.0.0" in problem.message


def test_a_damaged_lock_is_found(workspace: Workspace) -> None:
    workspace.seal(V2, _lock(workspace, V2))
    file = workspace.root / "schemas/2.0.0/release.lock"
    file.write_text(file.read_text().replace("input_digest", "input"))
    assert [problem.code for problem in workspace.problems()] == ["damaged-lock"]
    file.write_text("")
    assert [problem.code for problem in workspace.problems()] == ["damaged-lock"]
