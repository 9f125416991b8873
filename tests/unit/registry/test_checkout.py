"""Drafts from a checkout: in a folder of it, and as its remote is now."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from registry.config.publishing import PublishingTable
from registry.errors import CheckoutError
from registry.release_jobs.checkout import archive_of


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _committed(folder: Path, place: str, version: str) -> str:
    file = folder / place / "schemas" / version / "schema.prisma"
    file.parent.mkdir(parents=True)
    file.write_text(f"// {version}\n")
    _git(folder, "add", ".")
    _git(folder, "commit", "-qm", version)
    return _git(folder, "rev-parse", "HEAD")


def _names(archive: bytes) -> set[str]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {member.name for member in tar if member.isfile()}


@pytest.fixture
def author(tmp_path: Path) -> Path:
    """A repository with a workspace in a folder, and another one beside it."""
    root = tmp_path / "author"
    root.mkdir()
    _git(root, "init", "-q", "-b", "main")
    _committed(root, "other", "9.0.0")
    _committed(root, "services/database", "1.0.0")
    return root


def test_a_workspace_in_a_folder_of_the_repository(author: Path, tmp_path: Path) -> None:
    table = PublishingTable(checkout="author", folder="services/database")
    _, archive = archive_of(table, tmp_path, "main")
    assert _names(archive) == {"schemas/1.0.0/schema.prisma"}
    for folder in ("services", "nowhere"):
        with pytest.raises(CheckoutError, match="git archive failed"):
            archive_of(PublishingTable(checkout="author", folder=folder), tmp_path, "main")


def test_the_remote_is_asked_first_where_the_settings_name_it(author: Path, tmp_path: Path) -> None:
    subprocess.run(["git", "clone", "-q", "author", "clone"], cwd=tmp_path, check=True)
    still = PublishingTable(checkout="clone", folder="services/database")
    fetching = still.model_copy(update={"fetch": "origin"})
    before, _ = archive_of(fetching, tmp_path, "main")
    after = _committed(author, "services/database", "1.1.0")
    _git(author, "tag", "v1.1.0")
    with pytest.raises(CheckoutError, match="no branch, tag or commit"):
        archive_of(still, tmp_path, "v1.1.0")
    assert archive_of(still, tmp_path, "main")[0] == before
    for ref in ("main", "refs/heads/main", "v1.1.0", after):
        commit, archive = archive_of(fetching, tmp_path, ref)
        assert commit == after, ref
        assert _names(archive) == {f"schemas/{each}/schema.prisma" for each in ("1.0.0", "1.1.0")}
    # What nobody has pushed is nobody's release.
    _git(tmp_path / "clone", "branch", "local")
    with pytest.raises(CheckoutError, match="no branch, tag or commit"):
        archive_of(fetching, tmp_path, "local")
    with pytest.raises(CheckoutError, match="git fetch failed in the checkout"):
        archive_of(still.model_copy(update={"fetch": "nowhere"}), tmp_path, "main")
