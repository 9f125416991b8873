"""The state database: published versions, their migrations and artifacts' digests, and announcements."""

from .catalogue import Catalogue
from .deliveries import Announcement, Deliveries, Delivery
from .records import PublishedArtifact, PublishedVersion, VersionSummary

__all__ = [
    "Announcement",
    "Catalogue",
    "Deliveries",
    "Delivery",
    "PublishedArtifact",
    "PublishedVersion",
    "VersionSummary",
]
