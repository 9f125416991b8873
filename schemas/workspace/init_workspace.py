"""``schema-service init``: creates a new workspace, all of it or nothing."""

from __future__ import annotations

import keyword
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from ..errors import Problem, WorkspaceError
from .files import unwritable, write_atomically, write_folder
from .private_folder import PRIVATE_FOLDER
from .starter_schema import STARTER_SCHEMA
from .version_toml import VersionToml
from .workspace import TOML_NAME, VERSIONS_FOLDER, Workspace

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_MAX_NAME = 50

_TOML = """\
# A Schema Service workspace. Versions are in schemas/; this file names their packages and registries.
name = "{name}"

[packages]
python_client = "{name}-client"
python_import = "{module}_client"
python_interface = {interface:<23} # what the alias `Prisma` names: "asyncio" or "sync"
python_migrations = "{name}-migrations"
python_migrations_import = "{module}_migrations"
node_client = "@org/{name}-client"
typescript_types = "@org/{name}-types"

# Where packages are published. These are the registries that `schema-service up` starts on this machine; any
# registry with the same protocol works. Credentials come from the environment, a keyring, .pypirc or .npmrc;
# never write them here.
[registries.pypi]
url = "http://127.0.0.1:3141/schema/release/"

[registries.npm]
url = "http://127.0.0.1:4873/"

# What was published, where and when. A team can share it by giving a Postgres URL here.
[state]
url = "sqlite:///{private}/state.db"
"""


def create_workspace(folder: Path, *, name: str, sample: bool) -> Workspace:
    """A new workspace in ``folder``: with the sample's three versions, or with an empty draft of 1.0.0.

    Raises WorkspaceError for a name that packages can't have, or if something is in the way.
    """
    return lay_out(folder, name=name, versions=sample_versions() if sample else _first_draft())


def lay_out(folder: Path, *, name: str, versions: Mapping[str, bytes], blocking: bool = False) -> Workspace:
    """A new workspace with the files of ``versions`` (POSIX paths below ``schemas/``).

    ``blocking``: the Python package prefers its blocking client.
    """
    problems = [*_name_problems(name), *_obstacles(folder)]
    if problems:
        raise WorkspaceError(*problems)
    module, interface = name.replace("-", "_"), '"sync"' if blocking else '"asyncio"'
    toml = _TOML.format(name=name, module=module, interface=interface, private=PRIVATE_FOLDER)
    made = [each for each in (folder, *folder.parents) if not each.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_folder(folder / VERSIONS_FOLDER, versions)
        made.insert(0, folder / VERSIONS_FOLDER)
        _ignore_private_folder(folder / ".gitignore")
        write_atomically(folder / TOML_NAME, toml)  # last: this file makes the folder a workspace
    except OSError as error:
        _take_back(folder, made)
        raise WorkspaceError(unwritable(folder, error)) from None
    return Workspace(folder.resolve())


def _take_back(folder: Path, made: Sequence[Path]) -> None:
    """Remove what was ``made``, the innermost first; a folder that existed before stays."""
    if folder / VERSIONS_FOLDER in made:
        shutil.rmtree(folder / VERSIONS_FOLDER, ignore_errors=True)
    if folder in made:
        with suppress(OSError):
            (folder / ".gitignore").unlink()
    for each in made:
        with suppress(OSError):
            each.rmdir()


def sample_versions() -> dict[str, bytes]:
    """The sample's files: POSIX paths below ``schemas/``."""
    return dict(sorted(_files_below(files("schemas") / "sample" / "schemas", "")))


def _files_below(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _files_below(entry, f"{prefix}{entry.name}/")
        else:
            yield f"{prefix}{entry.name}", entry.read_bytes()


def _first_draft() -> dict[str, bytes]:
    return {
        "1.0.0/schema.prisma": STARTER_SCHEMA.encode(),
        "1.0.0/version.toml": VersionToml(description="The first version.").to_toml().encode(),
        "1.0.0/CHANGELOG.md": b"",
    }


def _ignore_private_folder(gitignore: Path) -> None:
    line = f"{PRIVATE_FOLDER}/"
    text = gitignore.read_text(encoding="utf-8") if gitignore.exists() else ""
    if line not in text.splitlines():
        separator = "" if text.endswith("\n") or not text else "\n"
        write_atomically(gitignore, f"{text}{separator}{line}\n")


def _name_problems(name: str) -> list[Problem]:
    if _NAME.fullmatch(name) and len(name) <= _MAX_NAME and not keyword.iskeyword(name):
        return []
    return [
        Problem(
            code="bad-workspace-name",
            message=f"{name[:80]!r} can't be used in the names of Python and Node packages",
            fix=f"use up to {_MAX_NAME} lower-case letters, digits and single hyphens, like billing",
        )
    ]


def _obstacles(folder: Path) -> list[Problem]:
    if folder.exists() and not folder.is_dir():
        return [_in_the_way(folder, "is not a folder")]
    if (folder / TOML_NAME).exists():
        return [_in_the_way(folder, "is a workspace already")]
    versions = folder / VERSIONS_FOLDER
    if versions.exists() and (not versions.is_dir() or any(versions.iterdir())):
        return [_in_the_way(versions, "exists already, where the versions have to go")]
    return []


def _in_the_way(path: Path, what: str) -> Problem:
    return Problem(
        code="folder-in-use",
        message=f"{path} {what}",
        fix="choose another folder; nothing was changed",
        file=str(path),
    )
