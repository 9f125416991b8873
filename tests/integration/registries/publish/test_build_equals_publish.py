"""`build` gives the bytes that `publish` uploaded: here, in a clone, before and after."""

from __future__ import annotations

import shutil
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from registry.local.devpi import LocalDevpi
from registry.local.verdaccio import LocalVerdaccio
from schemas.workspace.init_workspace import create_workspace

from ..release_kit import Team, leave_out_consumers, team_environment

_PARTIALS_FILE = "schemas/2.0.0/partial_types.py"
_PARTIALS = """from equal_client.models import User

User.create_partial("UserName", include={"displayName"})
"""


@pytest.mark.soak  # test_verify builds one of three again
def test_every_version_is_built_as_it_was_published(
    tmp_path: Path, devpi: LocalDevpi, verdaccio: LocalVerdaccio, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_out_consumers(monkeypatch)
    root = tmp_path / "workspace"
    create_workspace(root, name="equal", sample=True)
    (root / _PARTIALS_FILE).write_text(_PARTIALS)
    team = Team(root, "equal", team_environment(devpi, verdaccio))
    before = _built(team, "1.0.0", tmp_path / "before")
    rehearsals = {}
    for version in ("1.0.0", "1.1.0", "2.0.0"):
        done = team.run("publish", version, "--json")
        assert done.exit_code == 0, done.output + done.errors
        rehearsals[version] = done.document["rehearsal"]
    clone = Team(tmp_path / "clone", "equal", team.environment)
    shutil.copytree(root, clone.root, ignore=shutil.ignore_patterns(".schema-service"))
    for version in rehearsals:
        assert _built(clone, version, tmp_path / f"clone-{version}") == _locked(root, version)
    assert _built(team, "1.1.0", tmp_path / "here") == _locked(root, "1.1.0")
    assert before == _locked(root, "1.0.0")
    _assert_older_seals_are_built_without_a_changelog(clone, tmp_path / "older")
    _assert_partial_types_are_part_of_it(clone, tmp_path / "clone-2.0.0")
    assert [trip["from"] for trip in rehearsals["2.0.0"]["trips"]] == ["1.1.0", "1.0.0"]
    assert all(rehearsal["round_trip"] for rehearsal in rehearsals.values())
    assert {loss["name"] for loss in rehearsals["2.0.0"]["lost"]} >= {"products.price", "products.currency"}


def _assert_older_seals_are_built_without_a_changelog(team: Team, out: Path) -> None:
    """As the packages of then were: those of a seal that records no revision of the generators."""
    lock = team.root / "schemas/1.1.0/release.lock"
    text = lock.read_text()
    kept = [line for line in text.splitlines() if not line.startswith(("generators =", "changelog_digest ="))]
    lock.write_text("\n".join([*kept, ""]))
    assert set(_built(team, "1.1.0", out).values()).isdisjoint(_locked(team.root, "1.1.0").values())
    with zipfile.ZipFile(next(out.glob("equal_client-*.whl"))) as wheel:
        assert "equal_client/CHANGELOG.md" not in wheel.namelist()
        assert "CHANGELOG" not in wheel.read("equal_client/__init__.py").decode()
    with tarfile.open(next(out.glob("org-equal-types-*.tgz"))) as tarball:
        assert "package/CHANGELOG.md" not in tarball.getnames()
    lock.write_text(text)


def _assert_partial_types_are_part_of_it(team: Team, built: Path) -> None:
    """In the wheel, and under its seal."""
    with zipfile.ZipFile(next(built.glob("equal_client-*.whl"))) as wheel:
        assert "class UserName(_bases.BaseUser):" in wheel.read("equal_client/partials.py").decode()
    (team.root / _PARTIALS_FILE).write_text(f"{_PARTIALS}# one more\n")
    for command in (["build", "2.0.0", "--out", "again"], ["check", "2.0.0"], ["publish", "2.0.0"]):
        done = team.run(*command, "--json")
        assert done.exit_code == 1
        assert [each["code"] for each in done.document["problems"]] == ["sealed-version-edited"]


def _built(team: Team, version: str, out: Path) -> dict[str, str]:
    done = team.run("build", version, "--out", str(out), "--json")
    assert done.exit_code == 0, done.output + done.errors
    return {row["filename"]: row["sha256"] for row in done.document["artifacts"]}


def _locked(root: Path, version: str) -> dict[str, str]:
    lock = tomllib.loads((root / "schemas" / version / "release.lock").read_text("utf-8"))
    return {artifact["filename"]: artifact["sha256"] for artifact in lock["artifacts"]}
