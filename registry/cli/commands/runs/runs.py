"""``runs`` and ``run``: the migration runs, and each with all that happened."""

from __future__ import annotations

from typing import Annotated

import typer

from ....catalogue.opening import open_catalogue
from ....catalogue.run_events import RunEvent
from ....catalogue.runs import Run
from ....databases.registered import database_named
from ....runs.documents import event_document, run_document
from ...output import JsonFlag, emit_json, say
from ...session import current_workspace
from .events import print_event, print_outcome
from .following import follow
from .writer import command_line_writer

RunArgument = Annotated[str, typer.Argument(metavar="ID", help="A run, as `runs` lists it.")]

app = typer.Typer(
    help="Look at one migration run, cancel it, or try it again.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


def runs(
    database: Annotated[
        str | None,
        typer.Option("--database", metavar="NAME", help="Only those of this one.", show_default=False),
    ] = None,
    most: Annotated[int, typer.Option("--limit", metavar="N", help="How many.", min=1, max=1000)] = 50,
    as_json: JsonFlag = False,
) -> None:
    """List the migration runs, newest first."""
    workspace, settings = current_workspace()
    name = database_named(settings, database).name if database is not None else None
    with open_catalogue(workspace, settings, to_read=True) as catalogue:
        found = catalogue.runs.newest(most, database=name)
    if as_json:
        emit_json({"ok": True, "runs": [run_document(run) for run in found]})
        return
    for run in found:
        say(_line(run))
    if not found:
        say("No database was migrated from here yet: schema-service migrate NAME --to VERSION")


@app.command("show")
def show(run_id: RunArgument, as_json: JsonFlag = False) -> None:
    """Show a run, with everything that happened in it."""
    workspace, settings = current_workspace()
    with open_catalogue(workspace, settings, to_read=True) as catalogue:
        run = catalogue.runs.find(run_id)
        events: list[RunEvent] = []
        seen = 0
        while page := catalogue.runs.events(run.id, after=seen):
            events += page
            seen = page[-1].seq
    if as_json:
        emit_json({"ok": True, "run": run_document(run), "events": [event_document(each) for each in events]})
        return
    say(_line(run))
    for event in events:
        print_event(event)
    print_outcome(run)


@app.command("cancel")
def cancel(run_id: RunArgument, as_json: JsonFlag = False) -> None:
    """Cancel a run.

    The step that runs is rolled back, and the steps before it stay.
    """
    workspace, settings = current_workspace()
    with open_catalogue(workspace, settings) as catalogue:
        run = catalogue.runs.cancel(run_id, command_line_writer())
    if as_json:
        emit_json({"ok": True, "run": run_document(run)})
        return
    say(f"{run.id} is cancelled." if run.is_over else f"{run.id} runs: its worker is asked to stop it.")


@app.command("retry")
def retry(run_id: RunArgument, as_json: JsonFlag = False) -> int:
    """Go on with a run that failed or was cancelled.

    It goes on where it stopped, and what happens is shown.
    """
    workspace, settings = current_workspace()
    with open_catalogue(workspace, settings) as catalogue:
        run = catalogue.runs.retry(run_id, command_line_writer())
        return follow(workspace, settings, catalogue, run, as_json=as_json)


def _line(run: Run) -> str:
    flags = " --down" * (run.direction == "down") + " --dry-run" * run.dry_run
    target = f"{run.database} --to {run.target}{flags}"
    return f"{run.id}  {run.state:<10} {run.created_at:%Y-%m-%d %H:%M:%S} UTC  {target}  by {run.created_by}"
