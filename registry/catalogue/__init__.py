"""The state database: published versions, their migrations and artifacts' digests, and announcements."""

from .catalogue import Catalogue
from .corrections import CORRECTABLE, Correction, Corrections, What
from .deliveries import Announcement, Attempt, Deliveries, Delivery
from .records import PublishedArtifact, PublishedVersion, VersionSummary
from .release_log import LoggedRelease, ReleaseLog

__all__ = [
    "CORRECTABLE",
    "Announcement",
    "Attempt",
    "Catalogue",
    "Correction",
    "Corrections",
    "Deliveries",
    "Delivery",
    "LoggedRelease",
    "PublishedArtifact",
    "PublishedVersion",
    "ReleaseLog",
    "VersionSummary",
    "What",
]
