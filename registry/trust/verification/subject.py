"""The version that is verified, as the places that know of it have it."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.versions import SchemaVersion
from schemas.workspace.release_lock import ReleaseLock
from schemas.workspace.version_source import VersionSource
from schemas.workspace.workspace import Workspace

from ...catalogue import Catalogue, PublishedVersion
from ...config.settings import Settings
from ..attesting import published_at
from ..public_keys import PublicKeys


@dataclass(frozen=True, kw_only=True)
class Subject:
    """``source`` is what the workspace has of it, ``published`` what the catalogue has."""

    version: SchemaVersion
    workspace: Workspace
    settings: Settings
    catalogue: Catalogue
    source: VersionSource | None
    published: PublishedVersion | None

    @property
    def lock(self) -> ReleaseLock | None:
        return self.source.lock if self.source else None

    def must_be_signed(self, keys: PublicKeys) -> bool:
        """Whether it was published while a key was in use."""
        if self.lock is not None:
            return keys.in_use(published_at(self.lock))
        return self.published is not None and keys.in_use(self.published.published_at)
