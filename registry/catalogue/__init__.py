"""The state database: published versions, their migrations and artifacts' digests, and announcements."""

from .catalogue import Catalogue
from .corrections import CORRECTABLE, Correction, Corrections, What
from .deliveries import Announcement, Deliveries, Delivery
from .records import PublishedArtifact, PublishedVersion, VersionSummary

__all__ = [
    "CORRECTABLE",
    "Announcement",
    "Catalogue",
    "Correction",
    "Corrections",
    "Deliveries",
    "Delivery",
    "PublishedArtifact",
    "PublishedVersion",
    "VersionSummary",
    "What",
]
