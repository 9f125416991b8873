"""``init``: a whole workspace or none."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from schemas.errors import WorkspaceError
from schemas.prisma.bridge import PrismaBridge
from schemas.workspace.init_workspace import create_workspace


def test_names_are_derived_from_the_workspace_s(tmp_path: Path) -> None:
    workspace = create_workspace(tmp_path, name="big-billing", sample=False)
    settings = tomllib.loads((workspace.root / "schema-service.toml").read_text())
    assert settings["name"] == "big-billing"
    assert settings["packages"] == {
        "python_client": "big-billing-client",
        "python_import": "big_billing_client",
        "python_interface": "asyncio",
        "python_migrations": "big-billing-migrations",
        "python_migrations_import": "big_billing_migrations",
        "node_client": "@org/big-billing-client",
        "typescript_types": "@org/big-billing-types",
    }
    assert set(settings["registries"]) == {"pypi", "npm"}
    assert settings["state"] == {"url": "sqlite:///.schema-service/state.db"}


def test_an_empty_workspace_has_one_valid_draft(tmp_path: Path, bridge: PrismaBridge) -> None:
    workspace = create_workspace(tmp_path / "new" / "folder", name="schema", sample=False)
    (version,) = workspace.versions()
    source = workspace.load(version)
    assert str(version) == "1.0.0"
    assert bridge.parse(source.schema_text).text == source.schema_text
    assert workspace.problems() == ()


def test_private_state_stays_out_of_git(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("dist/")
    create_workspace(tmp_path, name="schema", sample=False)
    assert (tmp_path / ".gitignore").read_text() == "dist/\n.schema-service/\n"


@pytest.mark.parametrize("name", ["", "Billing", "1st", "a b", "a--b", "-a", "a_b", "x" * 51, "class", "a\n"])
def test_a_name_that_packages_can_t_carry_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(WorkspaceError, match="can't be used in the names"):
        create_workspace(tmp_path, name=name, sample=True)
    assert list(tmp_path.iterdir()) == []


def test_a_workspace_is_never_overwritten(tmp_path: Path) -> None:
    create_workspace(tmp_path, name="schema", sample=False)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(WorkspaceError, match="is a workspace already"):
        create_workspace(tmp_path, name="other", sample=True)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_schemas_folder_of_somebody_else_s_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "mine.py").write_text("x = 1\n")
    with pytest.raises(WorkspaceError, match="exists already"):
        create_workspace(tmp_path, name="schema", sample=True)
    assert [path.name for path in tmp_path.rglob("*")] == ["schemas", "mine.py"]


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match="is not a folder"):
        create_workspace(tmp_path / "file", name="schema", sample=True)
