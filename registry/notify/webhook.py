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
_LATER = (401, 403, 404, 408, 429)  # what says nothing of the announcement


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of announcements. ``summary`` is one line for people."""

    delivered: int
    failed: int
    summary: str


def send_waiting(deliveries: Deliveries, notify: NotifyTable) -> Sent:
    """Send what was not delivered yet, oldest first. Never raises for a webhook that fails. Raises
    CatalogueError."""
    if notify.webhook_env is None:
        return Sent(delivered=0, failed=0, summary="skipped: [notify] webhook_env is not set")
    waiting = deliveries.waiting()
    if not waiting:
        return Sent(delivered=0, failed=0, summary="nothing to announce")
    return send(deliveries, notify, waiting)


def send(deliveries: Deliveries, notify: NotifyTable, chosen: Iterable[Delivery]) -> Sent:
    """Send ``chosen``, until the receiver can't be reached or fails. One that it refuses keeps no other."""
    chosen = tuple(chosen)
    if (url := notify.webhook_url) is None:
        why = f"the variable {notify.webhook_env}, which [notify] webhook_env names, is not set"
        return Sent(delivered=0, failed=0, summary=f"{_announcements(len(chosen))} kept: {why}")
    failures: list[_Failure] = []
    delivered = 0
    for delivery in chosen:
        failure = _post(url, delivery)
        deliveries.attempted(delivery.id, at=datetime.now(UTC), failure=failure.why if failure else None)
        if failure is None:
            delivered += 1
            continue
        failures.append(failure)
        if not failure.is_refusal:
            break
    if not failures:
        summary = f"the webhook was called: {_announcements(delivered)}"
    else:
        left = _announcements(len(chosen) - delivered)
        summary = f"the webhook failed ({failures[0].why}); {left} kept for the next run"
    return Sent(delivered=delivered, failed=len(failures), summary=summary)


@dataclass(frozen=True, slots=True)
class _Failure:
    """``is_refusal``: of this announcement, and not of any."""

    why: str
    is_refusal: bool


def _post(url: str, delivery: Delivery) -> _Failure | None:
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
        return _Failure(type(error).__name__, is_refusal=False)
    status = answer.status_code
    if 200 <= status < 300:
        return None
    return _Failure(f"status {status}", is_refusal=400 <= status < 500 and status not in _LATER)


def _announcements(count: int) -> str:
    return f"{count} announcement{'' if count == 1 else 's'}"
