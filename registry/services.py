"""The services behind commands, API and releases, opened from the settings and closed after use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from schemas.prisma.bridge import PrismaBridge
from schemas.workspace.files import private_folder
from schemas.workspace.workspace import Workspace

from .catalogue.opening import open_catalogue
from .config.settings import Settings
from .package_checks.npm_checks import NpmChecks
from .publishers.npm import NpmSigner
from .publishers.opening import open_publishers
from .release.context import ReleaseContext
from .trust.private_key import release_key


@contextmanager
def open_release(
    workspace: Workspace, settings: Settings, bridge: PrismaBridge, *, is_new: bool = True
) -> Iterator[ReleaseContext]:
    """What a release uses. Raises SettingsError where no registry is set, and SigningKeyError.

    ``is_new``: something new may be published. Otherwise nobody needs the key, which few people have, until
    an npm package is uploaded that its registry has lost.
    """
    key = release_key(workspace.root, settings.trust) if is_new else None
    sign = key.npm_signatures if key else None
    publishers = open_publishers(workspace, settings, sign if is_new else _signer(workspace, settings))
    with (
        open_catalogue(workspace, settings) as catalogue,
        NpmChecks(shared_in=private_folder(workspace.root, "local")) as npm_checks,
    ):
        yield ReleaseContext(
            root=workspace.root,
            settings=settings,
            catalogue=catalogue,
            bridge=bridge,
            npm_checks=npm_checks,
            publishers=dict(publishers),
            rehearsal_url=settings.rehearsal.url,
            signing_key=key,
        )


def _signer(workspace: Workspace, settings: Settings) -> NpmSigner:
    """One that looks for the key when it is called."""

    def sign(name: str, version: str, integrity: str) -> list[dict[str, str]]:
        key = release_key(workspace.root, settings.trust)
        return key.npm_signatures(name, version, integrity) if key else []

    return sign
