"""``deliveries``: what was announced to each channel, and what still waits."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Annotated, Any

import typer

from schemas.errors import ExitCode, Problem
from schemas.versions import SchemaVersion

from ...catalogue import Catalogue, Delivery
from ...catalogue.opening import open_catalogue
from ...config.settings import Settings
from ...errors import UsageError
from ..output import JsonFlag, emit_json, say
from ..session import current_workspace

_TIMES = ("created_at", "attempted_at", "next_attempt_at", "delivered_at", "given_up_at")
_WAIT_SECONDS = 10.0


def deliveries(  # noqa: PLR0917 - typer passes options by name
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID]...", help="Only these; all of them by default.", show_default=False),
    ] = None,
    send: Annotated[
        bool,
        typer.Option(
            "--send",
            help="Send them now: what waits, or what is named, even if it was delivered or given up.",
        ),
    ] = False,
    state: Annotated[
        DeliveryState | None,
        typer.Option("--state", help="Only those in this state.", show_default=False),
    ] = None,
    channel: Annotated[
        str | None,
        typer.Option("--channel", metavar="NAME", help="Only those to this channel.", show_default=False),
    ] = None,
    version: Annotated[
        str | None,
        typer.Option("--version", metavar="VERSION", help="Only those of this version.", show_default=False),
    ] = None,
    as_json: JsonFlag = False,
) -> int:
    """Show what was announced to the channels of [notify], and send it again.

    The options choose what is shown, and with --send what is sent.

    What failed is tried again after growing pauses, for a day: by `publish`, by any other command
    once it is due, and by `up` and `serve` while they run. A receiver can tell repetitions by
    their webhook-id.
    """
    workspace, settings = current_workspace(sends=True)
    failed, summary = 0, None
    wanted = _Wanted(
        ids=tuple(ids or ()),
        state=state.value.replace("-", " ") if state else None,
        channel=channel,
        version=SchemaVersion.parse(version, drafts=True) if version is not None else None,
    )
    with open_catalogue(workspace, settings, to_read=not send) as catalogue:
        chosen = wanted.of(catalogue.deliveries.all(), settings)
        if send:
            failed, summary = _send(catalogue, settings, chosen, wanted)
            known = {row.id for row in chosen}
            chosen = tuple(row for row in catalogue.deliveries.all() if row.id in known)
    exit_code = ExitCode.SERVICE if failed else ExitCode.DONE
    if as_json:
        rows = [_document(row) for row in chosen]
        emit_json({"ok": not failed, "sent": summary, "deliveries": rows})
        return exit_code
    for row in chosen:
        say(
            f"{row.id}  {row.channel}  {row.event} {row.version}  {row.created_at:%Y-%m-%d %H:%M:%S} UTC  "
            f"{_status(row, settings)}"
        )
    if not chosen:
        say("No announcement is like that." if wanted.is_any else "Nothing was announced yet.")
    if summary is not None:
        say(f"{summary[0].upper()}{summary[1:]}.")
    return exit_code


def _send(
    catalogue: Catalogue, settings: Settings, chosen: tuple[Delivery, ...], wanted: _Wanted
) -> tuple[int, str]:
    """How many failed, and a line that says what became of all."""
    from ...notify.sending import require_channels, send_chosen, send_pending  # noqa: PLC0415 - needs requests

    found = catalogue.deliveries
    if not wanted.is_repeated:
        chosen = tuple(row for row in chosen if row.state == "pending")
    require_channels(settings.notify, {row.channel for row in chosen})
    if wanted.is_any:
        sent = send_chosen(found, settings.notify, chosen, wait_seconds=_WAIT_SECONDS)
    else:
        sent = send_pending(found, settings.notify, wait_seconds=_WAIT_SECONDS)
    return sent.failed, sent.summary


class DeliveryState(StrEnum):
    """As the option has it."""

    PENDING = "pending"
    DELIVERED = "delivered"
    GIVEN_UP = "given-up"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """Which of all. Those with None are any."""

    ids: tuple[str, ...]
    state: str | None
    channel: str | None
    version: SchemaVersion | None

    @property
    def is_any(self) -> bool:
        """Whether something is asked for."""
        return self.is_repeated or self.channel is not None or self.version is not None

    @property
    def is_repeated(self) -> bool:
        """Whether what is delivered or given up would be sent, too: only where that is said."""
        return bool(self.ids) or self.state is not None

    def of(self, rows: Sequence[Delivery], settings: Settings) -> tuple[Delivery, ...]:
        """Raises UsageError for an id or a channel that there is none of."""
        unknown = [_unknown(each) for each in self.ids if each not in {row.id for row in rows}]
        channels = {*settings.notify.channels, *(row.channel for row in rows)}
        if self.channel is not None and self.channel not in channels:
            unknown.append(_unknown_channel(self.channel, channels))
        if unknown:
            raise UsageError(*unknown)
        return tuple(row for row in rows if self._is_wanted(row))

    def _is_wanted(self, row: Delivery) -> bool:
        return (
            (not self.ids or row.id in self.ids)
            and self.state in (None, row.state)
            and self.channel in (None, row.channel)
            and (self.version is None or row.version == str(self.version))
        )


def _document(row: Delivery) -> dict[str, Any]:
    moments = ((name, getattr(row, name)) for name in _TIMES)
    times = {name: moment.isoformat() if moment is not None else None for name, moment in moments}
    return {**asdict(row), **times, "body": json.loads(row.body), "state": row.state}


def _status(row: Delivery, settings: Settings) -> str:
    tries = f"{row.attempts} attempt{'' if row.attempts == 1 else 's'}: {row.failure}"
    if row.state == "given up":
        return f"given up after {tries}" if row.attempts else f"given up: {row.failure}"
    if row.state == "delivered":
        return "delivered"
    if row.channel not in settings.notify.channels:
        return "pending; [notify] has no such channel"
    if not row.attempts or row.next_attempt_at is None:
        return "pending"
    return f"pending after {tries}; next {row.next_attempt_at:%Y-%m-%d %H:%M:%S} UTC"


def _unknown(delivery_id: str) -> Problem:
    return Problem(
        code="unknown-delivery",
        message=f"there is no delivery {delivery_id[:80]!r}",
        fix="schema-service deliveries lists them",
    )


def _unknown_channel(name: str, channels: Collection[str]) -> Problem:
    known = ", ".join(sorted(channels)) or "none"
    return Problem(
        code="unknown-channel",
        message=f"there is no channel {name[:80]!r} under [notify], and nothing was announced to one",
        fix=f"name one of: {known}",
    )
