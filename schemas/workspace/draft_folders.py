"""Renaming and deleting the folder of a draft; nothing outside it is touched."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from ..errors import Problem, WorkspaceError
from ..versions import SchemaVersion
from . import problems
from .files import exclusive, folder_names, read_text, write_atomically
from .workspace import VERSIONS_FOLDER, Workspace

_CHANGELOG = "CHANGELOG.md"


def rename_draft(workspace: Workspace, old: SchemaVersion, new: SchemaVersion) -> None:
    """Give the draft ``old`` the number ``new``.

    Raises WorkspaceError where there is no such draft, where ``new`` is taken, and where migrations would
    then run in another order.
    """
    with exclusive(workspace.root):
        folder = _draft_folder(workspace, old)
        if new in workspace.versions():
            raise WorkspaceError(problems.version_exists(new, f"{VERSIONS_FOLDER}/{new}"))
        if (between := _passed(workspace, old, new)) is not None:
            raise WorkspaceError(_other_order(old, new, between))
        _retitle(workspace.root, old, new)
        folder.rename(folder.with_name(str(new)))


def delete_draft(workspace: Workspace, version: SchemaVersion) -> None:
    """Delete the draft ``version`` with everything in its folder; what links lead to is not touched.

    Raises WorkspaceError where there is no such draft, and where migrations of later versions follow its own.
    """
    with exclusive(workspace.root):
        folder = deletable(workspace, version)
        # In one step, so that nobody sees half a version, whatever happens.
        aside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{version}-"))
        folder.rename(aside / folder.name)
        shutil.rmtree(aside)


def deletable(workspace: Workspace, version: SchemaVersion) -> Path:
    """The folder of a draft that may be deleted. Raises WorkspaceError as :func:`delete_draft` does."""
    folder = _draft_folder(workspace, version)
    later = [each for each in workspace.versions() if each > version and _has_migrations(workspace, each)]
    if later and _has_migrations(workspace, version):
        raise WorkspaceError(_followed(version, later[0]))
    return folder


def _draft_folder(workspace: Workspace, version: SchemaVersion) -> Path:
    known = workspace.versions()
    if version not in known:
        raise WorkspaceError(problems.unknown_version(version, known))
    relative = f"{VERSIONS_FOLDER}/{version}"
    if workspace.is_sealed(version):
        raise WorkspaceError(problems.sealed(version, relative))
    folder = workspace.root / relative
    if folder.is_symlink() or folder.parent.is_symlink():
        raise WorkspaceError(_linked(relative))
    return folder


def _has_migrations(workspace: Workspace, version: SchemaVersion) -> bool:
    return bool(folder_names(workspace.root, f"{VERSIONS_FOLDER}/{version}/migrations"))


def _passed(workspace: Workspace, old: SchemaVersion, new: SchemaVersion) -> SchemaVersion | None:
    """A version whose migrations are numbered between: the draft's would run on its other side."""
    if not _has_migrations(workspace, old):
        return None
    low, high = sorted((old, new))
    between = (each for each in workspace.versions() if low < each < high)
    return next((each for each in between if _has_migrations(workspace, each)), None)


def _retitle(root: Path, old: SchemaVersion, new: SchemaVersion) -> None:
    """A changelog that was drafted begins with the number."""
    file = f"{VERSIONS_FOLDER}/{old}/{_CHANGELOG}"
    if not (root / file).is_file() or (root / file).is_symlink():
        return
    text = read_text(root, file)
    if text.startswith(f"# {old}\n"):
        write_atomically(root / file, text.replace(f"# {old}", f"# {new}", 1))


def _other_order(old: SchemaVersion, new: SchemaVersion, between: SchemaVersion) -> Problem:
    return Problem(
        code="migrations-reordered",
        message=f"{old} can't become {new}: {between} lies between and has migrations, and their numbers "
        "follow the order of the versions",
        fix=f"choose a number on the same side of {between}, or draft {new} anew",
        file=f"{VERSIONS_FOLDER}/{old}",
    )


def _followed(version: SchemaVersion, later: SchemaVersion) -> Problem:
    return Problem(
        code="migrations-reordered",
        message=f"{version} can't be deleted: the migrations of {later} are numbered after its own",
        fix=f"delete {later} first, or remove its migrations and write them again afterwards",
        file=f"{VERSIONS_FOLDER}/{version}",
    )


def _linked(relative: str) -> Problem:
    return Problem(
        code="linked-version",
        message=f"{relative} is reached through a symbolic link, so it may be in use elsewhere",
        fix="replace the link with the folder itself",
        file=relative,
    )
