"""The tool's own folder in a workspace is written to, and removed from, only where it really is."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.errors import WorkspaceError
from schemas.versions import SchemaVersion
from schemas.workspace.files import private_folder
from schemas.workspace.init_workspace import create_workspace
from schemas.workspace.private_folder import PRIVATE_FOLDER
from schemas.workspace.workspace import Workspace


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return create_workspace(tmp_path / "workspace", name="shop", sample=False).root


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    folder = tmp_path / "elsewhere"
    (folder / "test").mkdir(parents=True)
    return folder


def _linked(root: Path) -> list[str | None]:
    with pytest.raises(WorkspaceError) as caught:
        private_folder(root, "test")
    assert {problem.code for problem in caught.value.problems} == {"linked-private-folder"}
    return [problem.file for problem in caught.value.problems]


def test_it_need_not_exist(root: Path) -> None:
    assert private_folder(root) == root / PRIVATE_FOLDER
    assert private_folder(root, "local", "postgres") == root / PRIVATE_FOLDER / "local" / "postgres"
    assert not (root / PRIVATE_FOLDER).exists()


def test_it_must_be_a_folder_of_the_workspace_itself(root: Path, elsewhere: Path) -> None:
    (root / PRIVATE_FOLDER).symlink_to(elsewhere)
    assert _linked(root) == [PRIVATE_FOLDER]


def test_a_link_to_another_folder_of_the_workspace_is_no_better(root: Path) -> None:
    (root / PRIVATE_FOLDER).symlink_to(root / "schemas")
    assert _linked(root) == [PRIVATE_FOLDER]


def test_every_link_that_leads_out_of_it_is_told(root: Path, elsewhere: Path) -> None:
    private = root / PRIVATE_FOLDER
    (private / "rehearsal").mkdir(parents=True)
    (private / "local" / "postgres").mkdir(parents=True)
    (private / "test").symlink_to(elsewhere / "test")
    (private / "state.db").symlink_to(elsewhere / "not-there-yet.db")
    (private / "rehearsal" / "data").symlink_to("../../schemas")
    (private / "local" / "postgres" / "data").symlink_to(elsewhere)
    (private / "loop").symlink_to("loop")
    assert _linked(root) == [
        f"{PRIVATE_FOLDER}/{name}"
        for name in ("local/postgres/data", "loop", "rehearsal/data", "state.db", "test")
    ]


def test_a_link_that_stays_inside_harms_nobody(root: Path) -> None:
    consumer = root / PRIVATE_FOLDER / "test" / "python"
    (consumer / "lib").mkdir(parents=True)
    (consumer / "lib64").symlink_to("lib")  # as a virtual environment has it
    assert private_folder(root, "test").is_dir()


def test_writing_to_the_workspace_locks_nothing_elsewhere(root: Path, elsewhere: Path) -> None:
    (root / PRIVATE_FOLDER).symlink_to(elsewhere)
    with pytest.raises(WorkspaceError, match="symbolic link"):
        Workspace(root).create_version(SchemaVersion.parse("1.1.0"))
    assert [path.name for path in elsewhere.iterdir()] == ["test"]
