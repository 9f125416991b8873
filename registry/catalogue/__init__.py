"""The state database: published versions, their migrations and artifacts' digests, and announcements."""

from .catalogue import Catalogue
from .deliveries import Announcement, Deliveries, Delivery
from .drafts import PublishedDraft
from .records import PublishedArtifact, PublishedVersion, VersionSummary

__all__ = [
    "Announcement",
    "Catalogue",
    "Deliveries",
    "Delivery",
    "PublishedArtifact",
    "PublishedDraft",
    "PublishedVersion",
    "VersionSummary",
]
