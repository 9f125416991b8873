"""Removing what is kept for a stated time only: events of what is over, and drafts that were sent."""

from __future__ import annotations

from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event

from schemas.errors import ServiceError

from ..artifacts.store import open_store
from ..background import in_background
from ..catalogue import Catalogue
from ..config.settings import Settings

_PAUSE_SECONDS = 3600.0
_STOP_SECONDS = 5.0


def clean(catalogue: Catalogue, settings: Settings, root: Path) -> None:
    """Remove what is older than the settings say. ``root`` is the workspace's. Raises CatalogueError and
    ArtifactStoreError."""
    now = datetime.now(UTC)
    catalogue.operation.forget_events(now - timedelta(days=settings.state.keep_events_days))
    before = now - timedelta(days=settings.publishing.keep_days)
    forgotten = catalogue.uploads.forget(before)
    if forgotten:
        store = open_store(settings.artifacts, root)
        for digest in forgotten:
            store.remove(digest, before)


def cleaning_in_background(
    catalogue: Catalogue, settings: Settings, root: Path
) -> AbstractContextManager[Event]:
    """Do so every hour until the block ends."""
    return in_background(partial(_clean_until, catalogue, settings, root), patience_seconds=_STOP_SECONDS)


def _clean_until(catalogue: Catalogue, settings: Settings, root: Path, is_over: Event) -> None:
    while True:
        with suppress(ServiceError, OSError):  # the next time
            clean(catalogue, settings, root)
        if is_over.wait(_PAUSE_SECONDS):
            return
