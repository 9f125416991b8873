"""The state database: published versions, their migrations and artifacts' digests, what was done to them, and
announcements."""

from .catalogue import Catalogue
from .deliveries import Announcement, Attempt, Deliveries, Delivery
from .facts.corrections import CORRECTABLE, Correction, Corrections, What
from .facts.drafts import PublishedDraft
from .facts.events import Event, Events, NewEvent
from .facts.release_log import LoggedRelease, ReleaseLog
from .records import PublishedArtifact, PublishedVersion, VersionSummary, VersionTexts

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
    "VersionTexts",
    "What",
]
