"""The publishers that a workspace's settings name, with this machine's credentials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from generators.target import Kind
from schemas.errors import Problem
from schemas.workspace.workspace import Workspace

from ..config.addresses import origin
from ..config.credentials import (
    NpmCredentials,
    PypiCredentials,
    credentials_fix,
    npm_credentials,
    pypi_credentials,
)
from ..config.settings import FILE_NAME, NpmTable, PypiTable, Settings
from ..errors import SettingsError
from ..local.local_credentials import read_local_credentials
from .npm import NpmPublisher, NpmSigner
from .publisher import Publisher
from .pypi import PypiPublisher
from .several_registries import SeveralRegistries
from .staged_index import StagedIndex


def open_publishers(
    workspace: Workspace, settings: Settings, sign: NpmSigner | None = None
) -> Mapping[Kind, Publisher]:
    """A publisher for each kind of artifact, with the credentials that this machine has for it. ``sign``
    signs what goes to npm's registry."""
    require_registries(settings)
    pypi, npm = settings.registries.all_pypi, settings.registries.all_npm
    local_pypi, local_npm = read_local_credentials(workspace.root)
    indexes = [_index(table, local_pypi, is_first=table is pypi[0]) for table in pypi]
    registries = [
        _registry(table, local_npm, workspace.root, sign, is_first=table is npm[0]) for table in npm
    ]
    return {"wheel": _together(indexes), "npm": _together(registries)}


def require_registries(settings: Settings) -> None:
    """Raises SettingsError where there is nowhere to publish to."""
    tables = {"pypi": settings.registries.all_pypi, "npm": settings.registries.all_npm}
    missing = [name for name, found in tables.items() if not found]
    if missing:
        raise SettingsError(*(_missing(name) for name in missing))


def _together(publishers: Sequence[Publisher]) -> Publisher:
    return publishers[0] if len(publishers) == 1 else SeveralRegistries(tuple(publishers))


def _index(table: PypiTable, local: Mapping[str, PypiCredentials], *, is_first: bool) -> Publisher:
    def at(url: str, simple_url: str, name: str | None, *, is_first: bool) -> PypiPublisher:
        return PypiPublisher(
            upload_url=url if table.kind == "nexus" else url.rstrip("/"),  # as each documents it
            index_url=simple_url,
            credentials=pypi_credentials(url, name=name, is_first=is_first, local=local),
            auth=table.auth,
            is_devpi=table.kind == "devpi",
            credentials_fix=credentials_fix("pypi", name, is_first=is_first),
        )

    release = at(table.url, table.simple_url, table.name, is_first=is_first)
    if table.staging_url is None:
        return release
    if origin(table.staging_url) == origin(table.url):
        name = table.name
    else:
        name, is_first = f"{table.name}-staging" if table.name else "staging", False
    return StagedIndex(release, at(table.staging_url, table.staging_simple_url, name, is_first=is_first))


def _registry(
    table: NpmTable,
    local: Mapping[str, NpmCredentials],
    project: Path,
    sign: NpmSigner | None,
    *,
    is_first: bool,
) -> Publisher:
    return NpmPublisher(
        url=table.url,
        credentials=npm_credentials(
            table.url, name=table.name, is_first=is_first, local=local, project=project
        ),
        auth=table.auth,
        credentials_fix=credentials_fix("npm", table.name, is_first=is_first),
        sign=sign,
    )


def _missing(name: str) -> Problem:
    return Problem(
        code="missing-setting",
        message=f"there is no registry to publish to: [registries.{name}] is missing",
        fix=f'add [registries.{name}] with url = "…", or run schema-service up for a local one',
        file=FILE_NAME,
    )
