"""What is announced: one event, for every channel that wants it, to be recorded with what it tells of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from schemas.versions import SchemaVersion

from ..catalogue import Announcement
from ..config.channels import EVENTS, NotifyTable


def announcement(
    notify: NotifyTable,
    event: str,
    *,
    schema_name: str,
    version: SchemaVersion,
    data: Mapping[str, Any],
    at: datetime | None = None,
) -> Announcement:
    """``event`` as :meth:`registry.catalogue.Deliveries.add` takes it, in the transaction of what happened.

    ``data`` has JSON values. The body is the payload of the Standard Webhooks specification: ``type``,
    ``timestamp`` and ``data``. Raises ValueError for an event that isn't one of EVENTS.
    """
    if event not in EVENTS:
        raise ValueError(f"no channel can ask for {event}")
    at = at or datetime.now(UTC)
    body = {
        "type": event,
        "timestamp": at.isoformat(),
        "data": {"schema": schema_name, "version": str(version), **data},
    }
    return Announcement(event=event, version=version, body=body, channels=notify.interested(event))
