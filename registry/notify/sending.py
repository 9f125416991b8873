"""Sends announcements: what is due, or what a person asks for. One process at a time does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from schemas.errors import Problem

from ..catalogue import Attempt, Deliveries, Delivery
from ..config.channels import NotifyTable, WebhookTable
from ..errors import AnnouncementsBusyError, SettingsError
from .channel import Channel, Failure, UnusableChannelError
from .chat import ChatChannel
from .schedule import next_attempt
from .webhook import WebhookChannel

_UNUSABLE_PAUSE = timedelta(minutes=1)
_GONE = 410
_Next = Callable[[Collection[str]], Delivery | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of announcements. ``held``: channels that can't be used from here, so nothing was tried.
    ``summary`` is one line for people."""

    delivered: int
    failed: int
    summary: str
    held: int = 0


@dataclass(slots=True)
class _Outcome:
    """``failures``: how often each thing went wrong. ``closed``: channels that get no more in this run."""

    delivered: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    closed: set[str] = field(default_factory=set)
    held: int = 0
    tried: set[str] = field(default_factory=set)


def channels_of(notify: NotifyTable) -> Mapping[str, Channel]:
    """The channels that the settings name."""
    return {
        name: WebhookChannel(name, table) if isinstance(table, WebhookTable) else ChatChannel(name, table)
        for name, table in notify.channels.items()
    }


def require_channels(notify: NotifyTable, names: Collection[str]) -> None:
    """Raises SettingsError with what is missing or wrong in the addresses and secrets of these channels."""
    problems: list[Problem] = []
    for name, channel in channels_of(notify).items():
        try:
            if name in names:
                channel.require()
        except UnusableChannelError as error:
            problems.append(error.problem)
    if problems:
        raise SettingsError(*problems)


def send_due(deliveries: Deliveries, notify: NotifyTable, *, wait_seconds: float = 0.0) -> Sent:
    """Try what is due, oldest first, until nothing is. Never raises for a receiver that fails. Raises
    CatalogueError.

    ``wait_seconds``: how long to wait for another process that sends; it sends what is there, too.
    """
    now = datetime.now(UTC)
    if not notify.channels:
        deliveries.note_next(no_sooner=now + _UNUSABLE_PAUSE)
        return Sent(delivered=0, failed=0, summary="skipped: no channel is set under [notify]")
    if not deliveries.has_due(now):
        deliveries.note_next()
        return Sent(delivered=0, failed=0, summary="nothing to announce")
    with deliveries.only_sender(wait_seconds=wait_seconds) as is_ours:
        if not is_ours:
            return Sent(delivered=0, failed=0, summary="another process is sending what is to be announced")
        return _send(deliveries, notify, lambda done: _first_due(deliveries.pending(), done))


def send_pending(deliveries: Deliveries, notify: NotifyTable, *, wait_seconds: float) -> Sent:
    """Try all that isn't delivered or given up, whether it is due or not. Raises AnnouncementsBusyError and
    CatalogueError."""
    return send_chosen(deliveries, notify, deliveries.pending(), wait_seconds=wait_seconds, again=False)


def send_chosen(
    deliveries: Deliveries,
    notify: NotifyTable,
    chosen: Collection[Delivery],
    *,
    wait_seconds: float,
    again: bool = True,
) -> Sent:
    """Try ``chosen``, with ``again`` even what was delivered or given up. Raises AnnouncementsBusyError and
    CatalogueError."""
    if not chosen:
        return Sent(delivered=0, failed=0, summary="nothing to announce")
    with deliveries.only_sender(wait_seconds=wait_seconds) as is_ours:
        if not is_ours:
            raise AnnouncementsBusyError(_busy())
        names = {each.id for each in chosen}
        now = [each for each in deliveries.all() if each.id in names and (again or each.state == "pending")]
        return _send(deliveries, notify, lambda done: _first(now, done), by_hand=again)


def _send(deliveries: Deliveries, notify: NotifyTable, following: _Next, *, by_hand: bool = False) -> Sent:
    channels, outcome = channels_of(notify), _Outcome()
    while (delivery := following(outcome.tried)) is not None:
        outcome.tried.add(delivery.id)
        if delivery.channel not in outcome.closed:
            _try(deliveries, channels.get(delivery.channel), delivery, outcome, by_hand=by_hand)
    deliveries.note_next(no_sooner=datetime.now(UTC) + _UNUSABLE_PAUSE if outcome.held else None)
    return _summary(outcome)


def _try(
    deliveries: Deliveries, channel: Channel | None, delivery: Delivery, outcome: _Outcome, *, by_hand: bool
) -> None:
    name, at = delivery.channel, datetime.now(UTC)
    if not by_hand and deliveries.is_gone(name):
        _close(outcome, name, f"{name}: it wants no more announcements")
        deliveries.give_up(name, "not sent: the receiver wants no more announcements", at)
        return
    if channel is None:
        _hold(outcome, name, f"there is no channel {name} under [notify]")
        return
    try:
        failure = channel.send(delivery, at)
    except UnusableChannelError as error:
        _hold(outcome, name, error.problem.message)
        return
    ended = datetime.now(UTC)
    if failure is None:
        deliveries.attempted(delivery.id, Attempt(at=ended))
        outcome.delivered += 1
        return
    _record(deliveries, delivery, failure, ended, outcome)


def _record(
    deliveries: Deliveries, delivery: Delivery, failure: Failure, at: datetime, outcome: _Outcome
) -> None:
    name, is_gone = delivery.channel, failure.status == _GONE
    next_at = next_attempt(
        delivery.id, delivery.attempts + 1, at, no_sooner_seconds=failure.retry_after_seconds
    )
    is_last = is_gone or delivery.state != "pending"
    attempt = Attempt(at=at, failure=failure.why, status=failure.status, next_at=None if is_last else next_at)
    deliveries.attempted(delivery.id, attempt)
    if failure.is_of_announcement:
        outcome.failures[f"{name}: {failure.why}"] += 1
        return
    _close(outcome, name, f"{name}: {failure.why}")
    if is_gone:
        deliveries.give_up(name, "not sent: the receiver wants no more announcements", at)
    elif next_at is not None:
        deliveries.postpone(name, next_at)


def _hold(outcome: _Outcome, channel: str, why: str) -> None:
    """Nothing is recorded: another machine may well have what is missing here."""
    _close(outcome, channel, why)
    outcome.held += 1


def _close(outcome: _Outcome, channel: str, why: str) -> None:
    outcome.failures[why] += 1
    outcome.closed.add(channel)


def _first_due(rows: Collection[Delivery], done: Collection[str]) -> Delivery | None:
    now = datetime.now(UTC)
    due = [row for row in rows if row.next_attempt_at is not None and row.next_attempt_at <= now]
    return _first(due, done)


def _first(rows: Collection[Delivery], done: Collection[str]) -> Delivery | None:
    return next((row for row in rows if row.id not in done), None)


def _summary(outcome: _Outcome) -> Sent:
    arrived = f"{outcome.delivered} announcement{'' if outcome.delivered == 1 else 's'} delivered"
    failed = sum(outcome.failures.values())
    if not failed:
        return Sent(delivered=outcome.delivered, failed=0, summary=arrived)
    why = "; ".join(outcome.failures)
    lead = f"{arrived}; " if outcome.delivered else ""
    summary = f"{lead}not all arrived ({why}): schema-service deliveries shows what waits"
    return Sent(delivered=outcome.delivered, failed=failed, summary=summary, held=outcome.held)


def _busy() -> Problem:
    return Problem(
        code="announcements-busy",
        message="another process is sending announcements",
        fix="wait until it has finished, then run this again",
    )
