"""The services behind commands, API and releases, opened from the settings and closed after use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from generators.target import Kind
from schemas.errors import Problem
from schemas.prisma.bridge import PrismaBridge
from schemas.workspace.workspace import Workspace

from .catalogue.opening import open_catalogue
from .config.credentials import npm_credentials, pypi_credentials
from .config.settings import FILE_NAME, Settings
from .errors import SettingsError
from .local.local_credentials import read_local_credentials
from .publishers.npm import NpmPublisher
from .publishers.publisher import Publisher
from .publishers.pypi import PypiPublisher
from .release.context import ReleaseContext
from .trust.private_key import release_key
from .trust.signing import SigningKey


@contextmanager
def open_release(workspace: Workspace, settings: Settings, bridge: PrismaBridge) -> Iterator[ReleaseContext]:
    """What a release uses. Raises SettingsError where no registry is set, and SigningKeyError."""
    key = release_key(workspace.root, settings.trust)
    publishers = open_publishers(workspace, settings, key)
    with open_catalogue(workspace, settings) as catalogue:
        yield ReleaseContext(
            root=workspace.root,
            settings=settings,
            catalogue=catalogue,
            bridge=bridge,
            publishers=dict(publishers),
            rehearsal_url=settings.rehearsal.url,
            signing_key=key,
        )


def open_publishers(
    workspace: Workspace, settings: Settings, key: SigningKey | None = None
) -> Mapping[Kind, Publisher]:
    """A publisher for each kind of artifact, with the credentials that this machine has for it. ``key`` signs
    what goes to npm's registry."""
    pypi, npm = settings.registries.pypi, settings.registries.npm
    if pypi is None or npm is None:
        missing = [name for name, table in (("pypi", pypi), ("npm", npm)) if table is None]
        raise SettingsError(*(_missing(name) for name in missing))
    local_pypi, local_npm = read_local_credentials(workspace.root)
    return {
        "wheel": PypiPublisher(
            upload_url=pypi.url,
            index_url=pypi.simple_url,
            credentials=pypi_credentials(pypi.url, local=local_pypi),
        ),
        "npm": NpmPublisher(
            url=npm.url,
            credentials=npm_credentials(npm.url, local=local_npm, project=workspace.root),
            sign=key.npm_signatures if key else None,
        ),
    }


def _missing(name: str) -> Problem:
    return Problem(
        code="missing-setting",
        message=f"there is no registry to publish to: [registries.{name}] is missing",
        fix=f'add [registries.{name}] with url = "…", or run schema-service up for a local one',
        file=FILE_NAME,
    )
