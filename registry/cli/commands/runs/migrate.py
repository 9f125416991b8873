"""``migrate``: registered databases to a version, as runs that others can follow, too."""

from __future__ import annotations

from typing import Annotated

import typer

from schemas.errors import ExitCode, Problem

from ....catalogue.fleets.records import NewFleetRun
from ....catalogue.opening import open_catalogue
from ....catalogue.runs import NewRun
from ....errors import UsageError
from ....runs.fleet_request import CONCURRENCY, STOP_AFTER, fleet_request
from ....runs.request import run_request
from ....runs.withdrawn import warning
from ...output import JsonFlag, show_problem
from ...session import current_workspace
from .fleets import follow_fleet
from .following import follow
from .writer import command_line_writer


def migrate(  # noqa: PLR0917 - typer passes options by name
    to: Annotated[str, typer.Option("--to", metavar="VERSION", help="The published version to go to.")],
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="A registered database.", show_default=False)
    ] = None,
    label: Annotated[
        str | None,
        typer.Option("--label", metavar="LABEL", help="All databases with this label.", show_default=False),
    ] = None,
    canary: Annotated[
        list[str] | None,
        typer.Option(
            "--canary",
            metavar="N|NAME",
            help="With --label: those that come first, so many or by name (repeatable). [default: 1]",
        ),
    ] = None,
    wave: Annotated[
        int | None,
        typer.Option(
            "--wave", metavar="N", help="With --label: how many follow together.", min=1, show_default="all"
        ),
    ] = None,
    concurrency: Annotated[
        int, typer.Option("--concurrency", metavar="N", help="With --label: how many at once.", min=1)
    ] = CONCURRENCY,
    stop_after: Annotated[
        int,
        typer.Option("--stop-after", metavar="N", help="With --label: pause once so many failed.", min=1),
    ] = STOP_AFTER,
    pause_after_canary: Annotated[
        bool, typer.Option("--pause-after-canary", help="With --label: wait for `fleet resume` then.")
    ] = False,
    skip: Annotated[
        list[str] | None,
        typer.Option("--skip", metavar="NAME", help="With --label: one to leave out; repeatable."),
    ] = None,
    down: Annotated[bool, typer.Option("--down", help="Go back to it, as it was rehearsed.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would be done, and what would be lost.")
    ] = False,
    allow_data_loss: Annotated[
        bool, typer.Option("--allow-data-loss", help="Go back even where that destroys data.")
    ] = False,
    as_json: JsonFlag = False,
) -> int:
    """Migrate a registered database, or all with a label, and show what happens.

    What is to be done is recorded first. Workers do it; where none runs, this command does.
    Ctrl-C leaves what another worker has, and gives back what this command works on.
    """
    workspace, settings = current_workspace()
    options = {"down": down, "dry_run": dry_run, "allow_data_loss": allow_data_loss}
    with open_catalogue(workspace, settings) as catalogue:
        if (name is None) == (label is None):
            raise UsageError(_one_or_all())
        if name is not None:
            new = run_request(catalogue, settings, name, to, **options)
            _warn(new)
            run = catalogue.runs.add(new, command_line_writer())
            return follow(workspace, settings, catalogue, run, as_json=as_json)
        many = fleet_request(
            catalogue,
            settings,
            str(label),
            to,
            canary=_canary(canary),
            wave=wave,
            concurrency=concurrency,
            stop_after=stop_after,
            pause_after_canary=pause_after_canary,
            skip=skip or (),
            **options,
        )
        _warn(many)
        fleet = catalogue.fleets.add(many, command_line_writer())
        code: ExitCode = follow_fleet(workspace, settings, catalogue, fleet, as_json=as_json)
        return code


def _warn(new: NewRun | NewFleetRun) -> None:
    if new.withdrawn is not None:
        show_problem(warning(new.target, new.withdrawn))


def _canary(given: list[str] | None) -> int | list[str]:
    """A database's name begins with a letter, so a number is no name."""
    if not given:
        return 1
    return int(given[0]) if len(given) == 1 and given[0].isdecimal() else given


def _one_or_all() -> Problem:
    return Problem(
        code="conflicting-options",
        message="either one database is to be migrated, or all with a label",
        fix="give NAME, or --label LABEL",
    )
