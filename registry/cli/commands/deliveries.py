"""``deliveries``: what the webhook was told of, and what it still has to be told."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer

from schemas.errors import ExitCode, Problem

from ...catalogue import Delivery
from ...catalogue.opening import open_catalogue
from ...errors import UsageError
from ..output import JsonFlag, emit_json, say
from ..session import current_workspace


def deliveries(
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID]...", help="Only these; all of them by default.", show_default=False),
    ] = None,
    send: Annotated[
        bool,
        typer.Option("--send", help="Send them: what waits, or what is named, even if it was delivered."),
    ] = False,
    as_json: JsonFlag = False,
) -> int:
    """Show what was announced to the webhook, and send it again.

    The next publish tries again what failed. A receiver can tell repetitions by their webhook-id.
    """
    workspace, settings = current_workspace()
    if send:
        settings.notify.require_url()
    failed, summary = 0, None
    with open_catalogue(workspace, settings, to_read=not send) as catalogue:
        if send:
            from ...notify.webhook import send as send_deliveries  # noqa: PLC0415 - needs requests
            from ...notify.webhook import send_waiting  # noqa: PLC0415

            if ids:
                sent = send_deliveries(
                    catalogue.deliveries, settings.notify, _chosen(catalogue.deliveries.all(), ids)
                )
            else:
                sent = send_waiting(catalogue.deliveries, settings.notify)
            failed, summary = sent.failed, sent.summary
        shown = _chosen(catalogue.deliveries.all(), ids)
    exit_code = ExitCode.SERVICE if failed else ExitCode.DONE
    if as_json:
        rows = [_document(row) for row in shown]
        emit_json({"ok": not failed, "sent": summary, "deliveries": rows})
        return exit_code
    for row in shown:
        say(f"{row.id}  {row.event} {row.version}  {row.created_at:%Y-%m-%d %H:%M:%S} UTC  {_status(row)}")
    if not shown:
        say("Nothing was announced yet.")
    if summary is not None:
        say(f"{summary[0].upper()}{summary[1:]}.")
    return exit_code


def _chosen(rows: tuple[Delivery, ...], ids: list[str] | None) -> tuple[Delivery, ...]:
    if not ids:
        return rows
    unknown = [each for each in ids if each not in {row.id for row in rows}]
    if unknown:
        raise UsageError(*(_unknown(each) for each in unknown))
    return tuple(row for row in rows if row.id in ids)


def _document(row: Delivery) -> dict[str, Any]:
    times = {
        name: moment.isoformat() if moment is not None else None
        for name, moment in (
            ("created_at", row.created_at),
            ("attempted_at", row.attempted_at),
            ("delivered_at", row.delivered_at),
        )
    }
    return {**asdict(row), **times, "body": json.loads(row.body), "status": _status(row)}


def _status(row: Delivery) -> str:
    if row.delivered_at is not None:
        return "delivered"
    return f"failed {row.attempts}x: {row.failure}" if row.attempts else "waiting"


def _unknown(delivery_id: str) -> Problem:
    return Problem(
        code="unknown-delivery",
        message=f"there is no delivery {delivery_id[:80]!r}",
        fix="schema-service deliveries lists them",
    )
