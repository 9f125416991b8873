"""``fleets`` and ``fleet``: one version for all databases with a label."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import typer

from schemas.errors import ExitCode
from schemas.workspace.workspace import Workspace

from ....catalogue import Catalogue
from ....catalogue.access import Writer
from ....catalogue.fleets.fleet_runs import FleetRuns
from ....catalogue.fleets.records import FleetRun
from ....catalogue.opening import open_catalogue
from ....catalogue.run_events import RunEvent
from ....config.settings import Settings
from ....runs.documents import event_document
from ....runs.fleet_documents import fleet_document, member_document
from ....runs.scope import fleet_scope
from ....runs.worker import Worker
from ...failures import Interrupted
from ...output import JsonFlag, emit_json, say
from ...session import current_workspace
from .fleet_events import print_fleet_event, print_fleet_outcome, shown_counts
from .following import work_until_over
from .writer import command_line_writer

FleetArgument = Annotated[str, typer.Argument(metavar="ID", help="A fleet run, as `fleets` lists it.")]

app = typer.Typer(
    help="Look at one fleet run, pause it, or go on with it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


def fleets(
    label: Annotated[
        str | None,
        typer.Option("--label", metavar="LABEL", help="Only those of this label.", show_default=False),
    ] = None,
    most: Annotated[int, typer.Option("--limit", metavar="N", help="How many.", min=1, max=1000)] = 20,
    as_json: JsonFlag = False,
) -> None:
    """List the fleet runs, newest first."""
    workspace, settings = current_workspace()
    with open_catalogue(workspace, settings, to_read=True) as catalogue:
        found = catalogue.fleets.newest(most, label=label)
        documents = [fleet_document(fleet, catalogue.fleets.members(fleet.id)) for fleet in found]
    if as_json:
        emit_json({"ok": True, "fleet_runs": documents})
        return
    for fleet, document in zip(found, documents, strict=True):
        say(f"{_line(fleet)}  {shown_counts(document['counts'])}")
    if not found:
        say("No fleet was migrated from here yet: schema-service migrate --label LABEL --to VERSION")


@app.command("show")
def show(fleet_id: FleetArgument, as_json: JsonFlag = False) -> None:
    """Show a fleet run, with everything that happened in it, and each database."""
    workspace, settings = current_workspace()
    with open_catalogue(workspace, settings, to_read=True) as catalogue:
        fleet = catalogue.fleets.find(fleet_id)
        members = catalogue.fleets.members(fleet.id)
        events: list[RunEvent] = []
        seen = 0
        while page := catalogue.fleets.events(fleet.id, after=seen):
            events += page
            seen = page[-1].seq
    if as_json:
        databases = [member_document(member) for member in members]
        document: dict[str, Any] = {"fleet_run": fleet_document(fleet, members), "databases": databases}
        emit_json({"ok": True, **document, "events": [event_document(event) for event in events]})
        return
    say(_line(fleet))
    for event in events:
        print_fleet_event(event)
    print_fleet_outcome(fleet, members)


@app.command("follow")
def follow_again(fleet_id: FleetArgument, as_json: JsonFlag = False) -> int:
    """Show what happens in a fleet run until it is paused or over.

    Where no worker runs, this command does its runs.
    """
    workspace, settings = current_workspace()
    with open_catalogue(workspace, settings) as catalogue:
        fleet = catalogue.fleets.find(fleet_id)
        return follow_fleet(workspace, settings, catalogue, fleet, as_json=as_json)


@app.command("pause")
def pause(fleet_id: FleetArgument, as_json: JsonFlag = False) -> None:
    """Start no further database; those that are at work go on."""
    _change(fleet_id, lambda runs, by: runs.pause(fleet_id, by), as_json=as_json)


@app.command("resume")
def resume(fleet_id: FleetArgument, as_json: JsonFlag = False) -> None:
    """Go on with a fleet run that is paused.

    Failures so far don't count any more.
    """
    _change(fleet_id, lambda runs, by: runs.resume(fleet_id, by), as_json=as_json)


@app.command("skip")
def skip(
    fleet_id: FleetArgument,
    database: Annotated[str, typer.Argument(metavar="NAME", help="One of its databases.")],
    as_json: JsonFlag = False,
) -> None:
    """Leave out a database that waits, or that failed."""
    _change(fleet_id, lambda runs, by: runs.skip(fleet_id, database, by), as_json=as_json)


@app.command("retry")
def retry(fleet_id: FleetArgument, as_json: JsonFlag = False) -> None:
    """Try again the databases that failed or were cancelled.

    Each goes on where it stopped, and the others that wait go on, too.
    """
    _change(fleet_id, lambda runs, by: runs.retry(fleet_id, by), as_json=as_json)


@app.command("cancel")
def cancel(fleet_id: FleetArgument, as_json: JsonFlag = False) -> None:
    """Leave out what waits, and cancel what is at work."""
    _change(fleet_id, lambda runs, by: runs.cancel(fleet_id, by), as_json=as_json)


def follow_fleet(
    workspace: Workspace, settings: Settings, catalogue: Catalogue, fleet: FleetRun, *, as_json: bool
) -> ExitCode:
    """Show what happens in ``fleet`` until it is paused or over; work on it where nobody else does."""
    names = {member.database for member in catalogue.fleets.members(fleet.id)}
    worker = Worker(catalogue, settings, workspace.root, only=names, scope=fleet_scope(fleet.id))
    try:
        fleet = _followed(catalogue, worker, fleet, quietly=as_json)
    except Interrupted as interrupt:
        interrupt.fix = (
            f"workers go on with it; without one: schema-service fleet follow {fleet.id}; "
            f"or cancel it: schema-service fleet cancel {fleet.id}"
        )
        raise
    finally:
        worker.stop()
    members = catalogue.fleets.members(fleet.id)
    if as_json:
        emit_json(
            {
                "ok": fleet.state == "succeeded",
                "fleet_run": fleet_document(fleet, members),
                "databases": [member_document(member) for member in members],
            }
        )
    else:
        print_fleet_outcome(fleet, members)
    return ExitCode.DONE if fleet.state == "succeeded" else ExitCode.USER


def _followed(catalogue: Catalogue, worker: Worker, fleet: FleetRun, *, quietly: bool) -> FleetRun:
    """The fleet run once nothing is at work in it any more."""

    def over() -> FleetRun | None:
        now = catalogue.fleets.find(fleet.id)
        numbers = catalogue.fleets.counts(fleet.id)
        is_at_work = numbers.get("queued") or numbers.get("running")
        return now if now.is_over or (now.state == "paused" and not is_at_work) else None

    events = partial(catalogue.fleets.events, fleet.id)
    return work_until_over(over, events, worker, None if quietly else print_fleet_event)


def _change(fleet_id: str, change: Callable[[FleetRuns, Writer], FleetRun], *, as_json: bool) -> None:
    workspace, settings = current_workspace()
    with open_catalogue(workspace, settings) as catalogue:
        fleet = change(catalogue.fleets, command_line_writer())
        members = catalogue.fleets.members(fleet_id)
    if as_json:
        emit_json({"ok": True, "fleet_run": fleet_document(fleet, members)})
        return
    asked = ", and is being cancelled" if fleet.cancel_asked and not fleet.is_over else ""
    say(f"{fleet.id} is {fleet.state}{asked}. Follow it: schema-service fleet follow {fleet.id}")


def _line(fleet: FleetRun) -> str:
    flags = " --down" * (fleet.direction == "down") + " --dry-run" * fleet.dry_run
    asked = f"--label {fleet.label} --to {fleet.target}{flags}  by {fleet.created_by}"
    return f"{fleet.id}  {fleet.state:<10} {fleet.created_at:%Y-%m-%d %H:%M:%S} UTC  {asked}"
