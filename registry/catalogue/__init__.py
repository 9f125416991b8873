"""The state database: published versions, their migrations and artifacts' digests, what was done to them, and
announcements."""

from .catalogue import Catalogue
from .corrections import CORRECTABLE, Correction, Corrections, What
from .deliveries import Announcement, Attempt, Deliveries, Delivery
from .drafts import PublishedDraft
from .events import Event, Events, NewEvent
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
    "Event",
    "Events",
    "LoggedRelease",
    "NewEvent",
    "PublishedArtifact",
    "PublishedDraft",
    "PublishedVersion",
    "ReleaseLog",
    "VersionSummary",
    "What",
]
