"""``migrate``: a registered database to a version, as a run that others can follow, too."""

from __future__ import annotations

from typing import Annotated

import typer

from ....catalogue.opening import open_catalogue
from ....runs.request import run_request
from ...output import JsonFlag
from ...session import current_workspace
from .following import follow
from .writer import command_line_writer


def migrate(  # noqa: PLR0917 - typer passes options by name
    name: Annotated[str, typer.Argument(metavar="NAME", help="A registered database.")],
    to: Annotated[str, typer.Option("--to", metavar="VERSION", help="The published version to go to.")],
    down: Annotated[bool, typer.Option("--down", help="Go back to it, as it was rehearsed.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would be done, and what would be lost.")
    ] = False,
    allow_data_loss: Annotated[
        bool, typer.Option("--allow-data-loss", help="Go back even where that destroys data.")
    ] = False,
    as_json: JsonFlag = False,
) -> int:
    """Migrate a registered database, and show what happens.

    The run is recorded first. A worker does it; where none runs, this command does. Ctrl-C
    leaves a run that another worker has, and gives back one that this command works on.
    """
    workspace, settings = current_workspace()
    with open_catalogue(workspace, settings) as catalogue:
        new = run_request(
            catalogue, settings, name, to, down=down, dry_run=dry_run, allow_data_loss=allow_data_loss
        )
        run = catalogue.runs.add(new, command_line_writer())
        return follow(workspace, settings, catalogue, run, as_json=as_json)
