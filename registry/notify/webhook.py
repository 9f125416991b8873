"""Sends announcements to the webhook of ``[notify]``.

At least once: after a kill between the receiver's answer and the row that records it, it is sent again, under
the same ``webhook-id``, by which a receiver can tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import requests

from ..catalogue import Deliveries, Delivery
from ..config.settings import NotifyTable

_TIMEOUT_SECONDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of announcements. ``summary`` is one line for people."""

    delivered: int
    failed: int
    summary: str


def send_waiting(deliveries: Deliveries, notify: NotifyTable) -> Sent:
    """Send what was not delivered yet, oldest first; after one that fails the others wait for the next run.

    Never raises for a webhook that fails. Raises CatalogueError.
    """
    if notify.webhook_env is None:
        return Sent(delivered=0, failed=0, summary="skipped: [notify] webhook_env is not set")
    waiting = deliveries.waiting()
    if not waiting:
        return Sent(delivered=0, failed=0, summary="nothing to announce")
    return send(deliveries, notify, waiting)


def send(deliveries: Deliveries, notify: NotifyTable, chosen: Iterable[Delivery]) -> Sent:
    """Send ``chosen``, until one fails."""
    chosen = tuple(chosen)
    if (url := notify.webhook_url) is None:
        why = f"the variable {notify.webhook_env}, which [notify] webhook_env names, is not set"
        return Sent(delivered=0, failed=0, summary=f"{_announcements(len(chosen))} kept: {why}")
    for count, delivery in enumerate(chosen):
        failure = _post(url, delivery)
        deliveries.attempted(delivery.id, at=datetime.now(UTC), failure=failure)
        if failure is not None:
            left = _announcements(len(chosen) - count)
            summary = f"the webhook failed ({failure}); {left} kept for the next run"
            return Sent(delivered=count, failed=1, summary=summary)
    return Sent(
        delivered=len(chosen), failed=0, summary=f"the webhook was called: {_announcements(len(chosen))}"
    )


def _post(url: str, delivery: Delivery) -> str | None:
    """Why it failed, in words without the URL, which is a secret; None if it was delivered."""
    headers = {
        "Content-Type": "application/json",
        "webhook-id": delivery.id,
        "webhook-timestamp": str(int(datetime.now(UTC).timestamp())),
    }
    try:
        answer = requests.post(
            url,
            data=delivery.body.encode(),
            headers=headers,
            timeout=_TIMEOUT_SECONDS,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        return type(error).__name__
    return None if 200 <= answer.status_code < 300 else f"status {answer.status_code}"


def _announcements(count: int) -> str:
    return f"{count} announcement{'' if count == 1 else 's'}"
