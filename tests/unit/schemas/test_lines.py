"""Maintenance lines in a workspace: what a version contains, and what is wrong with version.toml."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.errors import WorkspaceError
from schemas.versions import SchemaVersion
from schemas.workspace.workspace import Workspace


def _version(text: str) -> SchemaVersion:
    return SchemaVersion.parse(text)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """1.0.0 to 2.0.0 with a migration each, and 1.1.1, which was made afterwards."""
    (tmp_path / "schema-service.toml").write_text('name = "shop"\n')
    found = Workspace(tmp_path)
    for text in ("1.0.0", "1.1.0", "2.0.0", "1.1.1"):
        found.create_version(_version(text))
        found.add_migration(_version(text), f"m{text.replace('.', '')}", "SELECT 1", "SELECT 1")
    return found


def _history(workspace: Workspace, text: str) -> list[int]:
    return [migration.number for migration in workspace.load(_version(text)).history]


def test_a_version_below_others_is_on_a_line_of_its_own(workspace: Workspace) -> None:
    assert _history(workspace, "1.1.1") == [1, 2, 4]
    assert _history(workspace, "2.0.0") == [1, 2, 3]
    assert workspace.load(_version("2.0.0")).lines == ()
    workspace.create_version(_version("1.1.2"))
    second = workspace.load(_version("1.1.2"))
    assert second.origin.from_ == _version("1.1.1")
    assert [str(each) for each in second.ancestors] == ["1.0.0", "1.1.0", "1.1.1"]
    workspace.create_version(_version("2.1.0"))
    assert workspace.load(_version("2.1.0")).base == _version("2.0.0")
    assert workspace.add_migration(_version("2.1.0"), "next", "SELECT 1", None).number == 5
    assert _history(workspace, "2.1.0") == [1, 2, 3, 5]
    assert workspace.problems() == ()


def test_a_later_line_changes_no_digest_of_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "schema-service.toml").write_text('name = "shop"\n')
    workspace = Workspace(tmp_path)
    for text in ("1.0.0", "2.0.0"):
        workspace.create_version(_version(text))
        workspace.add_migration(_version(text), "m", "SELECT 1", None)
    before = {each: workspace.load(each).digest for each in workspace.versions()}
    workspace.create_version(_version("1.0.1"))
    workspace.add_migration(_version("1.0.1"), "fix", "SELECT 1", None)
    line = workspace.load(_version("1.0.1")).digest
    workspace.create_version(_version("2.0.1"), takes=[_version("1.0.1")])
    assert {each: workspace.load(each).digest for each in before} == before
    assert workspace.load(_version("1.0.1")).digest == line


def test_a_line_is_taken_over_with_an_answer_for_each_migration(workspace: Workspace) -> None:
    with pytest.raises(WorkspaceError, match="base-on-another-line"):
        workspace.create_version(_version("2.0.1"), _version("1.1.1"))
    source = workspace.create_version(_version("2.0.1"), takes=[_version("1.1.1")])
    assert [each.number for each in source.taken] == [4]
    assert _history(workspace, "2.0.1") == [1, 2, 3, 4]
    runs = source.digest
    own = workspace.add_migration(_version("2.0.1"), "own", "SELECT 1", None)
    file = workspace.root / source.folder / "version.toml"
    file.write_text(file.read_text().replace('"run"', f'"{own.id}"'))
    source = workspace.load(_version("2.0.1"))
    assert [each.number for each in source.history] == [1, 2, 3, 5]
    assert [each.number for each in source.beside] == [4]
    assert source.taken == ()
    assert source.digest != runs
    with pytest.raises(WorkspaceError, match=r"line-not-taken.*contains it"):
        workspace.create_version(_version("2.0.2"), takes=[_version("1.1.1")])
    workspace.create_version(_version("2.0.2"))
    assert _history(workspace, "2.0.2") == [1, 2, 3, 5]
    with pytest.raises(WorkspaceError, match=r"2\.0\.1 already has migrations and contains 1\.1\.1"):
        workspace.add_migration(_version("1.1.1"), "late", "SELECT 1", None)


_BREAKS: dict[str, Callable[[str], str]] = {
    "line-unanswered": lambda text: text.replace("004_m111", "009_other"),
    "line-not-taken": lambda text: text.replace('"1.1.1"', '"1.1.9"'),
    "not-a-table": lambda text: text.replace('[takes."1.1.1"]\n004_m111', "takes"),
    "line-without-base": lambda text: 'from = "1.9.0"\n' + text,
    "invalid-version": lambda text: 'from = "one"\n' + text,
}


@pytest.mark.parametrize("code", _BREAKS)
def test_what_is_wrong_is_told_with_its_place(workspace: Workspace, code: str) -> None:
    source = workspace.create_version(_version("2.0.1"), takes=[_version("1.1.1")])
    file = workspace.root / source.folder / "version.toml"
    file.write_text(_BREAKS[code](file.read_text()))
    with pytest.raises(WorkspaceError) as refused:
        workspace.load(source.version)
    told = [problem for problem in refused.value.problems if problem.code == code]
    assert told
    assert told[0].file == "schemas/2.0.1/version.toml"
    assert code in {problem.code for problem in workspace.problems()}


def test_no_number_is_used_twice_whatever_the_line(workspace: Workspace) -> None:
    (workspace.root / "schemas/1.1.1/migrations/004_m111").rename(
        workspace.root / "schemas/1.1.1/migrations/003_m111"
    )
    with pytest.raises(WorkspaceError, match=r"003 is already used by 003_m200 of 2\.0\.0"):
        workspace.load(_version("1.1.1"))
