"""The state database: published versions, their migrations and artifacts' digests, what was done to them, and
announcements."""

from .catalogue import Catalogue
from .deliveries import Announcement, Deliveries, Delivery
from .events import Event, Events, NewEvent
from .records import PublishedArtifact, PublishedVersion, VersionSummary

__all__ = [
    "Announcement",
    "Catalogue",
    "Deliveries",
    "Delivery",
    "Event",
    "Events",
    "NewEvent",
    "PublishedArtifact",
    "PublishedVersion",
    "VersionSummary",
]
