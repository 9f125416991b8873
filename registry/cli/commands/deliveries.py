"""``deliveries``: what was announced to each channel, and what still waits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer

from schemas.errors import ExitCode, Problem

from ...catalogue import Catalogue, Delivery
from ...catalogue.opening import open_catalogue
from ...config.settings import Settings
from ...errors import UsageError
from ..output import JsonFlag, emit_json, say
from ..session import current_workspace

_TIMES = ("created_at", "attempted_at", "next_attempt_at", "delivered_at", "given_up_at")
_WAIT_SECONDS = 10.0


def deliveries(
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
    as_json: JsonFlag = False,
) -> int:
    """Show what was announced to the channels of [notify], and send it again.

    What failed is tried again after growing pauses, for a day: by `publish`, by any other command
    once it is due, and by `up` and `serve` while they run. A receiver can tell repetitions by
    their webhook-id.
    """
    workspace, settings = current_workspace(sends=True)
    failed, summary = 0, None
    with open_catalogue(workspace, settings, to_read=not send) as catalogue:
        if send:
            failed, summary = _send(catalogue, settings, ids)
        shown = _chosen(catalogue.deliveries.all(), ids)
    exit_code = ExitCode.SERVICE if failed else ExitCode.DONE
    if as_json:
        rows = [_document(row) for row in shown]
        emit_json({"ok": not failed, "sent": summary, "deliveries": rows})
        return exit_code
    for row in shown:
        say(
            f"{row.id}  {row.channel}  {row.event} {row.version}  {row.created_at:%Y-%m-%d %H:%M:%S} UTC  "
            f"{_status(row, settings)}"
        )
    if not shown:
        say("Nothing was announced yet.")
    if summary is not None:
        say(f"{summary[0].upper()}{summary[1:]}.")
    return exit_code


def _send(catalogue: Catalogue, settings: Settings, ids: list[str] | None) -> tuple[int, str]:
    """How many failed, and a line that says what became of all."""
    from ...notify.sending import require_channels, send_chosen, send_pending  # noqa: PLC0415 - needs requests

    found = catalogue.deliveries
    chosen = _chosen(found.all(), ids) if ids else None
    waiting = found.pending() if chosen is None else chosen
    require_channels(settings.notify, {row.channel for row in waiting})
    if chosen is None:
        sent = send_pending(found, settings.notify, wait_seconds=_WAIT_SECONDS)
    else:
        sent = send_chosen(found, settings.notify, chosen, wait_seconds=_WAIT_SECONDS)
    return sent.failed, sent.summary


def _chosen(rows: tuple[Delivery, ...], ids: Sequence[str] | None) -> tuple[Delivery, ...]:
    if not ids:
        return rows
    unknown = [each for each in ids if each not in {row.id for row in rows}]
    if unknown:
        raise UsageError(*(_unknown(each) for each in unknown))
    return tuple(row for row in rows if row.id in ids)


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
