"""Webhooks by the Standard Webhooks specification: what is sent, and what answers mean.

At least once: after a kill between the receiver's answer and the row that records it, it is sent again, under
the same ``webhook-id``, by which a receiver can tell.
"""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult, urlsplit

import requests
from standardwebhooks import Webhook

from ..catalogue import Delivery
from ..config.channels import WebhookTable
from ..config.secret import Secret
from .channel import Failure
from .places import required, unusable
from .time_limit import within

_STEP_SECONDS = 10  # to connect, and between two parts of an answer
_WHOLE_SECONDS = 20
_MOST_WAIT_SECONDS = 86_400.0
_PREFIX = "whsec_"
_SECRET_BYTES = range(24, 65)
#: What says nothing of the announcement: another one would get the same answer.
_OF_ANY = (401, 403, 404, 405, 408, 410, 429)
_WORDS = {
    "ConnectTimeout": "no answer in time",
    "ReadTimeout": "no answer in time",
    "SSLError": "its certificate can't be verified",
    "ConnectionError": "it can't be reached",
}


class WebhookChannel:
    """The webhook of ``[notify.webhooks.<name>]``."""

    def __init__(self, name: str, table: WebhookTable) -> None:
        self._setting = f"[notify] channel {name}"
        self._table = table

    def require(self) -> None:
        self._url()
        self._signers()

    def send(self, delivery: Delivery, at: datetime) -> Failure | None:
        url, signers = self._url(), self._signers()
        signatures = [signer.sign(delivery.id, at, delivery.body) for signer in signers]
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "schema-service",
            "webhook-id": delivery.id,
            "webhook-timestamp": str(int(at.timestamp())),
            **({"webhook-signature": " ".join(signatures)} if signatures else {}),
        }
        try:
            return within(_WHOLE_SECONDS, lambda: _post(url, delivery.body.encode(), headers))
        except TimeoutError:
            return Failure(why="no answer in time")
        except Exception as error:  # whatever an address leads to; its text may have the address in it
            kind = type(error).__name__
            return Failure(why=_WORDS.get(kind, kind))

    def _url(self) -> Secret:
        place = self._table.url
        url = required(place, self._setting)
        parts = _split(url.reveal())
        if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
            raise unusable(place, "is no http:// or https:// address", "correct it")
        return url

    def _signers(self) -> list[Webhook]:
        """One for each secret, so that a receiver can be given a new one before the old one ends."""
        place = self._table.secret
        if place is None:
            return []
        keys = [_key(text) for text in required(place, self._setting).reveal().split()]
        if None in keys:
            why = "has to hold secrets of the Standard Webhooks specification, with blanks between them"
            raise unusable(place, why, "write each as whsec_ and the base64 of 24 to 64 random bytes")
        return [Webhook(key) for key in keys if key is not None]


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _key(text: str) -> bytes | None:
    encoded = text.removeprefix(_PREFIX)
    try:
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if text.startswith(_PREFIX) and len(key) in _SECRET_BYTES else None


def _post(url: Secret, body: bytes, headers: dict[str, str]) -> Failure | None:
    """Nothing of an answer is read but its status and headers, and no redirect is followed: the specification
    says so, and who may redirect could send us anywhere."""
    with requests.post(
        url.reveal(), data=body, headers=headers, timeout=_STEP_SECONDS, allow_redirects=False, stream=True
    ) as answer:
        status = answer.status_code
        retry_after = answer.headers.get("Retry-After", "")
    if 200 <= status < 300:
        return None
    return Failure(
        why=_meaning(status),
        status=status,
        retry_after_seconds=_seconds(retry_after),
        is_of_announcement=400 <= status < 500 and status not in _OF_ANY,
    )


def _meaning(status: int) -> str:
    if 300 <= status < 400:
        return f"status {status}: it redirects, which is not followed"
    if status == 410:
        return "status 410: it wants no more announcements"
    return f"status {status}"


def _seconds(retry_after: str) -> float:
    """RFC 9110, section 10.2.3: seconds or a date; at most a day of either."""
    try:
        if retry_after.strip().isdecimal():
            seconds = float(retry_after)
        else:
            seconds = (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return 0.0
    return min(max(seconds, 0.0), _MOST_WAIT_SECONDS)
