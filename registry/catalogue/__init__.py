"""The state database: every published version, its migrations and its artifacts' digests."""

from .catalogue import Catalogue
from .records import PublishedArtifact, PublishedVersion

__all__ = ["Catalogue", "PublishedArtifact", "PublishedVersion"]
