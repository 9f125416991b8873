"""How `publish` in one terminal logs in to the registries that `up` runs in another.

The passwords are random, kept in the workspace's private folder in a file that only its owner may read, and
used for addresses of this machine only.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from schemas.workspace.files import private_folder
from schemas.workspace.private_folder import PRIVATE_FOLDER

from ..config.credentials import NpmCredentials, PypiCredentials
from ..config.secret import Secret
from .private_files import write_private

_PLACE = ("local", "credentials.json")


def write_local_credentials(
    root: Path, *, pypi: dict[str, PypiCredentials], npm: dict[str, NpmCredentials]
) -> None:
    """Keep the credentials, by address, for :func:`read_local_credentials`. Raises WorkspaceError."""
    document = {
        "pypi": {url: [c.username, c.password.reveal()] for url, c in pypi.items()},
        "npm": {url: [c.scheme, c.secret.reveal()] for url, c in npm.items()},
    }
    path = private_folder(root, *_PLACE)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(path, json.dumps(document))


def read_local_credentials(root: Path) -> tuple[dict[str, PypiCredentials], dict[str, NpmCredentials]]:
    """The credentials by address; none where `up` never ran or the file was changed."""
    try:
        path = root.joinpath(PRIVATE_FOLDER, *_PLACE)
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        pypi = {url: PypiCredentials(name, Secret(word)) for url, (name, word) in document["pypi"].items()}
        npm = {url: NpmCredentials(scheme, Secret(word)) for url, (scheme, word) in document["npm"].items()}
    except (OSError, ValueError, KeyError, TypeError):
        return {}, {}
    return pypi, npm
