"""Sending in the background of a server, for as long as that runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from threading import Event

from ..background import in_background
from ..catalogue import Deliveries
from ..config.channels import NotifyTable
from ..errors import CatalogueError
from .sending import send_due

_LOOK_SECONDS = 5.0
_HELD_SECONDS = 60.0


@contextmanager
def sending_in_background(deliveries: Deliveries, notify: NotifyTable) -> Iterator[None]:
    """Try what becomes due until the block ends. A database that fails is asked again later."""
    if not notify.channels:
        yield
        return
    with in_background(partial(_send_until, deliveries, notify), patience_seconds=_LOOK_SECONDS):
        yield


def _send_until(deliveries: Deliveries, notify: NotifyTable, is_over: Event) -> None:
    pause = 0.0
    while not is_over.wait(pause):
        pause = _LOOK_SECONDS
        with suppress(CatalogueError):
            if deliveries.has_due(datetime.now(UTC)) and send_due(deliveries, notify).held:
                pause = _HELD_SECONDS
